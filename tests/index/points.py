"""Points for the tests of the index, and the ranking that numpy gives them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence

import numpy as np

from kb.domain.works import FAR_FUTURE, POINT_NAMESPACE
from kb.encode.vectors import FloatArray, SparseVector
from kb.index.protocol import IndexPoint, PointPayload
from kb.index.ranking import grid_document, grid_query

DIMS = 16
VOCABULARY = 200


def make_sparse(rng: np.random.Generator, terms: int, scale: float = 2.0) -> SparseVector:
    indices = np.unique(rng.integers(0, VOCABULARY, terms))
    return SparseVector(
        tuple(int(i) for i in indices), tuple(float(v) for v in rng.random(len(indices)) * scale + 0.01)
    )


def make_dense(rng: np.random.Generator) -> FloatArray:
    return rng.standard_normal(DIMS).astype(np.float32)


def make_points(count: int, seed: int = 1, *, dense: bool = True) -> list[IndexPoint]:
    rng = np.random.default_rng(seed)
    starts = [dt.date(1999, 1, 1), dt.date(2010, 5, 1), dt.date(2021, 1, 1), dt.date(2027, 1, 1)]
    points = []
    for number in range(count):
        start = starts[int(rng.integers(0, 4))]
        end = FAR_FUTURE if rng.random() < 0.8 else start + dt.timedelta(days=int(rng.integers(1, 5000)))
        work = f"w{number // 7}"
        payload = PointPayload(
            provision_id=f"{work}/{number}",
            version_id=f"{work}@{start}",
            work_id=work,
            kind=("statute", "normative", "case")[int(rng.choice(3, p=[0.7, 0.2, 0.1]))],
            region=("全国", "北京市")[int(rng.choice(2, p=[0.9, 0.1]))],
            topic=f"t{rng.integers(0, 5)}",
            effective_from=start,
            effective_to=end,
        )
        points.append(
            IndexPoint(
                id=uuid.uuid5(POINT_NAMESPACE, f"{seed}/{number}"),
                dense=make_dense(rng) if dense else None,
                sparse=make_sparse(rng, 20),
                payload=payload,
            )
        )
    return points


def sparse_scores(points: Sequence[IndexPoint], query: SparseVector) -> list[float]:
    """Dot products over the grid weights; 0 where no token is shared."""
    weights = dict(zip(query.indices, grid_query(query).values, strict=True))
    return [
        sum(
            value * weights[index]
            for index, value in zip(point.sparse.indices, grid_document(point.sparse).values, strict=True)
            if index in weights
        )
        for point in points
    ]


def dense_scores(points: Sequence[IndexPoint], query: FloatArray) -> list[float]:
    """Cosines in double precision."""
    matrix = np.array([point.dense for point in points], dtype=np.float64)
    wanted = query.astype(np.float64)
    norms = np.linalg.norm(matrix, axis=1) * np.linalg.norm(wanted)
    return [float(score) for score in matrix @ wanted / norms]


def rank(
    points: Sequence[IndexPoint],
    scores: Sequence[float],
    limit: int,
    passes: Callable[[PointPayload], bool] = lambda payload: True,
    *,
    positive: bool = False,
) -> list[uuid.UUID]:
    """Ids by score descending, id ascending, of the points that pass."""
    rows = [
        (-score, point.id)
        for point, score in zip(points, scores, strict=True)
        if passes(point.payload) and (score > 0 or not positive)
    ]
    return [identity for _, identity in sorted(rows)[:limit]]
