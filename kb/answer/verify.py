"""Check every citation of a text: is it law today, was it ever, do the quoted words stand there?"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.answer.verify_judging import HOME_REGION, Judging, judge
from kb.answer.verify_shelf import Shelf, StoreShelf
from kb.answer.verify_types import VERDICT_LABELS, CheckedCitation, Verdict
from kb.clock import today
from kb.errors import BadInputError
from kb.search.request import EARLIEST_DAY, LATEST_DAY
from kb.store.database import Database
from kb.store.works import title_catalogue
from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases
from kb.text.citations import (
    NOWHERE,
    CitationForm,
    FoundCitation,
    ReadingContext,
    ResolvedCitation,
    find_references,
    resolve_references,
)

__all__ = [
    "MAX_CHARS",
    "MAX_CITATIONS",
    "VERDICT_LABELS",
    "CheckedCitation",
    "CitationVerifier",
    "Verdict",
    "verify_text",
]

MAX_CHARS = 1_000_000
MAX_CITATIONS = 20_000


@dataclass(frozen=True)
class _Known:
    titles: dict[str, tuple[str, ...]]
    catalogue: TitleCatalogue


class CitationVerifier:
    """The door for checking texts against a store; safe to call from several threads.

    The catalogue of titles is kept for as long as the titles in the store are the same.
    """

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self._database = database
        self._known: _Known | None = None
        self._lock = threading.Lock()

    def verify(
        self,
        text: str,
        as_of: dt.date | None = None,
        *,
        context: ReadingContext = NOWHERE,
        region: str = HOME_REGION,
        max_chars: int = MAX_CHARS,
        max_citations: int = MAX_CITATIONS,
    ) -> list[CheckedCitation]:
        """Every citation of ``text`` with its verdict on the day ``as_of`` (default today in Asia/Shanghai).

        Raises:
            BadInputError: ``text_too_long``, ``too_many_citations`` or ``as_of_out_of_range``.
        """
        if len(text) > max_chars:
            raise BadInputError(
                "text_too_long",
                f"文字太长：{len(text)} 个字，最多 {max_chars} 个字",
                place="text",
                way_out="请分成几段核对",
            )
        day = as_of or today()
        if not EARLIEST_DAY <= day <= LATEST_DAY:
            raise BadInputError(
                "as_of_out_of_range",
                f"日期 {day} 超出范围",
                place="as_of",
                way_out=f"请给出 {EARLIEST_DAY} 到 {LATEST_DAY} 之间的日期",
            )
        with self._database.reading() as connection:
            catalogue = self._read_catalogue(title_catalogue(connection))
            resolved = find_and_resolve(text, catalogue, context)
            if len(resolved) > max_citations:
                raise BadInputError(
                    "too_many_citations",
                    f"文中有 {len(resolved)} 处引用，一次最多核对 {max_citations} 处",
                    place="text",
                    way_out="请分成几段核对",
                )
            return judge_all(resolved, Judging(StoreShelf(connection), day, region))

    def _read_catalogue(self, titles: dict[str, tuple[str, ...]]) -> TitleCatalogue:
        with self._lock:
            if self._known is None or self._known.titles != titles:
                built = TitleCatalogue.build(add_aliases(titles, read_aliases()))
                self._known = _Known(titles, built)
            return self._known.catalogue


def verify_text(
    text: str,
    as_of: dt.date,
    shelf: Shelf,
    catalogue: TitleCatalogue,
    *,
    context: ReadingContext = NOWHERE,
    region: str = HOME_REGION,
) -> list[CheckedCitation]:
    """As ``CitationVerifier.verify`` over any shelf and catalogue."""
    return judge_all(find_and_resolve(text, catalogue, context), Judging(shelf, as_of, region))


def find_and_resolve(
    text: str, catalogue: TitleCatalogue, context: ReadingContext = NOWHERE
) -> list[ResolvedCitation]:
    """The citations of ``text``, those inside a quotation read as the law that is quoted reads them.

    Places that lead nowhere (前款 of a text that is no article) are left out: they cite nothing.
    """
    found = find_references(text, catalogue)
    quotes = [one.quote.span for one in found if one.quote is not None]
    inside = _inside(found, quotes)
    outer = [one for i, one in enumerate(found) if i not in inside]
    resolved = resolve_references(outer, catalogue, text, context)
    by_quote = {one.found.quote.span: one for one in reversed(resolved) if one.found.quote is not None}
    by_span: dict[tuple[int, int], list[FoundCitation]] = {}
    for i, span in inside.items():
        by_span.setdefault(span, []).append(found[i])
    for span, citing in by_quote.items():
        if quoted := by_span.get(span):
            within = ReadingContext(citing.work_id, number=citing.number)
            resolved += resolve_references(quoted, catalogue, text, within)
    resolved = [one for one in resolved if one.found.form is not CitationForm.PLACE or one.number is not None]
    return sorted(resolved, key=lambda one: one.found.span)


def _inside(found: Sequence[FoundCitation], quotes: Sequence[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Index of each citation that stands in a quotation -> span of that quotation; both in order of place."""
    inside: dict[int, tuple[int, int]] = {}
    spans = sorted(set(quotes))
    at = 0
    for i, one in enumerate(found):
        while at < len(spans) and spans[at][1] <= one.span[0]:
            at += 1
        if at < len(spans) and spans[at][0] <= one.span[0] and one.span[1] <= spans[at][1]:
            inside[i] = spans[at]
    return inside


def judge_all(resolved: Sequence[ResolvedCitation], judging: Judging) -> list[CheckedCitation]:
    """Verdicts in order. A quotation behind a list of articles need stand in one of them only."""
    checked = [judge(one, judging) for one in resolved]
    quotes = [one.found.quote.span if one.found.quote else None for one in resolved]
    matched = {
        span
        for span, one in zip(quotes, checked, strict=True)
        if span is not None and one.provision_text and one.verdict is not Verdict.QUOTE_DIFFERS
    }
    without = [
        judge(replace(one, found=replace(one.found, quote=None)), judging)
        if span in matched and result.verdict is Verdict.QUOTE_DIFFERS
        else result
        for one, span, result in zip(resolved, quotes, checked, strict=True)
    ]
    return without
