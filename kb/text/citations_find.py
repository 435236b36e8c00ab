"""Find everything that a text cites: articles, places, works, documents; the passes over one text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import dropwhile

from kb.text.catalogue import TitleCatalogue
from kb.text.citations_articles import (
    MAX_EXPANDED,
    START,
    Element,
    counts_things,
    fill_range,
    find_counts,
    is_counted_before,
    opens_item,
    read_elements,
)
from kb.text.citations_documents import DocumentNumber, find_document_numbers
from kb.text.citations_names import Name, NameReader, find_edition
from kb.text.citations_places import find_places
from kb.text.citations_quotes import Quotes
from kb.text.citations_types import (
    CitationForm,
    CitedUnit,
    FoundCitation,
    FoundQuote,
    PlaceBase,
    TitleKind,
)
from kb.text.normalise import NormalisedText, normalise
from kb.text.numerals import NUMERAL_CLASS
from kb.text.quoted_titles import find_quoted_titles
from kb.text.traditional import simplify

_BROKEN = re.compile(rf"第[{NUMERAL_CLASS}]{{0,12}}+\n(?=[{NUMERAL_CLASS}]{{0,12}}+条)")
_DEFINES = re.compile(r"(?:简称|以下称|统称|下称)为?[：:]?\Z")


def find_references(text: str, catalogue: TitleCatalogue | None = None) -> list[FoundCitation]:
    """Everything that ``text`` cites, in order of place: articles, places, works, documents.

    The text may be spelled in any way that ``kb.text.normalise`` and ``kb.text.traditional`` know; spans and
    ``FoundCitation.text`` are of the text as given. Bare names are recognised only when ``catalogue`` knows
    them whole. 第 may be missing only straight after a name (民法典1254条). Numbers above 9,999 are no
    articles. A title alone in 《》 is a work when the catalogue knows it or when it ends like a law's.
    """
    clean = _join_numerals(normalise(text))
    found = find_in_clean_text(simplify(clean.text), catalogue)
    return [_as_given(citation, text, clean) for citation in found]


def _join_numerals(clean: NormalisedText) -> NormalisedText:
    """``clean`` without line breaks inside an article's number: 第一千一百六\\n十五条."""
    breaks = [match.end() - 1 for match in _BROKEN.finditer(clean.text)]
    if not breaks:
        return clean
    offsets = list(clean.offsets)
    for place in reversed(breaks):
        del offsets[place]
    gone = set(breaks)
    return NormalisedText("".join(char for i, char in enumerate(clean.text) if i not in gone), offsets)


def find_citations(text: str, catalogue: TitleCatalogue | None = None) -> list[FoundCitation]:
    """Every article cited by its number in ``text``, in order of place; see ``find_references``."""
    return [one for one in find_references(text, catalogue) if one.form is CitationForm.ARTICLE]


def find_in_clean_text(text: str, catalogue: TitleCatalogue | None = None) -> list[FoundCitation]:
    """As ``find_references`` for a text that is normalised and in simplified characters."""
    return _Finder(text, catalogue).find()


def _as_given(citation: FoundCitation, text: str, clean: NormalisedText) -> FoundCitation:
    """``citation`` with spans and words of the text before it was normalised."""
    start, end = clean.locate(*citation.span)
    quote = citation.quote
    if quote is not None:
        place = clean.locate(*quote.span)
        quote = FoundQuote(text[slice(*place)], place)
    return FoundCitation(
        text[start:end],
        (start, end),
        citation.title,
        citation.title_kind,
        citation.number,
        citation.units,
        citation.form,
        citation.place,
        citation.document_number,
        citation.full_title,
        citation.edition,
        citation.former,
        quote,
    )


