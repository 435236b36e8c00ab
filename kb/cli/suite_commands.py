"""The commands ``lawkb eval run``, ``compare``, ``report`` and ``check``: consistency, measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kb.cli.options import JsonFlag

Suites = Annotated[list[str] | None, typer.Argument(help="评测集，可多个；不写则全部")]
Seed = Annotated[int, typer.Option(min=0, help="抽样和打乱次序的种子")]


def add_suite_commands(eval_cli: typer.Typer) -> None:
    """Put the commands beside ``lawkb eval retrieval``."""
    eval_cli.command("run")(run_command)
    eval_cli.command("compare")(compare_command)
    eval_cli.command("report")(report_command)
    eval_cli.command("check")(check_command)
    eval_cli.command("suites")(suites_command)


def run_command(
    suites: Suites = None,
    half: Annotated[str, typer.Option(help="用哪一半：tune、report 或 both")] = "both",
    quick: Annotated[bool, typer.Option("--quick", help="只跑快速的评测集和其中一部分题")] = False,
    url: Annotated[str, typer.Option(help="运行中的服务的地址；不写则在本进程内回答")] = "",
    out: Annotated[Path | None, typer.Option(help="结果放在哪个目录；已有一部分结果的接着跑")] = None,
    seed: Seed = 20261122,
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
) -> None:
    """按评测集逐题提问，记下每一题的答复、来源、依据和用时，给出带区间的指标。"""
    from kb.cli.compose import parse_day
    from kb.cli.suites import RunOptions, run_suites

    run_suites(RunOptions(tuple(suites or ()), half, quick, url, out, seed, parse_day(as_of)))


def compare_command(
    before: Annotated[Path, typer.Argument(help="前一次的结果目录")],
    after: Annotated[Path, typer.Argument(help="后一次的结果目录")],
    as_json: JsonFlag = False,
) -> None:
    """两次评测逐题比较，列出结果变了的题。"""
    from kb.cli.suites import compare_folders

    compare_folders(before, after, as_json=as_json)


def report_command(folder: Annotated[Path, typer.Argument(help="结果目录")]) -> None:
    """把结果写成单个网页（含图，需要 lawkb[eval]）和 Markdown 摘要。"""
    from kb.cli.suites import write_page

    page, markdown = write_page(folder)
    typer.echo(f"已写成 {page} 和 {markdown}")


def check_command(
    suites: Suites = None,
    run: Annotated[Path | None, typer.Option("--run", help="用已有的结果；不写则先快速跑一遍")] = None,
    half: Annotated[str, typer.Option(help="用哪一半：tune、report 或 both")] = "both",
    seed: Seed = 20261122,
    save: Annotated[bool, typer.Option("--save", help="把这次的数字存为基线")] = False,
) -> None:
    """与提交过的基线比较：正常退出码 0，变差 1，损坏 2。"""
    from kb.cli.suites import RunOptions, check_folder, run_suites

    folder = run or run_suites(RunOptions(tuple(suites or ()), half, quick=True, seed=seed))
    grade = check_folder(folder, save=save)
    if grade:
        raise typer.Exit(int(grade))


def suites_command() -> None:
    """列出评测集：量什么、多少题、题从哪里来、已知的问题。"""
    from eval.suite_cases import load_manifest

    for suite in load_manifest():
        size = f"{suite.size} 题" if suite.size else "由标准答复生成"
        typer.echo(typer.style(f"{suite.id}  {suite.title}（{size}）", bold=True))
        typer.echo(f"  {suite.measures}")
        typer.echo(f"  来源：{suite.origin}；许可：{suite.licence}")
        for target in suite.targets:
            typer.echo(f"  目标：{target.measure} {target.describe()}")
        for issue in suite.known_issues:
            typer.echo(f"  已知问题：{issue}")
