"""Ranking arithmetic that gives the same list whatever order the points were written in.

Two sources of chance are removed. *Ties*: an engine returns some of the points that share the last
score, so a list is cut only where every point above the cut is known (``cut_complete``).
*Rounding*: a sparse dot product in 32-bit floats depends on the order of its additions, which depends
on the layout of the segments. Weights are therefore put on a binary grid on which every product and
every partial sum is exact (``grid_document``, ``grid_query``), so the order no longer matters.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from kb.encode.vectors import SparseVector
from kb.errors import IndexStateError
from kb.index.payload import PointKeys
from kb.index.protocol import ScoredPoint

FLOAT32_BITS = 24
"""Bits of an integer that a 32-bit float holds exactly."""

DOCUMENT_BITS = 8
"""Document weights are multiples of 2**-8: at most 0.002 off, about 0.2 % of a BM25 weight."""

DOCUMENT_MAX_BITS = 2
"""Document weights stay below 2**2: BM25 saturates at k1 + 1, so any k1 up to 3 keeps the sums exact."""


class Candidate(NamedTuple):
    """A point that an engine returned, with what a hit needs."""

    score: float
    id: uuid.UUID
    keys: PointKeys


def _to_grid(vector: SparseVector, bits: int) -> SparseVector:
    step = math.ldexp(1.0, -bits)
    values = tuple(
        math.copysign(max(1, round(abs(value) / step)) * step, value) if value else 0.0
        for value in vector.values
    )
    return SparseVector(vector.indices, values)


def grid_document(vector: SparseVector) -> SparseVector:
    """Weights of a document rounded to 2**-8; a weight that is not zero never becomes zero."""
    return _to_grid(vector, DOCUMENT_BITS)


def grid_query(vector: SparseVector) -> SparseVector:
    """Weights of a query rounded to the finest grid on which its dot products stay exact.

    A score is at most ``sum(weights) * 2**DOCUMENT_MAX_BITS``; what is left of the 24 bits after that
    and the document's own 8 is the query's: 2**-6 for twenty words of weight 8, coarser for a
    question of a thousand words, where single weights matter less.
    """
    total = math.fsum(abs(value) for value in vector.values)
    if not total:
        return vector
    room = FLOAT32_BITS - DOCUMENT_BITS - DOCUMENT_MAX_BITS
    # Rounding may raise the sum by half a step per word: one bit of reserve.
    return _to_grid(vector, room - math.ceil(math.log2(total)) - 1)


def check_dense(vector: object, dims: int, place: str = "") -> list[float]:
    """A dense vector as a list. Raises ``vector_mismatch`` for a missing, misshapen or non-finite one."""
    if vector is None:
        problem = "缺少稠密向量"
    else:
        array = np.asarray(vector, dtype=np.float32)
        if array.shape != (dims,):
            problem = f"向量形状为 {array.shape}，本代索引为 {dims} 维"
        elif not np.isfinite(array).all():
            problem = "向量含有非有限数值"
        else:
            return [float(value) for value in array]
    raise IndexStateError(
        "vector_mismatch",
        f"向量与索引不符：{problem}",
        place=place,
        way_out="请用与本代索引相同的编码器重新编码。",
    )


def cut_complete(ranked: Iterable[Candidate], limit: int, floor: float | None) -> list[ScoredPoint] | None:
    """The first ``limit`` candidates by score descending, id ascending; None when more must be fetched.

    ``ranked`` comes by score descending, ties in any order, and is read only as far as needed.
    ``floor`` is the lowest score that the engine returned when it may hold more points: others with
    that score may be missing, those above it are all there. None means that nothing was left out.
    """
    best: list[Candidate] = []
    for item in ranked:
        if len(best) >= limit and item.score < best[limit - 1].score:
            break
        best.append(item)
    else:
        if floor is not None and (len(best) < limit or best[limit - 1].score <= floor):
            return None
    best.sort(key=lambda item: (-item.score, item.id.int))
    return [
        ScoredPoint(
            item.id,
            item.score,
            item.keys.provision_id,
            item.keys.version_id,
            item.keys.work_id,
            item.keys.kind,
        )
        for item in best[:limit]
    ]
