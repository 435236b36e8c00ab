"""Confidence intervals of means, by a seeded bootstrap over questions (Efron, 1979; percentile method)."""

from __future__ import annotations

import numpy as np

from kb.encode.vectors import FloatArray

SEED = 20261122
RESAMPLES = 2000
LEVEL = 0.95


def bootstrap_means(values: FloatArray, seed: int = SEED, resamples: int = RESAMPLES) -> FloatArray:
    """Low and high ends of the 95 % interval of each column's mean: (n, m) -> (2, m).

    Questions are drawn with replacement, the same draws for every column; the same values and seed
    always give the same ends. Paired differences of two runs are columns like any others. No
    questions give zeros.
    """
    questions, columns = values.shape
    if not questions:
        return np.zeros((2, columns), np.float32)
    drawn = np.random.default_rng(seed).multinomial(questions, np.full(questions, 1 / questions), resamples)
    means = drawn.astype(np.float64) @ values.astype(np.float64) / questions
    tail = (1 - LEVEL) / 2
    return np.asarray(np.quantile(means, [tail, 1 - tail], axis=0), np.float32)
