"""The question bank at search time: known questions near a new one vote for the provisions that they cite.

The bank is small (tens of thousands of short texts) and changes whenever an answer is published, so it is a
matrix in memory, searched exactly; its rows come from the store and their vectors from the cache.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kb.domain.bank import BankQuestion, BankSource, BankTarget, CitedProvision
from kb.domain.works import point_id
from kb.encode.vectors import FloatArray
from kb.index.protocol import IndexFilter, ScoredPoint


@dataclass(frozen=True)
class Neighbour:
    """A question of the bank near the one asked; ``similarity`` is their cosine."""

    question: BankQuestion
    similarity: float
    targets: tuple[BankTarget, ...]


@dataclass(frozen=True)
class VoteSettings:
    """How near questions vote.

    ``floor`` is the cosine from which a question has a say, ``power`` how much more a near one counts:
    a vote weighs ``((cosine - floor) / (1 - floor)) ** power``. ``neighbours`` bounds how many vote.
    """

    floor: float = 0.5
    power: float = 3.0
    neighbours: int = 40


DEFAULT_VOTES = VoteSettings()


class QuestionBank:
    """Questions with their vectors and what they cite. Immutable; a changed bank is another object."""

    def __init__(
        self,
        questions: Sequence[BankQuestion],
        vectors: FloatArray,
        targets: Mapping[CitedProvision, BankTarget],
    ) -> None:
        """``vectors`` are unit vectors, (questions, dimension). Citations without target are skipped."""
        self.questions = tuple(questions)
        self.targets = targets
        self._vectors = vectors
        self._targets = [
            tuple(targets[cite] for cite in one.cites if cite in targets) for one in self.questions
        ]
        self._rows = {
            source: np.array(
                [row for row, one in enumerate(self.questions) if one.source is source], dtype=np.intp
            )
            for source in BankSource
        }

    def joined(
        self,
        questions: Sequence[BankQuestion],
        vectors: FloatArray,
        targets: Mapping[CitedProvision, BankTarget],
    ) -> QuestionBank:
        """Another bank that holds these questions too."""
        if not questions:
            return self
        both = np.concatenate([self._vectors, vectors]) if len(self) else vectors
        return QuestionBank((*self.questions, *questions), both, {**self.targets, **targets})

    @cached_property
    def known(self) -> dict[str, int]:
        """How many matters (answers, labelled questions) cite a provision, by its id."""
        matters = {
            (target.provision_id, one.source, one.owner)
            for one, targets in zip(self.questions, self._targets, strict=True)
            if one.source is not BankSource.PROVISION  # written one file a provision, whatever people ask
            for target in targets
        }
        return dict(Counter(provision for provision, _, _ in matters))

    def __len__(self) -> int:
        """Number of questions."""
        return len(self.questions)

    def nearest(
        self, vector: FloatArray, limit: int, source: BankSource | None = None
    ) -> tuple[Neighbour, ...]:
        """The ``limit`` questions nearest to a unit ``vector``, nearest first, ties in bank order."""
        rows = None if source is None else self._rows[source]
        vectors = self._vectors if rows is None else self._vectors[rows]
        if not len(vectors):
            return ()
        # Not by BLAS: its threads wait for the encoder's on a busy machine, and the last bits of a sum would
        # hang on their number; rounded, so that the order never does.
        scores = np.round(np.einsum("ij,j->i", vectors, vector), 6)
        limit = min(limit, len(scores))
        edge = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        near = np.flatnonzero(scores >= edge)
        order = near[np.lexsort((near, -scores[near]))][:limit]
        picked = order if rows is None else rows[order]
        return tuple(
            Neighbour(self.questions[row], float(score), self._targets[row])
            for row, score in zip(picked, scores[order], strict=True)
        )


def cast_votes(
    neighbours: Iterable[Neighbour], condition: IndexFilter, settings: VoteSettings = DEFAULT_VOTES
) -> list[ScoredPoint]:
    """Provisions by the votes of near questions, best first, equal scores by point id.

    A question shares its vote among the provisions that it cites, so one that cites ten does not outweigh
    ten that cite one. What ``condition`` keeps out gets no vote.
    """
    scores: dict[tuple[str, str], float] = {}
    by_key: dict[tuple[str, str], BankTarget] = {}
    for near in neighbours:
        weight = max(0.0, (near.similarity - settings.floor) / (1 - settings.floor)) ** settings.power
        for target in near.targets if weight else ():
            version = serving_version(target, condition)
            if version is not None:
                key = (target.provision_id, version)
                by_key[key] = target
                scores[key] = scores.get(key, 0.0) + weight / len(near.targets) ** 0.5
    points = [
        ScoredPoint(point_id(*key), round(score, 6), key[0], key[1], by_key[key].work_id, by_key[key].kind)
        for key, score in scores.items()
    ]
    return sorted(points, key=lambda point: (-point.score, point.id))


def serving_version(target: BankTarget, condition: IndexFilter) -> str | None:
    """The version of ``target`` that ``condition`` lets through; without a day the newest one."""
    asked = (
        (condition.kinds, target.kind),
        (condition.regions, target.region),
        (condition.topics, target.topic),
        (condition.work_ids, target.work_id),
    )
    if any(values and own not in values for values, own in asked):
        return None
    if condition.as_of is None:
        return max(target.versions)[2]
    serving = [one for one in target.versions if one[0] <= condition.as_of < one[1]]
    return max(serving)[2] if serving else None
