"""The outbox: positions that only grow and appear in commit order, one mark per generation."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from kb.errors import BadInputError
from kb.store import outbox
from kb.store.database import Connection, Database
from kb.store.outbox import OutboxChange, OutboxOp
from kb.store.tables import outbox as outbox_table


def change(number: int, op: OutboxOp = OutboxOp.UPSERT) -> OutboxChange:
    return OutboxChange(op, f"w0:a{number}", "w0@2020-01-01", "w0")


def test_entries_come_back_in_order(database: Database) -> None:
    changes = [change(1), change(2, OutboxOp.DELETE), change(1)]
    with database.writing() as connection:
        assert outbox.last_position(connection) == 0
        assert outbox.append(connection, changes) == 3
        assert outbox.append(connection, []) == 0
    with database.reading() as connection:
        entries = outbox.pending(connection, 0)
        assert [entry.change for entry in entries] == changes
        assert [entry.change for entry in outbox.pending(connection, entries[0].position, 1)] == changes[1:2]
        assert outbox.pending(connection, entries[2].position) == ()
        assert outbox.last_position(connection) == entries[2].position
        age = dt.datetime.now(dt.UTC) - entries[0].created_at
        assert dt.timedelta(0) <= age < dt.timedelta(minutes=5)


def test_each_generation_keeps_its_own_position(writing: Connection) -> None:
    assert outbox.position_of(writing, "g1") is None
    outbox.mark_applied(writing, "g1", 7)
    outbox.mark_applied(writing, "g2", 3)
    outbox.mark_applied(writing, "g1", 5)  # late news from a slow worker
    assert (outbox.position_of(writing, "g1"), outbox.position_of(writing, "g2")) == (7, 3)
    outbox.forget_generation(writing, "g1")
    assert (outbox.position_of(writing, "g1"), outbox.position_of(writing, "g2")) == (None, 3)
    with pytest.raises(BadInputError):
        outbox.mark_applied(writing, "g2", -1)


def test_a_position_is_never_used_twice(database: Database) -> None:
    with database.writing() as connection:
        outbox.append(connection, [change(1), change(2)])
        last = outbox.last_position(connection)
    with database.writing() as connection:
        connection.execute(outbox_table.delete())
        outbox.append(connection, [change(3)])
        assert outbox.last_position(connection) > last


def test_a_reader_that_follows_the_outbox_misses_nothing(database: Database) -> None:
    """Positions given out before a commit must not show up behind those of a later commit."""
    writers, rows = 6, 25
    start = threading.Barrier(writers + 1)

    def write(writer: int) -> None:
        start.wait()
        for number in range(rows):
            with database.writing() as connection:
                outbox.append(connection, [change(writer * 1000 + number)])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    start.wait()
    seen: list[str] = []
    position = 0
    while len(seen) < writers * rows:
        alive = any(thread.is_alive() for thread in threads)
        with database.reading() as connection:
            entries = outbox.pending(connection, position)
        seen += [entry.change.provision_id for entry in entries]
        position = entries[-1].position if entries else position
        if not alive and not entries:
            break
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(f"w0:a{w * 1000 + n}" for w in range(writers) for n in range(rows))
