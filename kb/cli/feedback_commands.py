"""``lawkb feedback …`` and ``lawkb callbacks …``."""

from __future__ import annotations

from typing import Annotated

import typer

from kb.cli.options import JsonFlag

Who = Annotated[str, typer.Option("--as", help="谁在操作（姓名）")]
Days = Annotated[int, typer.Option(min=1, max=36_500, help="看最近多少天的提问")]

feedback_cli = typer.Typer(help="用户意见，和没有标准答复的提问。", no_args_is_help=True)
callbacks_cli = typer.Typer(
    help="请求回电的登记：联系方式加密保存，查看和办结都记入审计链。", no_args_is_help=True
)


@feedback_cli.command("list")
def list_command(
    verdict: Annotated[
        str, typer.Option(help="adopted 采用、wrong 有误、missing 缺内容、none_fits 没有我要的；不填为全部")
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """用户对答复的意见，新的在前。"""
    from kb.cli.feedback import print_feedback

    print_feedback(verdict, as_json=as_json)


@feedback_cli.command("gaps")
def gaps_command(days: Days = 30, as_json: JsonFlag = False) -> None:
    """没有标准答复的提问，按意思归在一起，问得多的在前。"""
    from kb.cli.feedback import print_gaps

    print_gaps(days, as_json=as_json)


@feedback_cli.command("draft")
def draft_command(
    number: Annotated[int, typer.Argument(help="缺口的编号，见 lawkb feedback gaps")],
    answer_id: Annotated[str, typer.Option("--id", help="新答案的编号，如 labour-unpaid-wages")],
    topic: Annotated[str, typer.Option(help="主题，如 劳动")],
    who: Who = "",
    days: Days = 30,
) -> None:
    """由一个缺口起草标准答问：填好问题和各种问法，其余由编辑补齐。"""
    from kb.cli.feedback import draft_answer

    draft_answer(number, answer_id, topic, who, days)


@feedback_cli.command("purge")
def purge_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只数有多少，不删除")] = False,
) -> None:
    """删除超过保留天数的提问、意见和回电登记；服务运行时每天自动进行。"""
    from kb.cli.feedback import purge_past

    purge_past(dry_run=dry_run)


@callbacks_cli.command("list")
def callbacks_list_command(who: Who = "", as_json: JsonFlag = False) -> None:
    """还没有办结的回电登记；查看会记入审计链。"""
    from kb.cli.feedback import print_callbacks

    print_callbacks(who, as_json=as_json)


@callbacks_cli.command("close")
def callbacks_close_command(
    callback_id: Annotated[int, typer.Argument(help="登记的编号")], who: Who = ""
) -> None:
    """办结一条回电登记，联系方式随即删除。"""
    from kb.cli.feedback import close_callback

    close_callback(callback_id, who)
