"""Reading the first candidates once more, question and text together, with the cross-encoder.

What the fusion knows (places, votes, citations) and what the reranker reads are different things: their
logits are added, the reranker's weighed. Only law is read; it was trained on nothing else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from kb.encode.passage import passage_text
from kb.encode.reranker import Reranker
from kb.search.fusion import FusedCandidate, Signal
from kb.search.mixing import LAW
from kb.store.database import Database
from kb.store.provisions import load_provisions

READ = 24
"""How many candidates are read; each costs about as much as encoding a passage."""
RERANK = "rerank"
"""Name of the signal that says so."""
EDGE = 1e-6
"""Scores are kept this far from 0 and 1, where a logit has no end."""


@dataclass(frozen=True)
class Reranking:
    """A reranker, the store that has the texts, and the weight of a read logit beside a fused one."""

    database: Database
    reranker: Reranker
    weight: float

    def rank(self, question: str, fused: Sequence[FusedCandidate]) -> list[FusedCandidate]:
        """``fused`` with the first READ of law in their new order, in the places that law had.

        Scores stay ranks from 0 to 1; those of what was not read are as they were or lower.
        """
        law = [one for one in fused if one.kind in LAW]
        chosen = law[:READ]
        read = self.read(question, chosen)
        judged = [
            replace(one, score=round(_squash(_logit(one.score) + self.weight * score), 6))
            for one, score in zip(chosen, read, strict=True)
        ]
        places = sorted(range(len(judged)), key=lambda at: (-judged[at].score, judged[at].provision_id, at))
        order = sorted(range(len(read)), key=lambda at: (-read[at], at))
        rank_read = {at: place for place, at in enumerate(order, start=1)}
        first = [
            replace(judged[at], signals=(*judged[at].signals, Signal(RERANK, rank_read[at], read[at])))
            for at in places
        ]
        lowest = first[-1].score if first else 1.0
        rest = [replace(one, score=min(one.score, lowest)) for one in law[READ:]]
        waiting = iter([*first, *rest])
        return [next(waiting) if one.kind in LAW else one for one in fused]

    def read(self, question: str, chosen: Sequence[FusedCandidate]) -> list[float]:
        """The reranker's logit of each of ``chosen``; what the store does not hold gets the lowest."""
        keys = [(one.provision_id, one.version_id) for one in chosen]
        with self.database.reading() as connection:
            loaded = load_provisions(connection, keys)
        held = [key for key in keys if key in loaded]
        texts = [
            passage_text(loaded[key].work.title, loaded[key].provision.path, loaded[key].provision.text)
            for key in held
        ]
        scores = {
            key: round(float(score), 4)
            for key, score in zip(held, self.reranker.score(question, texts), strict=True)
        }
        lowest = min(scores.values(), default=0.0)
        return [scores.get(key, lowest) for key in keys]


@cache
def shipped_weight() -> float | None:
    """The weight that ships with the reranker; None when none ships."""
    path = Path(str(files("kb.search") / "assets" / "reranking.json"))
    if not path.is_file():
        return None
    return float(json.loads(path.read_text(encoding="utf-8"))["weight"])


def _logit(score: float) -> float:
    kept = min(max(score, EDGE), 1 - EDGE)
    return math.log(kept / (1 - kept))


def _squash(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
