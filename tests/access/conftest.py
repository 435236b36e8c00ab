"""A staff, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.store.database import Database
from tests.access.staff import Staff, open_staff
from tests.store.conftest import database, postgres_server, postgres_template, sqlite_template

__all__ = ["database", "postgres_server", "postgres_template", "sqlite_template"]


@pytest.fixture
def staff(database: Database, tmp_path: Path) -> Staff:
    return open_staff(database, tmp_path)
