"""Every fault put into the answers is noticed by a measure that is perfect without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eval.mutations import (
    Records,
    break_script,
    drop_basis,
    drop_variants,
    lengthen_limit,
    lose_gate,
    shift_holidays,
    swap_answers,
)
from eval.suite_cases import DeadlineAsked, Judging, SuiteCase, load_cases, load_manifest
from kb.answer.rest_days import load_rest_days
from tests.answer.umbrellas import LATE, PLAIN, REVIEW, SmallWorld
from tests.eval.suite_world import SOUND, make_asking, run_small, variant_cases

Mutate = Callable[[Records], Records]
FAULTS: dict[str, tuple[Mutate, Judging, str]] = {
    "swap": (lambda records: swap_answers(records, PLAIN, REVIEW), Judging.ANSWER, "right"),
    "basis": (lambda records: drop_basis(records, PLAIN, "b2"), Judging.CHANNEL, "citations"),
    "period": (lambda records: lengthen_limit(records, PLAIN), Judging.CHANNEL, "periods_said"),
    "period in law": (lambda records: lengthen_limit(records, PLAIN), Judging.CITATION, "given"),
    "gate": (lambda records: lose_gate(records, LATE), Judging.GATES, "asks"),
    "variants": (lambda records: drop_variants(records, REVIEW), Judging.ANSWER, "right"),
    "script": (
        lambda records: break_script(records, REVIEW, "最迟不要超过四十天。"),
        Judging.CHANNEL,
        "script_said",
    ),
}


def cases_for(judging: Judging) -> list[SuiteCase] | None:
    return variant_cases() if judging is Judging.ANSWER else None


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_noticed(world: SmallWorld, name: str) -> None:
    mutate, judging, measure = FAULTS[name]
    _, sound = run_small(judging, make_asking(world), cases_for(judging))
    _, spoiled = run_small(judging, make_asking(world, mutate(SOUND)), cases_for(judging))
    assert sound[measure].value == 1.0
    assert spoiled[measure].value < 1.0


def test_shifted_holidays_are_noticed() -> None:
    suite = next(one for one in load_manifest() if one.id == "deadline")
    from kb.cli.suites import reckon_with

    rest_days = load_rest_days()
    sound, spoiled = reckon_with(rest_days), reckon_with(shift_holidays(rest_days))
    cases = [one for one in load_cases(suite, []) if one.asked is not None]
    assert all(sound(asked(one)) == one.expected for one in cases)
    assert any(spoiled(asked(one)) != one.expected for one in cases)


def asked(case: SuiteCase) -> DeadlineAsked:
    assert case.asked is not None
    return case.asked


def test_a_fault_in_an_answer_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        lose_gate(SOUND, "no-such")
    assert len({id(one) for one in SOUND} & {id(one) for one in lose_gate(SOUND, LATE)}) == 2
