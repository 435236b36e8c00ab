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

_ARTICLE = re.compile(r"^a(\d+)(?:-\d+)?$")


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
    chosen: Sequence[tuple[str, str]],
) -> FloatArray:
    """Features of the ``chosen`` candidates (provision id, version id), shape (candidates, len(NAMES)).

    ``nearest`` is the similarity of the nearest bank question citing a provision, ``known`` how many matters
    of the bank cite it, both by provision id.
    """
    places = {name: _places(points) for name, points in lists.items()}
    dense, words, bank = (places.get(name, {}) for name in (DENSE, SPARSE, BANK))
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
    works: dict[str, tuple[WorkFacts | None, int, bool, bool]] = {}
    for key in chosen:
        provision = key[0]
        work_id, _, place = provision.partition(":")
        if work_id not in works:
            held = facts.works.get(work_id)
            works[work_id] = (
                held,
                norm_rank(held),
                bool(held and held.region not in ("", "全国")),
                bool(held and short_title(held.short_title) in question),
            )
        work, rank, local, named = works[work_id]
        article = _ARTICLE.match(place)
        number = int(article[1]) if article else 0
        beside = [f"{work_id}:a{number + step}" for step in NEAR_ARTICLES] if article else []
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
                nearest.get(provision, 0.0),
                (key in dense) + (key in words) + (key in bank),
                rank,
                local,
                math.log1p(facts.cited.get(provision, 0)),
                named,
                near[DENSE] - best_dense,
                top[work_id] / TOP,
                len(question),
                number / work.last_article if work and work.last_article else 0.0,
                near[SPARSE] / best_words if best_words else 0.0,
                voted[work_id] / votes,
                near[BANK],
                math.log1p(known.get(provision, 0)),
            )
        )
    return np.array(rows, np.float32) if rows else np.zeros((0, len(NAMES)), np.float32)


def _places(points: Sequence[ScoredPoint]) -> dict[tuple[str, str], tuple[int, float]]:
    return {
        (point.provision_id, point.version_id): (rank, point.score)
        for rank, point in enumerate(points, start=1)
    }


def _ends(points: Sequence[ScoredPoint]) -> tuple[float, float]:
    return (points[0].score, points[-1].score) if points else (0.0, 0.0)


def _inverse(place: tuple[int, float] | None) -> float:
    return 1 / (PLACE_CONSTANT + place[0]) if place else 0.0
