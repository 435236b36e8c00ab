"""Sentences broken across lines, as in text taken out of a PDF: joined where that is certain.

Two kinds of files: those whose lines all end at one width (wrapped), where a full line goes on unless
the next begins a paragraph; and those with a paragraph on each line, where only a long line that
stops in mid-sentence goes on. In doubt nothing is joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.lines import Finding, Line
from kb.text.normalise import HAN_CLASS, normalise


@dataclass(frozen=True)
class Piece:
    """One physical line; ``gap`` when a blank line or the end of a block stands before it.

    ``page_break`` tells that a new page begins with it.
    """

    raw: str
    number: int
    gap: bool = False
    page: int = 0
    page_break: bool = False


_NUMERAL = "[0-9０-９零〇一二三四五六七八九十百千]{1,9}"
_CONTINUES = "[款项的规所之、，和或及与至第中外前后内依以]"
_STARTS_PARAGRAPH = re.compile(
    rf"第{_NUMERAL}(?:编|分编|章|节|部分)(?![{HAN_CLASS}]{{0,3}}规定)"
    rf"|第{_NUMERAL}条(?:之{_NUMERAL})?(?!{_CONTINUES})"
    rf"|[（(]{_NUMERAL}[）)](?![款项至、和])"
    rf"|{_NUMERAL}[、．]|[0-9]{{1,3}}\.(?![0-9])|[①-⑳]|[—–-]{{2}}|[●■◆★※·•]"
    r"|附(?:件|录|表|则)?[0-9一二三四五六七八九十]{0,3}[：:]|附[件录表][0-9一二三四五六七八九十]{0,3}\Z"
    rf"|[0-9]{{4}}年[0-9]{{1,2}}月|[{HAN_CLASS}]{{1,12}}[：:]|目 {{0,4}}录\Z"
)
_ENDS_SENTENCE = re.compile(r"[。；：！？.;:!?…][”’」』）)\"]{0,3}\Z|[”’」』》）)】〕]\Z")
_ENDS_NOTE = re.compile(r"(?:修正|修订|修改|通过|施行|实施|公布|发布|批准|印发|废止)\Z")
_MID_SENTENCE = re.compile(rf"[{HAN_CLASS}0-9A-Za-z，、,（(《〈“「第]\Z")
_STARTS_ARTICLE = re.compile(rf"第{_NUMERAL}条")
_HAS_SENTENCE = re.compile("[，。；：]")
_HAS_STOP = re.compile("[。；]")
_MAX_JOINED = 400
"""Lines in one paragraph; a longer chain is no prose."""

_WIDE = re.compile(
    "[“”‘’…—①-⑳\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\U00020000-\U0003ffff]"
)

_LONG = 40
"""Columns that a line has before it can be one that was cut (a Chinese character takes two)."""


def width(text: str) -> int:
    """Columns that ``text`` takes: two for a full-width character."""
    if text.isascii():
        return len(text)
    return len(text) + len(_WIDE.findall(text))


def join_pieces(pieces: Sequence[Piece]) -> tuple[list[Line], list[Finding]]:
    """Lines of paragraphs, empty ones dropped, with one finding for the joins that were made."""
    lines: list[Line] = []
    joined: list[int] = []
    for group in _group(pieces):
        raw = _glue(piece.raw for piece in group)
        line = Line.of(raw, group[0].number, page=group[0].page)
        if not line.text:
            continue
        lines.append(line)
        if len(group) > 1:
            joined.append(group[0].number)
    if not joined:
        return lines, []
    listed = "、".join(str(number) for number in joined[:10]) + ("等" if len(joined) > 10 else "")
    message = f"有 {len(joined)} 段的句子断在行中，已接成整段（第 {listed} 行起）"
    return lines, [Finding("lines_joined", message, joined[0])]


def _group(pieces: Sequence[Piece]) -> Iterable[list[Piece]]:
    texts = [normalise(piece.raw).text.strip() for piece in pieces]
    widths = [width(text) for text in texts]
    full, indented = _layout(pieces, texts, widths)
    group: list[Piece] = []
    last = -1
    for index, piece in enumerate(pieces):
        if not texts[index]:
            continue
        goes_on = (
            last >= 0
            and len(group) < _MAX_JOINED
            and _continues(pieces, texts, widths, last, index, full, indented)
        )
        if group and not goes_on:
            yield group
            group = []
        group.append(piece)
        last = index
    if group:
        yield group


def _layout(pieces: Sequence[Piece], texts: Sequence[str], widths: Sequence[int]) -> tuple[int, bool]:
    """The width at which lines were wrapped (0: they were not), and whether paragraphs are indented."""
    filled = sorted(size for size in widths if size)
    if len(filled) < 6:
        return 0, False
    full = filled[int(len(filled) * 0.9)]
    if not 30 <= full <= 160 or filled[-1] > full + 12:
        return 0, False
    cut = sum(
        1 for text, size in zip(texts, widths, strict=True) if size >= full - 8 and _MID_SENTENCE.search(text)
    )
    if cut < 3 or cut < len(filled) // 5:
        return 0, False
    starts = sum(1 for piece in pieces if _is_indented(piece.raw))
    return full, 3 <= starts < len(filled) * 0.8


def _is_indented(raw: str) -> bool:
    return raw.startswith(("\u3000\u3000", "    ", "\t", "\xa0\xa0\xa0\xa0"))


def _continues(
    pieces: Sequence[Piece],
    texts: Sequence[str],
    widths: Sequence[int],
    last: int,
    index: int,
    full: int,
    indented: bool,
) -> bool:
    """True when the line at ``index`` goes on with the paragraph that the line at ``last`` ends with."""
    piece, before, text = pieces[index], texts[last], texts[index]
    if _is_indented(piece.raw) or _STARTS_PARAGRAPH.match(text):
        return False
    if piece.gap and not piece.page_break:
        return False
    if full:
        if widths[last] < full - 8:
            return False
        return (indented and not piece.gap) or bool(_MID_SENTENCE.search(before))
    return (
        widths[last] >= _LONG
        and bool(_MID_SENTENCE.search(before))
        and _is_prose(before, widths[last])
        and not _ENDS_NOTE.search(before)
    )


def _is_prose(text: str, columns: int) -> bool:
    """True for the beginning of a sentence, False for a heading, which may be long and have a comma."""
    if _STARTS_PARAGRAPH.match(text) and not _STARTS_ARTICLE.match(text):
        return columns >= 2 * _LONG or bool(_HAS_STOP.search(text))
    return bool(_HAS_SENTENCE.search(text))


def _glue(raws: Iterable[str]) -> str:
    """The lines end to end; a blank only between two Latin words."""
    glued: list[str] = []
    for raw in raws:
        part = raw.strip() if glued else raw.rstrip()
        if glued and glued[-1][-1:].isascii() and part[:1].isascii() and part[:1].isalnum():
            glued.append(" ")
        if part:
            glued.append(part)
    return "".join(glued)
