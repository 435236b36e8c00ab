"""The door: signing in, staying in, going out, and what people change of their own account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from kb.access.passwords import Passwords
from kb.access.recording import Recorder
from kb.access.rules import (
    FAILURE_WINDOW,
    MAX_FAILURES,
    SECOND_STEP_LIFE,
    AccessSettings,
    SignInError,
    is_alive,
    key_of,
    normalise_password,
    one_time_is_over,
    read_password,
)
from kb.access.sealing import SecretKey
from kb.access.tokens import csrf_of, digest_token, make_token, subject_of
from kb.access.totp import make_secret, match_step
from kb.clock import utc_now
from kb.domain.accounts import MAX_PASSWORD, Account, Session, Stage
from kb.domain.editing import Actor
from kb.errors import BadInputError, ConflictError
from kb.store import accounts as store
from kb.store.database import Connection, Database

TOUCH_EVERY = dt.timedelta(minutes=1)
"""A session's last use is written down no oftener: reading must not become writing."""


@dataclass(frozen=True)
class SignedIn:
    """A session with its token, which only this process and the browser have seen."""

    token: str
    session: Session
    account: Account

    @property
    def actor(self) -> Actor:
        """The person as the workflow knows them."""
        return self.account.actor

    @property
    def stage(self) -> Stage:
        """How far the session has come."""
        return self.session.stage

    @property
    def csrf(self) -> str:
        """What forms of this session carry."""
        return csrf_of(self.token)


