"""``lawkb bank``: the question bank."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

bank_cli = typer.Typer(help="问题库：已知答案的问题，检索时为所引条文投票。", no_args_is_help=True)

SOURCE_NAMES = {"provision": "条文的日常问法", "answer": "标准答问的问法", "labelled": "标注过的问题"}


@bank_cli.command("import")
def bank_import_command(
    questions: Annotated[Path, typer.Argument(help="带标注的问题（JSONL：id、question、cites）")],
) -> None:
    """把标注过的问题放进问题库；同一编号的以新的为准。"""
    from ingest.bank import import_labelled
    from kb.cli import compose
    from kb.settings import get_settings

    settings = get_settings()
    compose.prepare_paths(settings)
    taken, lost = import_labelled(compose.open_database(settings), questions)
    typer.echo(f"收入 {taken} 题；{lost} 处引用在库中没有，未收。")


@bank_cli.command("list")
def bank_list_command() -> None:
    """问题库里各来源有多少问题。"""
    from collections import Counter

    from kb.cli import compose
    from kb.settings import get_settings
    from kb.store.bank import read_bank

    with compose.open_database(get_settings()).reading() as connection:
        counts = Counter(one.source.value for one in read_bank(connection))
    for source, name in SOURCE_NAMES.items():
        typer.echo(f"{counts[source]:>7}  {name}")
