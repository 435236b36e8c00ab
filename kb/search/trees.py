"""A small ensemble of regression trees, as LightGBM's lambdarank trains it, without LightGBM.

The shipped file has plain arrays; ``lawkb eval fusion`` writes it (``train`` extra). Scores are sums of
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

LEAF = -1


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """Trees packed one after another, so that all of them are walked at once.

    ``names`` are the features in the order of the columns that ``score`` expects; ``roots`` holds the first
    node of each tree. An inner node goes ``left`` where its ``feature`` is ``threshold`` or less; a leaf has
    feature LEAF, leads to itself and has a ``value``. ``depth`` steps lead from every root to a leaf.
    """

    names: tuple[str, ...]
    roots: npt.NDArray[np.intp]
    feature: npt.NDArray[np.intp]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    value: npt.NDArray[np.float64]
    depth: int

    def score(self, features: FloatArray) -> npt.NDArray[np.float64]:
        """Sum of the trees for every row of ``features``, (rows, len(names)) -> (rows,)."""
        rows = features.astype(np.float64)
        row = np.arange(len(rows))[:, None]
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            goes_left = rows[row, self.feature[at]] <= self.threshold[at]
            at = np.where(goes_left, self.left[at], self.right[at])
        total = np.zeros(len(rows))
        for column in self.value[at].T:  # one after another: the order of a sum decides its last bits
            total += column
        return total


def read_trees(path: Path) -> TreeEnsemble:
    """The ensemble in ``path``. Raises OSError, ValueError or KeyError when it is not one."""
    return parse_trees(json.loads(path.read_text("utf-8")))


def parse_trees(record: Mapping[str, Any]) -> TreeEnsemble:
    """From the plain form of ``kb.search.learning``."""
    roots: list[int] = []
    nodes: list[tuple[int, float, int, int, float]] = []
    depth = 0
    for tree in record["trees"]:
        start, inner = len(nodes), len(tree["feature"])
        roots.append(start)

        def place(child: int, start: int = start, inner: int = inner) -> int:
            # negative children are leaves, which stand behind the inner nodes
            return start + (child if child >= 0 else inner - child - 1)

        for feature, threshold, left, right in zip(
            tree["feature"], tree["threshold"], tree["left"], tree["right"], strict=True
        ):
            nodes.append((int(feature), float(threshold), place(int(left)), place(int(right)), 0.0))
        nodes += [
            (LEAF, 0.0, start + inner + leaf, start + inner + leaf, float(value))
            for leaf, value in enumerate(tree["leaves"])
        ]
        depth = max(depth, _depth(tree))
    columns = list(zip(*nodes, strict=True)) or [(), (), (), (), ()]
    feature, threshold, left, right, value = columns
    return TreeEnsemble(
        tuple(record["names"]),
        np.array(roots, np.intp),
        np.array(feature, np.intp),
        np.array(threshold, np.float64),
        np.array(left, np.intp),
        np.array(right, np.intp),
        np.array(value, np.float64),
        depth,
    )


def _depth(tree: Mapping[str, Sequence[float]]) -> int:
    """Steps to the deepest leaf; children stand behind their parents."""
    deep = [0] * len(tree["feature"])
    deepest = 0
    for node in range(len(deep)):
        for child in (int(tree["left"][node]), int(tree["right"][node])):
            if child >= 0:
                deep[child] = deep[node] + 1
        deepest = max(deepest, deep[node] + 1)
    return deepest
