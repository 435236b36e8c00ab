"""Votes of near questions, worked by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from kb.domain.bank import BankQuestion, BankSource, BankTarget, CitedProvision
from kb.domain.works import point_id
from kb.encode.vectors import FloatArray
from kb.index.protocol import IndexFilter
from kb.search.bank import Neighbour, QuestionBank, VoteSettings, cast_votes, serving_version

WAGES, LEAVE = CitedProvision("劳动法", "第五十条"), CitedProvision("劳动合同法", "第三十八条")
START, CHANGE, END = dt.date(2008, 1, 1), dt.date(2020, 1, 1), dt.date(9999, 12, 31)


def target(cite: CitedProvision, *versions: tuple[dt.date, dt.date, str]) -> BankTarget:
    return BankTarget(cite.label, cite.title, "statute", "全国", "社会法", versions or ((START, END, "v1"),))


TARGETS = {WAGES: target(WAGES), LEAVE: target(LEAVE)}


def ask(text: str, *cites: CitedProvision, source: BankSource = BankSource.PROVISION) -> BankQuestion:
    return BankQuestion(text, source, "owner", cites)


def unit(*values: float) -> FloatArray:
    vector = np.array(values, np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def test_nearest_questions_come_first_and_ties_in_bank_order() -> None:
    vectors = np.stack([unit(0, 1), unit(1, 1), unit(1, 0), unit(1, 1)])
    bank = QuestionBank([ask("甲"), ask("乙"), ask("丙"), ask("丁")], vectors, {})
    assert [one.question.text for one in bank.nearest(unit(1, 0), 3)] == ["丙", "乙", "丁"]


def test_a_source_can_be_asked_alone() -> None:
    vectors = np.stack([unit(1, 0), unit(0, 1)])
    bank = QuestionBank([ask("甲"), ask("乙", source=BankSource.ANSWER)], vectors, {})
    assert [one.question.text for one in bank.nearest(unit(1, 0), 5, BankSource.ANSWER)] == ["乙"]
    assert bank.nearest(unit(1, 0), 5, BankSource.LABELLED) == ()


def test_an_empty_bank_answers_with_nothing() -> None:
    assert QuestionBank((), np.zeros((0, 1), np.float32), {}).nearest(unit(1, 0), 5) == ()


def test_votes_weigh_nearness_and_are_shared() -> None:
    settings = VoteSettings(floor=0.5, power=2.0)
    near = [
        Neighbour(ask("甲", WAGES), 0.9, (TARGETS[WAGES],)),
        Neighbour(ask("乙", WAGES, LEAVE), 0.75, (TARGETS[WAGES], TARGETS[LEAVE])),
        Neighbour(ask("丙", LEAVE), 0.5, (TARGETS[LEAVE],)),  # at the floor: no say
    ]
    votes = cast_votes(near, IndexFilter(as_of=CHANGE), settings)
    assert [one.provision_id for one in votes] == ["第五十条", "第三十八条"]
    # 0.8² + 0.5² / √2, and 0.5² / √2
    assert [one.score for one in votes] == pytest.approx([0.64 + 0.25 / 2**0.5, 0.25 / 2**0.5], abs=1e-6)
    assert votes[0].id == point_id("第五十条", "v1")


def test_the_version_of_the_day_is_voted_for() -> None:
    old_and_new = target(WAGES, (START, CHANGE, "old"), (CHANGE, END, "new"))
    assert serving_version(old_and_new, IndexFilter(as_of=dt.date(2019, 12, 31))) == "old"
    assert serving_version(old_and_new, IndexFilter(as_of=CHANGE)) == "new"
    assert serving_version(old_and_new, IndexFilter()) == "new"
    assert serving_version(old_and_new, IndexFilter(as_of=dt.date(2000, 1, 1))) is None


def test_filters_hold_for_votes() -> None:
    near = [Neighbour(ask("甲", WAGES), 0.9, (TARGETS[WAGES],))]
    assert cast_votes(near, IndexFilter(as_of=CHANGE, kinds=("guide",))) == []
    assert cast_votes(near, IndexFilter(as_of=CHANGE, regions=("北京市",))) == []
    assert cast_votes(near, IndexFilter(as_of=CHANGE, topics=("社会法",), kinds=("statute",))) != []


def test_shipped_questions_can_be_read(tmp_path: Path) -> None:
    from kb.text.question_files import parse_question_file

    text = "title: 中华人民共和国劳动法\ntopic: 劳动\nquestions:\n  第五十条:\n    - 老板不发工资怎么办\n"
    (one,) = parse_question_file("labour.yaml", text)
    assert one.cites == (CitedProvision("中华人民共和国劳动法", "第五十条"),)
    assert (one.topic, one.owner, one.source) == ("劳动", "labour.yaml", BankSource.PROVISION)


@pytest.mark.parametrize(
    "text",
    [
        "title: 劳动法\nquestions: {}\n",
        "title: 劳动法\ntopic: 天气\nquestions: {}\n",
        "title: 劳动法\ntopic: 劳动\nquestions: [甲]\n",
        "title: 劳动法\ntopic: 劳动\nquestions: {第五十条: 甲}\n",
        "title: [\n",
    ],
)
def test_a_bad_file_is_named(text: str) -> None:
    from kb.errors import SourceError
    from kb.text.question_files import parse_question_file

    with pytest.raises(SourceError, match="questions_malformed") as told:
        list(parse_question_file("bad.yaml", text))
    assert "bad.yaml" in told.value.place
