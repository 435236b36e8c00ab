"""When search results are good enough to be quoted to somebody who got no standard answer."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb.answer.matching_fit import fit_judge
from kb.answer.matching_model import Judge
from kb.domain.search import SearchHit
from kb.domain.works import WorkKind

FOLDS = 5
LOOKED_AT = 5
"""A result helps when one of its first hits is a provision on which the right answer rests, or its guide."""
MOST_OUTSIDE = 0.05
"""Share of questions outside law for which anything may be quoted."""
LEAST_HELPFUL = 0.6
"""Share of quoting replies, over questions of law, that must hold what the right answer rests on."""


@dataclass(frozen=True, eq=False)
class SourceExample:
    """Features of a search result (``compose.FEATURES``), and whether it helps."""

    features: npt.NDArray[np.float64]
    helps: bool
    outside: bool
    group: str


def helps(hits: Sequence[SearchHit], provisions: Collection[str], guides: Collection[str]) -> bool:
    """Whether one of the first hits is among the ``provisions`` (ids) or ``guides`` (titles)."""
    return any(
        hit.provision_id in provisions or (hit.kind is WorkKind.GUIDE and hit.work_title in guides)
        for hit in hits[:LOOKED_AT]
    )


def fit_sources(examples: Sequence[SourceExample]) -> tuple[Judge, float, dict[str, float]]:
    """The judge, the chance from which results are quoted, and what cross-fitting measured."""
    features = np.stack([one.features for one in examples])
    good = np.array([one.helps for one in examples])
    outside = np.array([one.outside for one in examples])
    weights = np.ones(len(examples))
    folds = np.array([_fold(one.group) for one in examples])
    chances = np.zeros(len(examples))
    for fold in range(FOLDS):
        rest = folds != fold
        judge = fit_judge(features[rest], good[rest], weights[rest])
        for place in np.flatnonzero(~rest):
            chances[place] = judge.probability(features[place])
    chosen = 0.999
    for chance in np.arange(0.95, 0.0999, -0.01):
        given = chances >= chance
        law = given & ~outside
        if outside.any() and (given & outside).sum() / outside.sum() > MOST_OUTSIDE:
            break
        if law.sum() >= 20 and good[law].mean() < LEAST_HELPFUL:
            break
        chosen = float(round(chance, 3))
    given = chances >= chosen
    measured = {
        "quoted": float(given[~outside].mean()),
        "quoted_helps": float(good[given & ~outside].mean()) if (given & ~outside).any() else 0.0,
        "outside_quoted": float(given[outside].mean()) if outside.any() else 0.0,
    }
    return fit_judge(features, good, weights), chosen, measured


def _fold(group: str) -> int:
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") % FOLDS
