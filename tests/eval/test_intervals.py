"""The bootstrap is seeded, and its intervals are as wide as theory says."""

from __future__ import annotations

import numpy as np
import pytest

from eval.intervals import bootstrap_means


def test_the_same_seed_gives_the_same_ends_and_another_does_not() -> None:
    values = np.random.default_rng(1).random((50, 3)).astype(np.float32)
    assert np.array_equal(bootstrap_means(values, 5), bootstrap_means(values, 5))
    assert not np.array_equal(bootstrap_means(values, 5), bootstrap_means(values, 6))


def test_a_column_does_not_depend_on_its_neighbours() -> None:
    values = np.random.default_rng(2).random((40, 2)).astype(np.float32)
    np.testing.assert_allclose(bootstrap_means(values)[:, :1], bootstrap_means(values[:, :1]), atol=1e-6)


def test_no_spread_no_width() -> None:
    assert bootstrap_means(np.full((9, 1), 0.25, np.float32)).tolist() == [[0.25], [0.25]]
    assert bootstrap_means(np.zeros((0, 2), np.float32)).tolist() == [[0, 0], [0, 0]]


def test_the_width_is_that_of_the_normal_approximation() -> None:
    values = np.array([[0.0], [1.0]] * 200, np.float32)
    low, high = bootstrap_means(values)[:, 0]
    error = 1.96 * 0.5 / np.sqrt(400)
    assert low == pytest.approx(0.5 - error, abs=0.006)
    assert high == pytest.approx(0.5 + error, abs=0.006)
