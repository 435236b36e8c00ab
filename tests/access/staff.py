"""A door over a database with a clock that the test turns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pyotp
from argon2 import PasswordHasher

from kb.access.access import Access, open_access
from kb.access.administration import OPERATOR
from kb.access.door import SignedIn
from kb.access.passwords import Passwords
from kb.answer.audit import Auditor
from kb.domain.editing import Role
from kb.store.database import Database

PASSWORD = "三把雨伞 放在门口 等天晴"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Argon2id with so little work that a test may sign in often."""


@dataclass
class Clock:
    """What the door takes for now."""

    now: dt.datetime = dt.datetime(2026, 11, 27, 1, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@dataclass
class Staff:
    """Accounts of a database."""

    database: Database
    auditor: Auditor
    access: Access
    clock: Clock

    def hire(self, name: str, *roles: Role | str, password: str = PASSWORD) -> str:
        """An account that has chosen its password; returns the name."""
        one_time = self.access.accounts.add(name, [str(role) for role in roles], OPERATOR)
        signed = self.access.door.sign_in(name, one_time)
        signed = self.access.door.change_password(signed, one_time, password)
        self.access.door.sign_out(signed.token)
        return name

    def sign_in(self, name: str, password: str = PASSWORD) -> SignedIn:
        return self.access.door.sign_in(name, password)

    def switch_on(self, name: str) -> pyotp.TOTP:
        """The second step for an account; returns its authenticator."""
        signed = self.sign_in(name)
        totp = pyotp.TOTP(self.access.door.begin_two_steps(signed))
        signed = self.access.door.resume(signed.token)
        self.access.door.confirm_two_steps(signed, self.code(totp))
        self.access.door.sign_out(signed.token)
        self.clock.pass_(seconds=30)
        return totp

    def code(self, totp: pyotp.TOTP) -> str:
        return totp.at(int(self.clock.now.timestamp()))


def open_staff(database: Database, folder: Path, clock: Clock | None = None) -> Staff:
    """Nobody has an account yet."""
    clock = clock or Clock()
    auditor = Auditor(database, folder / "audit")
    access = open_access(database, auditor, folder / "access", passwords=QUICK, now=clock)
    return Staff(database, auditor, access, clock)


def everything_kept(database: Database, tables: Collection[str]) -> str:
    """All rows of tables as one text."""
    import sqlalchemy as sa

    with database.reading() as connection:
        return "\n".join(
            str(row) for table in tables for row in connection.execute(sa.text(f"SELECT * FROM {table}"))
        )
