"""What stands around the text of a PDF page: running headers and footers, page numbers, footnotes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.readers.pdf_glyphs import Page
from ingest.readers.pdf_rows import Row

_EDGE_ROWS = 3
_EDGE_SHARE = 0.16
"""Share of the page's height at top and bottom in which page numbers are looked for."""
_OUTER_SHARE = 0.1
_MIN_REPEATS = 2
_REPEAT_SHARE = 0.4
_SLOT_SHARE = 0.6
_SLOT_PAGES = 3
_WIDE_GAP = 1.5
_SMALL_TYPE = 0.86
_PAGE_NUMBER = re.compile(
    r"[-—–－·•~ ]{0,4}(?:第 ?)?(?:[0-9０-９]{1,4}|[ivxIVX]{1,6}|[一二三四五六七八九十]{1,4}(?= ?页))(?: ?页)?"
    r"(?: ?[/／,，、] ?(?:共 ?)?[0-9０-９]{1,4}(?: ?页)?| ?共 ?[0-9０-９]{1,4} ?页)?[-—–－·•~ ]{0,4}"
)
_NOTE_MARK = re.compile(r"[①-⑳❶-❿*＊†‡]|\[\d{1,3}\]|〔\d{1,3}〕|注[:：\d]|\d{1,2}(?![\d.．、])")
_NUMBER_AT_EDGE = re.compile(r"\A[-—第]{0,2}[0-9０-９]{1,4}|[0-9０-９]{1,4}[-—页]{0,2}\Z")


@dataclass
class Margins:
    """Rows of each page (by its number) that are no part of the text."""

    running: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    notes: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def of(self, page: int) -> list[Row]:
        """All such rows of one page."""
        return [*self.running[page], *self.numbers[page], *self.notes[page]]


def find_margins(pages: Sequence[Page], rows_of: dict[int, list[Row]]) -> Margins:
    """Find what repeats at one height over many pages, numbers of pages, and small print below the text.

    ``rows_of`` gives the rows of each page by its number, from top to bottom.
    """
    margins = Margins()
    repeated = _repeated_keys(rows_of)
    slots = _standing_slots(pages, rows_of)
    body_size = _body_size(rows_of)
    for page in pages:
        rows = rows_of[page.number]
        height = page.box[3] - page.box[1]
        for row in _edge_rows(rows):
            share = (row.y - page.box[1]) / height if height > 0 else 0.5
            if _PAGE_NUMBER.fullmatch(row.text.strip()) and not _EDGE_SHARE < share < 1 - _EDGE_SHARE:
                margins.numbers[page.number].append(row)
            elif _EDGE_SHARE < share < 1 - _EDGE_SHARE:
                continue
            elif _key(row) in repeated or _slot(row) in slots or _is_small_print(row, rows, share, body_size):
                margins.running[page.number].append(row)
        around = {row.y for row in margins.of(page.number)}
        margins.notes[page.number] = _footnotes([row for row in rows if row.y not in around], body_size)
    return margins


def _edge_rows(rows: list[Row]) -> list[Row]:
    if len(rows) <= 2 * _EDGE_ROWS:
        return rows
    return rows[:_EDGE_ROWS] + rows[-_EDGE_ROWS:]


def _key(row: Row) -> tuple[str, int, int]:
    """Rows of one text (the number of the page apart) at one height in one size are the same running line."""
    return _NUMBER_AT_EDGE.sub("#", "".join(row.text.split())), round(row.y / 3), round(row.size)


def _slot(row: Row) -> tuple[int, int]:
    return round(row.y / 3), round(row.size)


def _repeated_keys(rows_of: dict[int, list[Row]]) -> set[tuple[str, int, int]]:
    counts = Counter(key for rows in rows_of.values() for key in {_key(row) for row in _edge_rows(rows)})
    enough = max(_MIN_REPEATS, _REPEAT_SHARE * len(rows_of))
    return {key for key, count in counts.items() if count >= enough}


def _standing_slots(pages: Sequence[Page], rows_of: dict[int, list[Row]]) -> set[tuple[int, int]]:
    """Heights near the edge where most pages have a line apart from the text: headers by chapter."""
    if len(pages) < _SLOT_PAGES:
        return set()
    counts: Counter[tuple[int, int]] = Counter()
    for page in pages:
        rows = rows_of[page.number]
        height = page.box[3] - page.box[1]
        if len(rows) < 2 or height <= 0:
            continue
        pitches = [above.y - below.y for above, below in pairwise(rows)]
        usual = median(pitches)
        for row, gap in ((rows[0], pitches[0]), (rows[-1], pitches[-1])):
            share = (row.y - page.box[1]) / height
            outside = share > 1 - _OUTER_SHARE or share < _OUTER_SHARE
            if outside and gap > _WIDE_GAP * usual:
                counts[_slot(row)] += 1
    return {slot for slot, count in counts.items() if count >= _SLOT_SHARE * len(pages)}


def _is_small_print(row: Row, rows: list[Row], share: float, body_size: float) -> bool:
    """A first or last row in small type far from the text and close to the edge, even of a single page."""
    if _OUTER_SHARE < share < 1 - _OUTER_SHARE or row.size >= _SMALL_TYPE * body_size or len(rows) < 3:
        return False
    first, last = row is rows[0], row is rows[-1]
    gap = row.y - rows[1].y if first else rows[-2].y - row.y
    return (first or last) and gap > 2.5 * body_size


def _body_size(rows_of: dict[int, list[Row]]) -> float:
    """The size in which most characters are set."""
    counts: Counter[float] = Counter()
    for rows in rows_of.values():
        for row in rows:
            counts[round(row.size * 2) / 2] += len(row.text)
    return counts.most_common(1)[0][0] if counts else 0.0


def _footnotes(rows: list[Row], body_size: float) -> list[Row]:
    """Small rows at the bottom of a page that begin with a mark."""
    below: list[Row] = []
    for row in reversed(rows):
        if row.size >= _SMALL_TYPE * body_size:
            break
        below.append(row)
    below.reverse()
    if len(below) == len(rows):
        return []
    first = next((index for index, row in enumerate(below) if _NOTE_MARK.match(row.text.strip())), None)
    return [] if first is None else below[first:]
