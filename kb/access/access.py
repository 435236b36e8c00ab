"""Door and administration of one installation, put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kb.access.administration import AccountAdministration
from kb.access.door import AccessDoor
from kb.access.passwords import Passwords
from kb.access.recording import Recorder
from kb.access.rules import AccessSettings
from kb.clock import utc_now
from kb.store.database import Database


@dataclass(frozen=True)
class Access:
    """Who may come in, and who says so."""

    door: AccessDoor
    accounts: AccountAdministration


def open_access(
    database: Database,
    recorder: Recorder,
    folder: Path,
    settings: AccessSettings | None = None,
    *,
    passwords: Passwords | None = None,
    now: Callable[[], dt.datetime] = utc_now,
) -> Access:
    """Both over one database; ``folder`` holds the key of the second step."""
    passwords = passwords or Passwords()
    return Access(
        AccessDoor(database, recorder, passwords, folder, settings, now),
        AccountAdministration(database, recorder, passwords, now),
    )
