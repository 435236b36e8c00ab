"""Signals between a question and every standard answer, as one table of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb.answer.matching_index import WORD, AnswerIndex, weigh_words
from kb.encode.vectors import FloatArray
from kb.text.normalise import HAN_CLASS
from kb.text.tokenise import LegalTokeniser

DoubleArray = npt.NDArray[np.float64]

WORD_SIGNALS = ("asked", "told", "both", "best_wording", "covered", "strongest_missing", "topic_words")
"""BM25 against wordings, body and both; against the nearest wording; share of the question's rare words that
the answer has; rarity of the rarest one that it lacks; how well the answers of its topic fit."""
MEANING_SIGNALS = ("nearest", "nearest3", "mean", "white_nearest", "white_nearest3", "white_mean", "summary")
"""Cosines to the wordings: best, mean of the best three, mean of all; the same whitened; to the summary."""
TOPIC_DEPTH = 5


@dataclass(frozen=True, eq=False)
class Signals:
    """``table`` has a row per answer and a column per name; the rest is about the question alone."""

    names: tuple[str, ...]
    table: DoubleArray
    unknown_share: float
    """Share of the question's word weight in words that no answer has."""
    words: int
    """Distinct words of the question."""
    han_share: float
    """Share of Chinese characters among its letters and digits."""

    def column(self, name: str) -> DoubleArray:
        """One signal for every answer."""
        return self.table[:, self.names.index(name)]


def signal_names(*, with_meaning: bool) -> tuple[str, ...]:
    """Columns of the table."""
    return (*MEANING_SIGNALS, *WORD_SIGNALS) if with_meaning else WORD_SIGNALS


def measure_signals(
    question: str, vector: FloatArray | None, index: AnswerIndex, tokeniser: LegalTokeniser
) -> Signals:
    """All signals of ``question`` (normalised, simplified); ``vector`` None or an index without meanings
    leaves the signals of meaning out."""
    weights = weigh_words(question, tokeniser)
    columns = dict(zip(WORD_SIGNALS, _word_signals(weights, index), strict=True))
    if vector is not None and index.meanings is not None:
        columns |= dict(zip(MEANING_SIGNALS, _meaning_signals(vector, index), strict=True))
    names = signal_names(with_meaning="summary" in columns)
    own = [token for token in weights if token.startswith(WORD)]
    total = sum(index.both.idf(token) for token in own)
    unknown = sum(index.both.idf(token) for token in own if not index.both.knows(token))
    letters = [char for char in question if char.isalnum()]
    han = sum(1 for char in letters if _is_han(char))
    return Signals(
        names,
        np.stack([columns[name] for name in names], axis=1),
        unknown / total if total else 1.0,
        len(own),
        han / max(len(letters), 1),
    )


def _word_signals(weights: Mapping[str, float], index: AnswerIndex) -> tuple[DoubleArray, ...]:
    both = index.both.score(weights)
    single = index.single.score(weights)
    words = [token for token in weights if token.startswith(WORD)]
    rarity = np.array([weights[token] * index.both.idf(token) for token in words])
    has = index.both.presence(words)
    covered = (has * rarity).sum(axis=1) / max(rarity.sum(), 1e-9)
    missing = ((~has) * rarity).max(axis=1) if words else np.zeros(len(index.answers))
    return (
        index.asked.score(weights),
        index.told.score(weights),
        both,
        _best(single, index),
        covered,
        missing,
        _fit_of_topic(both, index),
    )


def _meaning_signals(vector: FloatArray, index: AnswerIndex) -> tuple[DoubleArray, ...]:
    meanings = index.meanings
    assert meanings is not None, "checked by the caller"
    plain = cosines(meanings.wordings, vector)
    white = cosines(meanings.whitened, meanings.whiten(vector))
    summary = cosines(meanings.summaries, vector)
    return (*_near(plain, index), *_near(white, index), summary)


def cosines(rows: FloatArray, vector: FloatArray) -> DoubleArray:
    """Products of unit ``rows`` with a unit ``vector``.

    Not by BLAS: on a busy machine its threads wait for each other longer than they count, and the last bits
    would depend on their number.
    """
    products: FloatArray = np.einsum("ij,j->i", rows, vector)
    return products.astype(np.float64)


def _near(scores: DoubleArray, index: AnswerIndex) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
    """Best, mean of the best three and mean of all, per answer."""
    order = np.lexsort((-scores, index.owners))
    ranked = scores[order]
    counts = np.diff([*index.starts, len(scores)])
    three = np.minimum(counts, 3)
    sums = ranked[index.starts]
    for place in (1, 2):
        sums = sums + np.where(three > place, ranked[np.minimum(index.starts + place, len(ranked) - 1)], 0.0)
    return ranked[index.starts], sums / three, np.add.reduceat(scores, index.starts) / counts


def _best(scores: DoubleArray, index: AnswerIndex) -> DoubleArray:
    return np.asarray(np.maximum.reduceat(scores, index.starts))


def _fit_of_topic(scores: DoubleArray, index: AnswerIndex) -> DoubleArray:
    """Mean of the best answers of each answer's topic."""
    fits = np.zeros(len(index.topic_names))
    for topic in range(len(index.topic_names)):
        fits[topic] = np.sort(scores[index.topics == topic])[::-1][:TOPIC_DEPTH].mean()
    return fits[index.topics]


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char == HAN_CLASS[0]
