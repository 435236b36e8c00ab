"""Reading question files of both layouts; an error names the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.labelled import CitedText, read_labelled
from kb.errors import BadInputError, SourceError


def write(path: Path, *lines: object) -> Path:
    file = path / "questions.jsonl"
    file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines), "utf-8")
    return file


def test_names_objects_and_laws_are_read_alike(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        {
            "id": 1,
            "question": "租金怎么算",
            "cites": ["船舶租赁法第一条", {"name": "果园管理条例第一条", "text": "采摘"}],
        },
        "",
        {"id": "b", "question": "还船要洗吗", "laws": ["《船舶租赁法》第三条：租期届满，应当：清洗"]},
    )
    first, second = read_labelled(file)
    assert (first.id, first.noisy, second.noisy) == ("1", False, True)
    assert first.cites == (CitedText("船舶租赁法第一条"), CitedText("果园管理条例第一条", "采摘"))
    assert second.cites == (CitedText("《船舶租赁法》第三条", "租期届满，应当：清洗"),)


def test_a_name_that_stands_twice_counts_once_with_its_first_text(tmp_path: Path) -> None:
    cites = [
        {"name": "甲法第一条", "text": "一"},
        {"name": "乙法第一条"},
        {"name": "甲法第一条", "text": "二"},
    ]
    (question,) = read_labelled(write(tmp_path, {"id": "a", "question": "问", "cites": cites}))
    assert question.cites == (CitedText("甲法第一条", "一"), CitedText("乙法第一条"))


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"text"',
        "null",
        '{"id": "x", "question": "问"}',
        '{"question": "问", "cites": []}',
        '{"id": "x", "question": 7, "cites": []}',
        '{"id": "x", "question": " ", "cites": []}',
        '{"id": "x", "question": "问", "cites": "民法典第一条"}',
        '{"id": "x", "question": "问", "cites": [7]}',
        '{"id": "x", "question": "问", "cites": [{"text": "没有名称"}]}',
        '{"id": "x", "question": "问", "cites": [{"name": "甲法第一条", "text": 7}]}',
        '{"id": "x", "question": "问", "laws": [{"name": "甲法第一条"}]}',
        '{"id": "x", "question": "问", "cites": ' + "[" * 100_000,
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    good = {"id": "good", "question": "问", "cites": ["甲法第一条"]}
    with pytest.raises(SourceError) as error:
        read_labelled(write(tmp_path, good, line))
    assert (error.value.code, error.value.place) == ("questions_malformed", "questions.jsonl:2")


def test_bytes_that_are_no_utf8_are_a_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "gbk.jsonl"
    file.write_bytes('{"id": "a", "question": "问题", "cites": []}'.encode("gb18030"))
    with pytest.raises(SourceError) as error:
        read_labelled(file)
    assert error.value.place == "gbk.jsonl:1"


def test_an_id_is_used_once(tmp_path: Path) -> None:
    one = {"id": "same", "question": "问", "cites": []}
    with pytest.raises(SourceError) as error:
        read_labelled(write(tmp_path, one, one))
    assert error.value.place == "questions.jsonl:2"
    assert "same" in error.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as error:
        read_labelled(tmp_path / "none.jsonl")
    assert error.value.code == "questions_missing"
