"""``lawkb accounts …``: who may sign in."""

from __future__ import annotations

from typing import Annotated

import typer

from kb.cli.options import JsonFlag

Name = Annotated[str, typer.Argument(help="账号名：姓名或工号；建立后不能改")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help="角色：agent、editor、reviewer、administrator、callback，可重复"),
]

accounts_cli = typer.Typer(
    help="账号：谁可以登录，各有什么角色。每一次改动都记入审计链。", no_args_is_help=True
)


@accounts_cli.command("bootstrap")
def bootstrap_command(name: Name) -> None:
    """建立第一个管理员（只能一次），显示一次性密码；首次登录须改成自己的密码。"""
    from kb.cli.accounts import bootstrap

    bootstrap(name)


@accounts_cli.command("add")
def add_command(name: Name, role: Roles = None) -> None:
    """新增账号，显示一次性密码；首次登录须改成自己的密码。"""
    from kb.cli.accounts import add_account

    add_account(name, role or [])


@accounts_cli.command("list")
def list_command(as_json: JsonFlag = False) -> None:
    """列出账号、角色和状态。"""
    from kb.cli.accounts import list_accounts

    list_accounts(as_json=as_json)


@accounts_cli.command("disable")
def disable_command(name: Name) -> None:
    """停用账号，已经登录的立即退出。"""
    from kb.cli.accounts import disable_account

    disable_account(name)


@accounts_cli.command("enable")
def enable_command(name: Name) -> None:
    """恢复停用的账号，密码不变。"""
    from kb.cli.accounts import enable_account

    enable_account(name)


@accounts_cli.command("reset")
def reset_command(name: Name) -> None:
    """重置密码并关掉两步验证，显示新的一次性密码。"""
    from kb.cli.accounts import reset_account

    reset_account(name)


@accounts_cli.command("roles")
def roles_command(name: Name, role: Roles = None) -> None:
    """换成这些角色，已经登录的要重新登录。"""
    from kb.cli.accounts import set_roles

    set_roles(name, role or [])
