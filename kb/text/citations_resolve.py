"""Say which work and article each citation means, from the catalogue and from where it stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kb.text.catalogue import TitleCatalogue
from kb.text.citations_places import MAX_COUNT
from kb.text.citations_types import (
    CitationForm,
    CitedUnit,
    FoundCitation,
    PlaceBase,
    PlaceLevel,
    ResolvedCitation,
    TitleKind,
)

_SENTENCE_END = re.compile("[。；;\n]")
_AMENDING = re.compile("修正案|关于(?:修改|废止|修订)")
_TYPES = (
    "法典",
    "条例",
    "规定",
    "办法",
    "解释",
    "细则",
    "决定",
    "规则",
    "章程",
    "通知",
    "意见",
    "准则",
    "公约",
    "方案",
    "批复",
    "法",
)
_ITEM_LINE = re.compile(
    "(?:[（(][一二三四五六七八九十百零]{1,5}[)）]|[0-9]{1,3}[.．、]|[（(][0-9]{1,3}[)）])"
)


@dataclass(frozen=True)
class ReadingContext:
    """Where a text stands: the work and article around it, None where it stands in none.

    ``title`` is the title of the work, ``preceding`` are the numbers of the articles before this one,
    nearest first (一 before 之一 is not arithmetic); empty means that they follow one another.
    ``has_paragraphs`` is True when ``text`` is the article itself, one 款 or 项 a line.
    """

    work_id: str | None = None
    title: str = ""
    number: tuple[int, int] | None = None
    preceding: tuple[tuple[int, int], ...] = ()
    has_paragraphs: bool = False


NOWHERE = ReadingContext()


def resolve_references(
    found: Sequence[FoundCitation],
    catalogue: TitleCatalogue,
    text: str = "",
    context: ReadingContext = NOWHERE,
) -> list[ResolvedCitation]:
    """Resolve ``found`` (in order of place, as ``find_references`` gives it) of ``text``.

    A title means the work that bears it whole. 本法 and a bare 第五条 mean the work of ``context``, 该法 and
    同法 the work of that type named last. A bare 第五条 behind another work in the same sentence, or in
    a decision that amends another work, stays without one. 前两条 gives one result per article.
    """
    return list(_Resolver(catalogue, text, context).resolve(found))


@dataclass(frozen=True)
class _Mention:
    """A work named earlier in the text."""

    title: str
    work_id: str | None
    candidates: tuple[str, ...]
    end: int


class _Resolver:
    def __init__(self, catalogue: TitleCatalogue, text: str, context: ReadingContext) -> None:
        self._catalogue = catalogue
        self._context = context
        self._text = text
        self._mentions: list[_Mention] = []
        self._last: ResolvedCitation | None = None
        self._amends = bool(_AMENDING.search(context.title))
        self._lines = _paragraph_starts(text) if context.has_paragraphs else []

    def resolve(self, found: Iterable[FoundCitation]) -> Iterable[ResolvedCitation]:
        for citation in found:
            if citation.form is CitationForm.PLACE:
                yield from self._resolve_place(citation)
                continue
            work_id, candidates = self._find_work(citation)
            resolved = ResolvedCitation(citation, work_id, citation.number, citation.units, candidates)
            if citation.title and citation.title_kind in (TitleKind.QUOTED, TitleKind.BARE):
                title = citation.full_title or citation.title
                self._mentions.append(_Mention(title, work_id, candidates, citation.span[1]))
            if citation.form is CitationForm.ARTICLE:
                self._last = resolved
            yield resolved

    def _find_work(self, citation: FoundCitation) -> tuple[str | None, tuple[str, ...]]:
        kind = citation.title_kind
        if kind in (TitleKind.QUOTED, TitleKind.BARE):
            ids = self._catalogue.lookup(citation.full_title or citation.title or "")
            if not ids and citation.document_number:
                ids = self._catalogue.lookup_number(citation.document_number)
            return _one(ids)
        if kind is TitleKind.NUMBER:
            return _one(self._catalogue.lookup_number(citation.document_number or ""))
        if kind is TitleKind.RELATIVE:
            return self._find_relative(citation)
        if kind is TitleKind.NONE and not self._amends and not self._follows_other(citation.span[0]):
            return self._context.work_id, ()
        return None, ()

    def _find_relative(self, citation: FoundCitation) -> tuple[str | None, tuple[str, ...]]:
        written = citation.title or ""
        if written.startswith("本"):
            return self._context.work_id, ()
        wanted = next((name for name in _TYPES if written.endswith(name)), "")
        for mention in reversed(self._mentions[-20:]):
            if _type_of(mention.title) == wanted or (wanted == "法" and mention.title.endswith("法典")):
                return mention.work_id, mention.candidates
        return None, ()

    def _follows_other(self, place: int) -> bool:
        """True when another work than the enclosing one is named earlier in the same sentence."""
        if not self._mentions or self._mentions[-1].end > place:
            return False
        last = self._mentions[-1]
        if last.work_id is not None and last.work_id == self._context.work_id:
            return False
        return _SENTENCE_END.search(self._text, last.end, place) is None

    def _resolve_place(self, citation: FoundCitation) -> Iterable[ResolvedCitation]:
        place = citation.place
        assert place is not None, "a citation of form PLACE has a place"
        here, unresolved = self._context, ResolvedCitation(citation, None, None, citation.units)
        if place.base is PlaceBase.CITED:
            last = self._last
            if last is None or last.number is None or place.level is not PlaceLevel.ARTICLE:
                yield unresolved
                return
            resolved = ResolvedCitation(citation, last.work_id, last.number, citation.units, last.candidates)
            self._last = resolved
            yield resolved
            return
        if here.number is None:
            yield unresolved
            return
        if place.level is PlaceLevel.ARTICLE:
            numbers = self._articles_at(place.base, place.count)
            for number in numbers:
                yield ResolvedCitation(citation, here.work_id, number, citation.units)
            if not numbers:
                yield unresolved
            return
        units = self._units_at(place.base, place.level, place.count, citation)
        yield ResolvedCitation(citation, here.work_id, here.number, units)

    def _articles_at(self, base: PlaceBase, count: int) -> list[tuple[int, int]]:
        assert self._context.number is not None, "checked by the caller"
        number, inserted = self._context.number
        if base is PlaceBase.HERE:
            return [(number, inserted)]
        if base is PlaceBase.AFTER:
            return [(number + 1, 0)]
        preceding = self._context.preceding
        if not preceding:
            counted = [(number, n) for n in range(inserted - 1, -1, -1)]
            preceding = (*counted, *((n, 0) for n in range(number - 1, max(number - MAX_COUNT, 1) - 1, -1)))
        return list(reversed(preceding[:count])) if len(preceding) >= count else []

    def _units_at(
        self, base: PlaceBase, level: PlaceLevel, count: int, citation: FoundCitation
    ) -> tuple[CitedUnit, ...]:
        """Paragraphs meant by 前两款 on a line of the article; as named when the lines are not known."""
        if level is not PlaceLevel.PARAGRAPH or not self._lines:
            return citation.units
        at = max(bisect_right(self._lines, citation.span[0]), 1)
        wanted = [at] if base is PlaceBase.HERE else list(range(max(at - count, 1), at))
        if base is PlaceBase.AFTER:
            wanted = [at + 1]
        if citation.units:
            return (
                tuple(replace(unit, paragraph=n) for n in wanted for unit in citation.units) or citation.units
            )
        return tuple(CitedUnit(n) for n in wanted)


def _one(ids: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    return (ids[0], ()) if len(ids) == 1 else (None, ids)


def _type_of(title: str) -> str:
    """解释 of 《…的解释（一）》."""
    plain = re.sub(r"[（(][^（()）]{0,20}[)）]\Z|[一二三四五六七八九]\Z", "", title)
    return next((name for name in _TYPES if plain.endswith(name)), "")


def _paragraph_starts(text: str) -> list[int]:
    """Offsets at which the 款 of an article begin: lines that are no 项."""
    starts, place = [], 0
    for line in text.split("\n"):
        if line and not _ITEM_LINE.match(line):
            starts.append(place)
        place += len(line) + 1
    return starts
