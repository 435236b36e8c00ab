"""From ranked lists to the figures of a report: one JSON-ready mapping, in an order that never changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.faults import FAULT_LABELS, find_fault
from eval.gold import STATE_LABELS, GoldQuestion, GoldState, HeldTexts
from eval.intervals import SEED, bootstrap_means
from eval.measures import MEASURES, percentile, score_run
from eval.searching import FUSED, QuestionRun, Served
from kb.encode.training import is_held_out
from kb.encode.vectors import FloatArray

DIGITS = 4
MAIN_MEASURE = "ndcg@10"
FOUND_SHOWN = 3
NAMES_SHOWN = 20

Figures = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """A question with what was found; ``seen`` says whether the encoder was trained on it (None: unknown)."""

    gold: GoldQuestion
    run: QuestionRun
    fold: int
    seen: bool | None

    @property
    def held_out(self) -> bool:
        """True when training recipes leave the question out by its id; noisy ones are never left out."""
        return is_held_out(self.gold.id) and not self.gold.noisy


@dataclass(frozen=True)
class Scores:
    """Values of every question by mode, shape (questions, MEASURES) each."""

    values: Mapping[str, FloatArray]
    seed: int = SEED

    def of(self, chosen: Sequence[int]) -> Figures:
        """Number, means and 95 % intervals over the questions at the places ``chosen``."""
        metrics: Figures = {}
        intervals: Figures = {}
        for mode, values in self.values.items():
            part = values[list(chosen)] if chosen else values[:0]
            means = part.mean(axis=0) if len(part) else np.zeros(len(MEASURES))
            ends = bootstrap_means(part, self.seed)
            metrics[mode] = {name: _short(mean) for name, mean in zip(MEASURES, means, strict=True)}
            intervals[mode] = {
                name: [_short(low), _short(high)] for name, low, high in zip(MEASURES, *ends, strict=True)
            }
        return {"questions": len(chosen), "metrics": metrics, "intervals": intervals}


def _short(value: float) -> float:
    return round(float(value), DIGITS)


def score_modes(judged: Sequence[Judged], modes: Sequence[str], seed: int = SEED) -> Scores:
    """Values of all ``judged`` for ``modes``."""
    wanted = [one.gold.wanted for one in judged]
    return Scores({mode: score_run([one.run.lists[mode] for one in judged], wanted) for mode in modes}, seed)


def summarise(judged: Sequence[Judged], scores: Scores, held: HeldTexts, folds: int, worst: int) -> Figures:
    """Everything about ``judged`` but where it was measured and how long it took."""
    everything = range(len(judged))
    modes = tuple(scores.values)
    whole = scores.of(everything)
    return {
        **whole,
        "subsets": _subsets(judged, scores),
        "folds": _folds(judged, scores, folds),
        "topics": _topics(judged, scores),
        "citations": count_citations(one.gold for one in judged),
        "faults": _faults(judged, modes[-1], held),
        "worst": find_worst(judged, scores, held, worst),
        "per_question": [
            {
                "id": one.gold.id,
                "fold": one.fold,
                "seen": one.seen,
                "answerable": one.gold.answerable,
                "values": {mode: [_short(value) for value in scores.values[mode][row]] for mode in modes},
            }
            for row, one in enumerate(judged)
        ],
    }


SUBSETS: tuple[tuple[str, str, Callable[[Judged], bool]], ...] = (
    ("answerable", "答案全在库中的问题", lambda one: one.gold.answerable),
    ("held_out", "按编号留出、从不参与训练的问题", lambda one: one.held_out),
    (
        "held_out_answerable",
        "留出且答案全在库中",
        lambda one: one.held_out and one.gold.answerable,
    ),
    ("unseen", "编码器训练时没有见过的问题", lambda one: one.seen is False),
    ("unseen_answerable", "没有见过且答案全在库中", lambda one: one.seen is False and one.gold.answerable),
    ("seen", "编码器训练时见过的问题（数字偏高，不作评价）", lambda one: one.seen is True),
)


def _subsets(judged: Sequence[Judged], scores: Scores) -> list[Figures]:
    return [
        {
            "name": name,
            "label": label,
            **scores.of([row for row, one in enumerate(judged) if belongs(one)]),
        }
        for name, label, belongs in SUBSETS
    ]


def _folds(judged: Sequence[Judged], scores: Scores, folds: int) -> list[Figures]:
    rows = [[row for row, one in enumerate(judged) if one.fold == fold] for fold in range(folds)]
    return [{"fold": fold, **scores.of(chosen)} for fold, chosen in enumerate(rows) if chosen]


def _topics(judged: Sequence[Judged], scores: Scores) -> list[Figures]:
    by_topic: dict[str, list[int]] = {}
    for row, one in enumerate(judged):
        by_topic.setdefault(one.gold.topic, []).append(row)
    order = sorted(by_topic, key=lambda topic: (-len(by_topic[topic]), topic))
    return [{"topic": topic, **scores.of(by_topic[topic])} for topic in order]


def count_citations(questions: Iterable[GoldQuestion]) -> Figures:
    """How many citations came to what, and by title those that no search can find."""
    citations = [one for question in questions for one in question.citations]
    states = Counter(one.state for one in citations)
    lost = Counter((one.state, one.title) for one in citations if not one.findable)
    names: dict[tuple[GoldState, str], list[str]] = {}
    for one in citations:
        if not one.findable:
            names.setdefault((one.state, one.title), []).append(one.name)
    return {
        "total": len(citations),
        "states": [
            {"state": state.value, "label": STATE_LABELS[state], "count": states[state]}
            for state in GoldState
            if states[state]
        ],
        "lost": [
            {
                "title": title,
                "state": state.value,
                "label": STATE_LABELS[state],
                "count": count,
                "names": sorted(set(names[state, title]))[:NAMES_SHOWN],
            }
            for (state, title), count in sorted(lost.items(), key=lambda one: (-one[1], one[0]))
        ],
        "moved": sorted({f"{one.name} → {one.now}" for one in citations if one.state is GoldState.MOVED}),
    }


def _faults(judged: Sequence[Judged], mode: str, held: HeldTexts) -> list[Figures]:
    found = [find_fault(one.gold, one.run.lists, mode, held, one.run.refused) for one in judged]
    counts = Counter(found)
    unseen = Counter(fault for fault, one in zip(found, judged, strict=True) if not one.seen)
    return [
        {"fault": fault.value, "label": label, "count": counts[fault], "unseen": unseen[fault]}
        for fault, label in FAULT_LABELS.items()
        if counts[fault]
    ]


def find_worst(judged: Sequence[Judged], scores: Scores, held: HeldTexts, count: int) -> list[Figures]:
    """The ``count`` questions that the last mode answers worst; those that the encoder never saw first."""
    mode = list(scores.values)[-1]
    main = scores.values[mode][:, MEASURES.index(MAIN_MEASURE)]
    deep = scores.values[mode].sum(axis=1)
    order = sorted(
        range(len(judged)),
        key=lambda row: (judged[row].seen is True, main[row], deep[row], judged[row].gold.id),
    )
    return [_describe(judged[row], scores, mode, held) for row in order[:count]]


def _describe(one: Judged, scores: Scores, mode: str, held: HeldTexts) -> Figures:
    lists = one.run.lists
    fault = find_fault(one.gold, lists, mode, held, one.run.refused)
    found = [reading for hit in lists[mode][:FOUND_SHOWN] if (reading := held.reading(hit))]
    return {
        "id": one.gold.id,
        "question": one.gold.question,
        "seen": one.seen,
        "fold": one.fold,
        "topic": one.gold.topic,
        "fault": fault.value,
        "fault_label": FAULT_LABELS[fault],
        "wanted": [
            {
                "name": citation.name,
                "state": citation.state.value,
                "now": citation.now,
                "ranks": {name: rank_of(citation.wanted, lists[name]) for name in scores.values},
            }
            for citation in one.gold.citations
        ],
        "found": [
            {"title": hit.work.title, "label": hit.provision.label, "id": hit.provision.id} for hit in found
        ],
    }


def rank_of(wanted: str, ranked: Sequence[str]) -> int | None:
    """Place of ``wanted`` from 1; None when it is not there."""
    return ranked.index(wanted) + 1 if wanted in ranked else None


def _spread(times: Sequence[float]) -> dict[str, float]:
    return {"median_ms": round(percentile(times, 0.5), 2), "p95_ms": round(percentile(times, 0.95), 2)}


def describe_latency(
    runs: Sequence[QuestionRun], searches: Sequence[Served]
) -> Mapping[str, Mapping[str, float]]:
    """Median and 95th percentile in milliseconds by stage, of whole searches and of the encoder, and the
    share of the encoder in the median search."""
    names = dict.fromkeys(name for run in runs for name in run.times_ms)
    spreads = {name: _spread([run.times_ms[name] for run in runs if name in run.times_ms]) for name in names}
    spreads["encode"] = _spread([one.encode_ms for one in searches])
    spreads["search"] = _spread([one.search_ms for one in searches])
    middle = spreads["search"]["median_ms"]
    share = spreads["encode"]["median_ms"] / middle if middle else 0.0
    return {**spreads, "encoder": {"share": round(share, 3)}}


def describe_served(judged: Sequence[Judged], searches: Sequence[Served]) -> Figures:
    """What a page of ten hits gives: its recall, and how many pages are the first ten of ``fused``.

    The service asks the index for fewer points when it shows fewer, so the two may differ a little.
    ``judged`` and ``searches`` are of the same questions.
    """
    values = score_run([one.ids for one in searches], [one.gold.wanted for one in judged], ["recall@10"])
    same = sum(
        served.ids == one.run.lists[FUSED][: len(served.ids)]
        for served, one in zip(searches, judged, strict=True)
    )
    recall = _short(values.mean()) if len(values) else 0.0
    return {"questions": len(judged), "recall@10": recall, "same_as_fused": same}
