"""The commands of the suites that need no installation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kb.cli.app import cli
from kb.errors import BadInputError

RUNNER = CliRunner()


def write_run(folder: Path, outcome: str, right: float, took: float) -> None:
    folder.mkdir()
    setup = {"suites": ["paraphrase"], "half": "both", "quick": True, "seed": 1, "as_of": "2026-11-28"}
    (folder / "run.json").write_text(json.dumps({**setup, "where": "local", "cases": "x"}), "utf-8")
    heard = {"question": "问", "origin": "standard", "answer_id": outcome, "took_ms": took}
    result = {"suite": "paraphrase", "case": "1", "group": "a", "half": "tune", "outcome": outcome}
    line = {**result, "scores": {"right": right}, "heard": [{**heard, "confidence": 0.9}]}
    (folder / "results.jsonl").write_text(json.dumps(line) + "\n", "utf-8")


def test_suites_are_listed_with_origin_and_targets() -> None:
    told = RUNNER.invoke(cli, ["eval", "suites"])
    assert told.exit_code == 0
    assert "out_of_scope" in told.output
    assert "来源：" in told.output


def test_two_folders_are_compared(tmp_path: Path) -> None:
    write_run(tmp_path / "a", "loans-limitation", 1.0, 5.0)
    write_run(tmp_path / "b", "loans-no-iou", 0.0, 6.0)
    told = RUNNER.invoke(cli, ["eval", "compare", str(tmp_path / "a"), str(tmp_path / "b")])
    assert "paraphrase/1：loans-limitation → loans-no-iou" in told.output
    asked = ["eval", "compare", str(tmp_path / "a"), str(tmp_path / "b"), "--json"]
    assert json.loads(RUNNER.invoke(cli, asked).output)[0]["flip_rate"] == 1.0


def test_a_report_is_written_beside_the_results(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_run(tmp_path / "a", "loans-limitation", 1.0, 5.0)
    assert RUNNER.invoke(cli, ["eval", "report", str(tmp_path / "a")]).exit_code == 0
    assert "<svg" in (tmp_path / "a" / "report.html").read_text("utf-8")
    assert "换一种说法" in (tmp_path / "a" / "report.md").read_text("utf-8")


def test_a_check_of_other_cases_ends_with_two(tmp_path: Path) -> None:
    write_run(tmp_path / "a", "loans-limitation", 1.0, 5.0)
    told = RUNNER.invoke(cli, ["eval", "check", "--run", str(tmp_path / "a")])
    assert told.exit_code == 2
    assert "损坏" in told.output


def test_a_folder_without_a_run_and_an_unknown_half_are_refused(tmp_path: Path) -> None:
    told = RUNNER.invoke(cli, ["eval", "check", "--run", str(tmp_path)])
    assert isinstance(told.exception, BadInputError)
    assert told.exception.code == "run_missing"
    told = RUNNER.invoke(cli, ["eval", "run", "--half", "left"])
    assert isinstance(told.exception, BadInputError)
    assert told.exception.code == "half_unknown"