class AccessDoor:
    """Signs people in and out on one database."""

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        passwords: Passwords,
        folder: Path,
        settings: AccessSettings | None = None,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        """``folder`` holds the key of the second step; ``now`` gives the time."""
        self._database = database
        self._recorder = recorder
        self._passwords = passwords
        self._key = SecretKey(folder)
        self._settings = settings or AccessSettings()
        self._now = now

    # -- coming in ---------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, *, held: str = "") -> SignedIn:
        """A new session, whatever token the browser ``held`` before: that one ends.

        Raises SignInError ``sign_in_failed`` (the same for an unknown account, a wrong password, a disabled
        account and a one-time password that is over), ``sign_in_locked``.
        """
        key = key_of(name[: MAX_PASSWORD * 2])
        attempt = self._attempt(key)
        with self._database.reading() as connection:
            account = store.find_account(connection, key)
        right = self._is_password(password, account)
        if account is None or not right or not account.enabled or one_time_is_over(account, self._now()):
            raise _failed()
        if self._passwords.is_old(account.password_hash):
            account = self._rehash(account, password)
        if account.must_change:
            stage = Stage.MUST_CHANGE
        else:
            stage = Stage.SECOND_STEP if account.two_steps else Stage.OPEN
        with self._recorder.writing() as write:
            connection = write.connection
            store.lock_accounts(connection)
            fresh = store.get_account(connection, key)
            if not fresh.enabled or fresh.password_hash != account.password_hash:
                raise _failed()
            store.end_session(connection, digest_token(held))
            if stage is Stage.SECOND_STEP:
                store.drop_failure(connection, attempt)
            else:
                store.clear_failures(connection, subject_of(key))
                write.record(account.name, "signed_in", f"account-{account.name}", {"steps": 1})
            return self._begin(connection, fresh, stage)

    def second_step(self, signed: SignedIn, code: str) -> SignedIn:
        """The code after the password; the session goes on under a new token.

        Raises SignInError ``second_step_failed`` (wrong, or used before), ``sign_in_locked``.
        """
        account = signed.account
        key = key_of(account.name)
        self._attempt(key)
        step = self._match(account.totp_sealed, code, account.totp_step)
        with self._recorder.writing() as write:
            connection = write.connection
            store.lock_accounts(connection)
            fresh = store.get_account(connection, key)
            live = store.end_session(connection, signed.session.digest)
            if (
                step is not None
                and live
                and fresh.enabled
                and fresh.password_hash == account.password_hash
                and fresh.totp_sealed == account.totp_sealed
                and store.use_totp_step(connection, account.name, step)
            ):
                store.clear_failures(connection, subject_of(key))
                write.record(account.name, "signed_in", f"account-{account.name}", {"steps": 2})
                return self._begin(connection, replace(fresh, totp_step=step), Stage.OPEN)
            # Leaving the block by an error takes the end of the session back: another code may follow.
            raise SignInError(
                "second_step_failed",
                "验证码不对，或者已经用过",
                place="code",
                way_out="等手机上出现下一个验证码再填；手机的时间要准",
            )

    def resume(self, token: str) -> SignedIn:
        """The session behind a token. Raises SignInError ``session_missing``."""
        digest, now = digest_token(token), self._now()
        if not digest:
            raise not_signed_in()
        with self._database.reading() as connection:
            found = store.find_session(connection, digest)
        if found is None or not found[1].enabled or not is_alive(found[0], self._settings, now):
            raise not_signed_in()
        session, account = found
        if now - session.seen_at >= TOUCH_EVERY:
            with self._database.writing() as connection:
                store.touch_session(connection, digest, now)
        return SignedIn(token, session, account)

    def sign_out(self, token: str) -> None:
        """End the session, if there is one."""
        with self._database.writing() as connection:
            store.end_session(connection, digest_token(token))

    # -- one's own account -------------------------------------------------------------------------

    def change_password(self, signed: SignedIn, old: str, new: str) -> SignedIn:
        """Another password; all sessions end and this one goes on under a new token.

        Raises SignInError ``password_wrong``, ``sign_in_locked``; BadInputError ``password_weak``,
        ``password_same``.
        """
        account = self._confirm(signed, old)
        chosen = read_password(new, account.name)
        if chosen == normalise_password(old):
            raise BadInputError(
                "password_same", "新密码和现在的一样", place="password", way_out="换一个没有用过的密码"
            )
        hashed = self._passwords.hash(chosen)
        with self._recorder.writing() as write:
            connection = write.connection
            fresh = self._still(connection, account)
            changed = replace(
                fresh,
                password_hash=hashed,
                must_change=False,
                password_until=None,
                changed_at=self._now(),
            )
            store.change_account(connection, changed)
            store.end_sessions(connection, account.name)
            write.record(account.name, "password_changed", f"account-{account.name}", {})
            return self._begin(connection, changed, Stage.OPEN)

    def begin_two_steps(self, signed: SignedIn) -> str:
        """A secret for an authenticator app; nothing changes before a code confirms it.

        Raises ConflictError ``two_steps_on``.
        """
        secret = make_secret()
        sealed = self._key.seal(secret)
        with self._database.writing() as connection:
            fresh = self._still(connection, signed.account)
            if fresh.two_steps:
                raise ConflictError("two_steps_on", "两步验证已经打开", way_out="要换手机，先关掉再重新打开")
            store.change_account(connection, replace(fresh, totp_pending=sealed))
        return secret

    def pending_secret(self, signed: SignedIn) -> str:
        """The secret that waits for its first code, empty when none does."""
        sealed = signed.account.totp_pending
        return self._key.unseal(sealed) if sealed else ""

    def confirm_two_steps(self, signed: SignedIn, code: str) -> None:
        """Switch the second step on; other sessions end.

        Raises SignInError ``second_step_failed``, ``sign_in_locked``; ConflictError ``two_steps_not_begun``.
        """
        account = signed.account
        if not account.totp_pending:
            raise ConflictError("two_steps_not_begun", "还没有取得密钥", way_out="先按“打开两步验证”")
        attempt = self._attempt(key_of(account.name))
        step = self._match(account.totp_pending, code, account.totp_step)
        with self._recorder.writing() as write:
            connection = write.connection
            fresh = self._still(connection, account)
            if step is None or fresh.totp_pending != account.totp_pending:
                raise SignInError(
                    "second_step_failed",
                    "验证码不对",
                    place="code",
                    way_out="核对密钥有没有输错，手机的时间准不准",
                )
            store.drop_failure(connection, attempt)
            changed = replace(
                fresh,
                totp_sealed=fresh.totp_pending,
                totp_pending="",
                totp_step=step,
                changed_at=self._now(),
            )
            store.change_account(connection, changed)
            store.end_sessions(connection, account.name, but=signed.session.digest)
            write.record(account.name, "two_steps_on", f"account-{account.name}", {})

    def drop_two_steps(self, signed: SignedIn, password: str) -> None:
        """Switch the second step off. Raises SignInError ``password_wrong``, ``sign_in_locked``."""
        account = self._confirm(signed, password)
        with self._recorder.writing() as write:
            connection = write.connection
            fresh = self._still(connection, account)
            changed = replace(fresh, totp_sealed="", totp_pending="", changed_at=self._now())
            store.change_account(connection, changed)
            store.end_sessions(connection, account.name, but=signed.session.digest)
            write.record(account.name, "two_steps_off", f"account-{account.name}", {})

    def end_others(self, signed: SignedIn) -> int:
        """End all other sessions of the account; returns how many."""
        with self._recorder.writing() as write:
            ended = store.end_sessions(write.connection, signed.account.name, but=signed.session.digest)
            name = signed.account.name
            write.record(name, "sessions_ended", f"account-{name}", {"sessions": ended})
        return ended

    def sessions(self, signed: SignedIn) -> tuple[Session, ...]:
        """Live sessions of the account, newest first."""
        with self._database.reading() as connection:
            found = store.list_sessions(connection, signed.account.name)
        return tuple(one for one in found if is_alive(one, self._settings, self._now()))

    # -- inside ------------------------------------------------------------------------------------

    def _attempt(self, key: str) -> int:
        """Count an attempt before it is made. Raises SignInError ``sign_in_locked``."""
        with self._database.writing() as connection:
            counted = store.add_failure(
                connection, subject_of(key), self._now(), FAILURE_WINDOW, MAX_FAILURES
            )
        if counted is None:
            minutes = int(FAILURE_WINDOW.total_seconds() // 60)
            raise SignInError(
                "sign_in_locked",
                f"{minutes} 分钟内错了 {MAX_FAILURES} 次，这个账号名暂时不能登录",
                way_out=f"{minutes} 分钟后再试，或请管理员重置密码",
            )
        return counted

    def _is_password(self, password: str, account: Account | None) -> bool:
        # What is too long to be anybody's is cut: the check must not take the longer for it.
        given = normalise_password(password[: MAX_PASSWORD * 2])
        return self._passwords.check(given, account.password_hash if account else None)

    def _confirm(self, signed: SignedIn, password: str) -> Account:
        """The account, when ``password`` is its own."""
        attempt = self._attempt(key_of(signed.account.name))
        if not self._is_password(password, signed.account):
            raise SignInError("password_wrong", "现在的密码不对", place="old", way_out="请重新输入")
        with self._database.writing() as connection:
            store.drop_failure(connection, attempt)
        return signed.account

    def _still(self, connection: Connection, account: Account) -> Account:
        """The account as it is now. Raises SignInError when it was disabled or reset meanwhile."""
        store.lock_accounts(connection)
        fresh = store.get_account(connection, key_of(account.name))
        if not fresh.enabled or fresh.password_hash != account.password_hash:
            raise not_signed_in()
        return fresh

    def _match(self, sealed: str, code: str, after: int) -> int | None:
        return match_step(self._key.unseal(sealed), code, self._now(), after) if sealed else None

    def _rehash(self, account: Account, password: str) -> Account:
        changed = replace(account, password_hash=self._passwords.hash(normalise_password(password)))
        with self._database.writing() as connection:
            fresh = self._still(connection, account)
            changed = replace(fresh, password_hash=changed.password_hash)
            store.change_account(connection, changed)
        return changed

    def _begin(self, connection: Connection, account: Account, stage: Stage) -> SignedIn:
        token, now = make_token(), self._now()
        life = SECOND_STEP_LIFE if stage is Stage.SECOND_STEP else self._settings.longest
        session = Session(digest_token(token), account.name, stage, now, now, now + life)
        store.add_session(connection, session)
        return SignedIn(token, session, account)


def not_signed_in() -> SignInError:
    """Nobody is signed in, or no longer."""
    return SignInError("session_missing", "没有登录，或登录已经过期", way_out="请重新登录")


def _failed() -> SignInError:
    return SignInError(
        "sign_in_failed",
        "账号名或密码不对，或者账号不能登录",
        way_out="核对后再试；忘了密码请管理员重置",
    )
