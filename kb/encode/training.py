"""Labelled questions, and keeping those that are measured on away from those that are trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LabelledQuestion:
    """A question and the passages (already in ``passage_text`` form) that answer it.

    ``noisy`` marks labels that no lawyer chose: one positive is drawn per epoch instead of all. ``keywords``
    and ``answer`` are what the lawyer wrote beside the question, or empty.
    """

    id: str
    question: str
    positives: tuple[str, ...]
    noisy: bool = False
    keywords: str = ""
    answer: str = ""


def is_held_out(question_id: str, share: float = 0.1) -> bool:
    """True for the ``share`` of questions (by SHA-256 of the id) that never enter training."""
    digest = hashlib.sha256(question_id.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < share


def character_bigrams(text: str) -> list[str]:
    """Overlapping pairs of the non-blank characters of ``text``."""
    kept = "".join(text.split())
    return [kept[i : i + 2] for i in range(len(kept) - 1)]


def drop_near_duplicates(
    questions: Sequence[LabelledQuestion], held_out: Sequence[str], threshold: float = 0.5
) -> list[LabelledQuestion]:
    """Questions whose character-bigram Jaccard to every held-out question is below ``threshold``."""
    held = [set(character_bigrams(text)) for text in held_out]
    kept = []
    for item in questions:
        own = set(character_bigrams(item.question))
        if all(len(own & other) < threshold * max(1, len(own | other)) for other in held):
            kept.append(item)
    return kept


def flatten(groups: Iterable[Iterable[str]]) -> list[str]:
    """All texts of ``groups`` once each, in first-seen order."""
    return list(dict.fromkeys(text for group in groups for text in group))
