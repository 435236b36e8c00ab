"""A small ensemble of regression trees, as LightGBM's lambdarank trains it, without LightGBM.

The shipped file has plain arrays; ``lawkb fusion train`` writes it (``train`` extra). Scores are sums of
float64 in a fixed order, so the same features give the same bits everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kb.encode.vectors import FloatArray


@dataclass(frozen=True)
class Tree:
    """Nodes as arrays: inner node i goes ``left`` where ``feature <= threshold``; negative ids are leaves."""

    feature: npt.NDArray[np.intp]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    leaves: npt.NDArray[np.float64]

    def score(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Leaf value of every row, shape (rows,)."""
        at = np.zeros(len(rows), np.intp)
        if not len(self.feature):
            return np.full(len(rows), self.leaves[0])
        while (inner := np.flatnonzero(at >= 0)).size:
            node = at[inner]
            goes_left = rows[inner, self.feature[node]] <= self.threshold[node]
            at[inner] = np.where(goes_left, self.left[node], self.right[node])
        return self.leaves[-at - 1]


@dataclass(frozen=True)
class TreeEnsemble:
    """``names`` are the features in the order of the columns that ``score`` expects."""

    names: tuple[str, ...]
    trees: tuple[Tree, ...]

    def score(self, features: FloatArray) -> npt.NDArray[np.float64]:
        """Sum of the trees for every row of ``features``, (rows, len(names)) -> (rows,)."""
        rows = features.astype(np.float64)
        total = np.zeros(len(rows))
        for tree in self.trees:
            total += tree.score(rows)
        return total


def read_trees(path: Path) -> TreeEnsemble:
    """The ensemble in ``path``. Raises OSError, ValueError or KeyError when it is not one."""
    return parse_trees(json.loads(path.read_text("utf-8")))


def parse_trees(record: Mapping[str, Any]) -> TreeEnsemble:
    """From the plain form of ``kb.search.learning``."""
    return TreeEnsemble(tuple(record["names"]), tuple(_tree(one) for one in record["trees"]))


def _tree(one: Mapping[str, Sequence[float]]) -> Tree:
    return Tree(
        np.array(one["feature"], np.intp),
        np.array(one["threshold"], np.float64),
        np.array(one["left"], np.intp),
        np.array(one["right"], np.intp),
        np.array(one["leaves"], np.float64),
    )
