"""Accounts, sessions and failed sign-ins in the store."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from kb.domain.accounts import Account, Session, Stage
from kb.domain.editing import Role
from kb.errors import ConflictError, NotFoundError
from kb.store.tables import account_sessions, accounts, sign_in_failures

ACCOUNTS_LOCK = 0x6C61776B_63
"""Key of PostgreSQL's advisory lock over all accounts ("lawkc")."""


def lock_accounts(connection: sa.Connection) -> None:
    """Make other changes of accounts wait for this transaction; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ACCOUNTS_LOCK})


def add_account(connection: sa.Connection, account: Account, key: str) -> None:
    """Write a new account; ``key`` is its name without regard to case. Raises ConflictError."""
    taken = connection.execute(
        sa.select(accounts.c.name).where(sa.or_(accounts.c.name_key == key, accounts.c.name == account.name))
    ).first()
    if taken is not None:
        raise ConflictError(
            "account_exists",
            f"账号“{taken.name}”已经有了",
            place="name",
            way_out="换一个账号名；账号不能删除或改名，停用的也占着名字",
        )
    connection.execute(
        sa.insert(accounts).values(_columns(account) | {"name": account.name, "name_key": key})
    )


def change_account(connection: sa.Connection, account: Account) -> None:
    """Replace everything of an account but its name. Raises NotFoundError ``account_not_found``."""
    done = connection.execute(
        sa.update(accounts).where(accounts.c.name == account.name).values(_columns(account))
    )
    if done.rowcount != 1:
        raise _not_found(account.name)


def find_account(connection: sa.Connection, key: str) -> Account | None:
    """The account whose name is ``key`` without regard to case."""
    row = connection.execute(sa.select(accounts).where(accounts.c.name_key == key)).mappings().first()
    return None if row is None else _account(row)


def get_account(connection: sa.Connection, key: str) -> Account:
    """As ``find_account``. Raises NotFoundError ``account_not_found``."""
    found = find_account(connection, key)
    if found is None:
        raise _not_found(key)
    return found


def list_accounts(connection: sa.Connection) -> tuple[Account, ...]:
    """All accounts, by name."""
    rows = connection.execute(sa.select(accounts).order_by(accounts.c.name)).mappings()
    return tuple(_account(row) for row in rows)


def use_totp_step(connection: sa.Connection, name: str, step: int) -> bool:
    """Mark a step's code as used; False when it, or a later one, was used already."""
    done = connection.execute(
        sa.update(accounts).where(accounts.c.name == name, accounts.c.totp_step < step).values(totp_step=step)
    )
    return bool(done.rowcount == 1)


def add_session(connection: sa.Connection, session: Session) -> None:
    """Begin a session; those that are over are forgotten on the way."""
    connection.execute(sa.delete(account_sessions).where(account_sessions.c.ends_at <= session.started_at))
    connection.execute(
        sa.insert(account_sessions).values(
            digest=session.digest,
            account=session.account,
            stage=session.stage.value,
            started_at=session.started_at,
            seen_at=session.seen_at,
            ends_at=session.ends_at,
        )
    )


def find_session(connection: sa.Connection, digest: str) -> tuple[Session, Account] | None:
    """A session with its account, whatever their state."""
    row = (
        connection.execute(
            sa.select(account_sessions, accounts)
            .join(accounts, accounts.c.name == account_sessions.c.account)
            .where(account_sessions.c.digest == digest)
        )
        .mappings()
        .first()
    )
    return None if row is None else (_session(row), _account(row))


def list_sessions(connection: sa.Connection, account: str) -> tuple[Session, ...]:
    """Sessions of an account, newest first."""
    rows = connection.execute(
        sa.select(account_sessions)
        .where(account_sessions.c.account == account)
        .order_by(account_sessions.c.started_at.desc(), account_sessions.c.digest)
    ).mappings()
    return tuple(_session(row) for row in rows)


def touch_session(connection: sa.Connection, digest: str, now: dt.datetime) -> None:
    """Note that a session was used; never backwards."""
    connection.execute(
        sa.update(account_sessions)
        .where(account_sessions.c.digest == digest, account_sessions.c.seen_at < now)
        .values(seen_at=now)
    )


def end_session(connection: sa.Connection, digest: str) -> bool:
    """End one session; whether it was there."""
    done = connection.execute(sa.delete(account_sessions).where(account_sessions.c.digest == digest))
    return bool(done.rowcount)


def end_sessions(connection: sa.Connection, account: str, *, but: str = "") -> int:
    """End all sessions of an account but the one with the digest ``but``; returns how many."""
    done = connection.execute(
        sa.delete(account_sessions).where(
            account_sessions.c.account == account, account_sessions.c.digest != but
        )
    )
    return int(done.rowcount)


def add_failure(
    connection: sa.Connection, subject: str, now: dt.datetime, window: dt.timedelta, most: int
) -> int | None:
    """Count an attempt as failed before it is made; its number, None when ``most`` lie in the window.

    Attempts at the same subject wait for one another, so that many at once are counted one by one.
    """
    if connection.dialect.name == "postgresql":
        key = int(subject[:15], 16)
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
    connection.execute(sa.delete(sign_in_failures).where(sign_in_failures.c.at <= now - window))
    counted = connection.execute(
        sa.select(sa.func.count()).select_from(sign_in_failures).where(sign_in_failures.c.subject == subject)
    ).scalar_one()
    if counted >= most:
        return None
    added = connection.execute(
        sa.insert(sign_in_failures).values(subject=subject, at=now).returning(sign_in_failures.c.position)
    )
    return int(added.scalar_one())


def drop_failure(connection: sa.Connection, position: int) -> None:
    """The attempt succeeded after all."""
    connection.execute(sa.delete(sign_in_failures).where(sign_in_failures.c.position == position))


def clear_failures(connection: sa.Connection, subject: str) -> None:
    """Forget all failures of a subject."""
    connection.execute(sa.delete(sign_in_failures).where(sign_in_failures.c.subject == subject))


def _not_found(name: str) -> NotFoundError:
    return NotFoundError(
        "account_not_found", f"没有账号“{name}”", place="name", way_out="用 lawkb accounts list 看全部账号"
    )


def _columns(account: Account) -> dict[str, Any]:
    return {
        "roles": tuple(sorted(role.value for role in account.roles)),
        "password_hash": account.password_hash,
        "must_change": account.must_change,
        "password_until": account.password_until,
        "totp_sealed": account.totp_sealed,
        "totp_pending": account.totp_pending,
        "totp_step": account.totp_step,
        "disabled_at": account.disabled_at,
        "created_at": account.created_at,
        "changed_at": account.changed_at,
    }


def _account(row: sa.RowMapping) -> Account:
    return Account(
        name=row["name"],
        roles=frozenset(Role(role) for role in row["roles"]),
        password_hash=row["password_hash"],
        must_change=row["must_change"],
        password_until=row["password_until"],
        totp_sealed=row["totp_sealed"],
        totp_pending=row["totp_pending"],
        totp_step=row["totp_step"],
        disabled_at=row["disabled_at"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


def _session(row: sa.RowMapping) -> Session:
    return Session(
        digest=row["digest"],
        account=row["account"],
        stage=Stage(row["stage"]),
        started_at=row["started_at"],
        seen_at=row["seen_at"],
        ends_at=row["ends_at"],
    )
