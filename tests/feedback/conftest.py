"""What comes back from use, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kb.answer.callbacks import CallbackDesk
from kb.answer.recording import UseRecorder
from kb.domain.ask import AskReply, Channel, Origin
from kb.domain.editing import Actor, Role
from kb.domain.feedback import AskedQuestion
from kb.store.database import Database
from kb.store.feedback import add_questions
from kb.store.tables import answer_uses, asked_questions, callbacks, feedback
from tests.desk.conftest import auditor, desk
from tests.store.conftest import database, postgres_server, postgres_template, sqlite_template

__all__ = ["auditor", "database", "desk", "postgres_server", "postgres_template", "sqlite_template"]

NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
CALLER = Actor("sun", "孙回电", frozenset((Role.CALLBACK,)))
PHONE, IDENTITY, NAME = "13812345678", "110105199003078912", "王小明"
PERSONAL = f"我叫{NAME}，身份证{IDENTITY}，电话{PHONE}，单位欠我三个月工资怎么办"


@pytest.fixture
def recorder(database: Database) -> Iterator[UseRecorder]:
    recorder = UseRecorder(database, retry_s=0.05)
    yield recorder
    recorder.close()


@pytest.fixture
def callback_desk(database: Database, auditor: Any, tmp_path: Path) -> CallbackDesk:
    return CallbackDesk(database, auditor, tmp_path / "contacts", keep_days=30)


def make_reply(origin: Origin = Origin.COMPOSED, **changes: Any) -> AskReply:
    given: dict[str, Any] = {
        "origin": origin,
        "channel": Channel.HOTLINE,
        "as_of": NOW.date(),
        "generation": "g-test",
        "segments": (),
        "rendering": "",
    }
    return AskReply(**(given | changes))


def everything_kept(database: Database) -> str:
    """All that the tables of this part hold, as one text."""
    with database.reading() as connection:
        rows = [
            row
            for table in (asked_questions, feedback, callbacks, answer_uses)
            for row in connection.execute(sa.select(table))
        ]
    return "\n".join(map(str, rows))


def ask_all(
    database: Database, *texts: str, origin: Origin = Origin.COMPOSED, **changes: Any
) -> tuple[AskedQuestion, ...]:
    """Put questions on record, a minute apart."""
    begin: dt.datetime = changes.pop("at", NOW)
    asked = tuple(
        AskedQuestion(begin + dt.timedelta(minutes=i), Channel.CITIZEN, text, origin, **changes)
        for i, text in enumerate(texts)
    )
    with database.writing() as connection:
        add_questions(connection, asked)
    return asked


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Returns when ``condition`` holds; fails when it takes too long."""
    import time

    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
