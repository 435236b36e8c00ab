"""``lawkb index``: generations of the index."""

from __future__ import annotations

from typing import Annotated

import typer

index_cli = typer.Typer(help="索引的各代：建立、查看、回退。", no_args_is_help=True)


@index_cli.command("build")
def index_build_command(
    words_only: Annotated[bool, typer.Option("--words-only", help="只建词语索引，不编码")] = False,
    progress: Annotated[str, typer.Option(help="进度形式：bar 或 json")] = "bar",
) -> None:
    """用数据库中的全部条文建新的一代索引并切换；中断后再运行会接着做。"""
    from kb.cli import compose
    from kb.cli.progress import JsonProgress, TerminalProgress
    from kb.index.rebuild import build_from_store
    from kb.settings import get_settings

    settings = get_settings()
    compose.prepare_paths(settings)
    database = compose.open_database(settings)
    encoder = None if words_only else compose.open_encoder(settings)
    with JsonProgress() if progress == "json" else TerminalProgress() as tell:
        manifest = build_from_store(
            database,
            compose.open_generations(settings),
            compose.open_encoders(settings, encoder),
            tell,
            keep=settings.keep_generations,
        )
    if progress != "json":
        typer.echo(f"已切换到 {manifest.id}：{manifest.points} 个条文，{'、'.join(manifest.modes)}。")


@index_cli.command("list")
def index_list_command() -> None:
    """列出已建好的各代索引。"""
    from kb.cli import compose
    from kb.settings import get_settings

    generations = compose.open_generations(get_settings())
    serving = generations.current()
    for manifest in generations.committed():
        mark = "*" if serving and serving.id == manifest.id else " "
        typer.echo(f"{mark} {manifest.id}  {manifest.points} 个条文  {'、'.join(manifest.modes)}")


@index_cli.command("rollback")
def index_rollback_command() -> None:
    """回到上一代索引；运行中的服务会随之切换。"""
    from kb.cli import compose
    from kb.settings import get_settings

    manifest = compose.open_generations(get_settings()).rollback()
    typer.echo(f"已回到 {manifest.id}。")
