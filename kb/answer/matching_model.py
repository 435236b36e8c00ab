"""The calibrated model between signals and a decision: which answer, how sure, and is that sure enough.

Two steps. A conditional logit (McFadden 1974) over all answers ranks them: its utilities are linear in each
signal's standing among the answers. A logistic regression then gives the probability that the first is
right, and another that the right one is among those that would be offered. Coefficients, scales and
thresholds come from one JSON file, written by ``lawkb answers calibrate``; nothing else decides.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kb.answer.compose import FEATURES as SOURCE_FEATURES
from kb.answer.matching_signals import Signals, signal_names
from kb.errors import SourceError

DoubleArray = npt.NDArray[np.float64]

FORMAT = 1
SHIPPED = "matching.json"
MAX_OFFERED = 4
FADING = 0.2
"""An answer is offered beside the first only while its share is at least this part of the first's."""


@dataclass(frozen=True, eq=False)
class Ranker:
    """``scales`` bring the gap to the best answer to one size; weights for standing and for gap."""

    names: tuple[str, ...]
    scales: DoubleArray
    standing: DoubleArray
    gap: DoubleArray


@dataclass(frozen=True, eq=False)
class Judge:
    """A logistic regression over ``FEATURES``: probability = 1 / (1 + exp(-(bias + weights · z)))."""

    means: DoubleArray
    scales: DoubleArray
    weights: DoubleArray
    bias: float

    def probability(self, features: DoubleArray) -> float:
        """Between 0 and 1."""
        z = (features - self.means) / self.scales
        return float(1.0 / (1.0 + np.exp(-np.clip(self.bias + z @ self.weights, -30.0, 30.0))))


@dataclass(frozen=True)
class Thresholds:
    """An answer is given from ``accept`` and a lead of ``margin`` on; choices are offered from ``offer`` on,
    search results are quoted from ``quote`` on."""

    accept: float
    margin: float
    offer: float
    quote: float


@dataclass(frozen=True, eq=False)
class MatchModel:
    """All of one model; ``encoder`` is the id of the dense encoder, empty for words only.

    ``sources`` judges search results (``compose.FEATURES``): whether one of the first answers the question.
    """

    encoder: str
    ranker: Ranker
    right: Judge
    offered: Judge
    sources: Judge
    thresholds: Thresholds
    measured: dict[str, float]


@dataclass(frozen=True)
class Calibration:
    """What one file holds: the model with meanings, and the one that works without an encoder."""

    made_on: dt.date
    seed: int
    with_meaning: MatchModel
    words_only: MatchModel


def feature_names(names: Sequence[str]) -> tuple[str, ...]:
    """Features of a judge over the signals ``names``."""
    return (
        *("share", "lead", "lead_of_four", "unknown_share", "words", "han_share"),
        *(f"first.{name}" for name in names),
        *(f"gap.{name}" for name in names),
        *(f"best.{name}" for name in names),
    )


