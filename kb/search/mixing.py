"""Law beside guides, cases and registers in one list, in proportion.

A guide or a case is one answer, however many of its blocks fit: its best block stands for it. And a
question that a dozen guides touch still shows the law that they rest on: of the first n results at most
1 + n // 3 are no text of law.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from kb.domain.works import WorkKind
from kb.search.fusion import FusedCandidate

LAW = frozenset((WorkKind.STATUTE.value, WorkKind.NORMATIVE.value))
"""Kinds of which every provision is an answer of its own."""


def mix_kinds(ranked: Iterable[FusedCandidate], *, keep_share: bool = True) -> list[FusedCandidate]:
    """``ranked`` with one block per record that is no law; what exceeds the share moves down, in order.

    Without ``keep_share`` (the person chose the kinds) nothing moves.
    """
    shown: set[str] = set()
    mixed: list[FusedCandidate] = []
    waiting: deque[FusedCandidate] = deque()
    others = 0
    for one in ranked:
        if one.kind not in LAW:
            if one.work_id in shown:
                continue
            shown.add(one.work_id)
            if keep_share and others >= _share(len(mixed) + 1):
                waiting.append(one)
                continue
            others += 1
        mixed.append(one)
        while waiting and others < _share(len(mixed) + 1):
            mixed.append(waiting.popleft())
            others += 1
    return [*mixed, *waiting]


def spread_works(ranked: Iterable[FusedCandidate], per_work: int) -> list[FusedCandidate]:
    """``ranked`` with at most ``per_work`` candidates of one work (0: all), in order."""
    if per_work == 0:
        return list(ranked)
    shown: Counter[str] = Counter()
    kept = []
    for one in ranked:
        shown[one.work_id] += 1
        if shown[one.work_id] <= per_work:
            kept.append(one)
    return kept


def _share(results: int) -> int:
    """How many of the first ``results`` may be no text of law."""
    return 1 + results // 3
