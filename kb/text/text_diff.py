"""The difference of two short Chinese texts, in stretches that a person can read.

Characters are compared, numerals and Latin words as a whole; stretches that two texts share by chance
(a 的 between two changes) are given to the changes around them. Cost is bounded for any input.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from kb.domain.comparison import Segment, SegmentKind

MAX_PRODUCT = 50_000_000
"""Of the two sides' numbers of tokens, after what both begin and end with is set aside; above, the rest
counts as replaced as a whole (7,000 characters rewritten at both ends: an annex, not an article)."""

_TOKEN = re.compile(r"[0-9A-Za-z.]++|[〇零一二三四五六七八九十百千万亿]++|.", re.DOTALL)


def diff_texts(old: str, new: str) -> tuple[Segment, ...]:
    """Segments whose equal and deleted ones make ``old``, equal and inserted ones ``new``; () when equal.

    Within one change the deleted stretch comes first.
    """
    if old == new:
        return ()
    left, right = _TOKEN.findall(old), _TOKEN.findall(new)
    head = _common_length(left, right)
    tail = _common_length(left[head:][::-1], right[head:][::-1])
    middle_left = left[head : len(left) - tail]
    middle_right = right[head : len(right) - tail]
    changes = _align(middle_left, middle_right)
    whole = [("".join(left[:head]), "", ""), *changes, ("".join(left[len(left) - tail :]), "", "")]
    return tuple(_segments(_give_chance_matches(_merge(whole))))


Change = tuple[str, str, str]
"""A shared stretch, then what is deleted and inserted behind it."""


def _common_length(left: Sequence[str], right: Sequence[str]) -> int:
    shorter = min(len(left), len(right))
    for i in range(shorter):
        if left[i] != right[i]:
            return i
    return shorter


def _align(left: Sequence[str], right: Sequence[str]) -> list[Change]:
    if len(left) * len(right) > MAX_PRODUCT:
        return [("", "".join(left), "".join(right))]
    changes: list[Change] = []
    for op in Indel.opcodes(left, right):
        old = "".join(left[op.src_start : op.src_end])
        new = "".join(right[op.dest_start : op.dest_end])
        if op.tag == "equal":
            changes.append((old, "", ""))
        else:
            changes.append(("", old, new))
    return changes


def _merge(changes: Sequence[Change]) -> list[Change]:
    """Neighbouring changes with nothing shared between them become one."""
    merged: list[Change] = []
    for same, old, new in changes:
        if not same and merged:
            before = merged[-1]
            merged[-1] = (before[0], before[1] + old, before[2] + new)
        elif same and merged and not (merged[-1][1] or merged[-1][2]):
            merged[-1] = (merged[-1][0] + same, old, new)
        else:
            merged.append((same, old, new))
    return merged


def _give_chance_matches(changes: Sequence[Change]) -> list[Change]:
    """A shared stretch no longer than the changes on both its sides tells nothing: it joins them."""
    kept: list[Change] = []
    for change in changes:
        kept.append(change)
        while len(kept) > 1 and _is_chance(kept[-2], kept[-1]):
            same, old, new = kept.pop()
            before = kept[-1]
            kept[-1] = (before[0], before[1] + same + old, before[2] + same + new)
    return kept


def _is_chance(before: Change, after: Change) -> bool:
    shared = len(after[0])
    around = min(max(len(before[1]), len(before[2])), max(len(after[1]), len(after[2])))
    return 0 < shared <= around and "\n" not in after[0]


def _segments(changes: Sequence[Change]) -> list[Segment]:
    found: list[Segment] = []
    for same, old, new in changes:
        pieces = ((SegmentKind.EQUAL, same), (SegmentKind.DELETE, old), (SegmentKind.INSERT, new))
        found += [Segment(kind, text) for kind, text in pieces if text]
    return found
