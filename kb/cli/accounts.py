"""``lawkb accounts`` at work."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from kb.cli import compose
from kb.cli.desk import open_auditor
from kb.clock import SHANGHAI
from kb.domain.accounts import ROLE_LABELS, Account
from kb.settings import Settings, get_settings

if TYPE_CHECKING:
    from kb.access.access import Access
    from kb.access.administration import AccountAdministration
    from kb.store.database import Database


def open_installed_access(settings: Settings, database: Database) -> Access:
    """Accounts of an installation; the key of the second step lies in the data directory."""
    from kb.access.access import open_access
    from kb.access.rules import AccessSettings
    from kb.access.sealing import FOLDER

    lives = AccessSettings(
        idle=dt.timedelta(minutes=settings.session_idle_minutes),
        longest=dt.timedelta(hours=settings.session_hours),
    )
    return open_access(database, open_auditor(settings, database), settings.data_dir / FOLDER, lives)


@contextmanager
def _open_accounts() -> Iterator[AccountAdministration]:
    settings = get_settings()
    compose.prepare_paths(settings)
    database = compose.open_database(settings)
    try:
        yield open_installed_access(settings, database).accounts
    finally:
        database.close()


def bootstrap(name: str) -> None:
    """The first administrator."""
    with _open_accounts() as accounts:
        password = accounts.bootstrap(name)
    typer.echo(f"已建立管理员“{name}”。")
    _tell_password(password)


def add_account(name: str, roles: Sequence[str]) -> None:
    """A new account."""
    from kb.access.administration import OPERATOR

    with _open_accounts() as accounts:
        password = accounts.add(name, roles, OPERATOR)
    typer.echo(f"已新增账号“{name}”。")
    _tell_password(password)


def reset_account(name: str) -> None:
    """A new one-time password, and the second step off."""
    from kb.access.administration import OPERATOR

    with _open_accounts() as accounts:
        password = accounts.reset(name, OPERATOR)
    typer.echo(f"已重置账号“{name}”，两步验证已关掉，登录已全部退出。")
    _tell_password(password)


def _tell_password(password: str) -> None:
    from kb.access.rules import ONE_TIME_LIFE

    settings = get_settings()
    address = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    hours = int(ONE_TIME_LIFE.total_seconds() // 3600)
    typer.echo(f"一次性密码（只显示这一次，{hours} 小时内有效）：{password}")
    typer.echo(f"登录：{address}/sign-in，登录后须改成自己的密码。")


def disable_account(name: str) -> None:
    """Keep a person out."""
    from kb.access.administration import OPERATOR

    with _open_accounts() as accounts:
        _tell(accounts.disable(name, OPERATOR))


def enable_account(name: str) -> None:
    """Let a person in again."""
    from kb.access.administration import OPERATOR

    with _open_accounts() as accounts:
        _tell(accounts.enable(name, OPERATOR))


def set_roles(name: str, roles: Sequence[str]) -> None:
    """Other roles for an account."""
    from kb.access.administration import OPERATOR

    with _open_accounts() as accounts:
        _tell(accounts.set_roles(name, roles, OPERATOR))


def list_accounts(*, as_json: bool) -> None:
    """All accounts; never a hash or a secret."""
    with _open_accounts() as accounts:
        found = accounts.accounts()
    if as_json:
        rows = [
            {
                "name": one.name,
                "roles": sorted(role.value for role in one.roles),
                "enabled": one.enabled,
                "two_steps": one.two_steps,
                "must_change": one.must_change,
                "created_at": one.created_at.isoformat(),
            }
            for one in found
        ]
        typer.echo(json.dumps({"accounts": rows}, ensure_ascii=False, indent=1))
        return
    for one in found:
        _tell(one)
    typer.echo(f"共 {len(found)} 个。")


def _tell(account: Account) -> None:
    roles = "、".join(ROLE_LABELS[role] for role in sorted(account.roles))
    marks = [
        "可登录" if account.enabled else "已停用",
        *(["两步验证"] if account.two_steps else []),
        *(["等待改密码"] if account.must_change else []),
    ]
    made = account.created_at.astimezone(SHANGHAI)
    typer.echo(f"{account.name}  [{'，'.join(marks)}] {roles}  {made:%Y-%m-%d} 建立")
