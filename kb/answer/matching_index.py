"""Standard answers prepared for comparison with a question: wordings as vectors, words as postings.

Everything here is derived from the answers; it is made anew whenever they change, and takes milliseconds once
the vectors of the wordings are at hand.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb.answer.parts import stated_texts
from kb.domain.answers import StandardAnswer
from kb.encode.vectors import FloatArray
from kb.text.everyday import find_legal_wording
from kb.text.tokenise import LegalTokeniser

BIGRAM = "b:"
WORD = "w:"
EXPANSION_WEIGHT = 0.5
"""Of a statute's word that the word list gives for an everyday one, as in the search."""
_K1, _B = 1.2, 0.75
_SHRINKAGE = 0.3
"""Share of the identity in the covariance within answers: ten wordings an answer are few for 384 axes."""

IntArray = npt.NDArray[np.int64]
DoubleArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AnswerTexts:
    """What of an answer is compared: ways of asking, a summary for its meaning, the body for its words."""

    id: str
    topic: str
    wordings: tuple[str, ...]
    summary: str
    body: tuple[str, ...]


def texts_of(answer: StandardAnswer, leave_out: frozenset[str] = frozenset()) -> AnswerTexts:
    """The texts of ``answer`` without the wordings in ``leave_out``."""
    wordings = dict.fromkeys((answer.question, answer.title, *answer.variants))
    every = [answer.slots, *(branch.slots for branch in answer.branches)]
    summary = "。".join(
        (
            answer.title,
            *(one.conclusion for one in every),
            *(text for one in every for text in one.conditions),
        )
    )
    body = (*(text for _, text in stated_texts(answer)), *(basis.says for basis in answer.basis))
    kept = tuple(one for one in wordings if one not in leave_out)
    return AnswerTexts(answer.id, answer.topic, kept, summary, tuple(dict.fromkeys(body)))


def weigh_words(text: str, tokeniser: LegalTokeniser) -> dict[str, float]:
    """Words and character bigrams of a text, each once, with the legal words that everyday ones stand for."""
    words, bigrams = tokeniser.split(text)
    weights = dict.fromkeys((*(WORD + word for word in words), *(BIGRAM + pair for pair in bigrams)), 1.0)
    for entry in find_legal_wording(text):
        for term in entry.law:
            for word in tokeniser.split(term)[0]:
                weights.setdefault(WORD + word, EXPANSION_WEIGHT)
    return weights


class Postings:
    """BM25 over a set of documents (Robertson and Zaragoza, 2009): token -> documents with their weights."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        """``documents`` map tokens to counts; there may be empty ones."""
        self.size = len(documents)
        lengths = [sum(document.values()) for document in documents]
        mean = sum(lengths) / max(len(lengths), 1) or 1.0
        rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for row, document in enumerate(documents):
            norm = _K1 * (1 - _B + _B * lengths[row] / mean)
            for token, count in document.items():
                rows[token].append((row, count * (_K1 + 1) / (count + norm)))
        self._idf = {token: self._rarity(len(found)) for token, found in rows.items()}
        self._unseen = self._rarity(0)
        self._rows: dict[str, tuple[IntArray, DoubleArray]] = {
            token: (np.array([row for row, _ in found]), np.array([weight for _, weight in found]))
            for token, found in rows.items()
        }

    def _rarity(self, documents: int) -> float:
        return math.log1p((self.size - documents + 0.5) / (documents + 0.5))

    def idf(self, token: str) -> float:
        """Rarity of a token; that of one in no document is the highest."""
        return self._idf.get(token, self._unseen)

    def knows(self, token: str) -> bool:
        """Whether any document has it."""
        return token in self._rows

    def score(self, weights: Mapping[str, float]) -> DoubleArray:
        """BM25 of every document, shape (documents,)."""
        scores = np.zeros(self.size)
        for token, weight in weights.items():
            held = self._rows.get(token)
            if held is not None:
                scores[held[0]] += weight * self._idf[token] * held[1]
        return scores

    def presence(self, tokens: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which documents have which tokens, shape (documents, tokens)."""
        found = np.zeros((self.size, len(tokens)), np.bool_)
        for column, token in enumerate(tokens):
            held = self._rows.get(token)
            if held is not None:
                found[held[0], column] = True
        return found


