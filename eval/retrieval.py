"""Labelled questions and how well ranked lists answer them.

A question file is JSON lines ``{"id", "question", "cites"}``; a cite is a name (劳动法第五十条) or an object
with a ``name``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.domain.works import provision_id
from kb.errors import SourceError
from kb.text.catalogue import TitleCatalogue
from kb.text.citations import find_citations, resolve_citations


@dataclass(frozen=True)
class LabelledQuery:
    """A question with the provisions that answer it; ``unresolved`` are cited names that we do not hold."""

    id: str
    question: str
    relevant: frozenset[str]
    unresolved: tuple[str, ...]


def read_queries(path: Path, catalogue: TitleCatalogue, held: frozenset[str]) -> list[LabelledQuery]:
    """Read a question file; a citation counts as resolved when its provision id is in ``held``.

    Raises SourceError ``questions_malformed`` naming the line.
    """
    queries = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
                names = [cite if isinstance(cite, str) else str(cite["name"]) for cite in record["cites"]]
                identity, question = str(record["id"]), str(record["question"])
            except (ValueError, KeyError, TypeError) as error:
                raise SourceError(
                    "questions_malformed",
                    "问题文件有一行读不懂",
                    place=f"{path.name}:{number}",
                    way_out="每行应为含 id、question、cites 的 JSON 对象",
                ) from error
            resolved = {name: resolve_name(name, catalogue) for name in names}
            queries.append(
                LabelledQuery(
                    identity,
                    question,
                    frozenset(one for one in resolved.values() if one in held),
                    tuple(name for name, one in resolved.items() if one not in held),
                )
            )
    return queries


def resolve_name(name: str, catalogue: TitleCatalogue) -> str:
    """Provision id of a cited name such as 民法典第一百八十八条, empty when its work is not held."""
    for citation in resolve_citations(find_citations(name, catalogue), catalogue):
        if citation.work_id is not None:
            return provision_id(citation.work_id, citation.number)
    return ""


def recall_at(ranked: Sequence[str], relevant: frozenset[str], missing: int, k: int) -> float:
    """Share of the relevant provisions among the first ``k``; ``missing`` unresolved ones count as missed."""
    wanted = len(relevant) + missing
    return len(relevant & set(ranked[:k])) / wanted if wanted else 0.0


def ndcg_at(ranked: Sequence[str], relevant: frozenset[str], missing: int, k: int) -> float:
    """nDCG with binary gains (Järvelin and Kekäläinen, 2002): gain 1 / log2(rank + 1) over the best possible.

    ``missing`` unresolved citations belong to the best possible list and are never found.
    """
    gained = sum(1 / math.log2(rank + 1) for rank, one in enumerate(ranked[:k], 1) if one in relevant)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(relevant) + missing) + 1))
    return gained / best if best else 0.0


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean, 0 for nothing."""
    return sum(values) / len(values) if values else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile: the smallest value with at least ``share`` of all at or below it."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)] if ordered else 0.0
