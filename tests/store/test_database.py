"""Opening, migrating and the errors that a person gets from a database in trouble."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from kb.errors import StoreError
from kb.store import schema
from kb.store.database import Connection, Database
from kb.store.tables import metadata, outbox_positions, versions, works
from kb.store.works import counts, save_bundle, save_source
from tests.store.postgres import PostgresServer
from tests.store.records import SOURCE, numbered_bundle, trademark_law


def code_of(error: pytest.ExceptionInfo[StoreError]) -> str:
    """The code, after a look at what every error must have."""
    assert error.value.message
    assert error.value.way_out
    assert "secret" not in error.value.render()
    return error.value.code


def test_migrating_from_nothing_and_again(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(StoreError) as caught:
        database.check_ready()
    assert code_of(caught) == "store_not_migrated"
    with pytest.raises(StoreError) as caught, database.reading() as connection:
        counts(connection)
    assert code_of(caught) == "store_not_migrated"
    database.migrate()
    database.check_ready()
    with database.writing() as connection:
        save_source(connection, SOURCE)
        save_bundle(connection, trademark_law())
    database.migrate()
    with database.reading() as connection:
        assert counts(connection).provisions == 5
    database.close()


def shape_of(connection: Connection) -> dict[str, object]:
    """All that the database itself says about our tables."""
    inspector = sa.inspect(connection)
    return {
        name: (
            [{**column, "type": repr(column["type"])} for column in inspector.get_columns(name)],
            inspector.get_pk_constraint(name),
            sorted(inspector.get_indexes(name), key=str),
            sorted(inspector.get_foreign_keys(name), key=str),
            sorted(inspector.get_check_constraints(name), key=str),
        )
        for name in inspector.get_table_names()
        if name != schema.VERSION_TABLE
    }


def test_the_migrations_make_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    database.migrate()
    with database.writing() as connection:
        migrated = shape_of(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
    with database.reading() as connection:
        declared = shape_of(connection)
    assert set(migrated) == set(metadata.tables)
    for name in declared:
        assert migrated[name] == declared[name]
    database.close()


def test_the_code_knows_every_migration() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).with_name("migrations")))
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == schema.REVISIONS
    assert scripts.get_heads() == [schema.HEAD]


def set_revision(database: Database, revision: str) -> None:
    with database.writing() as connection:
        connection.execute(sa.text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '{revision}'"))


def test_a_newer_schema_is_refused(database: Database) -> None:
    set_revision(database, "9999")
    for refuse in (database.check_ready, database.migrate):
        with pytest.raises(StoreError) as caught:
            refuse()
        assert code_of(caught) == "store_schema_newer"


def test_tables_of_another_program_are_left_alone(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE works (name TEXT)"))
    with pytest.raises(StoreError) as caught:
        database.migrate()
    assert code_of(caught) == "store_foreign_database"
    with database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == ["works"]
    database.close()


def migrate_and_report(url: str, start: object, results: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    try:
        database = Database(url)
        database.migrate()
        database.check_ready()
        results.put("ready")  # type: ignore[attr-defined]
    except Exception as error:
        results.put(repr(error))  # type: ignore[attr-defined]


def test_processes_that_migrate_at_once(database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    start, results = spawn.Barrier(2), spawn.Queue()
    processes = [
        spawn.Process(target=migrate_and_report, args=(database_url, start, results)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    assert [results.get(timeout=60) for _ in processes] == ["ready"] * 2
    for process in processes:
        process.join()
    Database(database_url).check_ready()


def test_a_folder_is_made_for_the_file_and_only_by_migrating(tmp_path: Path) -> None:
    path = tmp_path / "数据 %s" / "深" / "lawkb.db"
    database = Database(f"sqlite:///{path}")
    with pytest.raises(StoreError) as caught:
        database.check_ready()
    assert code_of(caught) == "store_not_migrated"
    assert not path.parent.exists()
    database.migrate()
    database.check_ready()
    database.close()


def test_sqlite_runs_as_promised(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'lawkb.db'}")
    database.migrate()
    with database.writing() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10_000}
    database.close()


def test_foreign_keys_hold(database: Database) -> None:
    with database.writing() as connection:
        save_bundle(connection, trademark_law())
    with pytest.raises(StoreError) as caught, database.writing() as connection:
        connection.execute(works.delete())
    assert code_of(caught) == "store_conflict"
    with pytest.raises(StoreError), database.writing() as connection:
        connection.execute(versions.update().values(source_id="nobody"))


def test_a_reading_transaction_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError) as caught, database.reading() as connection:
        save_bundle(connection, trademark_law())
    assert code_of(caught) == "store_read_only"
    with database.writing() as connection:
        assert save_bundle(connection, trademark_law()).works.added == 1


def test_a_writer_that_waits_too_long(database: Database) -> None:
    impatient = Database(database.url.render_as_string(hide_password=False), wait_s=0.1)
    with database.writing() as connection:
        save_bundle(connection, trademark_law())
        with pytest.raises(StoreError) as caught, impatient.writing() as second:
            save_bundle(second, trademark_law())
        assert code_of(caught) == "store_locked"
        # Readers never wait for the writer.
        with impatient.reading() as reader:
            assert counts(reader).works == 0
    with impatient.writing() as second:
        assert save_bundle(second, trademark_law()).is_noop
    impatient.close()


def test_concurrent_writers_lose_nothing(database: Database) -> None:
    threads, works_each = 8, 6
    errors: list[BaseException] = []

    def write(thread: int) -> None:
        try:
            for number in range(works_each):
                with database.writing() as connection:
                    # One work of its own, and one that everyone saves.
                    save_bundle(connection, numbered_bundle(100 * thread + number, articles=5))
                    save_bundle(connection, trademark_law())
        except BaseException as error:
            errors.append(error)

    running = [threading.Thread(target=write, args=(number,)) for number in range(1, threads + 1)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert errors == []
    with database.reading() as connection:
        held = counts(connection)
    assert held.works == threads * works_each + 1
    assert held.provisions == held.outbox == threads * works_each * 5 + 5


def test_a_full_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'lawkb.db'}")
    database.migrate()
    with database.writing() as connection:
        save_source(connection, SOURCE)
        save_bundle(connection, numbered_bundle(1))

    def save_with_four_pages_left() -> None:
        with database.writing() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
            save_bundle(connection, numbered_bundle(2, articles=2000))

    with pytest.raises(StoreError) as caught:
        save_with_four_pages_left()
    assert code_of(caught) == "store_disk_full"
    with database.reading() as connection:
        assert counts(connection).works == 1
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    database.close()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body>404 Not Found</body></html>" * 100, "store_not_a_database"),
        (b"SQLite format 3\x00" + bytes(5000), "store_not_a_database"),
    ],
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "lawkb.db"
    path.write_bytes(content)
    for attempt in ("migrate", "check_ready"):
        with pytest.raises(StoreError) as caught:
            getattr(Database(f"sqlite:///{path}"), attempt)()
        assert code_of(caught) == code
        assert str(path) in caught.value.place
    assert path.read_bytes() == content


def test_a_truncated_database(tmp_path: Path) -> None:
    path = tmp_path / "lawkb.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.writing() as connection:
        save_source(connection, SOURCE)
        save_bundle(connection, numbered_bundle(1, articles=2000))
    database.close()
    os.truncate(path, path.stat().st_size // 2)
    damaged = Database(f"sqlite:///{path}")
    with pytest.raises(StoreError) as caught, damaged.reading() as connection:
        counts(connection)
    assert code_of(caught) == "store_corrupt"
    damaged.close()


def test_a_path_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError) as caught:
        Database(f"sqlite:///{tmp_path / 'file' / 'lawkb.db'}").migrate()
    assert code_of(caught) == "store_cannot_open"
    with pytest.raises(StoreError) as caught:
        Database(f"sqlite:///{tmp_path}").migrate()
    assert code_of(caught) == "store_cannot_open"
    with pytest.raises(StoreError) as caught, Database(f"sqlite:///{tmp_path}/no/lawkb.db").reading():
        pass
    assert code_of(caught) == "store_cannot_open"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_file_without_write_permission(tmp_path: Path) -> None:
    path = tmp_path / "lawkb.db"
    Database(f"sqlite:///{path}").migrate()
    path.chmod(stat.S_IRUSR)
    with pytest.raises(StoreError) as caught, Database(f"sqlite:///{path}").writing() as connection:
        save_source(connection, SOURCE)
    assert code_of(caught) in ("store_read_only", "store_cannot_open")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "store_url_invalid"),
        ("lawkb.db", "store_url_invalid"),
        ("sqlite://", "store_url_unsupported"),
        ("sqlite:///:memory:", "store_url_unsupported"),
        ("mysql://user:secret@host/lawkb", "store_url_unsupported"),
        ("postgresql+asyncpg://user:secret@host/lawkb", "store_url_unsupported"),
    ],
)
def test_a_wrong_url(url: str, code: str) -> None:
    with pytest.raises(StoreError) as caught:
        Database(url)
    assert code_of(caught) == code


@pytest.mark.postgres
def test_a_server_that_is_not_there(postgres_server: PostgresServer, tmp_path: Path) -> None:
    for url, code in [
        (f"postgresql://user:secret@/lawkb?host={tmp_path}", "store_unreachable"),
        ("postgresql://user:secret@127.0.0.1:1/lawkb", "store_unreachable"),
        (postgres_server.url("no_such_database"), "store_unreachable"),
        (postgres_server.url("postgres").replace("lawkb@", "nobody:secret@"), "store_unreachable"),
    ]:
        for attempt in ("migrate", "check_ready"):
            with pytest.raises(StoreError) as caught:
                getattr(Database(url), attempt)()
            assert code_of(caught) == code, url


@pytest.mark.postgres
def test_a_server_that_reports_trouble(postgres_server: PostgresServer) -> None:
    database = Database(postgres_server.new_database())
    for sqlstate, code in [
        ("53100", "store_disk_full"),
        ("40P01", "store_locked"),
        ("XX001", "store_failed"),
    ]:
        raise_it = f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{sqlstate}'; END $$"
        with pytest.raises(StoreError) as caught, database.writing() as connection:
            connection.exec_driver_sql(raise_it)
        assert code_of(caught) == code
    database.close()


@pytest.mark.postgres
def test_a_connection_that_the_server_dropped(postgres_server: PostgresServer) -> None:
    database = Database(postgres_server.new_database())
    database.migrate()

    def read_while_dropped() -> None:
        with database.reading() as connection:
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with postgres_server.connect() as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
            counts(connection)

    with pytest.raises(StoreError) as caught:
        read_while_dropped()
    assert code_of(caught) == "store_unreachable"
    # The next transaction gets a new connection by itself.
    database.check_ready()
    database.close()


@pytest.mark.postgres
def test_a_database_that_cannot_hold_chinese(postgres_server: PostgresServer) -> None:
    options = "TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'"
    database = Database(postgres_server.new_database(options))
    with pytest.raises(StoreError) as caught:
        database.migrate()
    assert code_of(caught) == "store_encoding"
    database.close()


def test_moments_keep_their_zone(database: Database) -> None:
    beijing = dt.datetime(2026, 11, 22, 7, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    with database.writing() as connection:
        connection.execute(outbox_positions.insert().values(generation="g", position=1, updated_at=beijing))
        read = connection.execute(sa.select(outbox_positions.c.updated_at)).scalar_one()
        with pytest.raises(sa.exc.StatementError, match="time zone"):
            connection.execute(
                outbox_positions.update().values(updated_at=dt.datetime(2026, 11, 22))  # a mistake in code
            )
    assert read == beijing
    assert read.utcoffset() == dt.timedelta(0)


def test_the_sqlite_file_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE notes (text TEXT)")
    other.close()
    with pytest.raises(StoreError) as caught:
        Database(f"sqlite:///{path}").migrate()
    assert code_of(caught) == "store_foreign_database"
