"""Fitting the danger model: dangerous messages, harmless ones with the same words, and questions of law."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb.answer.safety import clean_text, find_danger, load_rules
from kb.answer.safety_model import (
    FILES,
    GRAMS,
    HEAD_GRAMS,
    DangerModel,
    DangerThresholds,
    Scorer,
    hash_grams,
    is_framed,
    read_examples,
    scale_meaning,
)
from kb.encode.vectors import FloatArray

DoubleArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

FOLDS = 4
MOST_LAW = 2_000
"""Questions of law that take part, drawn by hash: more say nothing new and cost memory."""
PENALTY = 1.0
_STEPS = 500
_CLOSE = 1e-4
WEIGHT_NEAR = 1.5
"""Of a harmless message with words of danger, beside a message of danger."""
WEIGHT_LAW = 0.2
"""Of a question of law: there are many."""
MOST_ALARMS = 0.03
"""Share of the questions of law that may be suspected."""
FRAMED = 0.9
"""Least limit of a message that asks about law or tells of the past."""
_NONE = np.zeros(0)


@dataclass(frozen=True, eq=False)
class _Data:
    grams: DoubleArray
    meaning: DoubleArray
    danger: BoolArray
    near: BoolArray
    framed: BoolArray
    signs: BoolArray
    weights: DoubleArray
    folds: npt.NDArray[np.int64]


def fit_danger_model(
    law: Sequence[str], encode: Callable[[Sequence[str]], FloatArray], encoder: str
) -> tuple[DangerModel, dict[str, float]]:
    """The model and what cross-fitting measured; ``law`` are questions of law and others without danger."""
    danger, near = read_examples()
    law = sorted(law, key=lambda text: hashlib.sha256(text.encode()).digest())[:MOST_LAW]
    texts = [*(text for _, text in danger), *near, *law]
    data = _gather(texts, len(danger), len(near), encode)
    both = np.concatenate([data.grams, data.meaning], axis=1)
    measured: dict[str, float] = {"messages": float(len(danger)), "harmless": float(len(near))}
    chosen: list[DangerThresholds] = []
    for name, inputs in (("danger", both), ("danger_words", data.grams)):
        chances = _cross_fit(inputs, data)
        limits = choose_limits(chances, ~data.danger & ~data.near, data.framed)
        chosen.append(limits)
        measured |= {f"{name}_{key}": value for key, value in _measure(chances, limits, data).items()}
    whole = fit_scorer(both, data.danger, data.weights)
    words = fit_scorer(data.grams, data.danger, data.weights)
    model = DangerModel(
        encoder,
        Scorer(whole[0], whole[1][:GRAMS], whole[1][GRAMS:]),
        Scorer(words[0], words[1], _NONE),
        _fit_heads(danger),
        chosen[0],
        chosen[1],
    )
    return model, measured


def choose_limits(chances: DoubleArray, law: BoolArray, framed: BoolArray) -> DangerThresholds:
    """The lowest limits at which at most MOST_ALARMS of the questions of law is suspected."""
    for limit in np.arange(0.3, 0.991, 0.01):
        strict = max(limit, FRAMED)
        if (chances >= np.where(framed, strict, limit))[law].mean() <= MOST_ALARMS:
            return DangerThresholds(float(round(limit, 3)), float(round(strict, 3)))
    return DangerThresholds(0.99, 0.99)


def fit_scorer(inputs: DoubleArray, right: BoolArray, weights: DoubleArray) -> tuple[float, DoubleArray]:
    """Ridge logistic regression by accelerated gradient descent (Nesterov 1983, with restarts).

    Newton's method would cost a hundred times as much at this many features. The bias is not penalised.
    """
    padded = np.concatenate([np.ones((len(inputs), 1)), inputs], axis=1).astype(np.float32)
    weights32 = weights.astype(np.float32)
    ridge = np.full(padded.shape[1], PENALTY, np.float32)
    ridge[0] = 1e-6
    rate = np.float32(1.0 / (0.25 * _largest_curvature(padded, weights32) + PENALTY))
    found = ahead = np.zeros(padded.shape[1], np.float32)
    pace = 1.0
    for _ in range(_STEPS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(padded @ ahead, -30, 30)))
        gradient = padded.T @ (weights32 * (chances - right)) + ridge * ahead
        following = ahead - rate * gradient
        step = following - found
        if gradient @ step > 0:
            pace, ahead = 1.0, found
            continue
        if np.abs(step).max() < _CLOSE:
            return float(following[0]), following[1:].astype(np.float64)
        next_pace = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead = following + np.float32((pace - 1) / next_pace) * step
        found, pace = following, next_pace
    return float(found[0]), found[1:].astype(np.float64)


def _largest_curvature(padded: FloatArray, weights: FloatArray) -> float:
    """Largest eigenvalue of the weighted second moments, by power iteration."""
    vector = (np.ones(padded.shape[1]) / np.sqrt(padded.shape[1])).astype(np.float32)
    size = 1.0
    for _ in range(20):
        image = padded.T @ (weights * (padded @ vector))
        size = float(np.linalg.norm(image))
        vector = image / max(size, 1e-12)
    return 1.05 * size


def _gather(
    texts: Sequence[str], dangerous: int, near: int, encode: Callable[[Sequence[str]], FloatArray]
) -> _Data:
    rules = load_rules()
    plain = [clean_text(text, rules) for text in texts]
    place = np.arange(len(texts))
    weights = np.where(place < dangerous, 1.0, np.where(place < dangerous + near, WEIGHT_NEAR, WEIGHT_LAW))
    return _Data(
        grams=np.stack([hash_grams(text, GRAMS) for text in plain]),
        meaning=np.stack([scale_meaning(vector) for vector in encode(texts)]),
        danger=place < dangerous,
        near=(place >= dangerous) & (place < dangerous + near),
        framed=np.array([is_framed(text, rules) for text in plain]),
        signs=np.array([bool(find_danger(text)) for text in texts]),
        weights=weights,
        folds=np.array([hashlib.sha256(text.encode()).digest()[0] % FOLDS for text in texts]),
    )


def _cross_fit(inputs: DoubleArray, data: _Data) -> DoubleArray:
    chances = np.zeros(len(inputs))
    for fold in range(FOLDS):
        rest = data.folds != fold
        bias, weights = fit_scorer(inputs[rest], data.danger[rest], data.weights[rest])
        chances[~rest] = 1.0 / (1.0 + np.exp(-np.clip(bias + inputs[~rest] @ weights, -30, 30)))
    return chances


def _fit_heads(danger: Sequence[tuple[str, str]]) -> dict[str, Scorer]:
    rules = load_rules()
    grams = np.stack([hash_grams(clean_text(text, rules), HEAD_GRAMS) for _, text in danger])
    ones = np.ones(len(danger))
    heads = {}
    for name in FILES:
        bias, weights = fit_scorer(grams, np.array([category == name for category, _ in danger]), ones)
        heads[name] = Scorer(bias, weights, _NONE)
    return heads


def _measure(chances: DoubleArray, limits: DangerThresholds, data: _Data) -> dict[str, float]:
    called = (chances >= np.where(data.framed, limits.framed, limits.plain)) | data.signs
    law = ~data.danger & ~data.near
    return {
        "found": float(called[data.danger].mean()),
        "alarms_near": float(called[data.near].mean()),
        "alarms_law": float(called[law].mean()) if law.any() else 0.0,
    }
