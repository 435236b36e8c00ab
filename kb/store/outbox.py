"""The outbox: what changed in SQL and is still to be done in an index generation.

Rows are written in the transaction that changes the truth. Each generation keeps the position up
to which it has applied them; applying a row twice is harmless.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from kb.clock import utc_now
from kb.errors import BadInputError
from kb.store.tables import outbox, outbox_positions

ORDER_LOCK = 0x6C61776B_6F
"""Key of PostgreSQL's advisory lock over the outbox ("lawko")."""


class OutboxOp(StrEnum):
    """What an index has to do with a point."""

    UPSERT = "upsert"
    DELETE = "delete"


@dataclass(frozen=True)
class OutboxChange:
    """One provision in one version that was changed or removed."""

    op: OutboxOp
    provision_id: str
    version_id: str
    work_id: str


@dataclass(frozen=True)
class OutboxEntry:
    """A change with its position (from 1, growing, with gaps) and its moment in UTC."""

    position: int
    change: OutboxChange
    created_at: dt.datetime


def hold_order(connection: sa.Connection) -> None:
    """Let nobody else append until this transaction ends.

    PostgreSQL gives numbers out before the commit: without this a reader could see position 6,
    mark it applied and never see 5, committed a moment later. SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ORDER_LOCK})


def append(connection: sa.Connection, changes: Sequence[OutboxChange]) -> int:
    """Write ``changes`` in order and return how many."""
    if not changes:
        return 0
    hold_order(connection)
    now = utc_now()
    connection.execute(
        sa.insert(outbox),
        [
            {
                "op": change.op.value,
                "provision_id": change.provision_id,
                "version_id": change.version_id,
                "work_id": change.work_id,
                "created_at": now,
            }
            for change in changes
        ],
    )
    return len(changes)


def pending(connection: sa.Connection, after: int, limit: int = 1000) -> tuple[OutboxEntry, ...]:
    """The first ``limit`` entries behind position ``after``, in order."""
    rows = connection.execute(
        sa.select(
            outbox.c.position,
            outbox.c.op,
            outbox.c.provision_id,
            outbox.c.version_id,
            outbox.c.work_id,
            outbox.c.created_at,
        )
        .where(outbox.c.position > after)
        .order_by(outbox.c.position)
        .limit(limit)
    )
    return tuple(
        OutboxEntry(position, OutboxChange(OutboxOp(op), provision, version, work), created_at)
        for position, op, provision, version, work, created_at in rows
    )


def last_position(connection: sa.Connection) -> int:
    """The newest position, 0 when nothing was ever written."""
    return connection.execute(sa.select(sa.func.max(outbox.c.position))).scalar() or 0


def position_of(connection: sa.Connection, generation: str) -> int | None:
    """How far ``generation`` has applied the outbox; None for a generation never marked."""
    return connection.execute(
        sa.select(outbox_positions.c.position).where(outbox_positions.c.generation == generation)
    ).scalar_one_or_none()


def mark_applied(connection: sa.Connection, generation: str, position: int) -> None:
    """Remember that ``generation`` has applied everything up to ``position``; never goes back."""
    if position < 0:
        raise BadInputError("outbox_position", f"同步位置不能是负数：{position}", place=generation)
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(outbox_positions).values(
        generation=generation, position=position, updated_at=utc_now()
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[outbox_positions.c.generation],
            set_={"position": statement.excluded.position, "updated_at": statement.excluded.updated_at},
            where=outbox_positions.c.position < statement.excluded.position,
        )
    )


def forget_generation(connection: sa.Connection, generation: str) -> None:
    """Drop the position of a generation that was deleted."""
    connection.execute(sa.delete(outbox_positions).where(outbox_positions.c.generation == generation))
