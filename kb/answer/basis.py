"""The provision behind a basis of an answer on a given day, or why there is none."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from kb.answer.holdings import Holdings, TitleIndex
from kb.domain.answers import AnswerBasis
from kb.store.rows import LoadedProvision
from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases, title_key
from kb.text.citations_articles import read_elements
from kb.text.citations_types import CitedUnit
from kb.text.numerals import format_article_label
from kb.text.units import find_unit

_EMPTY_TEXT = re.compile(r"\s*[（(【]?(?:本条)?已?(?:删去|删除|废止)[）)】]?[。.]?\s*")


class BasisState(StrEnum):
    """Whether a basis carries an answer."""

    IN_FORCE = "in_force"
    WAITING = "waiting"
    """Its work is not held, and the answer says so (``held: false``)."""
    WORK_UNKNOWN = "work_unknown"
    NOT_DEFAULT = "not_default"
    """Its work is held here, but not by every installation, and the answer does not say so."""
    LABEL_UNREADABLE = "label_unreadable"
    NO_ARTICLE = "no_article"
    NO_UNIT = "no_unit"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True)
class FoundBasis:
    """``text`` is the cited part and ``loaded`` the article with its version, where there is one.

    ``why`` says in Chinese what is wrong, ``changes_on`` the day on which another text takes over.
    """

    basis: AnswerBasis
    state: BasisState
    why: str = ""
    loaded: LoadedProvision | None = None
    text: str = ""
    changes_on: dt.date | None = None


def find_basis(basis: AnswerBasis, holdings: Holdings, titles: TitleIndex, as_of: dt.date) -> FoundBasis:
    """Look ``basis`` up as it stands on the day ``as_of``."""
    parsed = parse_label(basis.label)
    if parsed is None:
        return FoundBasis(
            basis,
            BasisState.LABEL_UNREADABLE,
            f"“{basis.label}”读不出条、款、项，应写成 第三十八条第一款第（二）项 的样子，一条一个依据",
        )
    number, units = parsed
    work = titles.by_title(basis.title)
    if work is None:
        return _unheld(basis, titles)
    texts = holdings.texts(work.id, number)
    article = format_article_label(number)
    if not texts:
        return FoundBasis(basis, BasisState.NO_ARTICLE, f"《{work.title}》没有{article}")
    current = [one for one in texts if one.version.effective_from <= as_of < one.version.effective_to]
    if not current or _EMPTY_TEXT.fullmatch(current[-1].provision.text):
        return FoundBasis(basis, BasisState.NOT_IN_FORCE, _explain_not_in_force(texts[-1], article, as_of))
    loaded = current[-1]
    parts = [_part(loaded.provision.text, unit) for unit in units] or [loaded.provision.text]
    missing = [unit.label for unit, part in zip(units, parts, strict=False) if part is None]
    if missing:
        why = f"《{work.title}》{article}没有{missing[0]}"
        return FoundBasis(basis, BasisState.NO_UNIT, why, loaded)
    later = [one for one in texts if one.version.effective_from > as_of]
    return FoundBasis(
        basis,
        BasisState.IN_FORCE,
        loaded=loaded,
        text="\n".join(part for part in parts if part),
        changes_on=later[0].version.effective_from
        if later and later[0].provision.text != loaded.provision.text
        else None,
    )


def parse_label(label: str) -> tuple[tuple[int, int], tuple[CitedUnit, ...]] | None:
    """(article number, units) of 第三十八条第一款第（二）项; None when it is not exactly one article."""
    elements, end = read_elements(label, 0)
    if len(elements) != 1 or end != len(label) or not elements[0].has_ordinal:
        return None
    return elements[0].number, elements[0].units


def _build_catalogue(holdings: Holdings) -> TitleCatalogue:
    """Every name by which a work is cited, with the ids of the works."""
    names: dict[str, list[str]] = {}
    for work in holdings.works():
        for name in dict.fromkeys((work.title, work.short_title, *work.aliases)):
            if name:
                names.setdefault(name, []).append(work.id)
    return TitleCatalogue.build(
        add_aliases({name: tuple(ids) for name, ids in names.items()}, read_aliases())
    )


def _part(text: str, unit: CitedUnit) -> str | None:
    span = find_unit(text, unit.paragraph, unit.item, unit.point)
    return None if span is None else text[span[0] : span[1]]


def _unheld(basis: AnswerBasis, titles: TitleIndex) -> FoundBasis:
    named = titles.by_name(basis.title)
    if len(named) == 1:
        return FoundBasis(basis, BasisState.WORK_UNKNOWN, f"请写全称《{named[0].title}》")
    if not basis.held:
        return FoundBasis(basis, BasisState.WAITING, f"《{basis.title}》尚未收录，收录前不核验")
    like = titles.like(basis.title)
    hint = (
        f"；相近的有{'、'.join(f'《{one}》' for one in like)}" if like else "；不在默认语料的写 held: false"
    )
    return FoundBasis(basis, BasisState.WORK_UNKNOWN, f"没有收录《{basis.title}》{hint}")


def _explain_not_in_force(last: LoadedProvision, article: str, as_of: dt.date) -> str:
    title = f"《{last.work.title}》"
    if last.version.effective_from > as_of:
        return f"{title}{article}自{last.version.effective_from}起施行，{as_of}尚未生效"
    if last.work.repealed_on is not None and last.work.repealed_on <= as_of:
        successor = f"，由《{last.work.successor}》取代" if last.work.successor else ""
        return f"{title}自{last.work.repealed_on}起废止{successor}"
    return f"{title}{as_of}的文本里没有{article}（最后见于{last.version.version_date}的文本）"


class BasisFinder:
    """Finds basis in one set of holdings on one day; what was found is remembered."""

    def __init__(
        self, holdings: Holdings, as_of: dt.date, default_titles: Collection[str] | None = None
    ) -> None:
        """``default_titles`` are what every installation holds; None when ``holdings`` are just that."""
        self.as_of = as_of
        self._default = None if default_titles is None else {title_key(title) for title in default_titles}
        self.titles = TitleIndex(holdings)
        self.catalogue = _build_catalogue(holdings)
        self._holdings = holdings
        self._found: dict[tuple[str, str, bool], FoundBasis] = {}

    def find(self, basis: AnswerBasis) -> FoundBasis:
        """As ``find_basis``."""
        wanted = (basis.title, basis.label, basis.held)
        if wanted not in self._found:
            self._found[wanted] = find_basis(basis, self._holdings, self.titles, self.as_of)
        found = replace(self._found[wanted], basis=basis)
        if self._default is None or not basis.held or found.state is not BasisState.IN_FORCE:
            return found
        if title_key(basis.title) in self._default:
            return found
        why = f"《{basis.title}》不在默认语料里，这个依据要写 held: false"
        return replace(found, state=BasisState.NOT_DEFAULT, why=why)
