"""Plain text: a paragraph on each line, or text out of a PDF with its lines broken anywhere."""

from __future__ import annotations

import hashlib
import re

from ingest.lines import Finding, ReadDocument
from ingest.readers.detect import Format
from ingest.readers.encoding import decode, refuse_nul
from ingest.readers.joining import Piece, join_pieces

_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_COUNTED = frozenset(("\r\n", "\n", "\r"))
_PAGE_NUMBER = re.compile(
    r"[—–\-·~ ]{1,4}[0-9０-９]{1,4}[—–\-·~ ]{1,4}|第[ 0-9]{1,6}页(?:[，,/ ]{0,3}共[ 0-9]{1,6}页)?"
)


def read_text(content: bytes, name: str) -> ReadDocument:
    """Read plain text; ``Line.number`` is the line of the file, of joined ones the first.

    A form feed begins a page. Raises SourceError ``encoding_unknown``, ``encoding_damaged``, ``text_nul``.
    """
    decoded = decode(content, name)
    refuse_nul(decoded.text, name)
    pieces, findings = split_pieces(decoded.text)
    lines, joins = join_pieces(pieces)
    return ReadDocument(
        name,
        Format.TEXT,
        hashlib.sha256(content).hexdigest(),
        lines=tuple(lines),
        metadata={"encoding": decoded.encoding},
        findings=(*decoded.findings, *findings, *joins),
    )


def split_pieces(text: str) -> tuple[list[Piece], list[Finding]]:
    """The physical lines of ``text`` without page numbers, with what was left out."""
    pieces: list[Piece] = []
    dropped: list[int] = []
    number = 1
    page = 1 if "\x0c" in text else 0
    gap = page_break = False
    position = 0
    for match in (*_BREAK.finditer(text), None):
        raw = text[position : match.start() if match else len(text)]
        if _PAGE_NUMBER.fullmatch(raw.strip()):
            dropped.append(number)
            page_break = True
        elif raw.strip("\ufeff\u200b \t\u3000\xa0"):
            pieces.append(Piece(raw, number, gap, page, page_break))
            gap = page_break = False
        else:
            gap = True
        if match is None:
            break
        position = match.end()
        number += match[0] in _COUNTED
        if match[0] == "\x0c":
            page += 1
            gap = page_break = True
    if not dropped:
        return pieces, []
    message = (
        f"略去 {len(dropped)} 行页码（第 {'、'.join(map(str, dropped[:10]))} 行{'等' * (len(dropped) > 10)}）"
    )
    return pieces, [Finding("page_numbers_dropped", message, dropped[0])]
