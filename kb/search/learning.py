"""Training the learned fusion: lambdarank over the candidates of labelled questions (``train`` extra)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kb.encode.vectors import FloatArray
from kb.search.features import NAMES

PARAMETERS: Mapping[str, Any] = {
    "objective": "lambdarank",
    "num_leaves": 12,
    "min_data_in_leaf": 60,
    "learning_rate": 0.1,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "lambdarank_truncation_level": 20,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 20261127,
    "verbosity": -1,
}
ROUNDS = 75


@dataclass(frozen=True)
class RankingExample:
    """Candidates of one question (provision ids) with their features, and the ids that it wants."""

    ids: Sequence[str]
    features: FloatArray
    wanted: Collection[str]


def train_fusion(examples: Sequence[RankingExample], rounds: int = ROUNDS) -> dict[str, Any]:
    """The plain form of a ``TreeEnsemble``; questions none of whose candidates is wanted teach nothing.

    The features of an example must come from an encoder that has not seen its question (out of fold): an
    encoder is surer of what it was trained on, and the fusion would learn to trust it too much.
    """
    import lightgbm

    used = [one for one in examples if any(candidate in one.wanted for candidate in one.ids)]
    labels = np.concatenate([[int(candidate in one.wanted) for candidate in one.ids] for one in used])
    data = lightgbm.Dataset(
        np.concatenate([one.features for one in used]),
        labels,
        group=[len(one.ids) for one in used],
        feature_name=list(NAMES),
    )
    booster = lightgbm.train(dict(PARAMETERS), data, rounds)
    dumped = booster.dump_model()
    return {"names": list(NAMES), "trees": [_plain(one["tree_structure"]) for one in dumped["tree_info"]]}


def _plain(root: Mapping[str, Any]) -> dict[str, list[float]]:
    plain: dict[str, list[float]] = {"feature": [], "threshold": [], "left": [], "right": [], "leaves": []}

    def enter(node: Mapping[str, Any]) -> int:
        if "leaf_value" in node:
            plain["leaves"].append(float(node["leaf_value"]))
            return -len(plain["leaves"])
        if node["decision_type"] != "<=":
            raise ValueError(f"unexpected decision {node['decision_type']}")
        here = len(plain["feature"])
        plain["feature"].append(int(node["split_feature"]))
        plain["threshold"].append(float(node["threshold"]))
        plain["left"].append(0)
        plain["right"].append(0)
        plain["left"][here] = enter(node["left_child"])
        plain["right"][here] = enter(node["right_child"])
        return here

    enter(root)
    return plain
