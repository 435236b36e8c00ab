"""Every answer that ships, in every branch and channel and part by part, leaves the door whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from kb.answer.ask_shelf import SampleAnswer
from kb.answer.ask_standard import Draft, draft_answer, keep_slots
from kb.answer.basis import BasisFinder, BasisState
from kb.answer.holdings import BundleHoldings
from kb.answer.reading import load_shipped
from kb.answer.rest_days import load_rest_days
from kb.answer.verifier import verify_reply
from kb.answer.wording_reply import write_reply
from kb.domain.answers import SCRIPT_MAX, StandardAnswer
from kb.domain.ask import Channel, SegmentKind
from kb.domain.works import WorkBundle
from tests.answer.small_answers import TODAY

PARTS = (
    (SegmentKind.LIMIT, SegmentKind.TIME_LIMIT),
    (SegmentKind.MATERIAL, SegmentKind.EVIDENCE),
    (SegmentKind.COMPETENT, SegmentKind.WHERE),
    (SegmentKind.AMOUNT,),
    (SegmentKind.STEP, SegmentKind.ROUTE),
    (SegmentKind.EXCEPTION,),
    (SegmentKind.CONDITION,),
    (SegmentKind.QUOTE,),
)
UNVERIFIED = "本库未收录原文，未核验"


@pytest.fixture(scope="module")
def shelf(installed_bundles: tuple[WorkBundle, ...]) -> list[SampleAnswer]:
    """What of the shipped answers the default corpus carries."""
    finder = BasisFinder(BundleHoldings(installed_bundles), TODAY)
    found = [(one, tuple(finder.find(basis) for basis in one.basis)) for one in load_shipped()]
    return [
        SampleAnswer(answer, basis, servable=True)
        for answer, basis in found
        if all(one.state in (BasisState.IN_FORCE, BasisState.WAITING) for one in basis)
        and any(one.state is BasisState.IN_FORCE for one in basis)
    ]


def facts_of(answer: StandardAnswer) -> Iterator[dict[str, str]]:
    """Nothing known, each gate answered in every way, and all of them in every way."""
    yield {}
    for gate in answer.gates:
        yield from ({gate.id: choice.id} for choice in gate.choices)
    for chosen in itertools.product(*(gate.choices for gate in answer.gates)):
        yield {gate.id: choice.id for gate, choice in zip(answer.gates, chosen, strict=True)}


def drafts_of(published: SampleAnswer, channel: Channel) -> Iterator[tuple[str, Draft]]:
    for facts in facts_of(published.answer):
        whole = draft_answer(published, facts, (), TODAY, channel, load_rest_days())
        yield f"{published.answer.id} {facts}", whole
        for kinds in PARTS:
            yield f"{published.answer.id} {facts} {kinds[0]}", keep_slots(whole, kinds, published)


@pytest.mark.parametrize("channel", list(Channel))
def test_whatever_is_asked_of_it_leaves_whole(shelf: list[SampleAnswer], channel: Channel) -> None:
    assert len(shelf) >= 300
    refused = []
    long = []
    silent = []
    for published in shelf:
        for place, draft in drafts_of(published, channel):
            checked = verify_reply(draft.segments, draft.citations, draft.sources, TODAY)
            if checked.refused:
                refused.append((place, checked.refused))
            text = write_reply(channel, checked.segments, checked.citations, draft.ask_back, draft.retold, [])
            if channel is Channel.HOTLINE and len(text) > SCRIPT_MAX:
                long.append((place, len(text)))
            if not text.strip() or published.answer.urgent not in text:
                silent.append(place)
    assert refused == []
    assert long == []
    assert silent == []


def test_a_basis_that_waits_is_never_named_without_saying_so(shelf: list[SampleAnswer]) -> None:
    unmarked = []
    for published in shelf:
        draft = draft_answer(published, {}, (), TODAY, Channel.CITIZEN, load_rest_days())
        for one in draft.citations:
            if not one.verified and (one.verdict_label != UNVERIFIED or one.text or one.effective_from):
                unmarked.append((published.answer.id, one.key))
        if any(not one.verified for one in draft.citations):
            assert any(UNVERIFIED in notice for notice in draft.notices)
    assert unmarked == []
