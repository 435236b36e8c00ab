"""What the learned fusion sees of a candidate: its places in the lists, and facts about its work.

Every feature is a number that is the same on every machine: scores are rounded as the lists give them.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kb.encode.passage import short_title
from kb.encode.vectors import FloatArray
from kb.index.protocol import DENSE, SPARSE, ScoredPoint
from kb.store.facts import WorkFacts

BANK = "bank"
"""Name of the question bank's list."""

NAMES = (
    "dense_score",
    "dense_gap",
    "dense_place",
    "words_share",
    "words_place",
    "bank_score",
    "bank_place",
    "bank_best",
    "lists",
    "norm_rank",
    "local",
    "cited",
    "title_named",
    "neighbours",
    "work_share",
    "question_length",
    "position",
    "words_near",
    "bank_work",
    "bank_near",
    "known",
)
RANKS = {
    "宪法": 7,
    "法律": 6,
    "立法解释": 6,
    "有关法律问题的决定": 6,
    "司法解释": 5,
    "行政法规": 4,
    "监察法规": 4,
    "地方性法规": 3,
    "部门规章": 2,
    "地方政府规章": 2,
}
"""An order for ranking only: conflicts between norms are decided by 立法法 102 to 106, not here."""
PLACE_CONSTANT = 10
MISSING_GAP = 0.02
"""How far below the last of the list a candidate counts that the list does not hold."""
NEAR_ARTICLES = (-2, -1, 1, 2)
TOP = 20
SIGNALS = (DENSE, SPARSE, BANK)

_ARTICLE = re.compile(r"^(.+):a(\d+)(?:-\d+)?$")


@dataclass(frozen=True)
class Facts:
    """Works by id, citations counted by provision id."""

    works: Mapping[str, WorkFacts] = field(default_factory=dict)
    cited: Mapping[str, int] = field(default_factory=dict)


def norm_rank(facts: WorkFacts | None) -> int:
    """Place of a norm's kind, higher for superior ones; 1 for what is no norm."""
    return RANKS.get(facts.statute_type, 1) if facts else 1


def describe_candidates(
    question: str,
    lists: Mapping[str, Sequence[ScoredPoint]],
    nearest: Mapping[str, float],
    known: Mapping[str, int],
    facts: Facts,
) -> tuple[list[ScoredPoint], FloatArray]:
    """Every point of ``lists`` once, in order of first place, with its features (points, len(NAMES)).

    ``nearest`` is the similarity of the nearest bank question citing a provision, ``known`` how many matters
    of the bank cite it, both by provision id.
    """
    places = {name: _places(points) for name, points in lists.items()}
    dense, words, bank = (places.get(name, {}) for name in (DENSE, SPARSE, BANK))
    points = {point.id: point for listed in lists.values() for point in listed}
    best_dense, last_dense = _ends(lists.get(DENSE, ()))
    best_words, _ = _ends(lists.get(SPARSE, ()))
    floor = last_dense - MISSING_GAP
    scores = {name: {one.provision_id: one.score for one in lists.get(name, ())} for name in SIGNALS}
    voted: defaultdict[str, float] = defaultdict(float)
    for one in lists.get(BANK, ()):
        voted[one.work_id] += one.score
    votes = sum(voted.values()) or 1.0
    top = Counter(point.work_id for point in lists.get(DENSE, ())[:TOP])
    rows = []
    for key, point in points.items():
        work = facts.works.get(point.work_id)
        article = _ARTICLE.match(point.provision_id)
        number = int(article[2]) if article else 0
        beside = [f"{article[1]}:a{number + step}" for step in NEAR_ARTICLES] if article else []
        near = {
            name: max((held[one] for one in beside if one in held), default=floor if name == DENSE else 0.0)
            for name, held in scores.items()
        }
        score = dense[key][1] if key in dense else floor
        rows.append(
            (
                score,
                score - best_dense,
                _inverse(dense.get(key)),
                words[key][1] / best_words if key in words and best_words else 0.0,
                _inverse(words.get(key)),
                bank[key][1] if key in bank else 0.0,
                _inverse(bank.get(key)),
                nearest.get(point.provision_id, 0.0),
                sum(key in placed for placed in places.values()),
                norm_rank(work),
                bool(work and work.region not in ("", "全国")),
                math.log1p(facts.cited.get(point.provision_id, 0)),
                bool(work and short_title(work.short_title) in question),
                near[DENSE] - best_dense,
                top[point.work_id] / TOP,
                len(question),
                number / work.last_article if work and work.last_article else 0.0,
                near[SPARSE] / best_words if best_words else 0.0,
                voted[point.work_id] / votes,
                near[BANK],
                math.log1p(known.get(point.provision_id, 0)),
            )
        )
    matrix = np.array(rows, np.float32) if rows else np.zeros((0, len(NAMES)), np.float32)
    return list(points.values()), matrix


def _places(points: Sequence[ScoredPoint]) -> dict[object, tuple[int, float]]:
    return {point.id: (rank, point.score) for rank, point in enumerate(points, start=1)}


def _ends(points: Sequence[ScoredPoint]) -> tuple[float, float]:
    return (points[0].score, points[-1].score) if points else (0.0, 0.0)


def _inverse(place: tuple[int, float] | None) -> float:
    return 1 / (PLACE_CONSTANT + place[0]) if place else 0.0
