"""How well ranked lists answer questions: the arithmetic of ir-measures, one value per question.

Relevance is binary. Recall@k is the share of the relevant among the first k, reciprocal rank counts the
first relevant one within 10, nDCG@10 gains 1 / log2(rank + 1) over the best possible list (Järvelin and
Kekäläinen, 2002). What is relevant and not held is never found, and belongs to the best possible list.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from kb.encode.vectors import FloatArray

MEASURES = ("recall@1", "recall@5", "recall@10", "recall@30", "recall@100", "mrr@10", "ndcg@10")
_FAMILIES = {"recall": "R", "mrr": "RR", "ndcg": "nDCG"}


def score_run(
    ranked: Sequence[Sequence[str]], wanted: Sequence[Collection[str]], measures: Sequence[str] = MEASURES
) -> FloatArray:
    """Values of shape (questions, measures).

    ``ranked`` has one list per question, best first, each id once; the place in the list is all that
    counts, so equal scores must have been put in order before. A question that wants nothing scores 0.
    """
    import ir_measures

    asked = [ir_measures.parse_measure(_name(one)) for one in measures]
    column = {str(measure): place for place, measure in enumerate(asked)}
    values = np.zeros((len(ranked), len(measures)), np.float32)
    relevant = {f"{row}": dict.fromkeys(ids, 1) for row, ids in enumerate(wanted) if ids}
    run = {row: _as_scores(ranked[int(row)]) for row in relevant}
    if relevant:
        for metric in ir_measures.iter_calc(asked, relevant, run):
            values[int(metric.query_id), column[str(metric.measure)]] = metric.value
    return values


def _name(measure: str) -> str:
    family, _, cutoff = measure.partition("@")
    return f"{_FAMILIES[family]}@{cutoff}"


def _as_scores(ids: Sequence[str]) -> dict[str, Any]:
    if len(set(ids)) < len(ids):
        raise ValueError("an id stands twice in a ranked list")
    return {one: float(-place) for place, one in enumerate(ids)}


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile: the smallest value with at least ``share`` of all at or below it."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)] if ordered else 0.0
