"""What comes back from use: questions asked, opinions of answers, gaps in what is answered, calls to make."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from kb.domain.ask import Channel, Origin

MAX_QUESTION_KEPT = 500
"""Characters of a question that are kept."""
MAX_FEEDBACK_TEXT = 1000
MAX_CONTACT = 100
MAX_NOTE = 300
MAX_SATISFIED = 5


class Verdict(StrEnum):
    """What somebody says of an answer."""

    ADOPTED = "adopted"
    WRONG = "wrong"
    MISSING = "missing"
    """Something is left out."""
    NONE_FITS = "none_fits"
    """None of the answers offered is what was asked for."""


VERDICT_LABELS = {
    Verdict.ADOPTED: "采用",
    Verdict.WRONG: "有误",
    Verdict.MISSING: "缺内容",
    Verdict.NONE_FITS: "没有我要的",
}


@dataclass(frozen=True)
class AskedQuestion:
    """A question with what came of it. ``question`` is masked, and empty where only a choice was sent.

    ``answer_id`` and ``revision`` are those of the standard answer given, else empty and 0. ``position`` is 0
    before it is kept. ``gap_closed_at`` is when an answer was drafted for it.
    """

    at: dt.datetime
    channel: Channel
    question: str
    origin: Origin
    answer_id: str = ""
    revision: int = 0
    topic: str = ""
    confidence: float | None = None
    gap_closed_at: dt.datetime | None = None
    position: int = 0


@dataclass(frozen=True)
class Feedback:
    """An opinion of an answer; ``satisfied`` runs from 1 to 5. ``text`` and ``question`` are masked.

    ``reference`` is the call it was given in, never a name or a number of a person.
    """

    at: dt.datetime
    channel: Channel
    verdict: Verdict
    satisfied: int | None = None
    text: str = ""
    question: str = ""
    answer_id: str = ""
    revision: int = 0
    reference: str = ""
    position: int = 0


@dataclass(frozen=True)
class Gap:
    """Questions of one meaning that got no standard answer.

    ``question`` is the wording asked most often, ``count`` how often any of them was asked, ``variants`` the
    other wordings, most frequent first. ``positions`` are the questions behind it, oldest first.
    """

    question: str
    count: int
    variants: tuple[str, ...]
    topic: str
    newest: dt.datetime
    positions: tuple[int, ...]

    @property
    def number(self) -> int:
        """By what a person names it; later questions do not change it."""
        return self.positions[0]


@dataclass(frozen=True)
class SealedCallback:
    """A request to be called back as the store has it: contact and note encrypted, empty once closed."""

    at: dt.datetime
    topic: str
    contact_encrypted: str
    note_encrypted: str
    due_until: dt.datetime
    handled_at: dt.datetime | None = None
    handled_by: str = ""
    id: int = 0


@dataclass(frozen=True)
class CallbackRequest:
    """A request to be called back, readable; it is kept until ``due_until``."""

    id: int
    at: dt.datetime
    topic: str
    contact: str
    note: str
    due_until: dt.datetime
