"""Find citations of articles in Chinese text, then say which work each one means.

Finding reads only what stands there: 《劳动合同法》第三十八条第一款第（二）项, 民法典1254条, 第1254、1255条,
第十条至第十二条, 本法第三条. It gives one citation per article, each with its place, and never guesses a
title. Resolving is the second step and knows the catalogue. Every pass is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile

from kb.text.catalogue import TitleCatalogue
from kb.text.normalise import HAN_CLASS
from kb.text.numerals import MAX_NUMERAL_CHARS, NUMERAL_CLASS, format_article_label, parse_number
from kb.text.quoted_titles import QuotedTitle, find_quoted_titles

MAX_RANGE = 300
"""A longer range (第一条至第九百条) gives its two ends only: nobody means each article of it."""
MAX_EXPANDED = 20_000
"""Articles that the ranges of one text may add in all, so that a hostile text stays cheap."""
MAX_ARTICLE = 9_999


class TitleKind(StrEnum):
    """How the work is named in the text."""

    QUOTED = "quoted"
    """In 《》."""
    BARE = "bare"
    """A whole known name without 《》: 民法典第1254条."""
    RELATIVE = "relative"
    """本法, 本条例, 该法: the reader must know which work is meant."""
    UNKNOWN = "unknown"
    """A name stands there (台湾民法典第5条) that is not known whole: never to be taken for 本法."""
    NONE = "none"
    """第五条 alone."""


@dataclass(frozen=True)
class CitedUnit:
    """A part of an article: 第二款 (paragraph), 第（三）项 (item), 第1目 (point); None where not named."""

    paragraph: int | None = None
    item: int | None = None
    point: int | None = None


@dataclass(frozen=True)
class FoundCitation:
    """One article cited in a text.

    ``span`` covers the characters that name this article (for the first of a list the title too, for a
    range the whole range) and ``text`` is what stands there. ``title`` is as written, without 《》; None
    for kinds UNKNOWN and NONE. ``number`` is (17, 1) for 第十七条之一; empty ``units`` mean all of it.
    """

    text: str
    span: tuple[int, int]
    title: str | None
    title_kind: TitleKind
    number: tuple[int, int]
    units: tuple[CitedUnit, ...] = ()

    @property
    def label(self) -> str:
        """The article as statutes write it: 第十七条之一."""
        return format_article_label(self.number)


@dataclass(frozen=True)
class ResolvedCitation:
    """A citation with the id of the work that it means; None when no one work bears that name."""

    found: FoundCitation
    work_id: str | None
    number: tuple[int, int]


_NUMBER = rf"[{NUMERAL_CLASS}]{{1,{MAX_NUMERAL_CHARS}}}+(?![{NUMERAL_CLASS}])"
_GAP = r"[ \u3000]{0,2}+"
_START = re.compile(rf"第{_GAP}(?={_NUMBER})|(?<![{NUMERAL_CLASS}第])(?={_NUMBER})")
_NOT_INSERTED = "般些切致定时方旦经律样种个项款"
_INSERTED = rf"之(?P<inserted>[{NUMERAL_CLASS}]{{1,4}}+)(?![{_NOT_INSERTED}])"
_ELEMENT = re.compile(
    rf"(?P<ordinal>第{_GAP})?(?P<number>{_NUMBER})(?:之(?P<early>[{NUMERAL_CLASS}]{{1,4}}+)(?={_GAP}条))?"
    rf"{_GAP}(?P<article>条(?!款))?(?(article)(?:{_INSERTED})?)"
)
_MORE_INSERTED = re.compile(rf"[、和及与]{_INSERTED}")
_SEPARATOR = re.compile(
    rf"{_GAP}(?:(?P<range>至|到|[-－–—~～]{{1,2}}+)|(?P<comma>[，,])|、|或者|以及|[和及与或]){_GAP}"
)
_UNIT = re.compile(
    rf"(?P<ordinal>第{_GAP})?(?P<open>[（(]{_GAP})?(?P<number>{_NUMBER}){_GAP}(?P<close>[）)]{_GAP})?"
    r"(?P<level>款|项|目)?"
)

# Between a name and its article: 《民法典》（2020年）第五编第一章的第…条.
_GAP_TAIL = re.compile(
    r"(?:[（(](?![一二三四五六七八九十]{1,3}[)）])[^（()）]{1,40}[)）])?[ \u3000]{0,2}"
    rf"(?:第[{NUMERAL_CLASS}]{{1,4}}(?:编|分编|章|节)|(?:总则|物权|合同|人格权|婚姻家庭|继承|侵权责任)编){{0,3}}"
    r"(?:[中的之]|中的|里的|规定的)?[ \u3000]{0,2}\Z"
)
_GAP_WINDOW = 64
_RELATIVE = re.compile(
    r"(?:本|该|此|上述|前述|同)(?:法典|法|条例|规定|办法|解释|细则|决定|规则|章程|通知|意见)\Z"
)
_NAME_LIKE = re.compile(
    rf"(?:[{HAN_CLASS}](?:法典|法|条例|规定|办法|解释|细则|规则|章程)|》)"
    r"(?:[一二三四五六七八九]|[（(][一二三四五六七八九十]{1,3}[)）])?\Z"
)


@dataclass(frozen=True)
class _Element:
    number: tuple[int, int]
    start: int
    end: int
    units: tuple[CitedUnit, ...]
    is_range_end: bool
    has_ordinal: bool


@dataclass(frozen=True)
class _Name:
    start: int
    end: int
    title: str | None
    kind: TitleKind


def find_citations(text: str, catalogue: TitleCatalogue | None = None) -> list[FoundCitation]:
    """Every article cited in ``text``, in order of place.

    Bare names are recognised only when ``catalogue`` knows them whole. 第 may be missing only straight after
    a name (民法典1254条). Numbers above 9,999 are no articles.
    """
    quoted = find_quoted_titles(text)
    closes = {title.end: title for title in quoted}
    inside = _Cover(quoted)
    found: list[FoundCitation] = []
    budget = MAX_EXPANDED
    position = 0
    while match := _START.search(text, position):
        start = match.start()
        if (end := inside.end_of(start)) is not None:
            position = end
            continue
        elements, reached = _read_elements(text, start)
        position = max(reached, match.end(), start + 1)
        if not elements:
            continue
        name = _read_name(text, elements[0].start, closes, catalogue)
        if not elements[0].has_ordinal and not _touches(text, name, elements[0].start):
            elements = list(dropwhile(lambda element: not element.has_ordinal, elements))
            name = _Name(elements[0].start, elements[0].start, None, TitleKind.NONE) if elements else name
        citations = list(_expand(text, name, elements, budget))
        budget -= max(len(citations) - len(elements), 0)
        found += citations
    return found


def resolve_citations(found: Iterable[FoundCitation], catalogue: TitleCatalogue) -> list[ResolvedCitation]:
    """Say which work each citation means, by its whole title.

    A citation without a title of its own, with an unknown one or with one that several works bear
    stays without a work.
    """
    resolved = []
    for citation in found:
        known = citation.title_kind in (TitleKind.QUOTED, TitleKind.BARE) and citation.title
        ids = catalogue.lookup(citation.title or "") if known else ()
        resolved.append(ResolvedCitation(citation, ids[0] if len(ids) == 1 else None, citation.number))
    return resolved


class _Cover:
    """Tells whether a place lies inside a quoted title: 《关于〈刑法〉第三十条的解释》 cites nothing."""

    def __init__(self, titles: Iterable[QuotedTitle]) -> None:
        self._starts, self._ends = [], []
        for title in titles:
            self._starts.append(title.start)
            self._ends.append(title.end)

    def end_of(self, place: int) -> int | None:
        i = bisect_right(self._starts, place) - 1
        return self._ends[i] if i >= 0 and place < self._ends[i] else None


def _read_elements(text: str, start: int) -> tuple[list[_Element], int]:
    """Articles of one expression from ``start`` on, and where reading stopped for good.

    Numbers of a list without 条 of their own (第1254、1255条) wait for the one that has it.
    """
    done: list[_Element] = []
    waiting: list[_Element] = []
    position, is_range_end = start, False
    while match := _ELEMENT.match(text, position):
        position = match.end()
        number = _number_of(match["number"], match["early"] or match["inserted"])
        if number is None:
            break
        units: tuple[CitedUnit, ...] = ()
        if match["article"]:
            units, position = _read_units(text, position)
        has_ordinal = match["ordinal"] is not None
        waiting.append(_Element(number, match.start(), position, units, is_range_end, has_ordinal))
        if match["article"]:
            done += waiting
            waiting = []
            while match["inserted"] and (more := _MORE_INSERTED.match(text, position)):
                following = _number_of(match["number"], more["inserted"])
                if following is None:
                    break
                done.append(_Element(following, more.start() + 1, more.end(), (), False, False))
                position = more.end()
        separator = _SEPARATOR.match(text, position)
        if separator is None:
            break
        if separator["comma"]:
            waiting = []  # 第一，第五条……: the first is an ordinal of the sentence, no article
        is_range_end = separator["range"] is not None and bool(done or waiting)
        position = separator.end()
    return done, done[-1].end if done else position


def _number_of(article_text: str, inserted_text: str | None) -> tuple[int, int] | None:
    article = parse_number(article_text)
    inserted = parse_number(inserted_text) if inserted_text else 0
    if not article or article > MAX_ARTICLE or inserted is None or (inserted_text and not inserted):
        return None
    return article, inserted


def _touches(text: str, name: _Name, start: int) -> bool:
    """True when a name stands straight before ``start``, so that 第 may be missing."""
    named = name.kind not in (TitleKind.NONE, TitleKind.UNKNOWN)
    return named and not text[name.end : start].strip()


def _read_units(text: str, start: int) -> tuple[tuple[CitedUnit, ...], int]:
    """款, 项 and 目 named after an article, and where they end."""
    units: list[CitedUnit] = []
    waiting: list[int] = []
    position = end = start
    listed = waiting_is_listed = False
    while match := _UNIT.match(text, position):
        number = parse_number(match["number"])
        marked = match["ordinal"] or match["open"] or match["level"] == "款" or listed
        if not number or not marked or bool(match["open"]) != bool(match["close"]):
            break
        if not waiting:
            waiting_is_listed = listed
        waiting.append(number)
        position = match.end()
        if match["level"]:
            _add_units(units, waiting, match["level"], waiting_is_listed)
            waiting, end = [], position
        separator = _SEPARATOR.match(text, position)
        listed = separator is not None
        if separator is not None:
            position = separator.end()
        elif waiting:
            break
    return tuple(units), end


def _add_units(units: list[CitedUnit], numbers: list[int], level: str, listed: bool) -> None:
    """Append numbered parts; straight after another part (第一款第（二）项) they narrow that part."""
    last = units[-1] if units else CitedUnit()
    if units and not listed:
        units.pop()
    for number in numbers:
        if level == "款":
            units.append(CitedUnit(number))
        elif level == "项":
            units.append(CitedUnit(last.paragraph, number))
        else:
            units.append(CitedUnit(last.paragraph, last.item, number))


def _read_name(
    text: str, end: int, closes: dict[int, QuotedTitle], catalogue: TitleCatalogue | None
) -> _Name:
    """The name that stands before an article expression beginning at ``end``."""
    low = max(end - _GAP_WINDOW, 0)
    window = text[low:end]
    ends = [end]
    if gap := _search_gap(window):
        ends.append(low + gap)
    for place in dict.fromkeys(ends):
        if title := closes.get(place):
            return _Name(title.start, place, title.title, TitleKind.QUOTED)
        if catalogue is not None and (start := catalogue.find_name_before(text, place)) is not None:
            return _Name(start, place, text[start:place], TitleKind.BARE)
    for place in dict.fromkeys(ends):
        near = text[max(place - 8, 0) : place]
        if relative := _RELATIVE.search(near):
            return _Name(place - len(relative[0]), place, relative[0], TitleKind.RELATIVE)
        if _NAME_LIKE.search(near):
            return _Name(end, end, None, TitleKind.UNKNOWN)
    return _Name(end, end, None, TitleKind.NONE)


def _search_gap(window: str) -> int | None:
    """Where the gap between a name and its article begins in ``window``; None when there is none."""
    match = _GAP_TAIL.search(window)
    return match.start() if match and match.start() < len(window) else None


def _expand(text: str, name: _Name, elements: list[_Element], budget: int) -> Iterator[FoundCitation]:
    """One citation per article, ranges filled in."""
    for i, element in enumerate(elements):
        following = elements[i + 1] if i + 1 < len(elements) else None
        start = name.start if i == 0 else element.start
        end = element.end
        if element.is_range_end and i:
            start = name.start if i == 1 else elements[i - 1].start
            for number in _between(elements[i - 1].number, element.number, budget):
                budget -= 1
                yield _cite(text, start, end, name, number)
        if following and following.is_range_end:
            end = following.end
        yield _cite(text, start, end, name, element.number, element.units)


def _between(first: tuple[int, int], last: tuple[int, int], budget: int) -> Iterator[tuple[int, int]]:
    """Articles strictly inside a range, when it is short enough to mean each of them."""
    (low, low_inserted), (high, high_inserted) = first, last
    if low == high:
        inner = [(low, n) for n in range(low_inserted + 1, high_inserted)]
    else:
        inner = [(n, 0) for n in range(low + 1, min(high, low + MAX_RANGE + 2))]
    if len(inner) <= min(MAX_RANGE, budget):
        yield from inner


def _cite(
    text: str, start: int, end: int, name: _Name, number: tuple[int, int], units: tuple[CitedUnit, ...] = ()
) -> FoundCitation:
    return FoundCitation(text[start:end], (start, end), name.title, name.kind, number, units)
