"""Accounts made, disabled and reset; every change ends the account's sessions and goes on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace

from kb.access.passwords import Passwords, make_one_time
from kb.access.recording import RecordedWrite, Recorder
from kb.access.rules import (
    ONE_TIME_LIFE,
    key_of,
    read_name,
    read_roles,
    require_administrator,
    require_one_left,
)
from kb.access.tokens import subject_of
from kb.clock import utc_now
from kb.domain.accounts import Account
from kb.domain.editing import Actor, Role
from kb.errors import ConflictError
from kb.store import accounts as store
from kb.store.database import Database

OPERATOR = Actor("operator", "本机操作员", frozenset((Role.ADMINISTRATOR,)))
"""Whoever may run commands on the machine: they could change the database itself."""


class AccountAdministration:
    """The accounts of one installation, as an administrator changes them."""

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        passwords: Passwords,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        """``now`` gives the time."""
        self._database = database
        self._recorder = recorder
        self._passwords = passwords
        self._now = now

    def bootstrap(self, name: str) -> str:
        """The first administrator; returns the one-time password.

        Raises ConflictError ``accounts_bootstrapped`` where there is any account, BadInputError
        ``account_name_invalid``.
        """
        account, password = self._new(name, frozenset((Role.ADMINISTRATOR,)))
        with self._recorder.writing() as write:
            store.lock_accounts(write.connection)
            if store.list_accounts(write.connection):
                raise ConflictError(
                    "accounts_bootstrapped",
                    "已经有账号了，第一个管理员只能建立一次",
                    place=name,
                    way_out="忘了密码用 lawkb accounts reset；新增账号用 lawkb accounts add",
                )
            self._add(write, account, OPERATOR, "account_bootstrapped")
        return password

    def add(self, name: str, roles: Collection[str], actor: Actor) -> str:
        """A new account; returns its one-time password, which is told this once.

        Raises ConflictError ``account_exists``, BadInputError ``account_name_invalid``, ``role_unknown``,
        ``roles_empty``, ForbiddenError ``role_missing``.
        """
        require_administrator(actor.roles, actor.name)
        account, password = self._new(name, read_roles(roles))
        with self._recorder.writing() as write:
            store.lock_accounts(write.connection)
            self._add(write, account, actor, "account_added")
        return password

    def accounts(self) -> tuple[Account, ...]:
        """All accounts, by name."""
        with self._database.reading() as connection:
            return store.list_accounts(connection)

    def disable(self, name: str, actor: Actor) -> Account:
        """Keep the person out from now on. Raises ConflictError ``last_administrator``."""

        def change(account: Account) -> Account:
            return replace(account, disabled_at=account.disabled_at or self._now())

        return self._change(name, actor, "account_disabled", change)

    def enable(self, name: str, actor: Actor) -> Account:
        """Let the person in again, with the password they had."""
        return self._change(
            name, actor, "account_enabled", lambda account: replace(account, disabled_at=None)
        )

    def set_roles(self, name: str, roles: Collection[str], actor: Actor) -> Account:
        """Give other roles. Raises ConflictError ``last_administrator``, BadInputError ``role_unknown``."""
        chosen = read_roles(roles)
        return self._change(
            name, actor, "account_roles_changed", lambda account: replace(account, roles=chosen)
        )

    def reset(self, name: str, actor: Actor) -> str:
        """A new one-time password, and the second step off: for a lost password or telephone."""
        password = make_one_time()
        hashed = self._passwords.hash(password)

        def change(account: Account) -> Account:
            return replace(
                account,
                password_hash=hashed,
                must_change=True,
                password_until=self._now() + ONE_TIME_LIFE,
                totp_sealed="",
                totp_pending="",
            )

        self._change(name, actor, "account_reset", change, forgive=True)
        return password

    def _new(self, name: str, roles: frozenset[Role]) -> tuple[Account, str]:
        password, now = make_one_time(), self._now()
        account = Account(
            name=read_name(name),
            roles=roles,
            password_hash=self._passwords.hash(password),
            must_change=True,
            password_until=now + ONE_TIME_LIFE,
            totp_sealed="",
            totp_pending="",
            totp_step=0,
            disabled_at=None,
            created_at=now,
            changed_at=now,
        )
        return account, password

    def _add(self, write: RecordedWrite, account: Account, actor: Actor, deed: str) -> None:
        store.add_account(write.connection, account, key_of(account.name))
        write.record(actor.id, deed, f"account-{account.name}", {"roles": _names(account)})

    def _change(
        self,
        name: str,
        actor: Actor,
        deed: str,
        change: Callable[[Account], Account],
        *,
        forgive: bool = False,
    ) -> Account:
        require_administrator(actor.roles, actor.name)
        with self._recorder.writing() as write:
            connection = write.connection
            store.lock_accounts(connection)
            account = store.get_account(connection, key_of(name))
            changed = replace(change(account), changed_at=self._now())
            if not (changed.enabled and Role.ADMINISTRATOR in changed.roles) and (
                account.enabled and Role.ADMINISTRATOR in account.roles
            ):
                require_one_left(store.list_accounts(connection), account.name)
            store.change_account(connection, changed)
            store.end_sessions(connection, account.name)
            if forgive:
                store.clear_failures(connection, subject_of(key_of(account.name)))
            write.record(actor.id, deed, f"account-{account.name}", {"roles": _names(changed)})
        return changed


def _names(account: Account) -> list[str]:
    return sorted(role.value for role in account.roles)
