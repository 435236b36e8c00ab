"""A search request and what comes back: the types of the one search door."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol

from kb.domain.topics import QuestionClass
from kb.domain.works import VersionStatus, WorkKind

MAX_TOP_K = 100
MAX_QUERY_CHARS = 2000
"""Longer questions are refused: the encoder reads about 500 tokens and the tail would be ignored."""


@dataclass(frozen=True)
class SearchRequest:
    """One search.

    ``as_of`` None means today in Asia/Shanghai. ``include_not_in_force`` adds repealed, amended and
    future text, each marked with its status. Empty tuples filter nothing. ``per_work`` bounds the hits of
    one work, so that a list shows more works; 0 is no bound. What the question names is always shown.
    ``rerank`` reads the first candidates once more, at several times the cost.
    """

    text: str
    top_k: int = 10
    as_of: dt.date | None = None
    kinds: tuple[WorkKind, ...] = ()
    regions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    include_not_in_force: bool = False
    per_work: int = 0
    rerank: bool = False


@dataclass(frozen=True)
class Reason:
    """Why a hit is there; ``signal`` is words, meaning, bank, rerank, superior or citation."""

    signal: str
    rank: int | None
    score: float | None
    detail: str


@dataclass(frozen=True)
class SearchHit:
    """One provision found, with its text as in the version that is shown."""

    kind: WorkKind
    work_id: str
    work_title: str
    provision_id: str
    version_id: str
    label: str
    path: tuple[str, ...]
    text: str
    status: VersionStatus
    effective_from: dt.date
    effective_from_certain: bool
    effective_to: dt.date
    effective_to_certain: bool
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class SearchResult:
    """Hits best first; ``words`` are the query's words to highlight; ``notices`` are Chinese sentences
    such as 检索已降级 or 《…》第9999条不存在. ``about`` is None without a classifier for the encoder."""

    hits: tuple[SearchHit, ...]
    as_of: dt.date
    generation: str
    took_ms: float
    words: tuple[str, ...] = ()
    notices: tuple[str, ...] = field(default=())
    about: QuestionClass | None = None


class SearchDoor(Protocol):
    """What every channel calls; ``kb.search`` implements it."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Find provisions. Raises BadInputError for a query out of bounds."""
        ...
