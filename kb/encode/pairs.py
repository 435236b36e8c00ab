"""What the encoder learns from: pairs of texts that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PairKind(StrEnum):
    """The two kinds are never mixed in a batch: their similarities lie on different levels."""

    PASSAGE = "passage"
    """A question and a provision (or other text) that answers it."""
    QUESTION = "question"
    """Two questions with the same answer."""

    @property
    def target_prompt(self) -> str:
        """The E5 prompt of the target; an anchor is always a question."""
        return "passage: " if self is PairKind.PASSAGE else "query: "


@dataclass(frozen=True)
class Pair:
    """``target`` belongs to ``anchor``; ``right`` are all its known right targets, which are no negatives."""

    kind: PairKind
    anchor: str
    target: str
    right: frozenset[str] = frozenset()
    negatives: tuple[str, ...] = ()