def standings(signals: Signals, ranker: Ranker) -> tuple[DoubleArray, DoubleArray]:
    """Each signal's standing among the answers and its gap to the best, shape (answers, signals)."""
    table = signals.table
    spread = table.std(axis=0)
    standing = (table - table.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    return standing, (table - table.max(axis=0)) / ranker.scales


def rank_shares(signals: Signals, ranker: Ranker) -> DoubleArray:
    """Share of belief in each answer; they sum to 1."""
    standing, gap = standings(signals, ranker)
    utility = standing @ ranker.standing + gap @ ranker.gap
    shares = np.exp(utility - utility.max())
    return np.asarray(shares / shares.sum())


def order_answers(shares: DoubleArray) -> npt.NDArray[np.int64]:
    """Rows best first; equal shares in the order of the rows."""
    return np.argsort(-shares, kind="stable")


def judge_features(signals: Signals, shares: DoubleArray, order: npt.NDArray[np.int64]) -> DoubleArray:
    """Features of the first answer, as ``feature_names`` lists them."""
    first = signals.table[order[0]]
    second = signals.table[order[1]] if len(order) > 1 else np.zeros_like(first)
    ranked = shares[order[: MAX_OFFERED + 1]]
    after = ranked[1] if len(ranked) > 1 else 1e-6
    fifth = ranked[MAX_OFFERED] if len(ranked) > MAX_OFFERED else 1e-6
    head = [
        float(np.log(max(ranked[0], 1e-9))),
        float(np.log(max(ranked[0], 1e-9) / max(after, 1e-9))),
        float(np.log(max(ranked[:MAX_OFFERED].sum(), 1e-9) / max(fifth, 1e-9))),
        signals.unknown_share,
        float(np.log1p(signals.words)),
        signals.han_share,
    ]
    return np.concatenate([head, first, first - second, first - signals.table.max(axis=0)])


def choose_offered(shares: DoubleArray, order: npt.NDArray[np.int64]) -> tuple[int, ...]:
    """Rows that would be offered as choices: two to four, near-tied."""
    ranked = [int(row) for row in order[:MAX_OFFERED]]
    near = [row for row in ranked if shares[row] >= FADING * shares[ranked[0]]]
    return tuple(near if len(near) > 1 else ranked[:2])


def load_calibration(path: Path | None = None) -> Calibration:
    """The file at ``path``, the shipped one for None. Raises SourceError ``calibration_unreadable``."""
    source = path or files("kb.answer").joinpath("assets", SHIPPED)
    try:
        return parse_calibration(json.loads(source.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(
            "calibration_unreadable",
            "读不懂标准答问的校准文件",
            place=str(path or SHIPPED),
            way_out="运行 lawkb answers calibrate 重新生成",
        ) from error


def parse_calibration(loaded: dict[str, Any]) -> Calibration:
    """The reverse of ``plain_calibration``; raises AttributeError, KeyError, TypeError or ValueError."""
    if loaded["format"] != FORMAT:
        raise ValueError("another format")
    return Calibration(
        made_on=dt.date.fromisoformat(loaded["made_on"]),
        seed=int(loaded["seed"]),
        with_meaning=_parse_model(loaded["with_meaning"], with_meaning=True),
        words_only=_parse_model(loaded["words_only"], with_meaning=False),
    )


def plain_calibration(calibration: Calibration) -> dict[str, Any]:
    """JSON values, floats to nine significant digits."""
    return {
        "format": FORMAT,
        "made_on": calibration.made_on.isoformat(),
        "seed": calibration.seed,
        "with_meaning": _plain_model(calibration.with_meaning),
        "words_only": _plain_model(calibration.words_only),
    }


def _parse_model(loaded: dict[str, Any], *, with_meaning: bool) -> MatchModel:
    names = signal_names(with_meaning=with_meaning)
    signals = loaded["signals"]
    features = feature_names(names)
    return MatchModel(
        encoder=str(loaded["encoder"]),
        ranker=Ranker(
            names,
            np.array([_scale(signals[name]["scale"]) for name in names]),
            np.array([_number(signals[name]["standing"]) for name in names]),
            np.array([_number(signals[name]["gap"]) for name in names]),
        ),
        right=_parse_judge(loaded["right"], features),
        offered=_parse_judge(loaded["offered"], features),
        sources=_parse_judge(loaded["sources"], SOURCE_FEATURES),
        thresholds=Thresholds(**{name: _number(value) for name, value in loaded["thresholds"].items()}),
        measured={str(name): float(value) for name, value in loaded["measured"].items()},
    )


def _parse_judge(loaded: dict[str, Any], features: Sequence[str]) -> Judge:
    rows = loaded["features"]
    return Judge(
        np.array([_number(rows[name]["mean"]) for name in features]),
        np.array([_scale(rows[name]["scale"]) for name in features]),
        np.array([_number(rows[name]["weight"]) for name in features]),
        _number(loaded["bias"]),
    )


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("no finite number")
    return number


def _scale(value: Any) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError("a scale divides")
    return number


def _plain_model(model: MatchModel) -> dict[str, Any]:
    ranker = model.ranker
    features = feature_names(ranker.names)
    return {
        "encoder": model.encoder,
        "measured": {name: _short(value) for name, value in model.measured.items()},
        "thresholds": {
            "accept": _short(model.thresholds.accept),
            "margin": _short(model.thresholds.margin),
            "offer": _short(model.thresholds.offer),
            "quote": _short(model.thresholds.quote),
        },
        "signals": {
            name: {
                "scale": _short(ranker.scales[i]),
                "standing": _short(ranker.standing[i]),
                "gap": _short(ranker.gap[i]),
            }
            for i, name in enumerate(ranker.names)
        },
        "right": _plain_judge(model.right, features),
        "offered": _plain_judge(model.offered, features),
        "sources": _plain_judge(model.sources, SOURCE_FEATURES),
    }


def _plain_judge(judge: Judge, features: Sequence[str]) -> dict[str, Any]:
    rows = {
        name: {
            "mean": _short(judge.means[i]),
            "scale": _short(judge.scales[i]),
            "weight": _short(judge.weights[i]),
        }
        for i, name in enumerate(features)
    }
    return {"bias": _short(judge.bias), "features": rows}


def _short(value: float) -> float:
    return float(f"{float(value):.9g}")
