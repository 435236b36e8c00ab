"""Reading the first candidates again: their order, their places beside guides, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kb.domain.search import SearchRequest
from kb.encode.dense import DenseEncoder
from kb.encode.reranker import open_reranker
from kb.encode.vectors import FloatArray
from kb.search.door import SearchService
from kb.search.fusion import FusedCandidate
from kb.search.reranking import READ, RERANK, Reranking, shipped_weight
from tests.conftest import Library

QUESTION = "离婚冷静期是多久"


class Longest:
    """Finds longer texts better, and remembers what it was given."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def score(self, question: str, passages: Sequence[str]) -> FloatArray:
        self.read.extend(passages)
        return np.array([len(text) / 200 for text in passages], np.float32)


def candidates(library: Library, question: str = QUESTION) -> list[FusedCandidate]:
    hits = library.door.search(SearchRequest(question, top_k=40)).hits
    return [
        FusedCandidate(hit.provision_id, hit.version_id, hit.work_id, hit.kind.value, 0.9 - at / 100, ())
        for at, hit in enumerate(hits)
    ]


def reranking(library: Library, reranker: Longest, weight: float = 5.0) -> Reranking:
    return Reranking(library.database, reranker, weight)  # type: ignore[arg-type]


def test_only_the_first_are_read_and_scores_fall(small_library: Library) -> None:
    fused, reader = candidates(small_library), Longest()
    assert len(fused) > READ
    ranked = reranking(small_library, reader).rank(QUESTION, fused)
    assert len(reader.read) == READ
    assert {one.provision_id for one in ranked[:READ]} == {one.provision_id for one in fused[:READ]}
    assert [one.provision_id for one in ranked[READ:]] == [one.provision_id for one in fused[READ:]]
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    ranks = sorted(one.signals[-1].rank for one in ranked[:READ])
    assert ranks == list(range(1, READ + 1))
    assert all(one.signals[-1].name == RERANK for one in ranked[:READ])


def test_no_weight_changes_no_order(small_library: Library) -> None:
    fused = candidates(small_library)
    ranked = reranking(small_library, Longest(), 0.0).rank(QUESTION, fused)
    assert [one.provision_id for one in ranked] == [one.provision_id for one in fused]


def test_what_is_no_law_keeps_its_place(small_library: Library) -> None:
    fused = candidates(small_library)
    fused[2] = replace(fused[2], kind="guide")
    ranked = reranking(small_library, Longest()).rank(QUESTION, fused)
    assert ranked[2] == fused[2]
    assert ranked[0].signals[-1].rank == 1


def test_a_text_that_is_gone_is_read_as_the_worst(small_library: Library) -> None:
    fused = candidates(small_library)
    fused[0] = replace(fused[0], provision_id="gone:a1")
    ranked = reranking(small_library, Longest()).rank(QUESTION, fused)
    assert ranked[0].provision_id != "gone:a1"
    assert len(ranked) == len(fused)


def test_the_shipped_one_through_the_door(small_library: Library, encoder: DenseEncoder) -> None:
    reranker, weight = open_reranker(), shipped_weight()
    assert reranker is not None
    assert weight is not None
    door = SearchService(
        small_library.database,
        small_library.holder,
        encoder,
        reranking=Reranking(small_library.database, reranker, weight),
    )
    plain = door.search(SearchRequest(QUESTION))
    assert not any(reason.signal == "rerank" for hit in plain.hits for reason in hit.reasons)
    first, again = (door.search(SearchRequest(QUESTION, rerank=True)) for _ in range(2))
    assert first.hits == again.hits
    told = [reason for reason in first.hits[0].reasons if reason.signal == "rerank"]
    assert told == [] or told[0].detail.startswith("与问题对照精读")


@pytest.mark.parametrize("asked", [True, False])
def test_without_a_reranker_the_order_is_the_fused_one(small_library: Library, asked: bool) -> None:
    found = small_library.door.search(SearchRequest(QUESTION, rerank=asked))
    assert [hit.provision_id for hit in found.hits] == [
        hit.provision_id for hit in small_library.door.search(SearchRequest(QUESTION)).hits
    ]
