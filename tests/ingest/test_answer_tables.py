"""Tables of standard answers: out and in again without loss, and a bad row among a thousand."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.answer_tables import COLUMNS, TableRefusedError, read_table, write_table
from kb.answer.reading import load_shipped
from kb.errors import BadInputError, LawkbError
from tests.answer.small_answers import make_answer, make_gated_answer

ENDINGS = (".jsonl", ".csv", ".xlsx")


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_shipped_answer_goes_out_and_comes_back_the_same(tmp_path: Path, ending: str) -> None:
    records = load_shipped()
    path = tmp_path / f"answers{ending}"
    write_table(records, path)
    assert read_table(path) == list(records)


@pytest.mark.parametrize("ending", ENDINGS)
def test_awkward_texts_survive(tmp_path: Path, ending: str) -> None:
    awkward = replace(
        make_gated_answer(),
        transfer='=HYPERLINK("http://x") 转接,"引号"；单格',
        education="第一行\n第二行，带“引号”与 emoji 🌂",
        owner="@单位",
        variants=(*make_answer().variants, "-5块钱的伞也要还吗"),
    )
    path = tmp_path / f"answers{ending}"
    write_table([awkward], path)
    assert read_table(path) == [awkward]


def thousand(tmp_path: Path, ending: str) -> tuple[Path, list[dict[str, str]]]:
    path = tmp_path / f"many{ending}"
    write_table([make_answer(id=f"contracts-n{i}", title=f"第{i}题怎么办") for i in range(1000)], path)
    return path, []


def test_one_bad_line_among_a_thousand_names_its_place_and_takes_nothing(tmp_path: Path) -> None:
    path, _ = thousand(tmp_path, ".jsonl")
    lines = path.read_text("utf-8").splitlines()
    broken = json.loads(lines[499])
    broken["risk"] = "大"
    lines[499] = json.dumps(broken, ensure_ascii=False)
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(TableRefusedError) as error:
        read_table(path)
    (problem,) = error.value.problems
    assert "500" in problem.place
    assert "1000 行中有 1 行" in error.value.message


def test_one_bad_row_of_a_table_names_row_and_column(tmp_path: Path) -> None:
    path, _ = thousand(tmp_path, ".csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    rows[700][list(COLUMNS).index("slots")] = "{不是 JSON"
    rows[3][list(COLUMNS).index("id")] = rows[2][list(COLUMNS).index("id")]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(TableRefusedError) as error:
        read_table(path)
    told = [(one.place, one.code) for one in error.value.problems]
    assert len(told) == 2
    assert any("701" in place for place, _ in told)
    assert any("4" in place for place, _ in told)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", b""),
        ("a.csv", b""),
        ("a.csv", "编号,奇怪的列\nx,y\n".encode()),
        ("a.xlsx", b"not a workbook"),
        ("a.jsonl", b"[1, 2]\n"),
        ("a.jsonl", b"{\n"),
    ],
)
def test_files_that_are_no_tables_of_answers_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LawkbError) as error:
        read_table(path)
    assert error.value.code
    assert error.value.way_out


def test_an_unknown_ending_is_told_before_writing(tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as error:
        write_table([make_answer()], tmp_path / "a.docx")
    assert error.value.code == "format_unknown"
    assert not (tmp_path / "a.docx").exists()
