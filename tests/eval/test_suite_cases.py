"""The files of the suites: read strictly, and what ships is what it says."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from eval.suite_cases import (
    CaseSource,
    Half,
    Judging,
    choose_suites,
    half_of,
    load_cases,
    load_manifest,
    quick_part,
    read_cases,
    read_manifest,
)
from eval.suite_measures import bigrams, jaccard
from eval.suite_summary import MEASURE_LABELS
from kb.answer.reading import load_shipped
from kb.answer.rest_days import load_rest_days
from kb.errors import BadInputError, LawkbError, SourceError

IDS = frozenset(("loans-limitation", "labour-unpaid-wages"))
GOOD = {"id": "1", "group": "g", "question": "问", "answers": ["loans-limitation"]}


def read_one(record: object, judging: Judging = Judging.ANSWER) -> object:
    return read_cases(json.dumps(record).encode(), "x.jsonl", judging, IDS)


def test_a_good_line_is_read() -> None:
    (case,) = read_cases(json.dumps(GOOD).encode() + b"\n\n", "x.jsonl", Judging.ANSWER, IDS)
    assert case.answers == ("loans-limitation",)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({**GOOD, "surprise": 1}, "cases_malformed"),
        ({**GOOD, "question": 5}, "cases_malformed"),
        ({**GOOD, "channel": "radio"}, "cases_malformed"),
        ([GOOD], "cases_malformed"),
        ({**GOOD, "answers": ["no-such"]}, "case_answer_unknown"),
        ({**GOOD, "answers": []}, "case_field_missing"),
        ({**GOOD, "group": ""}, "case_field_missing"),
    ],
)
def test_a_bad_line_is_refused_with_its_place(record: object, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_one(record)
    assert caught.value.code == code
    assert caught.value.place.startswith("x.jsonl:1")


def test_broken_json_and_a_second_id_are_refused() -> None:
    line = json.dumps(GOOD).encode()
    with pytest.raises(SourceError, match="cases_malformed") as caught:
        read_cases(line + b"\n{", "x.jsonl", Judging.ANSWER, IDS)
    assert caught.value.place == "x.jsonl:2"
    with pytest.raises(SourceError, match="case_twice"):
        read_cases(line + b"\n" + line, "x.jsonl", Judging.ANSWER, IDS)


def test_ids_in_turns_are_checked_too() -> None:
    turns = [{"say": "问", "answers": ["no-such"]}]
    with pytest.raises(SourceError, match="case_answer_unknown"):
        read_one({"id": "1", "group": "g", "turns": turns}, Judging.TALK)


MANIFEST = """
suites:
  - id: a
    title: 甲
    measures: 量什么
    judging: scope
    source: file
    size: 1
    origin: 编写
    licence: Apache-2.0
    quick: true
"""


@pytest.mark.parametrize(
    "change",
    [
        ("judging: scope", "judging: guess"),
        ("source: file", "source: records"),
        ("quick: true", "quick: true\n    unknown: 1"),
        ("quick: true", "quick: true\n    targets: [{measure: right}]"),
        ("quick: true", "quick: true\n    targets: [{measure: right, at_least: 1.0, at_most: 1.0}]"),
    ],
)
def test_a_bad_manifest_is_refused(change: tuple[str, str]) -> None:
    assert read_manifest(MANIFEST.encode(), "m")[0].id == "a"
    with pytest.raises(LawkbError, match="suites_invalid"):
        read_manifest(MANIFEST.replace(*change).encode(), "m")


def test_suites_are_chosen_by_name_or_by_speed() -> None:
    suites = load_manifest()
    assert [one.id for one in choose_suites(["safety", "channel"], suites)] == ["channel", "safety"]
    assert len(choose_suites([], suites)) == len(suites)
    assert all(one.quick for one in choose_suites([], suites, quick=True))
    with pytest.raises(BadInputError, match="suite_unknown"):
        choose_suites(["no"], suites)


def test_the_half_is_decided_by_the_group_alone() -> None:
    halves = [half_of(f"g{number}") for number in range(2000)]
    assert 900 < halves.count(Half.TUNE) < 1100
    assert half_of("loans-limitation") is half_of("loans-limitation")


def test_what_ships_can_be_read_and_has_its_size() -> None:
    ids = [one.id for one in load_shipped()]
    for suite in load_manifest():
        assert all(target.measure in MEASURE_LABELS for target in suite.targets)
        if suite.source is CaseSource.FILE:
            cases = load_cases(suite, ids)
            assert {case.half for case in cases} == set(Half)
            assert 0 < len({case.group for case in quick_part(cases, 5)}) == 5


def test_the_sizes_asked_for_are_there() -> None:
    sizes = {suite.id: suite.size for suite in load_manifest()}
    assert sizes["deadline"] >= 100
    assert sizes["out_of_scope"] >= 200
    assert sizes["near_miss"] >= 120
    assert sizes["multi_turn"] >= 40
    safety = load_cases(next(one for one in load_manifest() if one.id == "safety"), [])
    assert sum(case.danger is True for case in safety) >= 150
    assert sum(case.danger is False for case in safety) >= 150


def test_pairs_are_pairs_of_different_answers() -> None:
    suite = next(one for one in load_manifest() if one.id == "near_miss")
    groups: dict[str, list[tuple[str, ...]]] = {}
    for case in load_cases(suite, [one.id for one in load_shipped()]):
        groups.setdefault(case.group, []).append(case.answers)
    assert all(len(pair) == 2 and not set(pair[0]) & set(pair[1]) for pair in groups.values())


def test_paraphrases_share_less_than_half_of_their_bigrams_with_any_indexed_wording() -> None:
    suite = next(one for one in load_manifest() if one.id == "paraphrase")
    records = load_shipped()
    indexed = [bigrams(text) for one in records for text in (one.question, one.title, *one.variants)]
    by_pair: dict[str, set[int]] = {}
    for place, pairs in enumerate(indexed):
        for pair in pairs:
            by_pair.setdefault(pair, set()).add(place)
    cases = load_cases(suite, [one.id for one in records])
    assert len({case.group for case in cases}) >= 150
    for case in cases:
        ours = bigrams(case.question)
        near = set().union(*(by_pair.get(pair, set()) for pair in ours))
        assert all(jaccard(ours, indexed[place]) < 0.5 for place in near), case.question


def test_expected_last_days_keep_the_rules_that_need_no_reckoning() -> None:
    rest_days = load_rest_days()
    suite = next(one for one in load_manifest() if one.id == "deadline")
    for case in load_cases(suite, []):
        assert case.asked is not None
        assert "法" in case.why or "条例" in case.why
        if "小时" in case.asked.length:
            continue
        last = dt.date.fromisoformat(case.expected)
        assert last > dt.date.fromisoformat(case.asked.start)
        assert case.asked.in_custody or not rest_days.is_rest(last), case.id
