"""A desk over an invented law, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.answer.audit import Auditor
from kb.answer.desk import AnswerDesk
from kb.answer.holdings import Holdings
from kb.domain.editing import Actor, Role
from kb.store.database import Connection, Database
from tests.answer.small_answers import make_holdings
from tests.store.conftest import database, postgres_server, postgres_template, sqlite_template

__all__ = ["database", "postgres_server", "postgres_template", "sqlite_template"]

EDITOR = Actor("wang", "王编辑", frozenset((Role.EDITOR,)))
REVIEWER = Actor("li", "李律师", frozenset((Role.REVIEWER,)))
BOTH = Actor("zhao", "赵主任", frozenset((Role.EDITOR, Role.REVIEWER)))


def small_holdings(_: Connection) -> Holdings:
    """The invented laws, whatever the store holds."""
    return make_holdings()


@pytest.fixture
def auditor(database: Database, tmp_path: Path) -> Auditor:
    """The audit trail with its head in a folder of the test."""
    return Auditor(database, tmp_path / "audit")


@pytest.fixture
def desk(database: Database, auditor: Auditor) -> AnswerDesk:
    """A desk with nothing on it."""
    return AnswerDesk(database, auditor, open_holdings=small_holdings)
