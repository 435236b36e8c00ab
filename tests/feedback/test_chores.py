"""Once a day: what is past its days goes, what is due is published; a failure is tried again."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest

from kb.answer.audit import Auditor
from kb.answer.desk import AnswerDesk
from kb.answer.impact import open_review_tasks
from kb.cli.chores import RETRY_SECONDS, SYSTEM, DailyChores
from kb.clock import today, utc_now
from kb.domain.editing import Actor, AnswerState, Role
from kb.errors import StoreError
from kb.settings import Settings
from kb.store.answers import list_tasks
from kb.store.audit import iter_entries
from kb.store.database import Database
from tests.desk.conftest import EDITOR, REVIEWER, small_holdings
from tests.desk.test_workflow import publish, signed_answer
from tests.feedback.conftest import ask_all, everything_kept


class Clock:
    def __init__(self) -> None:
        self.now = 1.0

    def __call__(self) -> float:
        return self.now


def test_old_questions_go_and_scheduled_answers_come(
    database: Database, desk: AnswerDesk, auditor: Auditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = desk.create(signed_answer(), EDITOR)
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    entry = desk.approve(entry.id, entry.lock, REVIEWER)
    tomorrow = today() + dt.timedelta(days=1)
    desk.publish(entry.id, entry.lock, REVIEWER, on=tomorrow)
    ask_all(database, "旧问题", at=utc_now() - dt.timedelta(days=200))
    chores = DailyChores(Settings(data_dir=tmp_path), database, desk, auditor)
    chores.run_if_due()
    assert everything_kept(database) == ""
    assert desk.entry(entry.id).state is AnswerState.APPROVED
    # the law of the test is not in the store
    monkeypatch.setattr("kb.cli.chores.open_review_tasks", lambda *_: 0)
    for module in ("kb.cli.chores", "kb.answer.desk"):
        monkeypatch.setattr(f"{module}.today", lambda: tomorrow)
    chores.run_if_due()
    assert desk.entry(entry.id).state is AnswerState.PUBLISHED
    with database.reading() as connection:
        assert list(iter_entries(connection))[-1].actor == SYSTEM.id


class FailingDesk(AnswerDesk):
    """The database was locked the first time."""

    calls = 0

    def publish_due(self, actor: Actor) -> tuple[str, ...]:
        self.calls += 1
        if self.calls == 1:
            raise StoreError("store_locked", "忙")
        return super().publish_due(actor)


def test_what_fails_is_tried_again_after_an_hour_and_keeps_nothing_else_from_being_done(
    database: Database, auditor: Auditor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    desk, clock = FailingDesk(database, auditor), Clock()
    ask_all(database, "旧问题", at=utc_now() - dt.timedelta(days=200))
    chores = DailyChores(Settings(data_dir=tmp_path), database, desk, auditor, clock)
    chores.run_if_due()
    assert everything_kept(database) == ""
    assert "publish failed" in caplog.text
    clock.now += RETRY_SECONDS - 1
    chores.run_if_due()
    assert desk.calls == 1
    clock.now += 2
    chores.run_if_due()
    chores.run_if_due()
    assert desk.calls == 2


def test_a_law_that_changes_by_the_calendar_opens_its_tasks(
    database: Database, desk: AnswerDesk, auditor: Auditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(desk)
    changed = dt.date(2027, 3, 1)
    monkeypatch.setattr("kb.cli.chores.today", lambda: changed)
    monkeypatch.setattr(
        "kb.cli.chores.open_review_tasks",
        lambda held, trail, day: open_review_tasks(held, trail, day, small_holdings),
    )
    DailyChores(Settings(data_dir=tmp_path), database, desk, auditor).run_if_due()
    with database.reading() as connection:
        (task,) = list_tasks(connection)
    assert task.label == "第一条"


def test_one_that_may_not_be_published_keeps_no_other_back(desk: AnswerDesk) -> None:
    for number in (1, 2):
        record = signed_answer(id=f"contracts-n{number}", title=f"第{number}题怎么办")
        entry = desk.create(record, EDITOR)
        entry = desk.submit(entry.id, entry.lock, EDITOR)
        entry = desk.approve(entry.id, entry.lock, REVIEWER)
        desk.publish(entry.id, entry.lock, REVIEWER, on=today() + dt.timedelta(days=1))
    agents_only = Actor("x", "某人", frozenset((Role.AGENT,)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kb.answer.desk.today", lambda: today() + dt.timedelta(days=1))
        assert desk.publish_due(agents_only) == ()
        assert desk.publish_due(SYSTEM) == ("contracts-n1", "contracts-n2")
