"""What the API is given by whoever starts it: the search door, the store and the state of the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from kb.answer.verify import CitationVerifier
from kb.domain.ask import AskDoor
from kb.domain.search import SearchDoor

if TYPE_CHECKING:
    from kb.access.access import Access
    from kb.answer.callbacks import CallbackDesk
    from kb.answer.desk import AnswerDesk
    from kb.answer.feedback_box import FeedbackBox
    from kb.store.database import Database


class ReadinessState(StrEnum):
    """How far the service is. Only READY and DEGRADED answer searches."""

    STARTING = "starting"
    BUILDING = "building"
    READY = "ready"
    DEGRADED = "degraded"


READINESS_LABELS = {
    ReadinessState.STARTING: "正在启动",
    ReadinessState.BUILDING: "正在建库",
    ReadinessState.READY: "服务就绪",
    ReadinessState.DEGRADED: "降级服务",
}


@dataclass(frozen=True)
class Readiness:
    """State of the service: ``detail`` is a Chinese sentence, ``progress`` runs from 0 to 1."""

    state: ReadinessState
    detail: str = ""
    progress: float = 1.0

    @property
    def label(self) -> str:
        """The state in Chinese."""
        return READINESS_LABELS[self.state]

    @property
    def serves(self) -> bool:
        """True when searches are answered (perhaps degraded)."""
        return self.state in (ReadinessState.READY, ReadinessState.DEGRADED)


@dataclass(frozen=True)
class Services:
    """The doors that routes and pages call; built once by the composition root."""

    door: SearchDoor
    database: Database
    readiness: Callable[[], Readiness]
    asker: AskDoor | None = None
    """The answer door; None where only searching is offered."""
    feedback: FeedbackBox | None = None
    """Where opinions go in; None where none are taken."""
    callbacks: CallbackDesk | None = None
    """Where contacts are left; None where none are taken."""
    access: Access | None = None
    """Who may sign in; None where nobody can."""
    desk: AnswerDesk | None = None
    """Where answers are changed; None where they are not."""
    public_url: str = ""
    """The address under which people reach this; empty where it is that of the request."""

    @cached_property
    def verifier(self) -> CitationVerifier:
        """The door for checking citations; one for all, because it keeps the catalogue of titles."""
        return CitationVerifier(self.database)
