"""The audit trail: every way of tampering is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb.answer.audit import HEAD_FILE, KEY_FILE, Auditor
from kb.errors import StoreError
from kb.store.database import Connection, Database
from kb.store.tables import audit_entries

T = audit_entries


def fill(auditor: Auditor, count: int = 5) -> None:
    for number in range(count):
        with auditor.writing() as write:
            write.record("wang", "save", f"answer-{number}", {"revision": number})


def test_a_chain_that_nobody_touched_is_whole(auditor: Auditor) -> None:
    assert auditor.verify().sound
    fill(auditor)
    report = auditor.verify()
    assert (report.sound, report.entries, report.problems) == (True, 5, ())


def edit(connection: Connection) -> None:
    connection.execute(sa.update(T).where(T.c.position == 2).values(actor="li"))


def edit_data(connection: Connection) -> None:
    connection.execute(sa.update(T).where(T.c.position == 3).values(data='{"revision":9}'))


def cut_middle(connection: Connection) -> None:
    connection.execute(sa.delete(T).where(T.c.position == 3))


def cut_tail(connection: Connection) -> None:
    connection.execute(sa.delete(T).where(T.c.position == 5))


def cut_all(connection: Connection) -> None:
    connection.execute(sa.delete(T))


def swap(connection: Connection) -> None:
    connection.execute(sa.update(T).where(T.c.position == 2).values(position=99))
    connection.execute(sa.update(T).where(T.c.position == 3).values(position=2))
    connection.execute(sa.update(T).where(T.c.position == 99).values(position=3))


def renumber(connection: Connection) -> None:
    cut_middle(connection)
    connection.execute(sa.update(T).where(T.c.position == 4).values(position=3))
    connection.execute(sa.update(T).where(T.c.position == 5).values(position=4))


@pytest.mark.parametrize("tamper", [edit, edit_data, cut_middle, cut_tail, cut_all, swap, renumber])
def test_tampering_is_seen(
    auditor: Auditor, database: Database, tamper: Callable[[Connection], None]
) -> None:
    fill(auditor)
    with database.writing() as connection:
        tamper(connection)
    report = auditor.verify()
    assert not report.sound
    assert report.problems


def test_a_tail_cut_and_written_again_is_seen_too(
    auditor: Auditor, database: Database, tmp_path: Path
) -> None:
    fill(auditor)
    with database.writing() as connection:
        cut_tail(connection)
    forger = Auditor(database, tmp_path / "elsewhere")
    with pytest.raises(StoreError) as error:
        fill(forger, 1)
    assert error.value.code == "audit_head_forged"
    with pytest.raises(StoreError) as error:
        fill(auditor, 1)
    assert error.value.code == "audit_cut"


def test_a_crash_between_commit_and_head_is_made_good(
    auditor: Auditor, database: Database, tmp_path: Path
) -> None:
    fill(auditor, 2)
    head = tmp_path / "audit" / HEAD_FILE
    before = head.read_bytes()
    fill(auditor, 1)
    head.write_bytes(before)
    report = auditor.verify()
    assert report.sound
    assert report.notes
    again = auditor.verify()
    assert (again.sound, again.notes) == (True, ())


def test_a_head_signed_with_another_key_is_refused(auditor: Auditor, tmp_path: Path) -> None:
    fill(auditor, 2)
    (tmp_path / "audit" / KEY_FILE).write_bytes(b"x" * 32)
    with pytest.raises(StoreError) as error:
        auditor.verify()
    assert error.value.code == "audit_head_forged"


def test_a_missing_head_beside_a_chain_is_suspect(auditor: Auditor, tmp_path: Path) -> None:
    fill(auditor, 2)
    (tmp_path / "audit" / HEAD_FILE).unlink()
    assert not auditor.verify().sound
    with pytest.raises(StoreError):
        fill(auditor, 1)


def test_what_fails_leaves_no_entry(auditor: Auditor) -> None:
    fill(auditor, 1)

    def fail() -> None:
        with auditor.writing() as write:
            write.record("wang", "save", "answer", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert auditor.verify().entries == 1
