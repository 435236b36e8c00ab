"""The answers that ship: every one is right by the law in force, as far as a machine can tell."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from kb.answer.basis import BasisFinder, BasisState
from kb.answer.checks import check_answer
from kb.answer.checks_shape import check_guides, check_place, check_together, check_unreviewed
from kb.answer.holdings import BundleHoldings
from kb.answer.problems import Level
from kb.answer.reading import AnswerFile, list_guide_titles, list_shipped, read_answer
from kb.answer.rendering import render
from kb.domain.answers import TOPIC_FOLDERS, TOPICS, RiskClass, StandardAnswer
from kb.domain.works import WorkBundle

CHECKED_ON = dt.date(2026, 11, 22)
"""The law by which the answers were written."""

Shipped = dict[str, tuple[AnswerFile, StandardAnswer]]


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    """Place of the file -> file and answer."""
    return {file.place: (file, read_answer(file)) for file in list_shipped()}


@pytest.fixture(scope="module")
def finder(installed_bundles: tuple[WorkBundle, ...]) -> BasisFinder:
    return BasisFinder(BundleHoldings(installed_bundles), CHECKED_ON)


def test_every_answer_passes_every_check(shipped: Shipped, finder: BasisFinder) -> None:
    guides = list_guide_titles()
    wrong = [
        f"{place} {one.place} [{one.code}] {one.message}"
        for place, (file, answer) in shipped.items()
        for one in (
            *check_place(answer, file.folder, file.stem),
            *check_guides(answer, guides),
            *check_unreviewed(answer),
            *check_answer(answer, finder),
        )
        if one.level is Level.ERROR
    ]
    assert not wrong, "\n".join(wrong)


def test_no_two_answers_share_a_question(shipped: Shipped) -> None:
    found = check_together({place: answer for place, (_, answer) in shipped.items()})
    wrong = [f"{place} [{one.code}] {one.message}" for place, problems in found.items() for one in problems]
    assert not wrong, "\n".join(wrong)


def test_every_answer_and_branch_is_rendered(shipped: Shipped) -> None:
    for place, (_, answer) in shipped.items():
        for branch in answer.branches or (None,):
            done = render(answer, branch)
            assert done.citizen_text, place
            assert done.script, place
            assert done.education, place


def test_an_answer_waits_only_for_works_that_it_names(shipped: Shipped, finder: BasisFinder) -> None:
    for place, (_, answer) in shipped.items():
        for basis in answer.basis:
            state = finder.find(basis).state
            expected = {BasisState.IN_FORCE} if basis.held else {BasisState.WAITING, BasisState.IN_FORCE}
            assert state in expected, f"{place} {basis.title}{basis.label}"


def test_there_are_examples_of_every_shape(shipped: Shipped) -> None:
    answers = [answer for _, answer in shipped.values()]
    risks = Counter(answer.risk for answer in answers)
    assert {RiskClass.ORDINARY, RiskClass.TIME_CRITICAL, RiskClass.PERSONAL_SAFETY} <= risks.keys()
    assert any(answer.gates for answer in answers)
    assert any(not basis.held for answer in answers for basis in answer.basis)


def test_every_topic_has_a_folder() -> None:
    assert list(TOPIC_FOLDERS) == list(TOPICS)
    assert len(set(TOPIC_FOLDERS.values())) == len(TOPICS)
