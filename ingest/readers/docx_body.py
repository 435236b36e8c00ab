"""The body of a Word file as a row of paragraphs and table rows, as a reader of the page sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.readers.docx_numbering import Numbering
from ingest.readers.docx_package import WORD
from ingest.readers.docx_styles import (
    ParagraphLook,
    RunLook,
    Styles,
    read_paragraph_look,
    read_run_look,
    value_of,
)
from ingest.readers.docx_tally import Tally

_CONTENTS_TITLES = frozenset({"目录", "目次"})
_CONTENTS_FIELD = re.compile(r"\s{0,20}TOC(?![A-Za-z])", re.IGNORECASE)
_MAX_INSTRUCTION = 500
_SENTENCE_ENDS = "。；：！？…”」）"
_NEW_ITEM = re.compile(
    r"第[^条章节编]{1,12}[条章节编]|[（(][^）)]{1,6}[）)]|[一二三四五六七八九十0-9]{1,4}[、.．]"
)
_SYMBOLS = {"F06F": "□", "F0A8": "□", "F071": "□", "F052": "☑", "F0FE": "☑", "F0FC": "√", "F0D6": "×"}
_SKIPPED = frozenset(
    f"{WORD}{name}"
    for name in (
        *("pPr", "rPr", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr", "sdtEndPr", "sectPr", "proofErr"),
        *("delInstrText", "rt", "rubyPr", "fldData", "lastRenderedPageBreak", "softHyphen"),
        *("annotationRef", "footnoteRef", "endnoteRef", "separator"),
    )
)
_BREAKS = {f"{WORD}tab": "\t", f"{WORD}ptab": "\t", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-"}
_BODY_WRAPPERS = frozenset(
    f"{WORD}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
)


@dataclass(frozen=True)
class Block:
    """A paragraph or a table row (then with ``cells``); fields as ``ingest.lines.Line``."""

    raw: str
    number: int
    level: int = 0
    centred: bool = False
    bold: bool = False
    cells: tuple[str, ...] = ()


@dataclass
class _Text:
    """The text of a paragraph while its runs are read."""

    line: int
    shaded: bool = False
    pieces: list[str] = field(default_factory=list)
    chars: int = 0
    bold_chars: int = 0
    dropped: bool = False
    in_contents: bool = False
    boxes: list[Any] = field(default_factory=list)


@dataclass
class _Field:
    instruction: str = ""
    in_result: bool = False

    @property
    def is_contents(self) -> bool:
        return _CONTENTS_FIELD.match(self.instruction) is not None


class BodyReader:
    """Turns the children of w:body, given one by one to ``read``, into ``blocks``.

    Insertions of tracked changes are text and deletions are not; hidden text and tables of contents
    (unless ``keep_contents``) are dropped; text boxes follow the paragraph that holds them. Everything of
    the kind is noted in ``tally``.
    """

    def __init__(  # noqa: D107 - the class says it
        self, styles: Styles, numbering: Numbering, tally: Tally, *, keep_contents: bool = False
    ) -> None:
        self.blocks: list[Block] = []
        self.notes: list[tuple[str, str, int]] = []
        """Footnotes and endnotes in order: part (footnotes, endnotes), id, paragraph."""
        self._styles = styles
        self._numbering = numbering
        self._tally = tally
        self._keep_contents = keep_contents
        self._number = 0
        self._fields: list[_Field] = []
        self._pending: list[str] = []

    @property
    def count(self) -> int:
        """Paragraphs and rows of tables so far, empty ones too."""
        return self._number

    @property
    def contents_open(self) -> bool:
        """True when a table of contents began and has not ended."""
        return any(item.is_contents for item in self._fields)

    def read(self, element: Any) -> None:
        """Take one block: a paragraph, a table, or a wrapper around them."""
        if element.tag == f"{WORD}p":
            self._read_paragraph(element)
        elif element.tag == f"{WORD}tbl":
            self._read_table(element)
        elif element.tag == f"{WORD}sdt" and self._is_contents_control(element):
            texts = "".join(element.itertext(f"{WORD}t"))
            self._drop_contents(sum(1 for _ in element.iter(f"{WORD}p")), texts)
        elif element.tag in _BODY_WRAPPERS:
            for child in element:
                self.read(child)
        elif element.tag.endswith("}AlternateContent"):
            for child in _alternative(element):
                self.read(child)
        elif element.tag == f"{WORD}altChunk":
            self._tally.add("objects_not_read", self._number)
        elif element.tag.endswith(("}oMath", "}oMathPara")):
            text = _Text(self._number)
            self._read_inline(element, text, RunLook(), gone=False)
            self._emit("".join(text.pieces), ParagraphLook(), text)

    def finish(self) -> None:
        """Give out what waits for a paragraph that never came."""
        if self._pending:
            self._emit("", ParagraphLook(), _Text(self._number))

    def _is_contents_control(self, element: Any) -> bool:
        gallery = value_of(element.find(f"{WORD}sdtPr/{WORD}docPartObj/{WORD}docPartGallery"))
        return gallery == "Table of Contents" and not self._keep_contents

    def _drop_contents(self, count: int, sample: str) -> None:
        if self.blocks and "".join(self.blocks[-1].raw.split()) in _CONTENTS_TITLES:
            self.blocks.pop()
            count += 1
        self._tally.add("contents_dropped", self._number, sample, count)

    def _read_paragraph(self, element: Any) -> None:
        self._number += 1
        properties = element.find(f"{WORD}pPr")
        style = value_of(properties.find(f"{WORD}pStyle")) if properties is not None else ""
        look = read_paragraph_look(properties).over(self._styles.look(style))
        text = _Text(self._number, look.shaded)
        for child in element:
            self._read_inline(child, text, look.run, gone=False)
        if look.toc and not self._keep_contents:
            self._drop_contents(1, "".join(text.pieces))
            return
        if _mark_is_deleted(properties):  # this paragraph and the next are one
            self._pending.extend(text.pieces)
        else:
            self._emit(self._number_of(look, style, text) + "".join(text.pieces), look, text)
        for box in text.boxes:
            self._tally.add("text_boxes_moved", text.line)
            for child in box:
                self.read(child)

    def _number_of(self, look: ParagraphLook, style: str, text: _Text) -> str:
        if not look.num_id or (text.dropped and not "".join(text.pieces).strip()):
            return ""
        level = look.num_level
        if level is None:
            level = self._numbering.level_of_style(look.num_id, style) or 0
        number = self._numbering.next_number(look.num_id, level)
        if number:
            self._tally.add("numbering_restored", text.line)
        elif self._numbering.is_bullet(look.num_id, level):
            self._tally.add("bullets_dropped", text.line)
        return number

    def _emit(self, raw: str, look: ParagraphLook, text: _Text) -> None:
        raw = "".join(self._pending) + raw
        self._pending.clear()
        if not raw.strip():
            return
        level = 0 if look.outline is None or look.outline > 8 else min(look.outline + 1, 6)
        centred = look.align == "center"
        bold = text.chars > 0 and text.bold_chars == text.chars
        parts = [raw.replace("\n", " ")] if centred or level else _split_at_breaks(raw)
        self.blocks.extend(Block(part, text.line, level, centred, bold) for part in parts if part.strip())

    def _read_inline(self, element: Any, text: _Text, look: RunLook, *, gone: bool) -> None:
        tag = element.tag
        if tag in _SKIPPED:
            return
        if tag == f"{WORD}r":
            look = self._look_of_run(element, look)
        elif tag in (f"{WORD}t", f"{WORD}delText"):
            self._put(element.text or "", text, look, gone=gone or tag == f"{WORD}delText")
            return
        elif tag in _BREAKS:
            self._put(_BREAKS[tag], text, look, gone=gone)
        elif tag == f"{WORD}br":
            if element.get(f"{WORD}type") in (None, "textWrapping"):
                self._put("\n", text, look, gone=gone)
        elif tag == f"{WORD}sym":
            self._read_symbol(element, text, look, gone=gone)
        elif tag == f"{WORD}instrText":
            if self._fields and len(self._fields[-1].instruction) < _MAX_INSTRUCTION:
                self._fields[-1].instruction += element.text or ""
            return
        elif tag == f"{WORD}fldChar":
            self._read_field_mark(element)
        elif tag == f"{WORD}fldSimple":
            self._fields.append(_Field(element.get(f"{WORD}instr", "")[:_MAX_INSTRUCTION], in_result=True))
            self._read_children(element, text, look, gone=gone)
            self._fields.pop()
            return
        elif tag in (f"{WORD}ins", f"{WORD}moveTo"):
            self._tally.add("tracked_insertions_kept", text.line, "".join(element.itertext(f"{WORD}t")))
        elif tag in (f"{WORD}del", f"{WORD}moveFrom"):
            self._tally.add("tracked_deletions_dropped", text.line, "".join(element.itertext()))
            gone = True
        elif tag in (f"{WORD}footnoteReference", f"{WORD}endnoteReference"):
            part = "footnotes" if tag.endswith("footnoteReference") else "endnotes"
            self.notes.append((part, element.get(f"{WORD}id", ""), text.line))
        elif tag == f"{WORD}txbxContent":
            text.boxes.append(element)
            return
        elif isinstance(tag, str):
            if self._read_foreign(element, text, look, gone=gone):
                return
        else:
            return
        self._read_children(element, text, look, gone=gone)

    def _read_foreign(self, element: Any, text: _Text, look: RunLook, *, gone: bool) -> bool:
        """Pictures, formulas and alternatives; True when the children are done with."""
        name = element.tag.rpartition("}")[2]
        if name == "AlternateContent":
            for child in _alternative(element):
                self._read_inline(child, text, look, gone=gone)
            return True
        if name == "t" and "/math" in element.tag:
            self._put(element.text or "", text, look, gone=gone)
        elif name == "oMath":
            self._tally.add("formulas_flattened", text.line)
        elif name in ("blip", "imagedata"):
            self._tally.add("pictures_not_read", text.line)
        elif name in ("OLEObject", "relIds", "chart", "subDoc"):
            self._tally.add("objects_not_read", text.line)
        return False

    def _read_children(self, element: Any, text: _Text, look: RunLook, *, gone: bool) -> None:
        for child in element:
            self._read_inline(child, text, look, gone=gone)

    def _look_of_run(self, element: Any, look: RunLook) -> RunLook:
        properties = element.find(f"{WORD}rPr")
        if properties is None:
            return look
        own = read_run_look(properties)
        style = properties.find(f"{WORD}rStyle")
        if style is not None:
            own = own.over(self._styles.run_look(value_of(style)))
        return own.over(look)

    def _put(self, written: str, text: _Text, look: RunLook, *, gone: bool) -> None:
        """Add to the text of the paragraph what a reader of the page sees."""
        if not written:
            return
        if self.contents_open and not self._keep_contents:
            self._drop_contents(0 if text.in_contents else 1, written)
            text.dropped = text.in_contents = True
        elif gone or any(not item.in_result for item in self._fields):
            text.dropped = True
        elif look.unseen and not (look.white and text.shaded):
            text.dropped = True
            if written.strip():
                self._tally.add("hidden_text_dropped", text.line, written)
        else:
            text.pieces.append(written)
            visible = len("".join(written.split()))
            text.chars += visible
            text.bold_chars += visible if look.bold else 0

    def _read_symbol(self, element: Any, text: _Text, look: RunLook, *, gone: bool) -> None:
        char = element.get(f"{WORD}char", "").upper()
        if char in _SYMBOLS:
            self._put(_SYMBOLS[char], text, look, gone=gone)
        elif re.fullmatch(r"[0-9A-D][0-9A-F]{3}", char) and not char.startswith(
            ("D8", "D9", "DA", "DB", "00")
        ):
            self._put(chr(int(char, 16)), text, look, gone=gone)
        elif not gone:
            self._tally.add("symbols_dropped", text.line)

    def _read_field_mark(self, element: Any) -> None:
        kind = element.get(f"{WORD}fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
        elif self._fields and kind == "separate":
            self._fields[-1].in_result = True
        elif self._fields and kind == "end":
            self._fields.pop()

    def _read_table(self, element: Any) -> None:
        rows = list(_find_through(element, f"{WORD}tr"))
        cells = [list(_find_through(row, f"{WORD}tc")) for row in rows]
        if len(rows) == 1 and len(cells[0]) == 1:  # a frame around text, not a table
            for child in cells[0][0]:
                self.read(child)
            return
        for row, columns in zip(rows, cells, strict=True):
            self._number += 1
            properties = row.find(f"{WORD}trPr")
            if properties is not None and properties.find(f"{WORD}del") is not None:
                self._tally.add("tracked_deletions_dropped", self._number, "".join(row.itertext()))
                continue
            found = [self._read_cell(cell) for cell in columns]
            if any(found):
                texts = tuple(" ".join(block.raw for block in blocks) for blocks in found)
                bold = all(block.bold for blocks in found for block in blocks)
                self.blocks.append(Block("\t".join(texts), self._number, bold=bold, cells=texts))

    def _read_cell(self, cell: Any) -> list[Block]:
        outer, number = self.blocks, self._number
        self.blocks = []
        for child in cell:
            self.read(child)
        self.finish()
        found, self.blocks, self._number = self.blocks, outer, number
        return found


def _alternative(element: Any) -> list[Any]:
    """The one branch of mc:AlternateContent that is read: the first choice, else the fallback."""
    branches = [child for child in element if isinstance(child.tag, str) and len(child)]
    return list(branches[0]) if branches else []


def _find_through(element: Any, tag: str) -> list[Any]:
    """Rows of a table or cells of a row, also where content controls wrap them."""
    found: list[Any] = []
    for child in element:
        if child.tag == tag:
            found.append(child)
        elif child.tag in _BODY_WRAPPERS:
            found.extend(_find_through(child, tag))
    return found


def _mark_is_deleted(properties: Any | None) -> bool:
    if properties is None:
        return False
    mark = properties.find(f"{WORD}rPr")
    return mark is not None and (
        mark.find(f"{WORD}del") is not None or mark.find(f"{WORD}moveFrom") is not None
    )


def _split_at_breaks(raw: str) -> list[str]:
    """Paragraphs at manual line breaks, except where a break stands inside a sentence."""
    parts: list[str] = []
    for part in raw.split("\n"):
        ended = not parts or parts[-1].rstrip()[-1:] in _SENTENCE_ENDS or not parts[-1].strip()
        if ended or not part.strip() or _NEW_ITEM.match(part.strip()):
            parts.append(part)
        else:
            parts[-1] += f" {part}"
    return parts
