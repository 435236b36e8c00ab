"""``lawkb answers …``: the workflow of standard answers, and ``lawkb audit``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from kb.cli.options import JsonFlag

AnswerId = Annotated[str, typer.Argument(help="答案编号")]
Who = Annotated[str, typer.Option("--as", help="谁在操作（姓名）")]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help="角色：editor、reviewer、administrator，可重复")
]
Lock = Annotated[int | None, typer.Option(help="看到的锁号；别人改过就拒绝。不填按现在的状态")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="原因或说明")]
State = Annotated[
    str, typer.Option(help="状态：draft、in_review、approved、published、due_for_review、retired")
]

STEPS = (
    ("submit", "submit", "editor", "提交审核；核对有错误时不能提交。"),
    ("return", "send_back", "reviewer", "退回修改，要写明原因。"),
    ("approve", "approve", "reviewer", "审核通过；写稿的人不能审核自己的稿子。"),
    ("confirm", "confirm", "reviewer", "复审无误，继续提供。"),
    ("retire", "retire", "reviewer", "停用一个答案，要写明原因。"),
)
"""Command, method of the desk, role that is meant when none is given, help."""

audit_cli = typer.Typer(help="审计链：核对谁在什么时候做了什么。", no_args_is_help=True)


def add_desk_commands(answers_cli: typer.Typer) -> None:
    """Put the commands of the desk into the group of answers."""
    for name, method, role, told in STEPS:
        answers_cli.command(name, help=told)(_make_step(method, role))
    for name, command in (
        ("list", list_command),
        ("history", history_command),
        ("diff", diff_command),
        ("save", save_command),
        ("publish", publish_command),
        ("rollback", rollback_command),
        ("import", import_command),
        ("export", export_command),
        ("impact", impact_command),
        ("tasks", tasks_command),
        ("recall", recall_command),
    ):
        answers_cli.command(name)(command)


def _make_step(method: str, usual: str) -> Callable[..., None]:
    def step(
        answer_id: AnswerId, who: Who = "", role: Roles = None, lock: Lock = None, comment: Comment = ""
    ) -> None:
        from kb.cli.desk import read_actor, take_step

        take_step(method, answer_id, lock, read_actor(who, role or [usual]), comment)

    return step


def list_command(
    state: State = "",
    topic: Annotated[str, typer.Option(help="主题")] = "",
    as_json: JsonFlag = False,
) -> None:
    """列出标准答问的状态、稿次，以及今天能不能提供。"""
    from kb.cli.desk import list_answers

    list_answers(state, topic, as_json=as_json)


def history_command(answer_id: AnswerId) -> None:
    """一个答案的各稿和全部经过。"""
    from kb.cli.desk import print_history

    print_history(answer_id)


def diff_command(
    answer_id: AnswerId,
    old: Annotated[int, typer.Argument(help="第几稿")],
    new: Annotated[int, typer.Argument(help="第几稿")],
) -> None:
    """逐行比较两稿。"""
    from kb.cli.desk import print_diff

    print_diff(answer_id, old, new)


def save_command(
    path: Annotated[Path, typer.Argument(help="答案文件（YAML）")],
    who: Who = "",
    role: Roles = None,
    lock: Lock = None,
    comment: Comment = "",
) -> None:
    """新建一个答案，或为已有的答案保存新的一稿。"""
    from kb.cli.desk import read_actor, save_file

    save_file(path, lock, read_actor(who, role or ["editor"]), comment)


def publish_command(
    answer_id: AnswerId,
    who: Who = "",
    role: Roles = None,
    lock: Lock = None,
    on: Annotated[str | None, typer.Option(help="定于哪一天发布（YYYY-MM-DD），不填立即发布")] = None,
    comment: Comment = "",
) -> None:
    """发布审核通过的一稿；要有审核律师和责任单位，依据须与写稿时一致。"""
    from kb.cli.compose import parse_day
    from kb.cli.desk import read_actor, take_step

    actor = read_actor(who, role or ["reviewer"])
    take_step("publish", answer_id, lock, actor, comment, on=parse_day(on))


def rollback_command(
    answer_id: AnswerId,
    number: Annotated[int, typer.Argument(help="恢复第几稿")],
    who: Who = "",
    role: Roles = None,
    lock: Lock = None,
) -> None:
    """把旧稿恢复成新的一稿草稿。"""
    from kb.cli.desk import read_actor, roll_back

    roll_back(answer_id, number, lock, read_actor(who, role or ["editor"]))


def import_command(
    path: Annotated[Path, typer.Argument(help="JSONL、CSV 或 XLSX 文件")],
    who: Who = "",
    role: Roles = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只核对和比较，不写入")] = False,
    report: Annotated[Path | None, typer.Option(help="把问题写成 JSON")] = None,
) -> None:
    """导入一批答案作为草稿；有一行不对就整个文件不写入。"""
    from kb.cli.desk import import_file, read_actor

    import_file(path, read_actor(who, role or ["editor"]), dry_run=dry_run, report=report)


def export_command(
    path: Annotated[Path, typer.Argument(help="写到哪个文件：.jsonl、.csv 或 .xlsx")],
    state: State = "",
) -> None:
    """导出各答案最新的一稿，再导入没有损失。"""
    from kb.cli.desk import export_file

    export_file(path, state)


def impact_command(
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
    open_tasks: Annotated[bool, typer.Option("--open-tasks", help="为受影响的答案开复审任务")] = False,
) -> None:
    """法律变动影响哪些已发布的答案。"""
    from kb.cli.desk import print_impact

    print_impact(as_of, open_tasks=open_tasks)


def tasks_command(as_json: JsonFlag = False) -> None:
    """待复审的任务，用得最多的答案在前，新旧条文对照。"""
    from kb.cli.desk import print_tasks

    print_tasks(as_json=as_json)


def recall_command(
    answer_id: AnswerId,
    revision: Annotated[int, typer.Argument(help="第几稿")],
    as_json: JsonFlag = False,
) -> None:
    """更正召回：这一稿给出过哪些来电，原因和更正后的结论。"""
    from kb.cli.desk import print_recall

    print_recall(answer_id, revision, as_json=as_json)


@audit_cli.callback()
def audit() -> None:
    """审计链。"""


@audit_cli.command("verify")
def audit_verify_command() -> None:
    """核对审计链和链头的签名：改动、调换、缺漏、截尾都看得出来。不完整时退出码为 1。"""
    from kb.cli.desk import verify_audit

    if not verify_audit():
        raise typer.Exit(1)
