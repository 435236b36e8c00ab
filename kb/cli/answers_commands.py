"""``lawkb answers``: checking standard answers, and looking law up for their authors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kb.cli.options import JsonFlag

answers_cli = typer.Typer(help="标准答问：核对、查法条。", no_args_is_help=True)


@answers_cli.command("check")
def answers_check_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="答案文件或文件夹；不填则核对随附的全部")] = None,
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
    as_json: JsonFlag = False,
) -> None:
    """逐条核对标准答问：依据是否有效，数字是否出自依据，格式是否齐全。有错误时退出码为 1。"""
    from kb.cli.answers import check_files

    if not check_files(paths or [], as_of, as_json=as_json):
        raise typer.Exit(1)


@answers_cli.command("show")
def answers_show_command(
    path: Annotated[Path, typer.Argument(help="答案文件")],
) -> None:
    """把一个答案渲染成群众版、话术和普法版。"""
    from kb.cli.answers import show_file

    show_file(path)


@answers_cli.command("text")
def answers_text_command(
    title: Annotated[str, typer.Argument(help="法律名称，全称或简称")],
    label: Annotated[str, typer.Argument(help="第几条，可到款、项，如 第三十八条第一款")],
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
) -> None:
    """打印条文原文、版本和施行日期。"""
    from kb.cli.answers import print_text

    print_text(title, label, as_of)


@answers_cli.command("find")
def answers_find_command(
    words: Annotated[list[str], typer.Argument(help="几个词，条文里都要有；“法律名：词”只在该法里找")],
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="最多几条")] = 20,
) -> None:
    """按字面在现行条文里找（不需要索引）。"""
    from kb.cli.answers import find_texts

    find_texts(words, as_of, limit)


@answers_cli.command("calibrate")
def answers_calibrate_command(
    output: Annotated[Path, typer.Argument(help="匹配的校准写到哪个文件")],
    danger: Annotated[Path | None, typer.Option(help="同时重新训练人身安全模型，写到哪个文件")] = None,
    as_json: JsonFlag = False,
) -> None:
    """按当前的编码器、答问和索引重新校准提问与答问的匹配；换编码器以后要重做。"""
    from kb.cli.calibrating import run_calibration

    run_calibration(output, danger, as_json=as_json)
