"""Databases for the store's tests: each case on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.store.database import Connection, Database
from kb.store.works import save_source
from tests.store.postgres import PostgresServer, postgres_server
from tests.store.records import SOURCE

__all__ = ["postgres_server"]


ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lawkb.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()


def _prepare(url: str) -> None:
    database = Database(url)
    database.migrate()
    with database.writing() as connection:
        save_source(connection, SOURCE)
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy, which is quicker than migrating for each case."""
    path = tmp_path_factory.mktemp("template") / "lawkb.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """Name of a migrated database to copy."""
    url = postgres_server.new_database()
    _prepare(url)
    return Database(url).url.database or ""


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database that knows SOURCE."""
    if request.param == "sqlite":
        path = tmp_path / "lawkb.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        database = Database(f"sqlite:///{path}")
    else:
        template: str = request.getfixturevalue("postgres_template")
        server: PostgresServer = request.getfixturevalue("postgres_server")
        database = Database(server.new_database(f"TEMPLATE {template}"))
    yield database
    database.close()


class _UndoError(Exception):
    """Makes a transaction roll back."""


@pytest.fixture(params=ENGINES)
def writing(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A writing transaction that is undone, so that all cases can share one database."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{request.getfixturevalue('sqlite_template')}")
    else:
        template: str = request.getfixturevalue("postgres_template")
        database = Database(request.getfixturevalue("postgres_server").url(template))
    with contextlib.suppress(_UndoError), database.writing() as connection:
        yield connection
        raise _UndoError
    database.close()
