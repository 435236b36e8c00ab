"""People who sign in: accounts and their sessions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from kb.domain.editing import Actor, Role

ROLE_LABELS = {
    Role.AGENT: "话务",
    Role.EDITOR: "编辑",
    Role.REVIEWER: "审核",
    Role.ADMINISTRATOR: "管理员",
    Role.CALLBACK: "回电",
}

MAX_NAME = 40
MIN_PASSWORD, MAX_PASSWORD = 12, 200


class Stage(StrEnum):
    """How far a session has come."""

    SECOND_STEP = "second_step"
    """The password was right; the code is still to come."""
    MUST_CHANGE = "must_change"
    """Signed in with a one-time password: nothing but choosing a new one."""
    OPEN = "open"


@dataclass(frozen=True)
class Account:
    """One person's account; never deleted and never renamed, because history names it.

    ``password_until`` ends a one-time password. ``totp_sealed`` is empty while the second step is off,
    ``totp_pending`` is a secret that no code has confirmed yet; ``totp_step`` is the last step whose code was
    used.
    """

    name: str
    roles: frozenset[Role]
    password_hash: str
    must_change: bool
    password_until: dt.datetime | None
    totp_sealed: str
    totp_pending: str
    totp_step: int
    disabled_at: dt.datetime | None
    created_at: dt.datetime
    changed_at: dt.datetime

    @property
    def enabled(self) -> bool:
        """Whether the person may sign in."""
        return self.disabled_at is None

    @property
    def two_steps(self) -> bool:
        """Whether a code is asked for after the password."""
        return bool(self.totp_sealed)

    @property
    def actor(self) -> Actor:
        """The person as the workflow knows them."""
        return Actor(self.name, self.name, self.roles)


@dataclass(frozen=True)
class Session:
    """One signed-in browser. ``digest`` is SHA-256 of the token, which only the browser has."""

    digest: str
    account: str
    stage: Stage
    started_at: dt.datetime
    seen_at: dt.datetime
    ends_at: dt.datetime
