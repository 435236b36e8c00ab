"""What this package needs of the audit trail; ``kb.answer.audit.Auditor`` gives it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from kb.store.database import Connection


class RecordedWrite(Protocol):
    """One transaction whose deeds go on record."""

    @property
    def connection(self) -> Connection:
        """The transaction."""

    def record(self, actor: str, action: str, subject: str, data: Mapping[str, Any]) -> None:
        """Put a deed on record in this transaction."""


class Recorder(Protocol):
    """Opens such transactions."""

    def writing(self) -> AbstractContextManager[RecordedWrite]:
        """A transaction; nothing of it stays when it fails."""