@dataclass(frozen=True, eq=False)
class Meanings:
    """Vectors of the wordings (rows by owner) and of the summaries; ``spread`` whitens a vector.

    Whitening: axes along which the wordings of one answer differ say little, those along which answers
    differ much (linear discriminant analysis with a shrunk covariance within answers).
    """

    wordings: FloatArray
    whitened: FloatArray
    summaries: FloatArray
    centre: FloatArray
    spread: FloatArray

    def whiten(self, vector: FloatArray) -> FloatArray:
        """The vector in the whitened space, of length one."""
        whitened: FloatArray = _whiten(vector[None], self.centre, self.spread)[0]
        return whitened


@dataclass(frozen=True, eq=False)
class AnswerIndex:
    """Answers ready for matching.

    ``starts`` are the rows at which each answer's wordings begin; ``topics`` number the topic of each answer.
    ``meanings`` is None where there is no dense encoder.
    """

    answers: tuple[AnswerTexts, ...]
    owners: IntArray
    starts: IntArray
    topics: IntArray
    topic_names: tuple[str, ...]
    asked: Postings
    """One document an answer: all its wordings."""
    told: Postings
    """One document an answer: what it says."""
    both: Postings
    single: Postings
    """One document a wording."""
    meanings: Meanings | None

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the answers by row."""
        return tuple(one.id for one in self.answers)


def build_index(
    answers: Sequence[AnswerTexts],
    tokeniser: LegalTokeniser,
    vectors: Mapping[str, FloatArray] | None,
    summaries: Mapping[str, FloatArray] | None,
) -> AnswerIndex:
    """The index over ``answers``; the maps give unit vectors of wordings and of summaries by text.

    Without vectors it compares words only.
    """
    kept = tuple(one for one in answers if one.wordings)
    owners = np.array([row for row, one in enumerate(kept) for _ in one.wordings], np.int64)
    starts = np.array([0, *np.cumsum([len(one.wordings) for one in kept])[:-1]], np.int64)[: len(kept)]
    names = tuple(sorted({one.topic for one in kept}))
    single = [weigh_words(text, tokeniser) for one in kept for text in one.wordings]
    asked = [_add_up(single[row] for row in np.flatnonzero(owners == place)) for place in range(len(kept))]
    told = [_count_words(one.body, tokeniser) for one in kept]
    both = [_add_up((one, other)) for one, other in zip(asked, told, strict=True)]
    meanings = None
    if kept and vectors is not None and summaries is not None:
        rows = np.stack([vectors[text] for one in kept for text in one.wordings])
        meanings = _measure_meanings(rows, owners, np.stack([summaries[one.summary] for one in kept]))
    return AnswerIndex(
        answers=kept,
        owners=owners,
        starts=starts,
        topics=np.array([names.index(one.topic) for one in kept], np.int64),
        topic_names=names,
        asked=Postings(asked),
        told=Postings(told),
        both=Postings(both),
        single=Postings(single),
        meanings=meanings,
    )


def _measure_meanings(rows: FloatArray, owners: IntArray, summaries: FloatArray) -> Meanings:
    counts = np.bincount(owners)
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, owners, rows.astype(np.float64))
    within = rows - (sums / counts[:, None])[owners]
    covariance = within.T @ within / len(rows)
    flat = np.trace(covariance) / len(covariance) or 1.0
    covariance = (1 - _SHRINKAGE) * covariance + _SHRINKAGE * flat * np.eye(len(covariance))
    values, axes = np.linalg.eigh(covariance)
    spread = (axes / np.sqrt(values)).astype(np.float32)
    centre = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    return Meanings(rows, _whiten(rows, centre, spread), summaries, centre, spread)


def _whiten(vectors: FloatArray, centre: FloatArray, spread: FloatArray) -> FloatArray:
    moved = np.einsum("ij,jk->ik", vectors - centre, spread, optimize=len(vectors) > 1)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(lengths, 1e-9), np.float32)


def _count_words(texts: Iterable[str], tokeniser: LegalTokeniser) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        words, bigrams = tokeniser.split(text)
        counts.update(WORD + word for word in words)
        counts.update(BIGRAM + pair for pair in bigrams)
    return counts


def _add_up(documents: Iterable[Mapping[str, float]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for document in documents:
        for token, count in document.items():
            total[token] += count  # type: ignore[assignment]
    return total
