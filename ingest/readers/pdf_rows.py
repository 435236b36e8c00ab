"""Rows of a PDF page in reading order: characters on one baseline, columns one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ingest.readers.pdf_glyphs import Glyph, Page

_SAME_BASELINE = 0.45
"""Share of the type size by which characters of one row may differ in height (raised marks included)."""
_MIN_COLUMN_ROWS = 4
_MAX_CROSSING = 0.25
_MIN_FILL = 0.65
_MAX_SPLITS = 2
_MIN_COLUMNS_WIDTH = 150
_CELL_GAP = 1.5


@dataclass(frozen=True)
class Row:
    """One row of text. ``column`` names the column of its page, so that margins are those of the column.

    ``cells`` are the pieces that wide gaps divide it into (one when there is none).
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int
    column: tuple[int, ...] = ()
    cells: tuple[str, ...] = ()

    @property
    def width(self) -> float:
        """Width in points."""
        return self.x1 - self.x0


_GlyphRow = list[Glyph]
_Segment = tuple[float, float]


def find_rows(page: Page) -> list[Row]:
    """Rows of a page from top to bottom, not yet parted into columns."""
    return [_make_row(row, page.number, ()) for row in _group(page.glyphs)]


def order_rows(page: Page, dropped: Sequence[Row], gutter: float | None = None) -> list[Row]:
    """Rows in reading order without ``dropped`` (running lines, found among ``find_rows``).

    ``gutter`` is the x between the two columns of other pages; it serves a page too short to tell by itself.
    """
    rows = _without(page, dropped)
    return [_make_row(row, page.number, column) for column, row in _part_columns(rows, (), gutter)]


def common_gutter(pages: Sequence[tuple[Page, Sequence[Row]]]) -> float | None:
    """The x that parts the columns of most pages, each given with its dropped rows; None for one column."""
    found = [
        gutter
        for page, dropped in pages
        if (gutter := _find_gutter([_segments(row) for row in _without(page, dropped)])) is not None
    ]
    return median(found) if found and 2 * len(found) >= len(pages) else None


def _without(page: Page, dropped: Sequence[Row]) -> list[_GlyphRow]:
    gone = {(row.y, row.x0) for row in dropped}
    return [row for row in _group(page.glyphs) if (_baseline(row), row[0].x0) not in gone]


def _group(glyphs: Sequence[Glyph]) -> list[_GlyphRow]:
    """Characters by baseline, each row from left to right."""
    rows: list[_GlyphRow] = []
    reference = size = 0.0
    for glyph in sorted(glyphs, key=lambda item: (-item.y, item.x0)):
        if rows and reference - glyph.y <= _SAME_BASELINE * max(size, glyph.size):
            rows[-1].append(glyph)
            if glyph.size > size:
                size, reference = glyph.size, glyph.y
        else:
            rows.append([glyph])
            reference, size = glyph.y, glyph.size
    shown = [_drop_doubles(sorted(row, key=lambda item: item.x0)) for row in rows]
    return [row for row in shown if any(item.char.strip() for item in row)]


def _drop_doubles(row: _GlyphRow) -> _GlyphRow:
    """Take out characters printed twice at one place to look bold, and blanks at the row's beginning."""
    kept: _GlyphRow = []
    for glyph in row:
        if not kept and not glyph.char.strip():
            continue
        if any(
            glyph.char == other.char and abs(glyph.x0 - other.x0) < 0.2 * glyph.size for other in kept[-3:]
        ):
            continue
        kept.append(glyph)
    return kept


def _baseline(row: _GlyphRow) -> float:
    return max(row, key=lambda item: item.size).y


