"""Paragraphs of a PDF from its rows: indentation begins one, and a page or column may end in its midst."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.readers.pdf_rows import Row

_SENTENCE_ENDS = "。；：！？…”」;:!?"
_ITEM = re.compile(
    r"第[ 0-9零〇一二三四五六七八九十百千]{1,12}(?:条|编|分编|章|节)|[（(][一二三四五六七八九十0-9]{1,4}[）)]"
    r"|[一二三四五六七八九十]{1,4}、|[0-9]{1,2}[.．、](?![0-9])|附[件表录则]|目 ?录"
)
_HEADING = re.compile(
    r"第[ 0-9零〇一二三四五六七八九十百]{1,10}(?:编|分编|章|节)|附 {0,4}则|目 {0,4}[录次]|[（(]"
)
_DIVISION = re.compile(r"第[ 0-9零〇一二三四五六七八九十百]{1,10}(?:编|分编|章|节)[ \u3000]")
_LEADERS = re.compile(r".*?(?:[.．·…⋯‥。]{3,}|(?:[.．·…] ){3,}).{0,3}?[-（(]? ?\d{1,4} ?[-）)]? ?\Z")
_BROKEN_WORD = re.compile(r"[A-Za-z]-\Z|\u00ad\Z")
_INDENT = 1.2
_FULL = 2.5
"""Characters that may be missing at the right edge of a full row, where the right edge is ragged."""
_JUSTIFIED = 0.8
_SIDE_ROWS = 20
_NEARLY_FULL = 5.0
_WIDE = 0.75
_LARGER = 1.15
_MAX_BRACKET_CHARS = 3_000
_LEADER_CHARS = 120


@dataclass(frozen=True)
class Paragraph:
    """Rows put together; ``text`` has no line breaks. ``cells`` when it is a row of a table.

    ``uncertain`` counts the rows that end a sentence exactly at the right edge, in a layout without
    indentation: whether a paragraph ended there cannot be seen.
    """

    text: str
    page: int
    centred: bool = False
    cells: tuple[str, ...] = ()
    uncertain: int = 0


@dataclass(frozen=True)
class _Edges:
    """Where the text of one column begins and ends."""

    left: float
    right: float

    @property
    def width(self) -> float:
        return max(self.right - self.left, 1.0)


class _Page:
    """Measures of the whole document that decide about single rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.size = median(row.size for row in rows)
        by_column: dict[tuple[int, ...], list[Row]] = defaultdict(list)
        by_side: dict[tuple[int, ...], list[Row]] = defaultdict(list)
        for row in rows:
            by_column[row.column].append(row)
            by_side[row.page % 2, *row.column].append(row)
        self._edges = {
            key: _find_edges(group if len(group) >= _SIDE_ROWS else by_column[key[1:]])
            for key, group in by_side.items()
        }
        steps = [
            above.y - below.y
            for above, below in pairwise(rows)
            if above.page == below.page and above.column == below.column and above.y > below.y
        ]
        # Lines of a paragraph lie closest; the usual step may be that between paragraphs of one line.
        self.pitch = sorted(steps)[len(steps) // 8] if steps else 1.5 * self.size
        even = sum(1 for row in rows if self.missing(row) <= _JUSTIFIED)
        ragged = sum(1 for row in rows if _JUSTIFIED < self.missing(row) <= _FULL)
        self.full = _JUSTIFIED if even > 6 * ragged else _FULL
        plain = [row for row in rows if not self.is_centred(row)]
        indented = [row for row in plain if _INDENT <= self.indent(row) <= 3]
        self.indents = bool(plain) and 0.1 * len(plain) <= len(indented) < len(plain)
        self._first_indent = median(map(self.indent, indented)) if indented else 2.0

    def edges(self, row: Row) -> _Edges:
        return self._edges[row.page % 2, *row.column]

    def indent(self, row: Row) -> float:
        """Distance from the left edge in characters."""
        return (row.x0 - self.edges(row).left) / row.size

    def begins_as_usual(self, row: Row) -> bool:
        """True when the row is set in as far as first rows of paragraphs usually are."""
        return abs(self.indent(row) - self._first_indent) < 0.5

    def missing(self, row: Row) -> float:
        """Distance from the right edge in characters."""
        return (self.edges(row).right - row.x1) / row.size

    def is_centred(self, row: Row) -> bool:
        edges = self.edges(row)
        left, right = row.x0 - edges.left, edges.right - row.x1
        even = abs(left - right) <= 2 * row.size
        apart = left >= 2.6 * row.size and right >= 1.5 * row.size
        return even and (apart or self.is_large(row))

    def is_large(self, row: Row) -> bool:
        return row.size >= _LARGER * self.size


def _find_edges(rows: list[Row]) -> _Edges:
    """The left edge that several rows share, and the right edge that several rows reach."""
    support = max(2, round(0.03 * len(rows)))
    counts = Counter(round(row.x0) for row in rows)
    lefts = sorted(x for x in counts if sum(counts[x + step] for step in (-1, 0, 1)) >= support)
    left = lefts[0] if lefts else min(row.x0 for row in rows)
    rights = sorted((row.x1 for row in rows), reverse=True)
    return _Edges(float(left), rights[min(support, len(rights)) - 1])


def join_rows(rows: Sequence[Row]) -> list[Paragraph]:
    """Paragraphs in reading order from the rows of the whole document in reading order."""
    if not rows:
        return []
    page = _Page(rows)
    paragraphs: list[Paragraph] = []
    texts: list[str] = []
    first = before = rows[0]
    uncertain = 0

    def close() -> None:
        text = "".join(texts)
        if text.strip():
            paragraphs.append(Paragraph(text, first.page, page.is_centred(first), uncertain=uncertain))
        texts.clear()

    for row in rows:
        leads = _LEADERS.match(row.text[-_LEADER_CHARS:])
        if leads or (len(row.cells) >= 3 and not page.is_large(row)):
            close()
            paragraphs.append(Paragraph(row.text, row.page, cells=() if leads else row.cells))
            first = before = row
            continue
        if texts and not _continues(page, first, before, row, texts):
            close()
        if not texts:
            first, uncertain = row, 0
        elif not page.indents and texts[-1].rstrip()[-1:] in _SENTENCE_ENDS:
            uncertain += 1
        _append(texts, row.text)
        before = row
    close()
    return paragraphs


def _continues(page: _Page, first: Row, before: Row, row: Row, texts: list[str]) -> bool:
    """True when ``row`` goes on with the paragraph that ``first`` began and ``before`` ends so far."""
    begun = row.text.strip()
    ended = texts[-1].rstrip()[-1:] in _SENTENCE_ENDS
    if texts[0].lstrip().startswith(("（", "(")):  # the note below a title, in brackets over several rows
        if _bracket_is_open(texts):
            return not ended
        ended = ended or texts[-1].rstrip()[-1:] in "）)"
    if abs(row.size - before.size) > 0.15 * before.size:
        return False
    if page.is_centred(first) or (page.is_large(first) and not page.is_centred(row)):
        wide = before.width > _WIDE * page.edges(before).width
        return page.is_centred(row) and wide and not _HEADING.match(begun) and not ended
    if page.is_large(first):
        return not _HEADING.match(begun)
    if page.is_centred(row):  # only a heading too long for one row goes on in the middle of the next
        wide = before.width > _WIDE * page.edges(before).width
        return before is first and wide and not ended and _DIVISION.match(first.text.strip()) is not None
    if ended and _DIVISION.match(begun):
        return False
    same_column = before.page == row.page and before.column == row.column
    gap = (before.y - row.y) / page.pitch if same_column else 1.0
    missing = page.missing(before)
    if page.indent(row) >= _INDENT:
        same_edge = abs(row.x0 - before.x0) < 0.5 * row.size and before is not first
        usual = page.begins_as_usual(row) and page.begins_as_usual(first)
        hanging = page.indents and (same_edge or not usual) and not _ITEM.match(begun)
        return hanging and missing <= page.full and not ended and gap < 1.6
    if missing > _NEARLY_FULL or (missing > page.full and (ended or _ITEM.match(begun))):
        return False
    if gap > 1.8:
        return not ended and not _ITEM.match(begun) and missing <= page.full
    if page.indents:
        return True
    return not (ended and (_ITEM.match(begun) or gap > 1.3))


def _bracket_is_open(texts: list[str]) -> bool:
    if sum(map(len, texts)) > _MAX_BRACKET_CHARS:
        return False
    text = "".join(texts)
    return text.count("（") + text.count("(") > text.count("）") + text.count(")")


def _append(texts: list[str], text: str) -> None:
    """Add a row: a blank only between Latin letters or digits, a hyphen that parts a word goes."""
    before = texts[-1] if texts else ""
    if before and text:
        last, head = before[-1], text[0]
        if _BROKEN_WORD.search(before[-2:]) and head.islower() and head.isascii():
            texts[-1] = before[:-1]
        elif last.isascii() and last.isalnum() and head.isascii() and head.isalnum():
            texts.append(" ")
    texts.append(text)


def drop_contents(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Paragraph]]:
    """Part a printed table of contents (rows of dots with page numbers, and its title) from the text."""
    kept: list[Paragraph] = []
    dropped: list[Paragraph] = []
    for paragraph in paragraphs:
        if _LEADERS.match(paragraph.text[-_LEADER_CHARS:]):
            if kept and "".join(kept[-1].text.split()) in ("目录", "目次"):
                dropped.append(kept.pop())
            dropped.append(paragraph)
        else:
            kept.append(paragraph)
    return kept, dropped
