"""Answer files are read strictly: what is misspelt or of the wrong type is told with its field."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.answer.reading import (
    AnswerFile,
    list_files,
    list_guide_titles,
    list_shipped,
    load_shipped,
    read_answer,
)
from kb.domain.answers import RiskClass
from kb.errors import LawkbError, NotFoundError

WHOLE = """
id: contracts-umbrella
topic: 合同
category: [合同, 借用]
title: 借出去的伞不还怎么办
question: 借给别人的雨伞不还，怎么办？
variants: [伞要不回来咋办]
risk: ordinary
slots:
  conclusion: 对方要归还。
  support: [b1]
script: >-
  您好，借出去的伞，
  对方要归还。
basis:
  - {key: b1, title: 雨伞借用法, label: 第一条, says: 归还}
gates:
  - id: overdue
    ask: 过了没有？
    choices: [{id: yes, label: 过了}, {id: no, label: 没过}]
branches:
  - when: {overdue: yes}
    slots: {conclusion: 过了。}
    script: 过了。
"""


def read(text: str) -> object:
    return read_answer(AnswerFile("样例.yaml", "contracts", "contracts-umbrella", text.encode()))


def test_reads_a_whole_file() -> None:
    answer = read_answer(AnswerFile("样例.yaml", "", "", WHOLE.encode()))
    assert answer.risk is RiskClass.ORDINARY
    assert answer.basis[0].held
    assert answer.reviewed_by is None
    assert answer.branches[0].when == {"overdue": "yes"}


def test_folded_lines_leave_no_blank_between_chinese_characters() -> None:
    answer = read_answer(AnswerFile("样例.yaml", "", "", WHOLE.encode()))
    assert answer.script == "您好，借出去的伞，对方要归还。"


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("risk: ordinary", "risk: high", "answer_invalid", "risk"),
        ("title: 借", "titel: 借", "answer_invalid", "titel"),
        ("risk: ordinary", "", "answer_invalid", "缺少字段：risk"),
        ("label: 第一条", "label: 1", "answer_invalid", "basis[0].label"),
        ("variants: [伞要不回来咋办]", "variants: 伞要不回来咋办", "answer_invalid", "variants"),
        ("topic: 合同", "topic: 合同\ntopic: 继承", "yaml_invalid", "键重复"),
        ("topic: 合同", "topic: &t 合同\nowner: *t", "yaml_invalid", "别名"),
        ("risk: ordinary", "risk: [", "yaml_invalid", "样例.yaml 第"),
    ],
)
def test_refuses_what_is_not_the_format(old: str, new: str, code: str, says: str) -> None:
    assert old in WHOLE
    with pytest.raises(LawkbError) as caught:
        read(WHOLE.replace(old, new, 1))
    assert caught.value.code == code
    assert says in f"{caught.value.place} {caught.value.message}"


def test_finds_files_in_folders_once(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    for name in ("b.yaml", "a.yaml", "note.txt"):
        (tmp_path / "contracts" / name).write_text(WHOLE, encoding="utf-8")
    found = list_files([tmp_path, tmp_path / "contracts" / "a.yaml"])
    assert [(file.folder, file.stem) for file in found] == [("contracts", "a"), ("contracts", "b")]
    with pytest.raises(NotFoundError, match="path_not_found"):
        list_files([tmp_path / "missing"])


def test_what_ships_is_read_from_the_package() -> None:
    assert len(load_shipped()) == len(list_shipped()) > 0
    assert all(file.place.startswith("corpora/answers/") for file in list_shipped())


def test_titles_of_guides_are_those_of_the_guides_that_ship() -> None:
    assert {"申请劳动争议仲裁", "被拖欠工资怎么办"} <= list_guide_titles()
