"""The database behind a URL: opening, transactions, migration, and errors that a person can read."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from kb.errors import LawkbError, StoreError
from kb.store import schema
from kb.store.failures import explain_failure

Connection = sa.Connection
"""What ``reading`` and ``writing`` hand out; callers pass it on to the functions of kb.store."""

WRITES = "lawkb_writes"
"""Execution option that tells a transaction's beginning what it is for."""


def read_url(url: str) -> URL:
    """The SQLAlchemy URL for ``url``, with our driver for PostgreSQL.

    Raises StoreError for anything but a SQLite file and PostgreSQL.
    """
    way_out = "请写成 sqlite:///路径/lawkb.db 或 postgresql://用户:密码@主机/库名"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("store_url_invalid", "数据库地址写得不对", way_out=way_out) from None
    place = parsed.render_as_string(hide_password=True)
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if not parsed.database or ":memory:" in parsed.database or parsed.database.startswith("file:"):
            raise StoreError(
                "store_url_unsupported", "SQLite 需要写明数据库文件的路径", place=place, way_out=way_out
            )
        return parsed
    raise StoreError("store_url_unsupported", "不支持这种数据库", place=place, way_out=way_out)


class Database:
    """One database, SQLite in a file or PostgreSQL.

    SQLite runs with a write-ahead log (readers never wait for the writer), foreign keys, a full
    sync at each commit, and takes the write lock at the beginning of a writing transaction so that
    it never fails half-way. A reading transaction sees one snapshot from its first statement on,
    on both databases.

    Args:
        url: ``sqlite:///…`` or ``postgresql://…``.
        wait_s: how long to wait for another writer before StoreError ``store_locked``.

    Raises:
        StoreError: the URL is wrong or the PostgreSQL driver is not installed.
    """

    def __init__(self, url: str, *, wait_s: float = 10.0) -> None:  # noqa: D107 - see the class
        self.url = read_url(url)
        self.place = self.url.render_as_string(hide_password=True)
        self._wait_ms = int(wait_s * 1000)
        self._engine = self._make_engine()
        event.listen(self._engine, "handle_error", self._translate, retval=True)
        options: dict[str, Any] = {}
        if self.is_sqlite:
            event.listen(self._engine, "connect", self._prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        else:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._readers = self._engine.execution_options(**options)
        self._writers = self._engine.execution_options(**{WRITES: True})

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that name this database among those of one data directory.

        A file keeps its name when the directory moves; user and password do not take part.
        """
        place = Path(self.url.database or "").name if self.is_sqlite else self.url.database
        named = f"{self.url.get_backend_name()}:{self.url.host or ''}:{self.url.port or ''}:{place}"
        return hashlib.sha256(named.encode()).hexdigest()[:12]

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file of ours rather than a server."""
        return self.url.get_backend_name() == "sqlite"

    def _make_engine(self) -> sa.Engine:
        arguments: dict[str, Any] = {}
        if not self.is_sqlite:
            arguments = {"connect_timeout": 10, "options": f"-c lock_timeout={self._wait_ms}"}
            if "options" in self.url.query:
                del arguments["options"]
        try:
            return sa.create_engine(
                self.url,
                connect_args=arguments,
                poolclass=QueuePool,
                pool_size=8,
                max_overflow=32,
                pool_timeout=10,
                # A server may have restarted since; a file has not.
                pool_pre_ping=not self.is_sqlite,
                hide_parameters=True,
            )
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise StoreError(
                "store_driver_missing",
                "没有安装 PostgreSQL 驱动",
                place=self.place,
                way_out="请运行 pip install 'lawkb[postgres]'",
            ) from error

    def _translate(self, context: sa.engine.ExceptionContext) -> BaseException | None:
        """Explain what the driver says and what our columns refuse; a mistake in code stays as it is."""
        error = context.original_exception
        from_driver = isinstance(context.sqlalchemy_exception, sa.exc.DBAPIError)
        if from_driver or isinstance(error, LawkbError | UnicodeEncodeError):
            return explain_failure(error, self.place)
        return None

    def _prepare_sqlite(self, connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not open transactions by itself: see _begin_sqlite.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {self._wait_ms}")
        _switch_to_wal(cursor, self._wait_ms / 1000)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -32768")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.execute("PRAGMA journal_size_limit = 67108864")
        cursor.close()

    def migrate(self) -> None:
        """Bring the tables to the newest migration, making the SQLite file and its folder if needed.

        Does nothing when there is nothing to do; safe when several processes start at once and
        when one of them is killed. Raises StoreError (``store_schema_newer``, ``store_foreign_database``,
        ``store_cannot_open`` …).
        """
        if self.is_sqlite:
            self._make_folder()
        with self.reading() as connection:
            revision = schema.read_revision(connection)
        if revision == schema.HEAD:
            return
        with self.writing() as connection:
            schema.bring_to_head(connection, self.place)

    def check_ready(self) -> None:
        """Raise StoreError unless the database can be read and stands at the newest migration.

        Never creates a file.
        """
        if self.is_sqlite and not Path(self.url.database or "").exists():
            schema.require_head(None, self.place)
        with self.reading() as connection:
            schema.require_head(schema.read_revision(connection), self.place)

    def _make_folder(self) -> None:
        try:
            Path(self.url.database or "").resolve().parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                "store_cannot_open",
                "无法创建数据库所在的文件夹",
                place=self.place,
                way_out="请检查路径和写权限",
            ) from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """One read-only transaction over one snapshot."""
        with self._transaction(self._readers) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that is committed at the end and rolled back on any exception."""
        with self._transaction(self._writers) as connection:
            yield connection

    @contextlib.contextmanager
    def _transaction(self, engine: sa.Engine) -> Iterator[Connection]:
        try:
            connection = engine.connect()
        except PoolTimeoutError as error:
            raise StoreError(
                "store_locked", "数据库连接都在使用中", place=self.place, way_out="请稍后重试"
            ) from error
        with connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin by hand: the lock at once for a writer, a connection that cannot write for a reader."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(cursor: sqlite3.Cursor, wait_s: float) -> None:
    """Turn the write-ahead log on; SQLite does not wait for a lock here, so we do."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
