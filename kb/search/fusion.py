"""Several ranked lists into one, as a pure function that keeps every signal.

Weighted reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): a candidate's score is the
sum over the lists of ``weight / (k + rank)``, ranks from 1, divided by what first place in every list
would give. So 1.0 is a clean sweep, and the score is a rank, never a probability or a threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.index.protocol import DENSE, SPARSE, ScoredPoint
from kb.search.features import BANK


@dataclass(frozen=True)
class Signal:
    """Place of a candidate in one list: ``rank`` from 1, ``score`` as the list gave it."""

    name: str
    rank: int
    score: float


@dataclass(frozen=True)
class FusedCandidate:
    """A provision in a version with its fused score and all the signals that brought it."""

    provision_id: str
    version_id: str
    work_id: str
    kind: str
    score: float
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class FusionSettings:
    """Weights per list and the rank constant; ``lawkb bench --fusion`` shows how they were chosen."""

    weights: Mapping[str, float]
    rank_constant: int = 10


DEFAULT_FUSION = FusionSettings({DENSE: 1.0, SPARSE: 0.7, BANK: 0.7})


def fuse(
    lists: Mapping[str, Sequence[ScoredPoint]], settings: FusionSettings = DEFAULT_FUSION
) -> tuple[FusedCandidate, ...]:
    """Fuse ranked lists, best first; equal scores by provision id, then version id.

    A list that is empty (no such vectors, engine degraded) does not lower the others' scores.
    """
    present = [name for name in settings.weights if lists.get(name)]
    best = sum(settings.weights[name] / (settings.rank_constant + 1) for name in present)
    points: dict[tuple[str, str], ScoredPoint] = {}
    signals: dict[tuple[str, str], list[Signal]] = {}
    scores: dict[tuple[str, str], float] = {}
    for name in present:
        for rank, point in enumerate(lists[name], start=1):
            key = (point.provision_id, point.version_id)
            points.setdefault(key, point)
            signals.setdefault(key, []).append(Signal(name, rank, point.score))
            scores[key] = scores.get(key, 0.0) + settings.weights[name] / (settings.rank_constant + rank)
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return tuple(
        FusedCandidate(
            key[0], key[1], points[key].work_id, points[key].kind, scores[key] / best, tuple(signals[key])
        )
        for key in order
    )
