"""The one protocol that both index engines speak."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kb.encode.vectors import FloatArray, SparseVector

DENSE = "dense"
SPARSE = "sparse"


@dataclass(frozen=True)
class PointPayload:
    """What a point carries for filters and for finding its text; never the text itself."""

    provision_id: str
    version_id: str
    work_id: str
    kind: str
    region: str
    topic: str
    effective_from: dt.date
    effective_to: dt.date


@dataclass(frozen=True)
class IndexPoint:
    """One provision in one version; ``dense`` is None in a generation of words only."""

    id: uuid.UUID
    dense: FloatArray | None
    sparse: SparseVector
    payload: PointPayload


@dataclass(frozen=True)
class IndexFilter:
    """Conditions that all hold; an empty tuple or None leaves its field free.

    ``as_of`` keeps points with ``effective_from <= as_of < effective_to``.
    """

    as_of: dt.date | None = None
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    work_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class VectorQuery:
    """One ranked list wanted: ``using`` is DENSE (``vector`` an array) or SPARSE."""

    using: str
    vector: FloatArray | SparseVector
    limit: int


@dataclass(frozen=True)
class ScoredPoint:
    """A point found by one signal: cosine for dense, dot product for sparse. ``kind`` is a WorkKind value."""

    id: uuid.UUID
    score: float
    provision_id: str
    version_id: str
    work_id: str
    kind: str


class VectorIndex(Protocol):
    """A store of points that answers several ranked queries in one request.

    Lists are sorted by score descending, equal scores by id ascending. Below the ``exact_below``
    setting the search is exact, so two builds of the same points give the same lists.
    """

    def upsert(self, points: Iterable[IndexPoint]) -> int:
        """Write points (idempotent per id) and return how many."""
        ...

    def delete(self, ids: Sequence[uuid.UUID]) -> None:
        """Remove points; unknown ids are ignored."""
        ...

    def count(self) -> int:
        """Number of points held."""
        ...

    def query(self, queries: Sequence[VectorQuery], condition: IndexFilter) -> list[list[ScoredPoint]]:
        """One list per query, in order, as one batch request."""
        ...

    def finish(self) -> None:
        """Flush and optimise after a bulk write."""
        ...

    def close(self) -> None:
        """Release files and locks; further calls raise."""
        ...
