"""From questions with their provisions to training pairs, with negatives mined by meaning."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.domain.bank import BankQuestion, BankSource
from kb.encode.pairs import Pair, PairKind
from kb.encode.passage import short_title
from kb.encode.training_data import HeldPassages
from kb.encode.vectors import FloatArray

MINED = 40
"""Nearest passages from which a negative is drawn."""
SPARE = 20
"""Looked at beyond those wanted, since some are answers or nearly so."""
SAME_MATTER = 0.95
"""Cosine from which a passage is no negative beside an answer: it may well be right too."""


@dataclass(frozen=True)
class TrainingQuestion:
    """A question, the passages that answer it, and the group of questions that have the same answer.

    ``draw_one`` takes one of the passages per epoch instead of all: labels that are noisy or many.
    ``share`` is the chance to be in an epoch at all; ``answered`` marks a wording of a standard answer.
    """

    text: str
    passages: tuple[str, ...]
    group: str
    draw_one: bool = False
    share: float = 1.0
    answered: bool = False


def from_bank(questions: Iterable[BankQuestion], held: HeldPassages) -> Iterator[TrainingQuestion]:
    """Bank questions with the passages of their provisions; those of works that are not held are left out.

    Questions of one owner that cite the same provisions form a group.
    """
    for one in questions:
        cited = [held.by_citation.get((short_title(cite.title), cite.label)) for cite in one.cites]
        passages = tuple(dict.fromkeys(text for text in cited if text))
        if passages:
            labels = ",".join(cite.title + cite.label for cite in one.cites)
            yield TrainingQuestion(
                one.text,
                passages,
                f"{one.owner}|{labels}",
                draw_one=len(passages) > 1,
                answered=one.source is BankSource.ANSWER,
            )


class NegativePool:
    """Passages with their vectors, asked for what lies near a question and is no answer to it."""

    def __init__(self, passages: Sequence[str], vectors: FloatArray) -> None:
        """``vectors`` are unit vectors, shape (passages, dimension), of the encoder that mines."""
        self._passages = passages
        self._vectors = vectors
        self._row = {text: row for row, text in enumerate(passages)}

    def mine(
        self, questions: Sequence[TrainingQuestion], vectors: FloatArray, ranks: int = MINED
    ) -> list[tuple[str, ...]]:
        """For each question its ``ranks`` nearest passages, less its answers and what is nearly the same."""
        mined: list[tuple[str, ...]] = []
        depth = min(ranks + SPARE, len(self._passages))
        for start in range(0, len(questions), 512):
            scores = vectors[start : start + 512] @ self._vectors.T
            nearest = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
            for place, question in enumerate(questions[start : start + 512]):
                row = scores[place]
                order = sorted(nearest[place], key=lambda one, row=row: (-row[one], one))  # type: ignore[misc]
                mined.append(tuple(self._usable(order, question))[:ranks])
        return mined

    def same_matter(self, passage: str) -> frozenset[str]:
        """Passages that say nearly the same as ``passage``, itself among them: older versions, copies."""
        row = self._row.get(passage)
        if row is None:
            return frozenset((passage,))
        alike = np.flatnonzero(self._vectors @ self._vectors[row] >= SAME_MATTER)
        return frozenset((passage, *(self._passages[one] for one in alike.tolist())))

    def _usable(self, order: Sequence[int], question: TrainingQuestion) -> Iterator[str]:
        right = [self._row[text] for text in question.passages if text in self._row]
        alike = self._vectors[order] @ self._vectors[right].T if right else np.zeros((len(order), 1))
        for one, closest in zip(order, alike.max(axis=1), strict=True):
            if closest < SAME_MATTER and self._passages[one] not in question.passages:
                yield self._passages[one]


def draw_passage_pairs(
    questions: Sequence[TrainingQuestion],
    negatives: Sequence[Sequence[str]],
    draw: random.Random,
    count: int = 1,
    alike: Mapping[str, frozenset[str]] | None = None,
) -> Iterator[Pair]:
    """One epoch of question-to-passage pairs, each with ``count`` negatives drawn anew.

    ``alike`` gives of a passage what says nearly the same, which is no negative in a batch either.
    """
    for question, mined in zip(questions, negatives, strict=True):
        if question.share < 1 and draw.random() >= question.share:
            continue
        right = frozenset(question.passages)
        if alike is not None:
            right = right.union(*(alike.get(one, frozenset()) for one in question.passages))
        targets = [draw.choice(question.passages)] if question.draw_one else question.passages
        for target in targets:
            chosen = tuple(draw.sample(mined, min(count, len(mined))))
            yield Pair(PairKind.PASSAGE, question.text, target, right, chosen)


def draw_question_pairs(
    questions: Sequence[TrainingQuestion],
    share: float,
    draw: random.Random,
    answer_share: float | None = None,
) -> Iterator[Pair]:
    """Question-to-question pairs within groups, for a ``share`` of the questions that have a sibling.

    ``answer_share`` is that of questions with a standard answer, whose wordings must lie together.
    """
    groups: Mapping[str, list[str]] = _by_group(questions)
    for question in questions:
        siblings = [text for text in groups[question.group] if text != question.text]
        wanted = answer_share if answer_share is not None and question.answered else share
        if siblings and draw.random() < wanted:
            yield Pair(PairKind.QUESTION, question.text, draw.choice(siblings), frozenset(siblings))


def draw_text_pairs(texts: Sequence[tuple[str, str]], draw: random.Random, most: int) -> Iterator[Pair]:
    """(question, a lawyer's free answer) as pairs, at most ``most`` of them."""
    for question, answer in draw.sample(list(texts), min(most, len(texts))):
        yield Pair(PairKind.PASSAGE, question, answer, frozenset((answer,)))


def _by_group(questions: Sequence[TrainingQuestion]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        groups[question.group].append(question.text)
    return groups
