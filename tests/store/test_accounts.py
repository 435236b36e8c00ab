"""Accounts, sessions and failures in the store, on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kb.domain.accounts import Account, Session, Stage
from kb.domain.editing import Role
from kb.errors import ConflictError, NotFoundError
from kb.store import accounts as store
from kb.store.database import Connection

NOW = dt.datetime(2026, 11, 27, 8, 30, 15, 123456, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
WANG = Account(
    name="王编辑",
    roles=frozenset((Role.EDITOR, Role.REVIEWER)),
    password_hash="$argon2id$…",
    must_change=True,
    password_until=NOW + HOUR,
    totp_sealed="sealed",
    totp_pending="",
    totp_step=58_000_000,
    disabled_at=None,
    created_at=NOW,
    changed_at=NOW,
)
SUBJECT, OTHER = "f" * 64, "0" * 64


def session(digest: str, **changes: object) -> Session:
    made = Session(digest, WANG.name, Stage.OPEN, NOW, NOW, NOW + HOUR)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def held(writing: Connection) -> Connection:
    store.add_account(writing, WANG, "王编辑")
    return writing


def test_an_account_comes_back_as_it_was(held: Connection) -> None:
    assert store.find_account(held, "王编辑") == WANG
    assert store.find_account(held, "李律师") is None
    changed = replace(WANG, roles=frozenset((Role.AGENT,)), disabled_at=NOW, password_until=None, totp_step=1)
    store.change_account(held, changed)
    assert store.list_accounts(held) == (changed,)


def test_a_name_is_given_once(held: Connection) -> None:
    with pytest.raises(ConflictError):
        store.add_account(held, replace(WANG, name="别的写法"), "王编辑")
    for deed in (
        lambda: store.get_account(held, "谁"),
        lambda: store.change_account(held, replace(WANG, name="谁")),
    ):
        with pytest.raises(NotFoundError):
            deed()


def test_a_step_is_used_once_and_never_backwards(held: Connection) -> None:
    step = WANG.totp_step
    assert not store.use_totp_step(held, WANG.name, step)
    assert store.use_totp_step(held, WANG.name, step + 1)
    assert not store.use_totp_step(held, WANG.name, step + 1)
    assert not store.use_totp_step(held, WANG.name, step)


def test_sessions_begin_are_used_and_end(held: Connection) -> None:
    for digest in ("one", "two", "three"):
        store.add_session(held, session(digest))
    assert store.find_session(held, "one") == (session("one"), WANG)
    assert store.find_session(held, "none") is None
    store.touch_session(held, "one", NOW + HOUR)
    store.touch_session(held, "one", NOW)
    found = store.find_session(held, "one")
    assert found is not None
    assert found[0].seen_at == NOW + HOUR
    assert store.end_session(held, "one")
    assert not store.end_session(held, "one")
    assert store.end_sessions(held, WANG.name, but="two") == 1
    assert [one.digest for one in store.list_sessions(held, WANG.name)] == ["two"]


def test_sessions_that_are_over_are_forgotten(held: Connection) -> None:
    store.add_session(held, session("old", ends_at=NOW + dt.timedelta(minutes=1)))
    store.add_session(held, session("new", started_at=NOW + dt.timedelta(minutes=1)))
    assert [one.digest for one in store.list_sessions(held, WANG.name)] == ["new"]


def test_failures_are_counted_by_subject_and_forgotten_with_time(held: Connection) -> None:
    window = dt.timedelta(minutes=15)

    def fail(subject: str, minutes: float) -> int | None:
        return store.add_failure(held, subject, NOW + dt.timedelta(minutes=minutes), window, 2)

    first = fail(SUBJECT, 0)
    assert first is not None
    assert fail(SUBJECT, 1) is not None
    assert fail(SUBJECT, 2) is None
    assert fail(OTHER, 2) is not None
    assert fail(SUBJECT, 15) is not None
    assert fail(SUBJECT, 15) is None
    store.clear_failures(held, SUBJECT)
    again = fail(SUBJECT, 15)
    assert again is not None
    store.drop_failure(held, again)
    assert fail(SUBJECT, 15) is not None
    assert fail(SUBJECT, 15) is not None