def _part_columns(
    rows: list[_GlyphRow], column: tuple[int, ...], hint: float | None = None
) -> list[tuple[tuple[int, ...], _GlyphRow]]:
    segments = [_segments(row) for row in rows]
    gutter = _find_gutter(segments) if len(column) < _MAX_SPLITS else None
    if gutter is None and hint is not None and _judge_gutter(segments, hint, few=True) is not None:
        gutter = hint
    if gutter is None:
        return [(column, row) for row in rows]
    ordered: list[tuple[tuple[int, ...], _GlyphRow]] = []
    left: list[_GlyphRow] = []
    right: list[_GlyphRow] = []

    def close_band() -> None:
        ordered.extend(_part_columns(left, (*column, 0)))
        ordered.extend(_part_columns(right, (*column, 1)))
        left.clear()
        right.clear()

    for row in rows:
        if any(start < gutter < end for start, end in _segments(row)):
            close_band()
            ordered.append((column, row))
            continue
        parts = [glyph for glyph in row if glyph.x1 <= gutter], [glyph for glyph in row if glyph.x0 >= gutter]
        for part, side in zip(parts, (left, right), strict=True):
            if any(glyph.char.strip() for glyph in part):
                side.append(part)
    close_band()
    return ordered


def _find_gutter(rows: list[list[_Segment]]) -> float | None:
    """The x that parts two columns of running text, None for a page of one column or a table."""
    if len(rows) < _MIN_COLUMN_ROWS:
        return None
    left_edge = min(row[0][0] for row in rows)
    width = max(row[-1][1] for row in rows) - left_edge
    if width < _MIN_COLUMNS_WIDTH:
        return None
    best: tuple[int, float] | None = None
    steps = 60
    for step in range(steps + 1):
        x = left_edge + width * (0.3 + 0.4 * step / steps)
        crossing = _judge_gutter(rows, x)
        if crossing is not None and (best is None or crossing < best[0]):
            best = crossing, x
    return None if best is None else best[1]


def _segments(row: _GlyphRow) -> list[_Segment]:
    """Where a row is printed without a gap such as parts columns."""
    found: list[_Segment] = []
    gap = 0.8 * _size(row)
    for glyph in row:
        if not glyph.char.strip():
            continue
        if found and glyph.x0 - found[-1][1] < gap:
            found[-1] = (found[-1][0], max(found[-1][1], glyph.x1))
        else:
            found.append((glyph.x0, glyph.x1))
    return found


def _judge_gutter(rows: list[list[_Segment]], x: float, *, few: bool = False) -> int | None:
    """How many rows cross ``x``, None when it cannot part columns; ``few`` rows will do at a known place."""
    lefts: list[float] = []
    rights: list[float] = []
    crossing = 0
    for row in rows:
        if any(start < x < end for start, end in row):
            crossing += 1
            continue
        before = [part for part in row if part[1] <= x]
        after = [part for part in row if part[0] >= x]
        if before:
            lefts.append(before[-1][1] - before[0][0])
        if after:
            rights.append(after[-1][1] - after[0][0])
    if few:
        return crossing if lefts and rights and crossing <= len(lefts) else None
    if min(len(lefts), len(rights)) < _MIN_COLUMN_ROWS or crossing > _MAX_CROSSING * len(rows):
        return None
    if any(median(widths) < _MIN_FILL * max(widths) for widths in (lefts, rights)):
        return None
    return crossing


def _size(row: _GlyphRow) -> float:
    return max(glyph.size for glyph in row)


def _make_row(row: _GlyphRow, page: int, column: tuple[int, ...]) -> Row:
    size = median(glyph.size for glyph in row if glyph.char.strip()) or 1.0
    cells = [""]
    text = ""
    before: Glyph | None = None
    for glyph in row:
        gap = glyph.x0 - before.x1 if before is not None else 0.0
        if gap > _CELL_GAP * size:
            cells.append("")
        both_narrow = before is not None and before.char.isascii() and glyph.char.isascii()
        blank = gap > (0.2 if both_narrow else 0.5) * size
        if blank and not text.endswith(" ") and glyph.char != " ":
            text += " "
            cells[-1] += " " if cells[-1] else ""
        text += glyph.char
        cells[-1] += glyph.char
        before = glyph
    printed = [glyph for glyph in row if glyph.char.strip()]
    return Row(
        text,
        printed[0].x0,
        max(glyph.x1 for glyph in printed),
        _baseline(row),
        size,
        page,
        column,
        tuple(cell.strip() for cell in cells if cell.strip()),
    )
