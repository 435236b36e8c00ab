"""Fusion, worked by hand: weight / (k + rank), summed, divided by what first place everywhere gives."""

from __future__ import annotations

import uuid

import pytest

from kb.index.protocol import DENSE, SPARSE, ScoredPoint
from kb.search.fusion import FusionSettings, Signal, fuse

ONE_TO_ONE = FusionSettings({DENSE: 1.0, SPARSE: 1.0}, rank_constant=1)
"""First place gives 1/2, second 1/3, third 1/4: a clean sweep is 1/2 + 1/2 = 1."""


def point(provision: str, score: float = 0.5, version: str = "v1") -> ScoredPoint:
    return ScoredPoint(
        uuid.uuid5(uuid.NAMESPACE_OID, provision + version), score, provision, version, "w1", "statute"
    )


def test_ranks_add_up_over_the_lists() -> None:
    fused = fuse({DENSE: [point("a"), point("b")], SPARSE: [point("b"), point("c"), point("a")]}, ONE_TO_ONE)
    scores = {one.provision_id: one.score for one in fused}
    assert [one.provision_id for one in fused] == ["b", "a", "c"]
    assert scores["b"] == pytest.approx(1 / 3 + 1 / 2)  # second by meaning, first by words
    assert scores["a"] == pytest.approx(1 / 2 + 1 / 4)
    assert scores["c"] == pytest.approx(1 / 3)


def test_a_clean_sweep_scores_one() -> None:
    best, *_ = fuse({DENSE: [point("a"), point("b")], SPARSE: [point("a"), point("c")]})
    assert best.provision_id == "a"
    assert best.score == pytest.approx(1.0)


def test_weights_decide_between_first_places() -> None:
    settings = FusionSettings({DENSE: 1.0, SPARSE: 0.5}, rank_constant=1)
    fused = fuse({DENSE: [point("z")], SPARSE: [point("a")]}, settings)
    # (1.0 * 1/2) and (0.5 * 1/2), over (1.0 + 0.5) * 1/2
    assert [(one.provision_id, pytest.approx(one.score)) for one in fused] == [("z", 2 / 3), ("a", 1 / 3)]


def test_equal_scores_are_ordered_by_provision_and_then_by_version() -> None:
    fused = fuse(
        {DENSE: [point("b", version="v2"), point("c")], SPARSE: [point("b", version="v1"), point("a")]},
        ONE_TO_ONE,
    )
    assert [(one.provision_id, one.version_id) for one in fused] == [
        ("b", "v1"),
        ("b", "v2"),
        ("a", "v1"),
        ("c", "v1"),
    ]


def test_the_order_of_the_lists_does_not_matter() -> None:
    dense, sparse = [point("a"), point("b"), point("c")], [point("c"), point("d"), point("b")]
    one = fuse({DENSE: dense, SPARSE: sparse}, ONE_TO_ONE)
    other = fuse({SPARSE: sparse, DENSE: dense}, ONE_TO_ONE)
    assert one == other


def test_a_list_without_anything_does_not_lower_the_others() -> None:
    alone = fuse({DENSE: [point("a"), point("b")]}, ONE_TO_ONE)
    beside_nothing = fuse({DENSE: [point("a"), point("b")], SPARSE: []}, ONE_TO_ONE)
    assert alone == beside_nothing
    assert alone[0].score == pytest.approx(1.0)


def test_nothing_found_is_nothing() -> None:
    assert fuse({}) == ()
    assert fuse({DENSE: [], SPARSE: []}) == ()


def test_every_signal_is_kept_with_its_own_rank_and_score() -> None:
    fused = fuse({DENSE: [point("x", 0.9), point("a", 0.8)], SPARSE: [point("a", 17.5)]}, ONE_TO_ONE)
    found = {one.provision_id: one.signals for one in fused}
    assert found["a"] == (Signal(DENSE, 2, 0.8), Signal(SPARSE, 1, 17.5))
    assert found["x"] == (Signal(DENSE, 1, 0.9),)


def test_two_versions_of_a_provision_are_two_candidates() -> None:
    fused = fuse({DENSE: [point("a", version="v1"), point("a", version="v2")]}, ONE_TO_ONE)
    assert [one.version_id for one in fused] == ["v1", "v2"]
