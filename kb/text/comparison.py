"""Two versions of a work side by side: which provision became which, and what changed in it.

A revision may shift numbers by tens, so provisions are matched by their wording first. One old provision
goes with at most one new one; matches that keep the order are preferred, and one that crosses others must
be nearly the same text. A provision that kept its number between neighbours that kept theirs is the same
one however it was rewritten. Near-linear: candidates come from an index of rare three-character shingles.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from kb.domain.comparison import ChangeKind, Comparison, ProvisionChange
from kb.domain.works import Provision
from kb.text.normalise import normalise
from kb.text.text_diff import diff_texts

SHINGLE = 3
MAX_HOLDERS = 24
"""A shingle that more provisions of one side hold says nothing about which is which."""
MAX_CANDIDATES = 6
ALIKE = 0.5
"""Share of shingles from which two provisions in order are taken for one."""
NEARLY_SAME = 0.75
"""The same for two that cross others."""
REWRITTEN = 0.2
"""The same for two that bear one number, their neighbours having other numbers than before."""
NUMBER_BONUS = 0.1

_HEADING_NUMBER = re.compile(r"第[0-9零〇一二三四五六七八九十百千]{1,12}+(?:分编|[编章节])\s*+")


@dataclass(frozen=True)
class _Side:
    """One version prepared: provisions in order, their wording without blanks, their shingles."""

    provisions: tuple[Provision, ...]
    wordings: tuple[str, ...]
    shingles: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, provisions: Sequence[Provision]) -> _Side:
        in_order = tuple(sorted(provisions, key=lambda one: one.ordinal))
        wordings = tuple("".join(normalise(one.text).text.split()) for one in in_order)
        return cls(in_order, wordings, tuple(map(_cut, wordings)))


@dataclass(frozen=True)
class _Pair:
    old: int
    new: int
    weight: float


def compare_versions(old: Sequence[Provision], new: Sequence[Provision]) -> Comparison:
    """Every provision of both sides with what became of it; see ``Comparison`` for the order."""
    before, after = _Side.of(old), _Side.of(new)
    matched = _match(before, after)
    changes: list[ProvisionChange] = []
    taken = set(matched.values())
    waiting = 0
    for place, provision in enumerate(after.provisions):
        partner = matched.get(place)
        if partner is not None and partner >= waiting:
            changes += _removed(before, range(waiting, partner), taken)
            waiting = partner + 1
        if partner is None:
            changes.append(ProvisionChange(ChangeKind.ADDED, None, provision, text_changed=True))
        else:
            same = before.wordings[partner] == after.wordings[place]
            changes.append(_compare(before.provisions[partner], provision, same))
    changes += _removed(before, range(waiting, len(before.provisions)), taken)
    return Comparison(tuple(changes))


def _removed(side: _Side, places: range, taken: set[int]) -> list[ProvisionChange]:
    return [
        ProvisionChange(ChangeKind.REMOVED, side.provisions[place], None, text_changed=True)
        for place in places
        if place not in taken
    ]


def _compare(old: Provision, new: Provision, same_wording: bool) -> ProvisionChange:
    heading_changed = _plain_path(old) != _plain_path(new)
    if old.number != new.number:
        kind = ChangeKind.RENUMBERED
    elif not same_wording:
        kind = ChangeKind.CHANGED
    else:
        kind = ChangeKind.MOVED if heading_changed else ChangeKind.UNCHANGED
    return ProvisionChange(kind, old, new, diff_texts(old.text, new.text), not same_wording, heading_changed)


def _plain_path(provision: Provision) -> tuple[str, ...]:
    """Headings without their numbers: a chapter put in before shifts them all."""
    return tuple("".join(_HEADING_NUMBER.sub("", heading, count=1).split()) for heading in provision.path)


def _cut(wording: str) -> frozenset[str]:
    if len(wording) < SHINGLE:
        return frozenset((wording,))
    return frozenset(wording[i : i + SHINGLE] for i in range(len(wording) - SHINGLE + 1))


# -- matching -------------------------------------------------------------------------------------


def _match(before: _Side, after: _Side) -> dict[int, int]:
    """Place on the new side -> place on the old side, one to one."""
    pairs = _find_candidates(before, after)
    kept = _heaviest_in_order(pairs)
    matched = {pair.new: pair.old for pair in kept}
    _match_numbers_between(before, after, matched)
    taken = set(matched.values())
    crossing = [pair for pair in pairs if _likeness(before, after, pair.old, pair.new) >= NEARLY_SAME]
    for pair in sorted(crossing, key=lambda pair: (-pair.weight, pair.new, pair.old)):
        if pair.new not in matched and pair.old not in taken:
            matched[pair.new] = pair.old
            taken.add(pair.old)
    return matched


def _find_candidates(before: _Side, after: _Side) -> list[_Pair]:
    """Pairs that may be one provision, at most a few for each."""
    found: dict[tuple[int, int], float] = {}
    for old, new in _same_wordings(before, after):
        found[old, new] = 1.0
    done_old = {old for old, _ in found}
    done_new = {new for _, new in found}
    holders: dict[str, list[int]] = defaultdict(list)
    for old, shingles in enumerate(before.shingles):
        if old not in done_old:
            for shingle in shingles:
                holders[shingle].append(old)
    numbers = {one.id: place for place, one in enumerate(before.provisions) if place not in done_old}
    for new, shingles in enumerate(after.shingles):
        if new in done_new:
            continue
        shared: Counter[int] = Counter()
        for shingle in shingles:
            held = holders.get(shingle, ())
            if len(held) <= MAX_HOLDERS:
                shared.update(held)
        # Ties by place, so that equal input gives an equal answer whatever the order of a set.
        candidates = sorted(shared, key=lambda old: (-shared[old], abs(old - new), old))[:MAX_CANDIDATES]
        namesake = numbers.get(after.provisions[new].id)
        for old in {*candidates, *(() if namesake is None else (namesake,))}:
            likeness = _likeness(before, after, old, new)
            if likeness >= (REWRITTEN if old == namesake else ALIKE):
                found[old, new] = likeness
    return [
        _Pair(
            old,
            new,
            likeness + (NUMBER_BONUS if before.provisions[old].id == after.provisions[new].id else 0.0),
        )
        for (old, new), likeness in sorted(found.items())
    ]


def _same_wordings(before: _Side, after: _Side) -> list[tuple[int, int]]:
    """Pairs of the very same wording: those of one number first, the others in order."""
    old_places: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for place, one in enumerate(before.provisions):
        old_places[one.number is None, before.wordings[place]].append(place)
    new_places: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for place, one in enumerate(after.provisions):
        new_places[one.number is None, after.wordings[place]].append(place)
    pairs: list[tuple[int, int]] = []
    for key, places in new_places.items():
        olds = old_places.get(key, [])
        by_id = {before.provisions[old].id: old for old in olds}
        named = {new: by_id[id_] for new in places if (id_ := after.provisions[new].id) in by_id}
        pairs += [(old, new) for new, old in named.items()]
        used = set(named.values())
        left_old = [old for old in olds if old not in used]
        left_new = [new for new in places if new not in named]
        pairs += zip(left_old, left_new, strict=False)
    return pairs


def _likeness(before: _Side, after: _Side, old: int, new: int) -> float:
    """Share of shingles in common (Dice), 0 between an article and an unnumbered block."""
    if (before.provisions[old].number is None) != (after.provisions[new].number is None):
        return 0.0
    one, other = before.shingles[old], after.shingles[new]
    return 2 * len(one & other) / (len(one) + len(other))


def _heaviest_in_order(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Pairs that rise on both sides and together weigh most (a heaviest increasing subsequence)."""
    # Fenwick tree over new places: the heaviest chain that ends at or before each.
    places = sorted({pair.new for pair in pairs})
    tree: list[tuple[float, int]] = [(0.0, -1)] * (len(places) + 1)
    chains: list[tuple[float, int]] = []
    by_old: dict[int, list[int]] = defaultdict(list)
    for index, pair in enumerate(pairs):
        by_old[pair.old].append(index)
    chain_of: dict[int, tuple[float, int]] = {}
    for old in sorted(by_old):
        # All of one old place are asked for before any is entered: it goes with one new place at most.
        for index in by_old[old]:
            best = (0.0, -1)
            position = bisect_left(places, pairs[index].new)
            while position:
                best = max(best, tree[position], key=lambda chain: chain[0])
                position -= position & -position
            chain_of[index] = (best[0] + pairs[index].weight, best[1])
        for index in by_old[old]:
            entry = (chain_of[index][0], index)
            chains.append(entry)
            position = bisect_left(places, pairs[index].new) + 1
            while position <= len(places):
                if entry[0] > tree[position][0]:
                    tree[position] = entry
                position += position & -position
    kept: list[_Pair] = []
    index = max(chains, key=lambda chain: (chain[0], -chain[1]))[1] if chains else -1
    while index >= 0:
        kept.append(pairs[index])
        index = chain_of[index][1]
    return kept[::-1]


def _match_numbers_between(before: _Side, after: _Side, matched: dict[int, int]) -> None:
    """Unmatched provisions of one number whose neighbours kept theirs are one, however rewritten."""
    by_id = {one.id: place for place, one in enumerate(before.provisions)}
    taken = set(matched.values())
    anchors = sorted(matched.items())
    news = [new for new, _ in anchors]
    for new, provision in enumerate(after.provisions):
        old = by_id.get(provision.id)
        if new in matched or old is None or old in taken or provision.number is None:
            continue
        position = bisect_left(news, new)
        before_it = anchors[position - 1] if position else None
        after_it = anchors[position] if position < len(anchors) else None
        neighbours = [anchor for anchor in (before_it, after_it) if anchor is not None]
        in_order = all((anchor_new < new) == (anchor_old < old) for anchor_new, anchor_old in neighbours)
        kept_theirs = all(
            after.provisions[anchor_new].number == before.provisions[anchor_old].number
            for anchor_new, anchor_old in neighbours
        )
        if in_order and kept_theirs:
            matched[new] = old
            taken.add(old)
