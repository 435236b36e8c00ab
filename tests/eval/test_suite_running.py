"""A whole run: written down, gone on with, compared, checked, shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.suite_cases import CaseTurn, Judging, Suite, SuiteCase, Target
from eval.suite_page import render_comparison, render_markdown, render_suites
from eval.suite_records import collect_cases
from eval.suite_results import RESULTS, CaseResult, RunSetup, outcomes_of, read_results, write_result
from eval.suite_running import Asking, Planned, plan_setup, run_plans
from eval.suite_summary import (
    Grade,
    as_baseline,
    check_row,
    compare_runs,
    read_baseline,
    summarise,
    write_baseline,
)
from kb.errors import BadInputError, ServiceError, SourceError
from tests.answer.small_answers import TODAY
from tests.answer.umbrellas import LATE, PLAIN, REVIEW, SmallWorld
from tests.eval.suite_world import SOUND, make_asking, make_suite, variant_cases


def quiet(stage: str, done: int, total: int) -> None:
    assert 0 <= done <= total


def make_plans() -> list[Planned]:
    answer = make_suite(Judging.ANSWER, targets=(Target("right", at_least=1.0),))
    drawn = [make_suite(one) for one in (Judging.CHANNEL, Judging.GATES, Judging.REPEAT)]
    talk = [
        SuiteCase(
            "t",
            "t",
            turns=(CaseTurn("归还的日子和补偿", answers=(LATE,)), CaseTurn(choose=1, answers=(LATE,))),
        )
    ]
    plans = [Planned(answer, tuple(variant_cases()))]
    plans += [Planned(suite, tuple(collect_cases(suite, SOUND))) for suite in drawn]
    return [*plans, Planned(make_suite(Judging.TALK), tuple(talk))]


def setup_of(plans: list[Planned]) -> RunSetup:
    return plan_setup(plans, half=None, quick=False, seed=3, as_of=TODAY, where="local")


def suites_of(plans: list[Planned]) -> list[Suite]:
    return [plan.suite for plan in plans]


def run(asking: Asking, folder: Path) -> list[CaseResult]:
    plans = make_plans()
    return run_plans(plans, setup_of(plans), asking, folder, quiet)


def test_a_sound_run_is_all_right_and_a_second_asks_nothing(world: SmallWorld, tmp_path: Path) -> None:
    asking = make_asking(world)
    results = run(asking, tmp_path)
    assert not [one for one in results if one.error or one.note]
    assert {one.scores["identical"] for one in results if one.suite == "repeat"} == {1.0}

    def silent(request: object) -> dict[str, object]:
        raise AssertionError(request)

    assert run(replace(asking, ask=silent), tmp_path) == results


def test_a_broken_off_run_goes_on(world: SmallWorld, tmp_path: Path) -> None:
    asking = make_asking(world)
    whole = run(asking, tmp_path / "whole")
    lines = (tmp_path / "whole" / RESULTS).read_bytes().splitlines(keepends=True)
    run(asking, tmp_path / "half")
    (tmp_path / "half" / RESULTS).write_bytes(b"".join(lines[:7]) + lines[7][:20])
    again = run(asking, tmp_path / "half")
    assert [one.key for one in again] == [one.key for one in whole]
    assert outcomes_of(again) == outcomes_of(whole)


def test_another_setup_is_not_mixed_in(world: SmallWorld, tmp_path: Path) -> None:
    asking, plans = make_asking(world), make_plans()
    run(asking, tmp_path)
    with pytest.raises(BadInputError, match="run_differs"):
        run_plans(plans, replace(setup_of(plans), seed=4), asking, tmp_path, quiet)
    changed = [Planned(plans[0].suite, plans[0].cases[1:]), *plans[1:]]
    with pytest.raises(BadInputError, match="run_differs"):
        run_plans(changed, setup_of(changed), asking, tmp_path, quiet)


def test_results_come_back_as_written_and_broken_ones_are_told(tmp_path: Path) -> None:
    result = CaseResult("s", "c", "g", "tune", "a", {"right": 1.0}, question="问")
    (tmp_path / RESULTS).write_text(write_result(result) + "\n", "utf-8")
    assert read_results(tmp_path) == [result]
    (tmp_path / RESULTS).write_text("{}\n", "utf-8")
    with pytest.raises(SourceError, match="run_unreadable") as caught:
        read_results(tmp_path)
    assert caught.value.place.endswith(":1")


def test_an_error_of_ours_is_the_result_of_its_case(world: SmallWorld, tmp_path: Path) -> None:
    plan = Planned(make_suite(Judging.ANSWER), (SuiteCase("1", "1", "？", answers=(PLAIN,)),))
    (result,) = run_plans([plan], setup_of([plan]), make_asking(world), tmp_path, quiet)
    assert result.outcome == "error"
    assert result.error.startswith("[query_empty]")
    row = summarise([plan.suite], setup_of([plan]), [result])["suites"][0]
    assert check_row(row, as_baseline(row)).grade is Grade.BROKEN


def test_a_service_that_is_not_there_ends_the_run(world: SmallWorld, tmp_path: Path) -> None:
    def gone(request: object) -> dict[str, object]:
        raise ServiceError("service_unreachable", "没有回答")

    plans = make_plans()
    for plan in (plans[0], plans[3]):  # one by one, and over threads
        with pytest.raises(ServiceError):
            run_plans(
                [plan],
                setup_of([plan]),
                replace(make_asking(world), ask=gone),
                tmp_path / plan.suite.id,
                quiet,
            )
        assert read_results(tmp_path / plan.suite.id) == []


def test_two_runs_are_compared_case_by_case(world: SmallWorld, tmp_path: Path) -> None:
    from eval.mutations import swap_answers

    before = run(make_asking(world), tmp_path / "a")
    after = run(make_asking(world, swap_answers(SOUND, PLAIN, REVIEW)), tmp_path / "b")
    compared = {one.suite: one for one in compare_runs(before, after)}
    # The nine wordings of each of the two answers, and of those none of the third.
    assert len(compared["answer"].flips) == 18
    assert compared["answer"].flip_rate == pytest.approx(18 / 27)
    assert compared["answer"].citations < 1
    assert {flip.after for flip in compared["answer"].flips} == {PLAIN, REVIEW}
    told = render_comparison(list(compared.values()))
    assert f"answer/{PLAIN}-0：{PLAIN} → {REVIEW}" in told
    same = compare_runs(before, before)
    assert all(one.flip_rate == 0 and one.same_bodies == 1 for one in same)


def test_a_run_is_checked_against_committed_figures(world: SmallWorld, tmp_path: Path) -> None:
    plans = make_plans()
    report = summarise(suites_of(plans), setup_of(plans), run(make_asking(world), tmp_path / "a"))
    row = report["suites"][0]
    assert check_row(row, None).grade is Grade.BROKEN
    write_baseline(row, "both", tmp_path)
    write_baseline(row, "tune", tmp_path)
    assert json.loads((tmp_path / "answer.json").read_text("utf-8")).keys() == {"both", "tune"}
    baseline = read_baseline("answer", "both", tmp_path)
    assert baseline is not None
    assert check_row(row, baseline).grade is Grade.OK
    assert read_baseline("answer", "report", tmp_path) is None

    fallen = json.loads(json.dumps(row))
    next(one for one in fallen["measures"] if one["name"] == "right")["value"] -= 0.1
    assert check_row(fallen, baseline).grade is Grade.WORSE
    assert check_row({**row, "cases": 1}, baseline).grade is Grade.BROKEN
    assert check_row({**row, "measures": row["measures"][1:]}, baseline).grade is Grade.BROKEN
    (tmp_path / "answer.json").write_text("[]", "utf-8")
    with pytest.raises(SourceError, match="baseline_unreadable"):
        read_baseline("answer", "both", tmp_path)


def test_the_page_needs_nothing_beside_it(world: SmallWorld, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plans = make_plans()
    report = summarise(suites_of(plans), setup_of(plans), run(make_asking(world), tmp_path))
    page = render_suites(report)
    assert page.count("<svg") >= len(plans)
    assert "src=" not in page
    assert 'href="http' not in page
    assert "达到" in page
    assert "| 答对 | 1.000 |" in render_markdown(report)
