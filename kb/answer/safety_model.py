"""Danger in words no sign foresees: logistic regression over characters and, where there is one, meaning.

It is fitted by ``lawkb answers calibrate`` on the messages in ``corpora/safety/examples`` and on questions of
law, and stands beside the signs of ``safety``: either may call danger. Without an encoder characters alone
decide, a little more cautiously.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from kb.answer.safety import SAFE, Danger, SafetyRules, asks_law, clean_text, frames_of, load_rules
from kb.encode.vectors import FloatArray

DoubleArray = npt.NDArray[np.float64]

GRAMS = 2048
HEAD_GRAMS = 1024
MAX_GRAM = 3
MEANING_SCALE = 6.0
"""Weight of the unit vector of meaning beside the unit vector of characters."""
HEAD_SHARE = 0.5
"""A category is named when it is at least this probable, or the most probable."""
_KIN = (
    "老公",
    "丈夫",
    "男人",
    "男友",
    "男朋友",
    "前夫",
    "前男友",
    "对象",
    "老婆",
    "妻子",
    "婆婆",
    "公公",
    "婆家",
    "女婿",
    "姐夫",
)
_FOLDER = "examples"
FILES = ("self_harm", "violence", "child", "sexual", "detention", "medical", "fire")


@dataclass(frozen=True, eq=False)
class Scorer:
    """A linear score; ``meaning`` is empty where characters alone decide."""

    bias: float
    grams: DoubleArray
    meaning: DoubleArray

    def chance(self, grams: DoubleArray, meaning: DoubleArray | None) -> float:
        """Probability between 0 and 1."""
        score = self.bias + float(np.einsum("i,i->", self.grams, grams))
        if meaning is not None and len(self.meaning):
            score += float(np.einsum("i,i->", self.meaning, meaning))
        return float(1.0 / (1.0 + np.exp(-np.clip(score, -30.0, 30.0))))


@dataclass(frozen=True)
class DangerThresholds:
    """Danger is called from ``plain`` on, in a message framed as law or as long past from ``framed`` on."""

    plain: float
    framed: float


@dataclass(frozen=True, eq=False)
class DangerModel:
    """Both scorers and a head per category; ``encoder`` is the encoder that ``with_meaning`` needs."""

    encoder: str
    with_meaning: Scorer
    words_only: Scorer
    heads: Mapping[str, Scorer]
    limits: DangerThresholds
    word_limits: DangerThresholds


def judge_danger(text: str, model: DangerModel, vector: FloatArray | None) -> Danger:
    """The danger that the model sees in ``text``; ``vector`` is its meaning by ``model.encoder``, or None."""
    rules = load_rules()
    plain = clean_text(text, rules)
    if len(plain) < 2:
        return SAFE
    grams = hash_grams(plain, GRAMS)
    if vector is not None:
        chance, limits = model.with_meaning.chance(grams, scale_meaning(vector)), model.limits
    else:
        chance, limits = model.words_only.chance(grams, None), model.word_limits
    limit = limits.framed if is_framed(plain, rules) else limits.plain
    if chance < limit:
        return SAFE
    return Danger(name_categories(plain, model, rules), asks_law(plain))


def name_categories(plain: str, model: DangerModel, rules: SafetyRules) -> tuple[str, ...]:
    """Categories of a message of danger, most urgent first; violence among kin is domestic violence."""
    grams = hash_grams(plain, HEAD_GRAMS)
    chances = {name: head.chance(grams, None) for name, head in model.heads.items()}
    best = max(chances, key=lambda name: (chances[name], name))
    named = {best, *(name for name, chance in chances.items() if chance >= HEAD_SHARE)}
    if "violence" in named and any(word in plain for word in _KIN):
        named = (named - {"violence"}) | {"domestic_violence"}
    return tuple(name for name in rules.order if name in named)


def is_framed(plain: str, rules: SafetyRules) -> bool:
    """Whether a message asks about law or tells of the past, and nothing says that it is happening."""
    happening, legal, past = frames_of(plain, rules)
    return (legal or past) and not happening


def hash_grams(plain: str, size: int) -> DoubleArray:
    """Which runs of one to three characters stand in a cleaned text, hashed to ``size`` places."""
    marked = f"^{plain}$"
    found = np.zeros(size)
    for length in range(1, MAX_GRAM + 1):
        for start in range(len(marked) - length + 1):
            found[zlib.crc32(marked[start : start + length].encode()) % size] = 1.0
    return found / max(float(np.sqrt(found.sum())), 1e-9)


def scale_meaning(vector: FloatArray) -> DoubleArray:
    """The vector of meaning on the scale of the features."""
    return vector.astype(np.float64) * MEANING_SCALE


def read_examples() -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """(category, message) of the shipped messages of danger, and the harmless ones."""
    danger = [(name, line) for name in FILES for line in _read_lines(f"{name}.txt")]
    for line in _read_lines("more.txt"):
        category, _, message = line.partition("\t")
        danger.append((category, message))
    return tuple(danger), (*_read_lines("harmless.txt"), *_read_lines("stories.txt"))


def plain_danger_model(model: DangerModel) -> dict[str, Any]:
    """JSON values, weights to four significant digits."""
    return {
        "encoder": model.encoder,
        "limits": [model.limits.plain, model.limits.framed],
        "word_limits": [model.word_limits.plain, model.word_limits.framed],
        "with_meaning": _plain_scorer(model.with_meaning),
        "words_only": _plain_scorer(model.words_only),
        "heads": {name: _plain_scorer(head) for name, head in model.heads.items()},
    }


def parse_danger_model(loaded: Mapping[str, Any]) -> DangerModel:
    """The reverse; raises KeyError, TypeError or ValueError."""
    return DangerModel(
        encoder=str(loaded["encoder"]),
        with_meaning=_parse_scorer(loaded["with_meaning"], GRAMS),
        words_only=_parse_scorer(loaded["words_only"], GRAMS),
        heads={str(name): _parse_scorer(head, HEAD_GRAMS) for name, head in loaded["heads"].items()},
        limits=DangerThresholds(*map(float, loaded["limits"])),
        word_limits=DangerThresholds(*map(float, loaded["word_limits"])),
    )


def _plain_scorer(scorer: Scorer) -> dict[str, Any]:
    return {
        "bias": _short(scorer.bias),
        "grams": [_short(value) for value in scorer.grams],
        "meaning": [_short(value) for value in scorer.meaning],
    }


def _parse_scorer(loaded: Mapping[str, Any], size: int) -> Scorer:
    grams = np.array(loaded["grams"], np.float64)
    if grams.shape != (size,):
        raise ValueError("another number of weights")
    return Scorer(float(loaded["bias"]), grams, np.array(loaded["meaning"], np.float64))


def _read_lines(name: str) -> Sequence[str]:
    lines = files("corpora").joinpath("safety", _FOLDER, name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _short(value: float) -> float:
    return float(f"{float(value):.4g}")
