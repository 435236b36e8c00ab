"""Which migration a database stands at, and bringing it to the newest."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from kb.errors import StoreError
from kb.store.tables import metadata

VERSION_TABLE = "lawkb_schema_version"
"""A name of our own: a PostgreSQL database may already hold another program's alembic_version."""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""All migrations, oldest first. Kept here so that a start at the newest need not import Alembic;
a test compares it with the migration scripts."""

HEAD = REVISIONS[-1]
MIGRATION_LOCK = 0x6C61776B_62
"""Key of PostgreSQL's advisory lock while migrating ("lawkb")."""


def read_revision(connection: sa.Connection) -> str | None:
    """The migration that the database stands at, None when it has never been migrated."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one_or_none()


def require_head(revision: str | None, place: str) -> None:
    """Raise StoreError unless ``revision`` is the newest that this program knows."""
    if revision == HEAD:
        return
    if revision is None:
        raise StoreError(
            "store_not_migrated",
            "数据库还没有建表",
            place=place,
            way_out="请先建库或启动一次服务（会自动建表），或核对 LAWKB_DATABASE_URL",
        )
    if revision in REVISIONS:
        raise StoreError(
            "store_schema_older",
            f"数据库的结构版本是 {revision}，低于程序需要的 {HEAD}",
            place=place,
            way_out="请先运行迁移（建库或启动服务时会自动完成）",
        )
    refuse_newer(revision, place)


def refuse_newer(revision: str | None, place: str) -> None:
    """Raise StoreError for a migration that this program does not know."""
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            "store_schema_newer",
            f"数据库的结构版本是 {revision}，本程序只认识到 {HEAD}",
            place=place,
            way_out="请升级 lawkb，或换用与本程序相配的数据库；数据没有改变",
        )


def refuse_foreign(connection: sa.Connection, place: str) -> None:
    """Raise StoreError for a database that is not ours.

    A SQLite file with any table in it belongs to someone; a PostgreSQL database may be shared, and
    only our own table names are then in the way.
    """
    present = set(sa.inspect(connection).get_table_names())
    taken = present if connection.dialect.name == "sqlite" else present & set(metadata.tables)
    if taken:
        raise StoreError(
            "store_foreign_database",
            f"数据库里已有别的程序的表（{'、'.join(sorted(taken)[:5])}），没有改动它",
            place=place,
            way_out="请换一个空的数据库，或核对 LAWKB_DATABASE_URL",
        )


def bring_to_head(connection: sa.Connection, place: str) -> None:
    """Run the missing migrations inside the caller's write transaction.

    All of them or none: both databases roll DDL back. A second process waits for the first, then
    finds nothing left to do.
    """
    if connection.dialect.name == "postgresql":
        encoding = connection.execute(sa.text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise StoreError(
                "store_encoding",
                f"数据库的编码是 {encoding}，不能保存全部汉字",
                place=place,
                way_out="请用 UTF8 编码新建数据库",
            )
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    revision = read_revision(connection)
    if revision == HEAD:
        return
    refuse_newer(revision, place)
    if revision is None:
        refuse_foreign(connection, place)

    from alembic import command
    from alembic.config import Config

    config = Config()
    # "%" starts an interpolation in Alembic's configuration.
    folder = Path(__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
