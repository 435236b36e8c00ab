"""The life of a standard answer: states, roles, revisions, and who did what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb.domain.answers import StandardAnswer


class AnswerState(StrEnum):
    """State of the newest revision. An older one may be published meanwhile."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    DUE = "due_for_review"
    """Published, and somebody has to look at it again."""
    RETIRED = "retired"


STATE_LABELS = {
    AnswerState.DRAFT: "草稿",
    AnswerState.IN_REVIEW: "待审核",
    AnswerState.APPROVED: "已通过",
    AnswerState.PUBLISHED: "已发布",
    AnswerState.DUE: "待复审",
    AnswerState.RETIRED: "已停用",
}


class Role(StrEnum):
    """What a signed-in person may do with answers."""

    AGENT = "agent"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"
    CALLBACK = "callback"
    """Calls people back: the only one who reads their contacts, and nothing else."""


@dataclass(frozen=True)
class Actor:
    """Whoever does something: a stable id, a name to show, roles."""

    id: str
    name: str
    roles: frozenset[Role]


class Origin(StrEnum):
    """Where an answer comes from."""

    SAMPLE = "sample"
    """Ships with the program; no lawyer has read it."""
    EDITED = "edited"


@dataclass(frozen=True)
class PinnedBasis:
    """A basis as it stood when the revision was saved; ids are empty where the work was not held."""

    key: str
    title: str
    label: str
    provision_id: str = ""
    version_id: str = ""
    text_sha256: str = ""


@dataclass(frozen=True)
class AnswerEntry:
    """An answer on the desk, without its text.

    ``lock`` grows with every change and guards against two editors; ``head`` is the newest revision,
    ``published`` the one that is served. ``publish_on`` is a scheduled day.
    """

    id: str
    origin: Origin
    state: AnswerState
    lock: int
    head: int
    published: int | None
    title: str
    topic: str
    risk: str
    owner: str
    next_review: dt.date | None
    publish_on: dt.date | None
    updated_at: dt.datetime


@dataclass(frozen=True)
class Revision:
    """One saved text of an answer; never changed afterwards."""

    answer_id: str
    number: int
    record: StandardAnswer
    pinned: tuple[PinnedBasis, ...]
    author: str
    note: str
    created_at: dt.datetime
    digest: str


@dataclass(frozen=True)
class Event:
    """One thing done to an answer, comments included."""

    answer_id: str
    revision: int
    action: str
    actor: str
    comment: str
    from_state: str
    to_state: str
    at: dt.datetime


@dataclass(frozen=True)
class AnswerUse:
    """An answer given to somebody: what a correction has to reach."""

    answer_id: str
    revision: int
    channel: str
    reference: str
    """Call or conversation it was given in; never a name or a number of a person."""
    at: dt.datetime


class Severity(StrEnum):
    """What happens to an answer until somebody has looked at it."""

    NOTICE = "notice"
    """Shown with a notice."""
    WITHDRAW = "withdraw"
    """Not given any more."""


@dataclass(frozen=True)
class ReviewTask:
    """A reason to look at an answer again, with the old and the new text of the provision."""

    id: int
    answer_id: str
    revision: int
    reason: str
    severity: Severity
    title: str
    label: str
    old_text: str
    new_text: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None = None
    closed_by: str = ""
    uses: int = 0


@dataclass(frozen=True)
class AuditEntry:
    """One link of the chain; ``hash`` covers everything else of it, ``previous`` included."""

    position: int
    at: str
    actor: str
    action: str
    subject: str
    data: Mapping[str, Any]
    previous: str
    hash: str
