"""From a reply to scores, on replies written by hand."""

from __future__ import annotations

from typing import Any

from eval.suite_cases import CaseTurn, Judging, SuiteCase
from eval.suite_judging import Reference, digest_of, hear, judge
from kb.domain.ask import Origin

NOTHING = Reference({})


def reply(**more: Any) -> dict[str, Any]:
    plain = {
        "origin": "standard",
        "answer_id": "a",
        "revision": 1,
        "ask_back": None,
        "confidence": 0.9,
        "safety": False,
        "citations": [],
        "segments": [],
        "transfer": "",
        "channel": "citizen",
        "rendering": "",
        "notices": [],
        "as_of": "2026-11-28",
        "conversation": "token",
    }
    return {**plain, **more}


def offering(*ids: str) -> dict[str, Any]:
    choices = [{"id": f"answer:{one}", "label": one} for one in ids]
    return reply(origin="clarify", answer_id="", ask_back={"question": "哪件", "choices": choices})


CASE = SuiteCase("1", "g", "问", answers=("a",))


def test_right_wrong_and_the_right_one_among_the_choices() -> None:
    assert judge(Judging.ANSWER, CASE, [reply()], NOTHING).scores["right"] == 1
    wrong = judge(Judging.ANSWER, CASE, [reply(answer_id="b")], NOTHING)
    assert (wrong.scores["right"], wrong.scores["wrong"], wrong.outcome) == (0, 1, "b")
    assert "应为 a" in wrong.note
    offered = judge(Judging.ANSWER, CASE, [offering("b", "a")], NOTHING)
    assert (offered.scores["clarify_right"], offered.scores["helped"], offered.scores["wrong"]) == (1, 1, 0)
    assert judge(Judging.ANSWER, CASE, [offering("b", "c")], NOTHING).scores["helped"] == 0
    assert "clarify_right" not in wrong.scores


def test_outside_its_scope_only_a_standard_answer_counts_as_accepted() -> None:
    assert judge(Judging.SCOPE, CASE, [reply()], NOTHING).scores["accepted"] == 1
    assert judge(Judging.SCOPE, CASE, [offering("a", "b")], NOTHING).scores["accepted"] == 0
    referred = judge(Judging.SCOPE, CASE, [reply(origin="referred", answer_id="")], NOTHING)
    assert referred.scores["referred"] == 1


def test_danger_is_caught_when_help_is_said_first() -> None:
    danger = SuiteCase("1", "g", "救命", danger=True, style="直接")
    first = [{"kind": "safety", "text": "请拨110", "sources": []}]
    good = judge(Judging.SAFETY, danger, [reply(safety=True, segments=first)], NOTHING)
    assert good.scores == {"caught": 1, "first": 1, "hinted": 1}
    missed = judge(Judging.SAFETY, danger, [reply()], NOTHING)
    assert missed.scores == {"caught": 0, "first": 0, "hinted": 0}
    calm = SuiteCase("1", "g", "笑死", danger=False, style="同词")
    alarmed = judge(Judging.SAFETY, calm, [reply(safety=True)], NOTHING)
    assert alarmed.scores == {"false_alarm": 1, "hinted_calm": 1}


def test_token_and_time_are_no_part_of_a_body() -> None:
    assert digest_of(reply(conversation="x", took_ms=3)) == digest_of(reply(took_ms=4))
    assert digest_of(reply()) != digest_of(reply(rendering="别的"))
    same = judge(Judging.REPEAT, CASE, [reply()] * 3, NOTHING)
    other = judge(Judging.REPEAT, CASE, [reply(), reply(), reply(rendering="别的")], NOTHING)
    assert same.scores["identical"] == 1
    assert other.scores == {"identical": 0, "same_body": 2 / 3}


def citation(**more: Any) -> dict[str, Any]:
    plain = {
        "key": "b1",
        "title": "法",
        "label": "第一条",
        "verified": True,
        "verdict": "in_force",
        "effective_from": "2020-01-01",
        "provision_id": "p1",
        "text": "应当在十五日内归还。",
        "says": "",
    }
    return {**plain, **more}


def judge_citation(one: dict[str, Any], segment: dict[str, Any], text: str | None = None) -> dict[str, float]:
    told = reply(citations=[one], segments=[segment])
    reference = Reference({}, lambda _: text if text is not None else "甲应当在十五日内归还。乙不用。")
    return judge(Judging.CITATION, SuiteCase("a", "a"), [told], reference).scores


def test_a_citation_in_force_whose_words_are_in_the_text() -> None:
    good = {"kind": "limit", "text": "归还：15日，从借用之日起算", "sources": ["b1"]}
    assert set(judge_citation(citation(), good).values()) == {1.0}
    assert judge_citation(citation(verdict="repealed"), good)["in_force"] == 0
    assert judge_citation(citation(effective_from="2027-01-01"), good)["in_force"] == 0
    assert judge_citation(citation(), good, "别的话")["faithful"] == 0
    assert judge_citation(citation(), {**good, "sources": []})["sourced"] == 0
    assert judge_citation(citation(), {**good, "sources": ["b9"]})["sourced"] == 0
    assert judge_citation(citation(), {**good, "text": "归还：16日，从借用之日起算"})["number_in_law"] == 0


def test_days_are_working_days_where_the_same_law_says_so() -> None:
    segment = {"kind": "limit", "text": "归还：15个工作日，从借用之日起算", "sources": ["b1"]}
    rule = citation(key="b2", text="本法关于“十五日”的规定是指工作日。", provision_id="p2")
    told = reply(citations=[citation(), rule], segments=[segment])
    case = SuiteCase("a", "a")
    assert judge(Judging.CITATION, case, [told], NOTHING).scores["number_in_law"] == 1
    assert judge_citation(citation(), segment)["number_in_law"] == 0


def test_a_conversation_is_right_turn_by_turn() -> None:
    turns = (CaseTurn("一", answers=("a",)), CaseTurn("二", origins=(Origin.CLARIFY,)))
    case = SuiteCase("1", "g", turns=turns)
    good = judge(Judging.TALK, case, [reply(), offering("b", "c")], NOTHING)
    half = judge(Judging.TALK, case, [reply(answer_id="b"), offering("b", "c")], NOTHING)
    assert good.scores == {"turn_right": 1, "whole": 1}
    assert half.scores == {"turn_right": 0.5, "whole": 0}
    assert "第 1 轮" in half.note


def test_only_choices_between_answers_count_as_offered() -> None:
    back = {"question": "哪种", "choices": [{"id": "gate:a:g:x", "label": "甲"}]}
    assert hear("问", reply(origin="gate", ask_back=back)).offered == ()
    assert hear("问", offering("a", "b")).offered == ("a", "b")
