"""What a question is about and what it wants."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What the person wants to know."""

    LAW = "law"
    CASE = "case"
    HOW_TO = "how_to"
    WHERE = "where"
    CALCULATE = "calculate"


INTENT_LABELS = {
    Intent.LAW: "法律规定",
    Intent.CASE: "类似案例",
    Intent.HOW_TO: "怎么办理",
    Intent.WHERE: "去哪里办",
    Intent.CALCULATE: "算钱算时间",
}


@dataclass(frozen=True)
class Guess:
    """A label with its probability, 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True)
class QuestionClass:
    """Topics best first, and the intent."""

    topics: tuple[Guess, ...]
    intent: Guess
