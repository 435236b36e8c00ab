"""What is wrong with an answer: a stable code, where, and what to do about it in Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a problem matters."""

    ERROR = "error"
    """The answer must not be served."""
    WAITING = "waiting"
    """Cannot be checked before another work is ingested; the answer waits until then."""
    NOTE = "note"
    """Worth a look."""


LEVEL_LABELS = {Level.ERROR: "错误", Level.WAITING: "等待收录", Level.NOTE: "提示"}


@dataclass(frozen=True)
class Problem:
    """``place`` is the field: ``slots.time_limits[0]``, ``branches[1].script`` …"""

    code: str
    message: str
    place: str
    level: Level = Level.ERROR
