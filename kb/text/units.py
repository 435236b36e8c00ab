"""The units inside one article: 款 (unnumbered paragraphs), 项 （一）, 目 1., with spans into its text.

立法法 65: 条 divides into 款, 项, 目; 款 bear no number, 项 are numbered （一）, 目 1. An article's text
keeps one of them per line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.text.numerals import parse_number

Span = tuple[int, int]

_MARK = re.compile(
    r"(?P<bracketed>[（(] ?"
    r"(?:(?P<chinese>[零〇一二三四五六七八九十百]{1,6}+)|(?P<arabic>[0-9]{1,3}+)) ?[）)])"
    r"|(?P<dotted>(?P<plain>[0-9]{1,3}+)(?:[.．、](?![0-9])))"
)


@dataclass(frozen=True)
class Point:
    """One 目. ``mark`` as written (``1.``), ``text`` what follows it, ``span`` of mark and text."""

    number: int
    mark: str
    text: str
    span: Span


@dataclass(frozen=True)
class Item:
    """One 项. ``lead`` is its own line after the mark; ``span`` covers its points too."""

    number: int
    mark: str
    lead: str
    points: tuple[Point, ...]
    span: Span


@dataclass(frozen=True)
class Paragraph:
    """One 款. ``lead`` is its own line, None where the article opens with a 项; ``span`` covers all of it."""

    lead: str | None
    items: tuple[Item, ...]
    span: Span


@dataclass(frozen=True)
class _Line:
    """One line of an article: its place and its mark, the kind empty where it bears none."""

    start: int
    end: int
    kind: str
    number: int
    mark: str
    text: str


def parse_units(text: str) -> tuple[Paragraph, ...]:
    """The 款 of ``text`` in order; ``render_units`` gives back ``text`` exactly.

    A line with a mark belongs to the 款 above it. The first kind of mark in a 款 marks its 项, any other
    kind the 目 of the 项 above: laws write （一） and 1., older interpretations （1） alone.
    """
    paragraphs: list[Paragraph] = []
    group: list[_Line] = []
    for line in _read_lines(text):
        if not line.kind and group:
            paragraphs.append(_build_paragraph(group))
            group = []
        group.append(line)
    paragraphs.append(_build_paragraph(group))
    return tuple(paragraphs)


def render_units(paragraphs: Iterable[Paragraph]) -> str:
    """The text that ``parse_units`` read, one unit per line."""
    lines: list[str] = []
    for paragraph in paragraphs:
        if paragraph.lead is not None:
            lines.append(paragraph.lead)
        for item in paragraph.items:
            lines.append(item.mark + item.lead)
            lines.extend(point.mark + point.text for point in item.points)
    return "\n".join(lines)


def find_unit(
    text: str, paragraph: int | None = None, item: int | None = None, point: int | None = None
) -> Span | None:
    """Span in ``text`` of 第…款第（…）项第…目, numbers from 1; None when the article has no such unit.

    An item named without its 款 is found only when a single 款 has items: otherwise the name has two
    readings. The same holds for a point named without its item. With no number the span is the whole text.
    """
    paragraphs = parse_units(text)
    if paragraph is not None:
        if not 1 <= paragraph <= len(paragraphs):
            return None
        chosen: Sequence[Paragraph] = paragraphs[paragraph - 1 : paragraph]
        span: Span = chosen[0].span
    else:
        chosen, span = paragraphs, (0, len(text))
    if item is None and point is None:
        return span
    with_items = [one for one in chosen if one.items]
    if len(with_items) != 1:
        return None
    items = with_items[0].items
    if item is not None:
        items = tuple(one for one in items if one.number == item)
        if len(items) == 1 and point is None:
            return items[0].span
    points = [one for holder in items if holder.points for one in holder.points]
    holders = sum(bool(holder.points) for holder in items)
    named = [one for one in points if one.number == point]
    return named[0].span if holders == 1 and len(named) == 1 else None


def _read_lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        match = _MARK.match(line)
        number = parse_number(match["chinese"] or match["arabic"] or match["plain"]) if match else None
        if match is None or number is None:
            lines.append(_Line(start, end, "", 0, "", line))
        else:
            kind = "chinese" if match["chinese"] else "arabic" if match["arabic"] else "dotted"
            lines.append(_Line(start, end, kind, number, match[0], line[match.end() :]))
        start = end + 1
    return lines


def _build_paragraph(lines: Sequence[_Line]) -> Paragraph:
    lead = None if lines[0].kind else lines[0].text
    marked = lines if lead is None else lines[1:]
    items: list[list[_Line]] = []
    for line in marked:
        if line.kind == marked[0].kind:
            items.append([])
        items[-1].append(line)
    return Paragraph(lead, tuple(_build_item(group) for group in items), (lines[0].start, lines[-1].end))


def _build_item(lines: Sequence[_Line]) -> Item:
    first = lines[0]
    points = tuple(Point(line.number, line.mark, line.text, (line.start, line.end)) for line in lines[1:])
    return Item(first.number, first.mark, first.text, points, (first.start, lines[-1].end))
