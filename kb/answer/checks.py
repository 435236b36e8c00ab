"""Check a standard answer by machine: its basis is law today, and every number stands in that basis."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.answer.basis import BasisFinder, BasisState, FoundBasis, parse_label
from kb.answer.checks_shape import check_shape
from kb.answer.hotlines import HOTLINES
from kb.answer.numbers import Measure, Quantity, find_quantities, leftover_digits, missing_quantities
from kb.answer.parts import all_slots, limit_words, retold_texts, slot_sources, stated_texts
from kb.answer.problems import Level, Problem
from kb.answer.wording import copied_run, named_articles, named_laws, short_title
from kb.domain.answers import Amount, StandardAnswer
from kb.text.catalogue import title_key
from kb.text.numerals import format_article_label

SOON = dt.timedelta(days=366)
"""A basis that changes within this time is pointed out."""

_STATE_CODES = {
    BasisState.WAITING: "basis_waiting",
    BasisState.WORK_UNKNOWN: "basis_work_unknown",
    BasisState.NOT_DEFAULT: "basis_not_default",
    BasisState.LABEL_UNREADABLE: "basis_label_unreadable",
    BasisState.NO_ARTICLE: "basis_article_missing",
    BasisState.NO_UNIT: "basis_unit_missing",
    BasisState.NOT_IN_FORCE: "basis_not_in_force",
}
_LAW_END = re.compile(r"(?:法典|法(?![典律院庭官人定制规网治援])|条例)(?!》)")


@dataclass(frozen=True)
class _Ground:
    """What the answer stands on: its basis as found, by key."""

    found: tuple[FoundBasis, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Cited texts that are in force."""
        return tuple(one.text for one in self.found if one.state is BasisState.IN_FORCE)

    @property
    def waits(self) -> bool:
        """Whether a basis cannot be read yet."""
        return any(one.state is BasisState.WAITING for one in self.found)

    def get(self, key: str) -> FoundBasis | None:
        """The basis with this key."""
        return next((one for one in self.found if one.basis.key == key), None)


def check_answer(answer: StandardAnswer, finder: BasisFinder) -> tuple[Problem, ...]:
    """Everything that is wrong with one answer, by field; ``checks_together`` compares answers.

    Pure but for what ``finder`` reads. Level WAITING marks what cannot be told before a work is ingested.
    """
    ground = _Ground(tuple(finder.find(basis) for basis in answer.basis))
    return (
        *check_shape(answer),
        *_check_basis(ground, finder.as_of),
        *_check_keys(answer),
        *_check_numbers(answer, ground),
        *_check_retold(answer),
        *_check_citations(answer, finder),
        *_check_phones(answer),
        *_check_copied(answer, ground),
    )


def _check_basis(ground: _Ground, as_of: dt.date) -> Iterator[Problem]:
    for i, found in enumerate(ground.found):
        place = f"basis[{i}]"
        if found.state is not BasisState.IN_FORCE:
            level = Level.WAITING if found.state is BasisState.WAITING else Level.ERROR
            yield Problem(_STATE_CODES[found.state], found.why, place, level)
            continue
        if found.changes_on is not None and found.changes_on <= as_of + SOON:
            message = f"《{found.basis.title}》{found.basis.label}自{found.changes_on}起有新文本，请一并核对"
            yield Problem("basis_changes_soon", message, place, Level.NOTE)
        extra = missing_quantities(found.basis.says, [*ground.texts])
        for quantity in extra:
            yield _unsupported(quantity, f"{place}.says", [found.text], Level.ERROR)


def _check_keys(answer: StandardAnswer) -> Iterator[Problem]:
    keys = [basis.key for basis in answer.basis]
    if not keys:
        yield Problem("basis_none", "没有法律依据（basis）", "basis")
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem("basis_key_repeated", f"依据编号 {key} 用了两次", "basis")
    cited = [(title_key(basis.title), parse_label(basis.label) or basis.label) for basis in answer.basis]
    for i, one in enumerate(cited):
        if one in cited[:i]:
            basis = answer.basis[i]
            yield Problem("basis_repeated", f"《{basis.title}》{basis.label}列了两次", f"basis[{i}]")
    used: dict[str, str] = {}
    for place, slots in all_slots(answer):
        used.update((key, f"{place}.support") for key in slots.support)
        used.update((one.basis, f"{place}.time_limits[{i}]") for i, one in enumerate(slots.time_limits))
        used.update((one.basis, f"{place}.amounts[{i}]") for i, one in enumerate(slots.amounts))
        if not slots.support and not answer.branches:
            yield Problem("support_missing", "support 要列出结论所依据的编号（如 [b1]）", f"{place}.support")
    for key, place in used.items():
        if key not in keys:
            yield Problem("basis_key_unknown", f"basis 里没有编号 {key}", place)
    for i, key in enumerate(keys):
        if key not in used:
            message = f"依据 {key} 没有被用到：写进 support，或写进期限、金额的 basis"
            yield Problem("basis_unused", message, f"basis[{i}]")


def _check_numbers(answer: StandardAnswer, ground: _Ground) -> Iterator[Problem]:
    level = Level.WAITING if ground.waits else Level.ERROR
    dated = [
        text
        for _, slots in all_slots(answer)
        for amount in slots.amounts
        if amount.source
        for text in (amount.value, f"{amount.year}年")
    ]
    for place, text in stated_texts(answer):
        for quantity in missing_quantities(text, [*ground.texts, *dated]):
            yield _unsupported(quantity, place, ground.texts, level)
    for place, slots in all_slots(answer):
        for i, limit in enumerate(slots.time_limits):
            yield from _check_figure(limit_words(limit), limit.basis, f"{place}.time_limits[{i}]", ground)
        for i, amount in enumerate(slots.amounts):
            yield from _check_amount(amount, f"{place}.amounts[{i}]", ground)


