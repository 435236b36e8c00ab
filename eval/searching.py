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
from kb.search.pipeline import Ask, QuestionReader, Ranker, Read, Retrieved, Retriever
from kb.search.ranking import LearnedFusion, open_learned_fusion
from kb.search.request import read_question
from kb.search.reranking import Reranking
from kb.store.database import Database

FUSED, RERANKED = "fused", "reranked"
ALL_MODES = (SPARSE, DENSE, BANK, FUSED, RERANKED)
USUAL_MODES = (SPARSE, DENSE, BANK, FUSED)
"""What is measured unless more is asked for: reading again takes ten times as long."""

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


def choose_modes(names: str) -> tuple[str, ...]:
    """The modes of a list with commas, in the order of ALL_MODES; empty means USUAL_MODES.

    Raises BadInputError ``mode_unknown``.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(USUAL_MODES)
    for name in wanted:
        if name not in ALL_MODES:
            raise BadInputError(
                "mode_unknown",
                f"没有“{name}”这种检索方式",
                place="--modes",
                way_out=f"可用：{'、'.join(ALL_MODES)}",
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
        reranking: Reranking | None = None,
    ) -> None:
        """``as_of`` None searches every version; a provision then stands where its best version does.

        ``bank`` gives the bank that may answer the question asked next; ``learned`` None takes the learned
        fusion that ships. Without ``reranking`` there is no mode RERANKED.
        """
        self._holder = holder
        self._encoder = encoder
        self._as_of = as_of
        self._depth = CANDIDATES if as_of else VERSIONS_DEPTH
        self._read = QuestionReader(database, read_catalogue(database), encoder, self._depth)
        self._retrieve = Retriever(bank)
        chosen = learned or open_learned_fusion(database)
        self._rank = Ranker(fusion, chosen)
        self._rerank = Ranker(fusion, chosen, reranking) if reranking is not None else None
        self._door = SearchService(database, holder, encoder, fusion, bank, learned, reranking)

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
        if RERANKED in modes and self._rerank is None:
            raise IndexStateError(
                "mode_unavailable",
                "这个编码器没有配套的精读模型，不能评测 reranked",
                way_out="用随附的编码器，或从 --modes 里去掉 reranked",
            )

    def retrieve(self, question: str) -> Retrieved:
        """The lists of the index as the ranker gets them. Raises BadInputError for a refused question."""
        request = self._request(question)
        text = read_question(request)
        with self._holder.borrow() as generation:
            ask = Ask(replace(request, top_k=self._depth), text, generation)
            retrieved: Retrieved = self._retrieve.run(self._read.run(ask)["read"])["retrieved"]
        return retrieved

    def run(self, question: str, modes: Sequence[str] = USUAL_MODES) -> QuestionRun:
        """Lists of all USUAL_MODES, and of RERANKED where it is among ``modes``."""
        request = self._request(question)
        try:
            text = read_question(request)
        except BadInputError as error:
            return QuestionRun(dict.fromkeys(ALL_MODES, ()), refused=error.code)
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
        stages = ["understand", "retrieve", "rank"]
        if self._rerank is not None and RERANKED in modes:
            asking = replace(retrieved, read=_wanting_rerank(retrieved.read))
            again = self._rerank.run(asking)["ranked"]
            clock.append(time.perf_counter())
            stages.append("rank and rerank")
            lists[RERANKED] = _first_of_each([one.provision_id for one in again.candidates])
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


def _wanting_rerank(read: Read) -> Read:
    """``read`` as if its request had asked for the reranker."""
    return replace(read, ask=replace(read.ask, request=replace(read.ask.request, rerank=True)))


def _first_of_each(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))[:DEPTH]
