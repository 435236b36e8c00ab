"""Values worked out by hand, and agreement with the definitions on random lists."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from eval.measures import MEASURES, percentile, score_run


def score(ranked: list[str], wanted: set[str]) -> dict[str, float]:
    (values,) = score_run([ranked], [wanted])
    return {name: float(value) for name, value in zip(MEASURES, values, strict=True)}


def test_two_of_three_at_the_first_and_third_place() -> None:
    values = score(["a", "x", "b", "y"], {"a", "b", "missing:c"})
    assert values["recall@1"] == pytest.approx(1 / 3)
    assert values["recall@5"] == values["recall@100"] == pytest.approx(2 / 3)
    assert values["mrr@10"] == 1.0
    gained = 1 + 1 / math.log2(4)
    best = 1 + 1 / math.log2(3) + 1 / math.log2(4)  # the missing one belongs to the best possible list
    assert values["ndcg@10"] == pytest.approx(gained / best)


def test_the_second_place() -> None:
    values = score(["x", "a"], {"a"})
    assert (values["recall@1"], values["recall@5"], values["mrr@10"]) == (0, 1, 0.5)
    assert values["ndcg@10"] == pytest.approx(1 / math.log2(3))


def test_the_eleventh_place_is_beyond_ten() -> None:
    values = score([f"x{n}" for n in range(10)] + ["a"], {"a"})
    assert (values["recall@10"], values["recall@30"]) == (0, 1)
    assert (values["mrr@10"], values["ndcg@10"]) == (0, 0)


def test_more_are_wanted_than_ten() -> None:
    wanted = {f"a{n:02}" for n in range(20)}
    values = score(sorted(wanted), wanted)
    assert values["recall@10"] == 0.5
    assert values["ndcg@10"] == pytest.approx(1.0)


def test_nothing_found_and_nothing_wanted_are_zero() -> None:
    values = score_run([[], ["a"], ["a"]], [{"a"}, set(), {"a"}], ["recall@1"])
    assert values[:, 0].tolist() == [0, 0, 1]
    assert score_run([], []).shape == (0, len(MEASURES))


def test_the_place_in_the_list_decides_whatever_the_ids_are() -> None:
    # trec_eval breaks ties of scores by id, so a list in reverse order of ids would show a leak
    ids = [f"w{n:03}" for n in range(100)]
    for ranked in (ids, ids[::-1]):
        values = score(ranked, {ranked[4]})
        assert (values["recall@1"], values["recall@5"]) == (0, 1)
        assert values["mrr@10"] == pytest.approx(0.2)


def test_an_id_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        score_run([["a", "a"]], [{"a"}])


def test_random_lists_agree_with_the_definitions() -> None:
    draw = random.Random(7)
    ids = [f"p{n}" for n in range(150)]
    ranked = [draw.sample(ids, draw.randrange(0, 120)) for _ in range(60)]
    wanted = [set(draw.sample(ids, draw.randrange(1, 9))) for _ in range(60)]
    expected = []
    for found, want in zip(ranked, wanted, strict=True):
        gains = [1 / math.log2(place + 1) if one in want else 0 for place, one in enumerate(found, 1)]
        best = sum(1 / math.log2(place + 1) for place in range(1, min(10, len(want)) + 1))
        first = next((place for place, one in enumerate(found[:10], 1) if one in want), None)
        recalls = [len(want & set(found[:k])) / len(want) for k in (1, 5, 10, 30, 100)]
        expected.append([*recalls, 1 / first if first else 0, sum(gains[:10]) / best])
    np.testing.assert_allclose(score_run(ranked, wanted), expected, atol=1e-6)


def test_percentile_is_the_nearest_rank() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile([4, 1, 3, 2], 0.95) == 4
    assert percentile([], 0.5) == 0