def _check_amount(amount: Amount, place: str, ground: _Ground) -> Iterator[Problem]:
    given = (amount.year is not None, bool(amount.source), amount.usable_until is not None)
    if any(given):
        if not all(given):
            yield Problem("amount_undated", "按年变化的金额要同时写 year、source 和 usable_until", place)
        return
    yield from _check_figure(amount.value, amount.basis, place, ground)


def _check_figure(written: str, key: str, place: str, ground: _Ground) -> Iterator[Problem]:
    """A limit or an amount must stand in the very provision that it names."""
    found = ground.get(key)
    if found is None or found.state not in (BasisState.IN_FORCE, BasisState.WAITING):
        return
    if found.state is BasisState.WAITING:
        message = f"“{written}”要等收录《{found.basis.title}》后核对"
        yield Problem("number_waiting", message, place, Level.WAITING)
        return
    rules = [text for text in ground.texts if "工作日" in text]
    for quantity in missing_quantities(written, [found.text]):
        daily = quantity.measure is not Measure.WORKING_DAY
        if daily or missing_quantities(written, [found.text, *rules]):
            yield _unsupported(quantity, place, [found.text], Level.ERROR)


def _unsupported(quantity: Quantity, place: str, sources: Sequence[str], level: Level) -> Problem:
    near = dict.fromkeys(
        one.written for text in sources for one in find_quantities(text) if one.measure is quantity.measure
    )
    hint = f"依据里的同类数字：{'、'.join(near)}" if near else "依据里没有同类数字"
    code = "number_waiting" if level is Level.WAITING else "number_unsupported"
    return Problem(code, f"“{quantity.written}”在所引条文里找不到（{hint}）", place, level)


def _check_retold(answer: StandardAnswer) -> Iterator[Problem]:
    """Scripts and 普法 say nothing that the slots do not say."""
    for place, text, slots in retold_texts(answer):
        sources = [*slot_sources(slots), answer.urgent]
        if place == "script":
            sources += [gate_text for where, gate_text in stated_texts(answer) if where.startswith("gates")]
        for quantity in missing_quantities(text, sources):
            near = dict.fromkeys(
                one.written
                for source in sources
                for one in find_quantities(source)
                if one.measure is quantity.measure
            )
            hint = f"要点里的同类数字：{'、'.join(near)}" if near else "要点里没有同类数字"
            message = f"“{quantity.written}”不在答案要点里（{hint}）"
            yield Problem("number_not_in_slots", message, place)


def _check_citations(answer: StandardAnswer, finder: BasisFinder) -> Iterator[Problem]:
    numbers = {parsed[0] for basis in answer.basis if (parsed := parse_label(basis.label))}
    titles = {short_title(basis.title) for basis in answer.basis}
    works = [finder.titles.by_title(basis.title) for basis in answer.basis]
    held = {work.id for work in works if work is not None}
    texts = [*stated_texts(answer), *((place, text) for place, text, _ in retold_texts(answer))]
    for place, text in texts:
        named = [*named_laws(text), *_bare_titles(text, finder)]
        for title in dict.fromkeys(named):
            ids = finder.catalogue.lookup(title)
            if short_title(title) not in titles and not (ids and set(ids) <= held):
                yield Problem("citation_not_in_basis", f"提到的《{title}》不在依据里", place)
        for number in named_articles(text):
            if number not in numbers:
                label = format_article_label(number)
                yield Problem("citation_not_in_basis", f"提到的{label}不在依据里", place)


def _bare_titles(text: str, finder: BasisFinder) -> list[str]:
    """Laws that are named without 《》 by a name that is known whole: 依照民法典, 合同法规定."""
    found = []
    for match in _LAW_END.finditer(text):
        start = finder.catalogue.find_name_before(text, match.end())
        if start is not None:
            found.append(text[start : match.end()])
    return found


def _check_phones(answer: StandardAnswer) -> Iterator[Problem]:
    texts = [*stated_texts(answer), *((place, text) for place, text, _ in retold_texts(answer))]
    for place, text in texts:
        for digits in leftover_digits(text):
            if digits not in HOTLINES:
                message = f"“{digits}”既不是带单位的数字，也不是核对过的公共服务电话"
                yield Problem("digits_unknown", message, place)


def _check_copied(answer: StandardAnswer, ground: _Ground) -> Iterator[Problem]:
    texts = [*stated_texts(answer), *((place, text) for place, text, _ in retold_texts(answer))]
    whole = [one.loaded.provision.text for one in ground.found if one.loaded]
    for place, text in texts:
        if run := copied_run(text, whole):
            yield Problem("text_copied", f"照抄了条文，请用自己的话说：“{run[:24]}…”", place)


def waiting_works(answers: Iterable[StandardAnswer], finder: BasisFinder) -> dict[str, tuple[str, ...]]:
    """Titles of works that answers wait for, most wanted first, each with the ids of those answers."""
    waiting: dict[str, dict[str, None]] = {}
    for answer in answers:
        for basis in answer.basis:
            if finder.find(basis).state is BasisState.WAITING:
                waiting.setdefault(basis.title, {})[answer.id] = None
    return {
        title: tuple(ids)
        for title, ids in sorted(waiting.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    }


def waiting_keys(answer: StandardAnswer, finder: BasisFinder) -> frozenset[str]:
    """Keys of the basis that cannot be verified yet; ``rendering.render`` shows them as such."""
    return frozenset(basis.key for basis in answer.basis if finder.find(basis).state is BasisState.WAITING)
