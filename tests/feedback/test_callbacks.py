"""Contacts that people leave: encrypted, read by few and on record, forgotten in time."""

from __future__ import annotations

import datetime as dt
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from kb.answer.audit import Auditor
from kb.answer.callbacks import KEY_FILE, CallbackDesk, ContactKey
from kb.answer.retention import purge
from kb.clock import utc_now
from kb.domain.editing import Actor, Role
from kb.errors import ConflictError, ForbiddenError, LawkbError, NotFoundError, StoreError
from kb.settings import Settings
from kb.store.audit import iter_entries
from kb.store.database import Database
from kb.store.tables import callbacks
from tests.feedback.conftest import CALLER, PHONE, everything_kept

NOTE = "晚上七点以后打，找王阿姨"


def test_a_contact_goes_in_and_comes_out_for_whoever_calls_back(callback_desk: CallbackDesk) -> None:
    number, until = callback_desk.take(f" {PHONE} ", consent=True, topic="劳动", note=NOTE)
    assert dt.timedelta(days=29) < until - utc_now() <= dt.timedelta(days=30)
    (one,) = callback_desk.list_open(CALLER)
    assert (one.id, one.contact, one.topic, one.note, one.due_until) == (number, PHONE, "劳动", NOTE, until)


def test_the_database_holds_no_contact_and_no_key(
    callback_desk: CallbackDesk, database: Database, tmp_path: Path
) -> None:
    callback_desk.take(PHONE, consent=True, note=NOTE)
    kept = everything_kept(database)
    key = (tmp_path / "contacts" / KEY_FILE).read_text("ascii")
    assert not any(secret in kept for secret in (PHONE, NOTE, "王阿姨", key))
    if not database.is_sqlite:
        return
    path = Path(database.url.database or "")
    raw = b"".join(file.read_bytes() for file in (path, *path.parent.glob(path.name + "-*")) if file.exists())
    for secret in (PHONE, NOTE, "王阿姨", key):
        assert secret.encode() not in raw
        assert secret.encode("utf-16-le") not in raw


def test_the_key_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "contacts"
    sealed: list[str] = []
    threads = [
        threading.Thread(target=lambda: sealed.append(ContactKey(folder).seal(PHONE))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert {ContactKey(folder).unseal(one) for one in sealed} == {PHONE}
    assert len(set(sealed)) == 8


def test_with_another_key_nothing_is_read_and_the_way_out_works(
    callback_desk: CallbackDesk, tmp_path: Path
) -> None:
    number, _ = callback_desk.take(PHONE, consent=True)
    path = tmp_path / "contacts" / KEY_FILE
    kept = path.read_bytes()
    for wrong in (Fernet.generate_key(), b"", b"not a key", None):
        if wrong is None:
            path.unlink()
        else:
            path.write_bytes(wrong)
        with pytest.raises(StoreError) as refused:
            callback_desk.list_open(CALLER)
        assert refused.value.code == "contact_key_wrong"
        assert f"编号 {number}" in refused.value.message
        assert "contact.key" in refused.value.way_out
        assert PHONE not in str(refused.value)
    path.write_bytes(kept)
    assert [one.contact for one in callback_desk.list_open(CALLER)] == [PHONE]
    path.unlink()
    later, _ = callback_desk.take("13900000000", consent=True)  # with a new key
    with pytest.raises(StoreError):
        callback_desk.list_open(CALLER)
    callback_desk.close(number, CALLER)
    assert [one.id for one in callback_desk.list_open(CALLER)] == [later]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CALLBACK])
def test_no_other_role_reads_or_closes(callback_desk: CallbackDesk, role: Role) -> None:
    number, _ = callback_desk.take(PHONE, consent=True)
    other = Actor("zhou", "周某", frozenset((role,)))
    for deed in (lambda: callback_desk.list_open(other), lambda: callback_desk.close(number, other)):
        with pytest.raises(ForbiddenError) as refused:
            deed()
        assert refused.value.code == "role_missing"
        assert Role.CALLBACK.value in refused.value.way_out
    assert len(callback_desk.list_open(CALLER)) == 1


