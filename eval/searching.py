"""Ranked lists of every mode for a question, from the same components that serve a search."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kb.domain.search import SearchRequest
from kb.encode.dense import DenseEncoder
from kb.errors import BadInputError, IndexStateError
from kb.index.protocol import DENSE, SPARSE
from kb.search.bank import QuestionBank
from kb.search.door import SearchService, read_catalogue
from kb.search.features import BANK
from kb.search.fusion import DEFAULT_FUSION, FusionSettings
from kb.search.generation import GenerationHolder
from kb.search.pipeline import DEPTH as CANDIDATES
from kb.search.pipeline import Ask, QuestionReader, Ranker, Retrieved, Retriever
from kb.search.ranking import LearnedFusion, open_learned_fusion
from kb.search.request import read_question
from kb.store.database import Database

FUSED, RERANKED = "fused", "reranked"
ALL_MODES = (SPARSE, DENSE, BANK, FUSED, RERANKED)
BUILT_MODES = (SPARSE, DENSE, BANK, FUSED)
"""What the search has today, in the order of a report's rows."""

DEPTH = 100
VERSIONS_DEPTH = 300
"""Points asked for when every version is searched: several of them may be of one provision."""


@dataclass(frozen=True)
class QuestionRun:
    """Provision ids by mode, best first, at most DEPTH; milliseconds by stage.

    ``refused`` is the code with which the search declines the question (too long, nothing in it).
    """

    lists: Mapping[str, tuple[str, ...]]
    times_ms: Mapping[str, float] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True)
class Served:
    """What one search of the service shows, its milliseconds, and those of encoding the question alone."""

    ids: tuple[str, ...]
    search_ms: float
    encode_ms: float


def choose_modes(names: str, built: Sequence[str] = BUILT_MODES) -> tuple[str, ...]:
    """The modes of a list with commas, in the order of ALL_MODES; empty means all that are built.

    Raises BadInputError ``mode_unknown`` and ``mode_not_built``.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(built)
    for name in wanted:
        if name not in ALL_MODES:
            raise BadInputError(
                "mode_unknown",
                f"没有“{name}”这种检索方式",
                place="--modes",
                way_out=f"可用：{'、'.join(built)}",
            )
        if name not in built:
            raise BadInputError(
                "mode_not_built",
                f"检索方式“{name}”还没有建成，没有数字可报",
                place="--modes",
                way_out=f"目前可用：{'、'.join(built)}",
            )
    return tuple(mode for mode in ALL_MODES if mode in wanted)


class ListSearcher:
    """Searches the serving generation and keeps what every mode would show."""

    def __init__(
        self,
        database: Database,
        holder: GenerationHolder,
        encoder: DenseEncoder | None,
        as_of: dt.date | None,
        bank: Callable[[], QuestionBank],
        learned: LearnedFusion | None = None,
        fusion: FusionSettings = DEFAULT_FUSION,
    ) -> None:
        """``as_of`` None searches every version; a provision then stands where its best version does.

        ``bank`` gives the bank that may answer the question asked next; ``learned`` None takes the learned
        fusion that ships.
        """
        self._holder = holder
        self._encoder = encoder
        self._as_of = as_of
        self._depth = CANDIDATES if as_of else VERSIONS_DEPTH
        self._read = QuestionReader(database, read_catalogue(database), encoder, self._depth)
        self._retrieve = Retriever(bank)
        self._rank = Ranker(fusion, learned or open_learned_fusion(database))
        self._door = SearchService(database, holder, encoder, fusion, bank, learned)

    def check(self, modes: Sequence[str]) -> None:
        """Raises IndexStateError ``mode_unavailable`` when a mode's vectors are not there."""
        with self._holder.borrow() as generation:
            lacking = not generation.has_dense or self._encoder is None
        if lacking and any(mode != SPARSE for mode in modes):
            raise IndexStateError(
                "mode_unavailable",
                "索引里没有含义向量，只能评测 sparse",
                way_out="用 lawkb index build 建完整的索引，或加 --modes sparse",
            )

    def retrieve(self, question: str) -> Retrieved:
        """The lists of the index as the ranker gets them. Raises BadInputError for a refused question."""
        request = self._request(question)
        text = read_question(request)
        with self._holder.borrow() as generation:
            ask = Ask(replace(request, top_k=self._depth), text, generation)
            retrieved: Retrieved = self._retrieve.run(self._read.run(ask)["read"])["retrieved"]
        return retrieved

    def run(self, question: str) -> QuestionRun:
        """Lists of every built mode."""
        request = self._request(question)
        try:
            text = read_question(request)
        except BadInputError as error:
            return QuestionRun(dict.fromkeys(BUILT_MODES, ()), refused=error.code)
        with self._holder.borrow() as generation:
            clock = [time.perf_counter()]
            read = self._read.run(Ask(replace(request, top_k=self._depth), text, generation))["read"]
            clock.append(time.perf_counter())
            retrieved = self._retrieve.run(read)["retrieved"]
            clock.append(time.perf_counter())
            ranked = self._rank.run(retrieved)["ranked"]
            clock.append(time.perf_counter())
        lists = {
            name: _first_of_each([one.provision_id for one in retrieved.lists.get(name, ())])
            for name in (SPARSE, DENSE, BANK)
        }
        lists[FUSED] = _first_of_each([one.provision_id for one in ranked.candidates])
        stages = ("understand", "retrieve", "rank")
        spans = zip(stages, clock, clock[1:], strict=False)
        return QuestionRun(lists, {name: (end - start) * 1000 for name, start, end in spans})

    def serve(self, question: str) -> Served:
        """A search through the door that every channel uses, with the number of hits of a page."""
        started = time.perf_counter()
        found = self._door.search(
            SearchRequest(question, as_of=self._as_of, include_not_in_force=self._as_of is None)
        )
        search_ms = (time.perf_counter() - started) * 1000
        started = time.perf_counter()
        if self._encoder is not None:
            self._encoder.encode_query(question)
        encode_ms = (time.perf_counter() - started) * 1000
        return Served(_first_of_each([hit.provision_id for hit in found.hits]), search_ms, encode_ms)

    def _request(self, question: str) -> SearchRequest:
        return SearchRequest(
            question, top_k=DEPTH, as_of=self._as_of, include_not_in_force=self._as_of is None
        )


def _first_of_each(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))[:DEPTH]
