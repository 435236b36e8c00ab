"""Fitting the ranking and the judging of matches; plain numpy, the same data giving the same numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kb.answer.matching_model import Judge, Ranker, standings
from kb.answer.matching_signals import Signals

DoubleArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_STEPS = 400
_RATE = 0.05
_NEWTON_STEPS = 60


def fit_ranker(examples: Sequence[tuple[Signals, int]], penalty: float = 1e-2) -> Ranker:
    """Conditional logit by Adam on the mean log-likelihood; an example is (signals, row of its answer).

    ``penalty`` weighs the squared coefficients.
    """
    names = examples[0][0].names
    gaps = np.concatenate([one.table - one.table.max(axis=0) for one, _ in examples])
    scales = np.maximum(gaps.std(axis=0), 1e-9)
    plain = Ranker(names, scales, np.zeros(len(names)), np.zeros(len(names)))
    inputs = np.stack([np.concatenate(standings(one, plain), axis=1) for one, _ in examples])
    rows = np.arange(len(examples))
    right = np.array([row for _, row in examples])
    wanted = inputs[rows, right].mean(axis=0)
    weights = np.zeros(inputs.shape[2])
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        utility = inputs @ weights
        utility -= utility.max(axis=1, keepdims=True)
        shares = np.exp(utility)
        shares /= shares.sum(axis=1, keepdims=True)
        expected = np.tensordot(shares, inputs, axes=([0, 1], [0, 1])) / len(examples)
        gradient = expected - wanted + penalty * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        weights = weights - _RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return Ranker(names, scales, weights[: len(names)], weights[len(names) :])


def fit_judge(features: DoubleArray, right: BoolArray, weights: DoubleArray, penalty: float = 2.0) -> Judge:
    """Logistic regression by Newton's method; ``penalty`` weighs on all but the bias."""
    means = np.average(features, axis=0, weights=weights)
    scales = np.sqrt(np.average((features - means) ** 2, axis=0, weights=weights))
    scales = np.where(scales > 1e-9, scales, 1.0)
    inputs = np.concatenate([np.ones((len(features), 1)), (features - means) / scales], axis=1)
    ridge = np.full(inputs.shape[1], penalty)
    ridge[0] = 1e-6
    found = np.zeros(inputs.shape[1])
    for _ in range(_NEWTON_STEPS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(inputs @ found, -30, 30)))
        gradient = inputs.T @ (weights * (chances - right)) + ridge * found
        curve = inputs.T @ (inputs * (weights * chances * (1 - chances))[:, None]) + np.diag(ridge)
        step = np.linalg.solve(curve, gradient)
        found = found - step
        if np.abs(step).max() < 1e-8:
            break
    return Judge(means, scales, found[1:], float(found[0]))
