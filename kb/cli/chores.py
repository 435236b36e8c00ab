"""What a running service does once a day: forget, publish what is due, see what the law has changed."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from kb.answer.audit import Auditor
from kb.answer.desk import AnswerDesk
from kb.answer.impact import open_review_tasks
from kb.answer.retention import purge
from kb.clock import today, utc_now
from kb.domain.editing import Actor, Role
from kb.settings import Settings
from kb.store.database import Database

log = logging.getLogger(__name__)

SYSTEM = Actor("system", "系统", frozenset((Role.REVIEWER,)))
"""Publishes what a person has approved and scheduled, and stops what a person gave an end."""
RETRY_SECONDS = 3600.0


class DailyChores:
    """Runs once on each day of Asia/Shanghai; what fails is logged and tried again after an hour."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        desk: AnswerDesk,
        auditor: Auditor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is done yet."""
        self._settings = settings
        self._database = database
        self._desk = desk
        self._auditor = auditor
        self._clock = clock
        self._done_on: dict[str, dt.date] = {}
        self._not_before = 0.0

    def run_if_due(self) -> None:
        """Do what has not been done today; returns soon when nothing is due."""
        now = self._clock()
        if now < self._not_before:
            return
        chores = (("purge", self._purge), ("publish", self._publish), ("review", self._review))
        for name, chore in chores:
            if self._done_on.get(name) == today():
                continue
            try:
                chore()
            except Exception:  # one chore must not keep the other from being done, nor end the service
                log.exception("the daily chore %s failed; tried again in an hour", name)
                self._not_before = now + RETRY_SECONDS
            else:
                self._done_on[name] = today()

    def _purge(self) -> None:
        purged = purge(self._database, self._settings, utc_now())
        if purged.total:
            log.info("past their days and deleted: %s", purged)

    def _publish(self) -> None:
        for answer_id in self._desk.publish_due(SYSTEM):
            log.info("published or retired on its day: %s", answer_id)

    def _review(self) -> None:
        """A law may change by the calendar alone."""
        if opened := open_review_tasks(self._database, self._auditor, today()):
            log.info("review tasks opened by changes of law: %s", opened)
