"""A database of an older release, with data in it, brought to the newest migration."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from kb.store import outbox, schema
from kb.store.database import Connection, Database
from kb.store.works import (
    Tally,
    corpus_digest,
    list_provisions,
    list_sources,
    list_versions,
    list_witnesses,
    list_works,
    save_bundle,
    works_of_source,
)
from tests.store.records import SOURCE, trademark_law
from tests.store.test_saving import with_text

MOMENT = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)


def upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def rows_of(connection: Connection, table: str, columns: list[str] | None = None) -> list[tuple[Any, ...]]:
    """All rows, JSON as text, in order."""
    names = columns or [column["name"] for column in sa.inspect(connection).get_columns(table)]
    rows = connection.execute(sa.text(f"SELECT {', '.join(names)} FROM {table}"))
    return sorted((tuple(map(str, row)) for row in rows), key=str)


@pytest.fixture
def seeded(database_url: str) -> Database:
    """A database as 0001 made it, holding two versions of a law and an outbox half applied."""
    database = Database(database_url)
    bundle = trademark_law()
    with database.writing() as connection:
        upgrade_to(connection, "0001")
        now = MOMENT if not database.is_sqlite else MOMENT.replace(tzinfo=None)
        tables = sa.MetaData()
        tables.reflect(connection)

        def insert(table: str, **values: object) -> None:
            connection.execute(sa.insert(tables.tables[table]), values)

        source = {name: getattr(SOURCE, name) for name in SOURCE.__dataclass_fields__ if name != "priority"}
        insert("sources", **source, updated_at=now)
        work = {name: getattr(bundle.work, name) for name in bundle.work.__dataclass_fields__}
        insert(
            *("works",),
            **{**work, "kind": "statute", "aliases": list(bundle.work.aliases)},
            **{"title_search": "商标法", "created_at": now, "updated_at": now},
        )
        for text in bundle.versions:
            version = {name: getattr(text.version, name) for name in text.version.__dataclass_fields__}
            del version["superseded_by"]
            insert("versions", **version, source_id=SOURCE.id, created_at=now, updated_at=now)
            for one in text.provisions:
                assert one.number is not None
                insert(
                    "provisions",
                    version_id=one.version_id,
                    provision_id=one.id,
                    article=one.number[0],
                    inserted=one.number[1],
                    label=one.label,
                    path=list(one.path),
                    ordinal=one.ordinal,
                    text_sha256=one.text_sha256,
                    text=one.text,
                )
        for one in bundle.versions[0].provisions:
            change = {"op": "upsert", "provision_id": one.id, "version_id": one.version_id}
            insert("outbox", **change, work_id=bundle.work.id, created_at=now)
        insert("outbox_positions", generation="g1", position=1, updated_at=now)
    return database


OLD_TABLES = ("sources", "works", "versions", "provisions", "outbox", "outbox_positions")


def snapshot(database: Database) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    with database.reading() as connection:
        inspector = sa.inspect(connection)
        columns = {name: [one["name"] for one in inspector.get_columns(name)] for name in OLD_TABLES}
        return {name: (columns[name], rows_of(connection, name, columns[name])) for name in OLD_TABLES}


def test_an_upgrade_keeps_every_row(seeded: Database) -> None:
    before = snapshot(seeded)
    assert [len(rows) for _, rows in before.values()] == [1, 1, 2, 5, 2, 1]
    seeded.migrate()
    seeded.check_ready()
    bundle = trademark_law()
    with seeded.reading() as connection:
        for table, (columns, rows) in before.items():
            assert rows_of(connection, table, columns) == rows
        ((listing,), total) = list_works(connection)
        assert (listing.work, total) == (bundle.work, 1)
        assert list_sources(connection) == (SOURCE,)
        assert list_versions(connection, bundle.work.id) == tuple(text.version for text in bundle.versions)
        for text in bundle.versions:
            assert list_provisions(connection, text.version.id, places=True) == text.provisions
            (witness,) = list_witnesses(connection, text.version.id)
            assert (witness.source, witness.stated_to) == (SOURCE, text.version.effective_to)
        assert works_of_source(connection, SOURCE.id) == (bundle.work.id,)
        assert outbox.position_of(connection, "g1") == 1
    seeded.close()


def test_the_same_source_after_an_upgrade_changes_nothing_that_is_served(seeded: Database) -> None:
    seeded.migrate()
    with seeded.writing() as connection:
        digest, position = corpus_digest(connection), outbox.last_position(connection)
        first = save_bundle(connection, trademark_law())
        assert (first.works, first.versions) == (Tally(unchanged=1), Tally(unchanged=2))
        assert first.provisions == Tally(unchanged=5)
        assert (corpus_digest(connection), outbox.last_position(connection)) == (digest, position)
        assert save_bundle(connection, trademark_law()).is_noop
        # The bytes are known to be those of before: a better reading corrects in place.
        better = save_bundle(connection, with_text(trademark_law(), 1, 0, text="读对了的第一条。"))
        assert len(better.rewritten_versions) == 1
    seeded.close()


def test_an_upgrade_that_was_cut_off_is_made_again(seeded: Database) -> None:
    before = snapshot(seeded)

    def break_off() -> None:
        with seeded.writing() as connection:
            schema.bring_to_head(connection, "")
            assert sa.inspect(connection).has_table("witnesses")
            raise RuntimeError("断电")

    with pytest.raises(RuntimeError, match="断电"):
        break_off()
    assert snapshot(seeded) == before
    with seeded.reading() as connection:
        assert schema.read_revision(connection) == "0001"
        assert not sa.inspect(connection).has_table("witnesses")
    seeded.migrate()
    seeded.check_ready()
    seeded.close()


def test_witnesses_of_an_upgrade_say_what_the_rows_said(seeded: Database) -> None:
    seeded.migrate()
    with seeded.reading() as connection:
        rows = connection.execute(
            sa.text("SELECT bytes_sha256, content_sha256, differing, declared_status FROM witnesses")
        ).all()
        for read_from, content, differing, status in rows:
            assert (read_from, content, status) == (SOURCE.sha256, "", "现行有效")
            assert (json.loads(differing) if isinstance(differing, str) else differing) == []
    seeded.close()
