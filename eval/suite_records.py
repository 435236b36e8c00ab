"""Cases drawn from the standard answers themselves: each in every branch, channel and repetition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eval.suite_cases import CaseSource, Judging, Suite, SuiteCase, load_cases, quick_part
from kb.answer.ask_reading import answer_choice, gate_choice
from kb.domain.answers import Branch, StandardAnswer

PLAIN = "请问这件事该怎么办？"
"""Said with a choice. Titles and questions may themselves state the fact that a gate asks."""
IN_ITS_WORDS = ":question"
"""Ends the id of a gates case that asks in the answer's own words instead."""


def collect_cases(suite: Suite, records: Iterable[StandardAnswer], *, quick: bool = False) -> list[SuiteCase]:
    """The cases of a suite, from its file or from ``records``. Raises as ``load_cases`` does."""
    kept = list(records)
    if suite.source is CaseSource.FILE:
        cases = load_cases(suite, (one.id for one in kept))
    else:
        cases = [case for record in kept for case in _draw(suite.judging, record)]
    return quick_part(cases, suite.quick_groups if quick else 0)


def _draw(judging: Judging, record: StandardAnswer) -> Iterator[SuiteCase]:
    if judging is Judging.REPEAT:
        yield SuiteCase(record.id, record.id, record.question, answers=(record.id,))
        return
    if judging is Judging.GATES and not record.gates:
        return
    asked = record.gates[0].ask if record.gates else ""
    yield _case(record, record.id, (answer_choice(record.id),), asked)
    if judging is Judging.GATES:
        id_ = record.id + IN_ITS_WORDS
        yield SuiteCase(id_, record.id, record.question, record.topic, (record.id,), expected=asked)
    for number, branch in enumerate(record.branches, start=1):
        yield _case(record, f"{record.id}:{number}", _choices(record, branch), branch.slots.conclusion)


def _case(record: StandardAnswer, id_: str, choices: tuple[str, ...], expected: str) -> SuiteCase:
    right = (record.id,)
    return SuiteCase(id_, record.id, PLAIN, record.topic, right, choices=choices, expected=expected)


def _choices(record: StandardAnswer, branch: Branch) -> tuple[str, ...]:
    return tuple(gate_choice(record.id, gate, choice) for gate, choice in branch.when.items())
