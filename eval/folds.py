"""A split of labelled questions that stays the same, and never tells one half of a pair from the other.

Questions whose character bigrams have a Jaccard similarity of 0.5 or more are near-duplicates; they, and what
is near to them in turn, form a group. A group's fold follows from the SHA-256 of its members' ids, so
the order of a file, or questions added to it that are near to none, change no other question's fold.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil

from kb.encode.training import character_bigrams

NEAR_DUPLICATE = 0.5
"""As in ``kb.encode.training.drop_near_duplicates``."""


def assign_folds(questions: Mapping[str, str], folds: int = 5) -> dict[str, int]:
    """Fold, from 0, of each id of ``questions`` (id -> question), in their order."""
    if folds < 1:
        raise ValueError("there must be at least one fold")
    ids = list(questions)
    assigned: dict[str, int] = {}
    for group in near_duplicate_groups([questions[one] for one in ids]):
        smallest = min(hashlib.sha256(ids[place].encode()).digest() for place in group)
        for place in group:
            assigned[ids[place]] = int.from_bytes(smallest[4:12], "big") % folds
    return {one: assigned[one] for one in ids}


def near_duplicate_groups(texts: Sequence[str], threshold: float = NEAR_DUPLICATE) -> list[list[int]]:
    """Places of ``texts`` in groups, each place once; a text that is near to no other is alone.

    Two sets can only reach the threshold when they share one of their rarest bigrams, as many as the
    threshold lets differ and one (prefix filtering; Chaudhuri, Ganti and Kaushik, 2006), so only
    such pairs are compared.
    """
    sets = [frozenset(character_bigrams(text)) for text in texts]
    frequency = Counter(gram for grams in sets for gram in grams)
    parent = list(range(len(texts)))
    seen: dict[str, list[int]] = {}
    for place, grams in enumerate(sets):
        rarest = sorted(grams, key=lambda gram: (frequency[gram], gram))
        prefix = rarest[: len(rarest) - ceil(threshold * len(rarest)) + 1] if rarest else []
        for other in sorted({one for gram in prefix for one in seen.get(gram, ())}):
            shared = len(grams & sets[other])
            if shared >= threshold * (len(grams) + len(sets[other]) - shared):
                parent[_root(parent, place)] = _root(parent, other)
        for gram in prefix:
            seen.setdefault(gram, []).append(place)
    groups: dict[int, list[int]] = {}
    for place in range(len(texts)):
        groups.setdefault(_root(parent, place), []).append(place)
    return list(groups.values())


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place