class _Cover:
    """Whether a place lies inside one of some stretches: 《关于〈刑法〉第三十条的解释》 cites nothing."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        self._starts, self._ends = [], []
        for start, end in stretches:
            self._starts.append(start)
            self._ends.append(end)

    def end_of(self, place: int) -> int | None:
        i = bisect_right(self._starts, place) - 1
        return self._ends[i] if i >= 0 and place < self._ends[i] else None


class _Finder:
    """One pass over one clean text."""

    def __init__(self, text: str, catalogue: TitleCatalogue | None) -> None:
        self._text = text
        self._catalogue = catalogue
        self._quoted = find_quoted_titles(text)
        self._documents = find_document_numbers(text)
        self._document_starts = [document.start for document in self._documents]
        self._quotes = Quotes(text)
        self._reader = NameReader.of(text, self._quoted, self._documents, catalogue)
        self._named: list[tuple[int, int]] = []
        """Stretches of names that articles bear: their titles are no works of their own."""
        self._used: set[int] = set()
        """Document numbers that stand beside a title."""

    def find(self) -> list[FoundCitation]:
        found = list(self._find_articles())
        spans = sorted({citation.span for citation in found} | set(self._named))
        found += self._find_places(_Cover(_merge(spans)))
        found += self._find_works()
        found += self._find_documents()
        found.sort(key=lambda citation: citation.span)
        return found

    def _find_articles(self) -> Iterator[FoundCitation]:
        text = self._text
        inside = _Cover((title.start, title.end) for title in self._quoted)
        budget = MAX_EXPANDED
        position = 0
        while match := START.search(text, position):
            start = match.start()
            if (end := inside.end_of(start)) is not None:
                position = end
                continue
            elements, reached = read_elements(text, start)
            position = max(reached, match.end(), start + 1)
            if not elements:
                continue
            name = self._reader.read(text, elements[0].start)
            if not elements[0].has_ordinal and not _touches(text, name, elements[0].start):
                elements = list(dropwhile(lambda element: not element.has_ordinal, elements))
                if not elements:
                    continue
                name = Name(elements[0].start, elements[0].start, None, TitleKind.NONE)
            if name.kind is TitleKind.NONE and self._is_no_article(elements):
                continue
            citations = list(self._expand(name, elements, budget))
            budget -= max(len(citations) - len(elements), 0)
            yield from citations

    @cached_property
    def _counts(self) -> list[tuple[int, int]]:
        return find_counts(self._text)

    def _is_no_article(self, elements: list[Element]) -> bool:
        """True for 第N条 without a work that counts something else or opens an item."""
        last = elements[-1]
        if last.units:
            return False
        if counts_things(self._text, elements[0].start, last.end):
            return True
        if len(elements) > 1:
            return False
        names_nothing = not (self._quoted or self._named)
        return (names_nothing and opens_item(self._text, last)) or is_counted_before(self._counts, last)

    def _expand(self, name: Name, elements: list[Element], budget: int) -> Iterator[FoundCitation]:
        """One citation per article, ranges filled in."""
        text = self._text
        number = None
        edition, former = None, False
        if name.title is not None and name.kind is not TitleKind.RELATIVE:
            edition, former = find_edition(text, name, elements[0].start)
            number = self._document_between(name.end, elements[0].start)
            self._named.append((name.start, name.end))
        elif name.kind is TitleKind.NUMBER:
            number = self._document_between(name.start, name.end)
        quote = self._quotes.after(elements[-1].end) or self._quotes.before(name.start)

        def cite(
            start: int, end: int, article: tuple[int, int], units: tuple[CitedUnit, ...]
        ) -> FoundCitation:
            return FoundCitation(
                text[start:end],
                (start, end),
                name.title,
                name.kind,
                article,
                units,
                CitationForm.ARTICLE,
                None,
                number if start == name.start or name.kind is TitleKind.NUMBER else None,
                name.full_title,
                edition,
                former,
                quote,
            )

        for i, element in enumerate(elements):
            following = elements[i + 1] if i + 1 < len(elements) else None
            start = name.start if i == 0 else element.start
            end = element.end
            if element.is_range_end and i:
                start = elements[i - 1].start  # the whole range, without the title
                for between in fill_range(elements[i - 1].number, element.number, budget):
                    budget -= 1
                    yield cite(start, end, between, ())
            if following and following.is_range_end:
                end = following.end
            yield cite(start, end, element.number, element.units)

    def _find_places(self, taken: _Cover) -> Iterator[FoundCitation]:
        inside = _Cover((title.start, title.end) for title in self._quoted)
        for one in find_places(self._text):
            if one.place.base is PlaceBase.HERE and not one.units:
                continue  # 本条 alone says where it stands and cites nothing
            if not one.units and counts_things(self._text, one.start, one.end):
                continue
            if inside.end_of(one.start) is None and taken.end_of(one.start) is None:
                yield FoundCitation(
                    self._text[one.start : one.end],
                    (one.start, one.end),
                    None,
                    TitleKind.RELATIVE,
                    None,
                    one.units,
                    CitationForm.PLACE,
                    one.place,
                )

    def _find_works(self) -> Iterator[FoundCitation]:
        taken = _Cover(_merge(sorted(self._named)))
        for title in self._quoted:
            if taken.end_of(title.start) is not None:
                continue
            number, end = self._document_behind(title.end)
            if number is None and not self._reader.is_work(title.title):
                continue
            if _DEFINES.search(self._text, max(title.start - 6, 0), title.start):
                continue
            name = Name(title.start, title.end, title.title, TitleKind.QUOTED)
            edition, former = find_edition(self._text, name, min(title.end + 24, len(self._text)))
            yield FoundCitation(
                self._text[title.start : end],
                (title.start, end),
                title.title,
                TitleKind.QUOTED,
                None,
                (),
                CitationForm.WORK,
                None,
                number,
                self._reader.defined.get(title.title),
                edition,
                former,
            )

    def _find_documents(self) -> Iterator[FoundCitation]:
        inside = _Cover((title.start, title.end) for title in self._quoted)
        for i, document in enumerate(self._documents):
            if i not in self._used and inside.end_of(document.start) is None:
                yield FoundCitation(
                    self._text[document.start : document.end],
                    (document.start, document.end),
                    None,
                    TitleKind.NUMBER,
                    None,
                    (),
                    CitationForm.DOCUMENT,
                    None,
                    document.number,
                )

    def _document_behind(self, end: int) -> tuple[str | None, int]:
        """The document number in brackets straight behind a title, and where the bracket closes."""
        if self._text[end : end + 1] not in ("（", "("):
            return None, end
        number = self._document_between(end, end + 2)
        if number is None:
            return None, end
        close = self._documents[bisect_left(self._document_starts, end)].end
        return number, close + (self._text[close : close + 1] in ("）", ")"))

    def _document_between(self, start: int, end: int) -> str | None:
        """The document number that begins in a stretch behind a title."""
        i = bisect_left(self._document_starts, start)
        if i < len(self._documents) and self._documents[i].start < end:
            self._used.add(i)
            document: DocumentNumber = self._documents[i]
            return document.number
        return None


def _touches(text: str, name: Name, start: int) -> bool:
    """True when a name stands straight before ``start``, so that 第 may be missing."""
    if name.kind in (TitleKind.NONE, TitleKind.UNKNOWN):
        return False
    between = text[name.end : start].strip()
    # 民法典的1260条 counts them, 民法典的一千零七十九条 is how people say it.
    return not between or (between == "的" and text[start] not in "0123456789")


def _merge(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Stretches in order that do not overlap."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is not None and start < current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current
