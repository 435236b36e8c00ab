"""``lawkb currency``: what is officially known of each work's validity."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kb.cli.options import JsonFlag

currency_cli = typer.Typer(help="时效核对：哪些文件的效力未经核对或该复核了。", no_args_is_help=True)


@currency_cli.command("list")
def currency_list_command(
    state: Annotated[
        str | None, typer.Option(help="unchecked、due 或 checked；不写则列出未核对与待复核的")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="哪一天，默认今天（YYYY-MM-DD）")] = None,
    limit: Annotated[int, typer.Option(min=0, max=1000, help="最多列出多少部")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """哪些文件的效力还没有按官方来源核对，或到了复核的日子。"""
    from kb.cli.compose import parse_day
    from kb.cli.currency import describe_currency, print_currency

    told = describe_currency(state, parse_day(as_of), limit)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print_currency(told)


@currency_cli.command("record")
def currency_record_command(
    title: Annotated[str, typer.Argument(help="文件全称")],
    status: Annotated[str, typer.Option(help="官方所载效力：有效、已修改、已废止、失效、尚未生效")],
    source: Annotated[str, typer.Option(help="核对的来源（公报、网页）")],
    start: Annotated[str | None, typer.Option(help="官方所载施行日期")] = None,
    checked: Annotated[str | None, typer.Option(help="核对日期，默认今天")] = None,
    due: Annotated[str | None, typer.Option(help="下次复核日期，默认半年后")] = None,
    note: Annotated[str, typer.Option(help="备注")] = "",
) -> None:
    """登记按官方来源核对的结果。"""
    from kb.cli.compose import parse_day
    from kb.cli.currency import record_currency

    record = record_currency(
        title, status, parse_day(start), parse_day(checked), source, parse_day(due), note
    )
    typer.echo(f"已登记：{record.official_status.value}，下次复核 {record.next_due}。")