def test_reading_and_closing_are_on_the_trail_without_the_contact(
    callback_desk: CallbackDesk, database: Database, auditor: Auditor
) -> None:
    assert callback_desk.list_open(CALLER) == ()
    number, _ = callback_desk.take(PHONE, consent=True, note=NOTE)
    callback_desk.list_open(CALLER)
    callback_desk.close(number, CALLER)
    with database.reading() as connection:
        entries = list(iter_entries(connection))
    assert [(one.actor, one.action, one.subject, one.data) for one in entries] == [
        (CALLER.id, "callbacks_read", "callbacks", {"ids": [number]}),
        (CALLER.id, "callback_closed", f"callback-{number}", {}),
    ]
    assert auditor.verify().sound


def test_what_is_closed_is_forgotten_and_closed_once(callback_desk: CallbackDesk, database: Database) -> None:
    number, _ = callback_desk.take(PHONE, consent=True, note=NOTE)
    callback_desk.close(number, CALLER)
    with database.reading() as connection:
        row = connection.execute(sa.select(callbacks)).mappings().one()
    assert (row["contact_encrypted"], row["note_encrypted"], row["handled_by"]) == ("", "", CALLER.id)
    assert row["handled_at"] is not None
    assert callback_desk.list_open(CALLER) == ()
    with pytest.raises(ConflictError) as again:
        callback_desk.close(number, CALLER)
    assert again.value.code == "callback_closed"
    with pytest.raises(NotFoundError) as unknown:
        callback_desk.close(number + 100, CALLER)
    assert unknown.value.code == "callback_not_found"


def test_what_is_past_its_days_is_not_given_out_and_is_purged(
    callback_desk: CallbackDesk, database: Database, tmp_path: Path
) -> None:
    number, until = callback_desk.take(PHONE, consent=True)
    settings = Settings(data_dir=tmp_path)
    assert purge(database, settings, until - dt.timedelta(minutes=1)).callbacks == 0
    with database.writing() as connection:
        connection.execute(sa.update(callbacks).values(due_until=utc_now() - dt.timedelta(seconds=1)))
    assert callback_desk.list_open(CALLER) == ()
    assert purge(database, settings, utc_now()).callbacks == 1
    assert callback_desk.take(PHONE, consent=True)[0] > number  # the trail names requests by number


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"consent": False}, "consent_missing"),
        ({"contact": "  "}, "contact_empty"),
        ({"contact": "？！"}, "contact_empty"),
        ({"contact": "1" * 101}, "contact_too_long"),
        ({"note": "长" * 301}, "note_too_long"),
        ({"topic": "天气"}, "topic_unknown"),
    ],
)
def test_what_cannot_be_taken_is_told(
    callback_desk: CallbackDesk, database: Database, given: dict[str, object], code: str
) -> None:
    with pytest.raises(LawkbError) as refused:
        callback_desk.take(**{"contact": PHONE, "consent": True, **given})  # type: ignore[arg-type]
    assert (refused.value.code, bool(refused.value.way_out)) == (code, True)
    assert everything_kept(database) == ""


def test_no_days_take_no_contacts(database: Database, auditor: Auditor, tmp_path: Path) -> None:
    desk = CallbackDesk(database, auditor, tmp_path / "contacts", keep_days=0)
    with pytest.raises(ConflictError) as refused:
        desk.take(PHONE, consent=True)
    assert refused.value.code == "callbacks_off"
    assert not (tmp_path / "contacts").exists()


def test_a_folder_that_cannot_be_written_is_told(
    database: Database, auditor: Auditor, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    desk = CallbackDesk(database, auditor, tmp_path / "file" / "contacts", keep_days=30)
    with pytest.raises(StoreError) as refused:
        desk.take(PHONE, consent=True)
    assert refused.value.code == "contact_key_unwritable"
    assert everything_kept(database) == ""
