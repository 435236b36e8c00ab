"""Deleting what has been kept for as long as the settings allow."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kb.settings import Settings
from kb.store.database import Database
from kb.store.feedback import count_past, purge_past


@dataclass(frozen=True)
class Purged:
    """How much was deleted, or would be."""

    questions: int
    feedback: int
    callbacks: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.questions + self.feedback + self.callbacks


def purge(database: Database, settings: Settings, now: dt.datetime, *, dry_run: bool = False) -> Purged:
    """Delete questions, feedback and contacts that are past their days; 0 days keep none.

    Contacts go by the day that was told when they were left, or earlier where the days are fewer now. With
    ``dry_run`` nothing is deleted. Raises StoreError.
    """
    past = {
        "questions": now - dt.timedelta(days=settings.keep_questions_days),
        "opinions": now - dt.timedelta(days=settings.keep_feedback_days),
        "calls": now - dt.timedelta(days=settings.keep_callbacks_days),
        "now": now,
    }
    with database.reading() as connection:
        found = Purged(*count_past(connection, **past))
    if dry_run or not found.total:
        return found
    with database.writing() as connection:
        return Purged(*purge_past(connection, **past))
