"""Ranking arithmetic by hand: exact sums on the grid, cuts that no tie can change."""

from __future__ import annotations

import random
import uuid

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.encode.vectors import SparseVector
from kb.index.payload import PointKeys
from kb.index.ranking import Candidate, cut_complete, grid_document, grid_query

KEYS = PointKeys("p", "v", "w", "statute", "全国", "t", 20200101, 99991231)


def candidates(*scores: float) -> list[Candidate]:
    return [Candidate(score, uuid.UUID(int=99 - place), KEYS) for place, score in enumerate(scores)]


def numbers(found: object) -> list[int]:
    assert isinstance(found, list)
    return [hit.id.int for hit in found]


def test_equal_scores_are_ordered_by_id() -> None:
    assert numbers(cut_complete(candidates(3, 2, 2, 2, 1), 3, None)) == [99, 96, 97]


def test_a_tie_that_may_go_on_beyond_what_was_fetched_asks_for_more() -> None:
    assert cut_complete(candidates(3, 2, 2), 2, 2.0) is None
    assert cut_complete(candidates(3, 2, 2), 4, 2.0) is None
    assert numbers(cut_complete(candidates(3, 2, 2), 1, 2.0)) == [99]


def test_a_filtered_list_is_complete_above_the_lowest_score_fetched() -> None:
    """Points that failed the filter still prove how far the list reaches."""
    assert numbers(cut_complete(candidates(3, 2), 2, 1.5)) == [99, 98]
    assert cut_complete(candidates(3), 2, 1.5) is None
    assert numbers(cut_complete(candidates(3), 2, None)) == [99]


@settings(deadline=None)
@given(
    st.lists(st.floats(0.001, 2.2), min_size=1, max_size=300),
    st.floats(0.5, 14.0),
    st.randoms(use_true_random=False),
)
def test_a_sparse_score_does_not_depend_on_the_order_of_its_sum(
    weights: list[float], idf: float, chance: random.Random
) -> None:
    tokens = tuple(range(len(weights)))
    document = grid_document(SparseVector(tokens, tuple(weights)))
    query = grid_query(SparseVector(tokens, tuple(chance.random() * idf + 0.01 for _ in weights)))
    products = [np.float32(a) * np.float32(b) for a, b in zip(document.values, query.values, strict=True)]
    sums = set()
    for _ in range(5):
        chance.shuffle(products)
        total = np.float32(0)
        for product in products:
            total += product
        sums.add(float(total))
    assert sums == {sum(a * b for a, b in zip(document.values, query.values, strict=True))}


def test_the_grid_is_fine_for_a_question_and_keeps_every_word() -> None:
    document = SparseVector((1, 2, 3), (1.37, 0.0001, 2.19))
    assert grid_document(document).values == pytest.approx(document.values, abs=2**-8)
    assert all(grid_document(document).values)
    query = SparseVector(tuple(range(20)), tuple(3 + word / 4 for word in range(20)))
    assert grid_query(query).values == pytest.approx(query.values, abs=2**-5)
    assert grid_query(SparseVector((), ())) == SparseVector((), ())
