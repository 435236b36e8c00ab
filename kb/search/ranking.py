"""The order of candidates: learned fusion for law where it ships, plain fusion otherwise.

Guides, cases and registers were not among the labels that the fusion learned from; they keep the places that
plain fusion gives them, and law fills the others in its own order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from kb.index.protocol import DENSE, SPARSE, ScoredPoint
from kb.search.features import NAMES, Facts, describe_candidates, norm_rank
from kb.search.fusion import FusedCandidate, Signal
from kb.search.mixing import LAW
from kb.search.trees import TreeEnsemble, read_trees
from kb.store.database import Database
from kb.store.facts import count_citations, read_work_facts

EQUAL = 0.01
"""Difference of two scores (0 to 1) below which the superior norm goes first."""
LEARNED = 200
"""How many candidates are judged; more cost time and change the first hundred little."""
SUPERIOR = "superior"
"""Name of the signal that says so."""


@dataclass(frozen=True)
class LearnedFusion:
    """Trees over the features of candidates, and the facts that some features need."""

    trees: TreeEnsemble
    facts: Facts

    def rank(
        self,
        question: str,
        lists: Mapping[str, Sequence[ScoredPoint]],
        nearest: Mapping[str, float],
        known: Mapping[str, int],
        fused: Sequence[FusedCandidate],
    ) -> list[FusedCandidate]:
        """``fused`` in the learned order, with scores from 0 to 1 that are ranks and no probabilities.

        Only the first LEARNED of law are judged; what comes after them keeps its order below them.
        """
        law = [one for one in fused if one.kind in LAW]
        judged = choose_judged(law)
        features = describe_candidates(question, lists, nearest, known, self.facts, judged)
        scores = [round(1 / (1 + math.exp(-score)), 6) for score in self.trees.score(features)]
        ranked = [replace(one, score=score) for one, score in zip(law, scores, strict=False)]
        ranked.sort(key=lambda one: (-one.score, one.provision_id, one.version_id))
        lowest = ranked[-1].score if ranked else 0.0
        rest = [replace(one, score=round(lowest * one.score, 6)) for one in law[len(ranked) :]]
        waiting = iter([*self._prefer_superior(ranked), *rest])
        return [next(waiting) if one.kind in LAW else one for one in fused]

    def _prefer_superior(self, ranked: list[FusedCandidate]) -> list[FusedCandidate]:
        """Of two neighbours that are as good as equal the superior norm first, and a signal that says so."""
        ordered = list(ranked)
        for place in range(len(ordered) - 1):
            first, second = ordered[place], ordered[place + 1]
            ranks = [norm_rank(self.facts.works.get(one.work_id)) for one in (first, second)]
            if ranks[1] > ranks[0] and first.score - second.score < EQUAL:
                told = replace(
                    second, score=first.score, signals=(*second.signals, Signal(SUPERIOR, place + 1, 1.0))
                )
                ordered[place], ordered[place + 1] = told, replace(first, score=second.score)
        return ordered


def choose_judged(law: Sequence[FusedCandidate]) -> list[tuple[str, str]]:
    """The candidates of law that are judged, from their plain order."""
    return [(one.provision_id, one.version_id) for one in law[:LEARNED]]


@cache
def read_shipped_trees() -> TreeEnsemble | None:
    """The ensemble that ships; None when there is none or it was made for other features."""
    path = Path(str(files("kb.search") / "assets" / "fusion.json"))
    if not path.is_file():
        return None
    trees = read_trees(path)
    return trees if trees.names == NAMES else None


def open_learned_fusion(database: Database, trees: TreeEnsemble | None = None) -> LearnedFusion | None:
    """The learned fusion with the facts of the store; None when no ensemble ships."""
    chosen = trees or read_shipped_trees()
    if chosen is None:
        return None
    with database.reading() as connection:
        facts = Facts(read_work_facts(connection), count_citations(connection))
    return LearnedFusion(chosen, facts)


def can_learn(lists: Mapping[str, Sequence[ScoredPoint]]) -> bool:
    """Whether the lists are what the fusion learned from: both words and meaning."""
    return bool(lists.get(DENSE)) and SPARSE in lists
