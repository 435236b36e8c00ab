"""The commands ``lawkb eval …``. What is heavy is imported inside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kb.cli.suite_commands import add_suite_commands

eval_cli = typer.Typer(help="评测：检索找得准不准，答复前后一致不一致。", no_args_is_help=True)


@eval_cli.command("retrieval")
def eval_retrieval_command(
    questions: Annotated[Path, typer.Option(help="带标注的问题（JSONL）")],
    corpus: Annotated[
        str, typer.Option(help="store 为数据目录里的库，default 为另建的、单独的默认语料")
    ] = "store",
    modes: Annotated[
        str, typer.Option(help="检索方式，逗号分隔：sparse、dense、bank、fused、reranked；不写则全部已建成的")
    ] = "",
    folds: Annotated[int, typer.Option(min=1, max=20, help="分成几折")] = 5,
    fold: Annotated[int | None, typer.Option(help="只评测哪一折（从 0 起）；不写则全部")] = None,
    held_out: Annotated[bool, typer.Option("--held-out", help="只用从不参与训练的问题")] = False,
    any_status: Annotated[bool, typer.Option("--any-status", help="连未生效和已失效的文本一起检索")] = False,
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
    worst: Annotated[int, typer.Option(min=0, max=1000, help="列出最差的多少题")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="区间抽样的种子")] = 20261122,
    html: Annotated[Path | None, typer.Option(help="写成单个网页（需要 lawkb[eval]）")] = None,
    against: Annotated[Path | None, typer.Option(help="与以前 --json 的结果逐题比较")] = None,
    bank: Annotated[
        Path | None, typer.Option(help="把带标注的问题（JSONL）放进问题库；每题只用别的折")
    ] = None,
    shipped_bank: Annotated[
        bool, typer.Option("--shipped-bank/--no-shipped-bank", help="用不用库里的问题库")
    ] = True,
    fusion: Annotated[Path | None, typer.Option(help="用另一个融合模型（lawkb eval fusion 写出）")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """问题所引的条文排在第几：各检索方式的召回率、MRR 与 nDCG，带置信区间。"""
    from kb.cli.compose import parse_day
    from kb.cli.evaluating import EvalOptions, run_retrieval

    run_retrieval(
        EvalOptions(
            questions=questions,
            corpus=corpus,
            modes=modes,
            folds=folds,
            fold=fold,
            held_out=held_out,
            any_status=any_status,
            as_of=parse_day(as_of),
            worst=worst,
            seed=seed,
            as_json=as_json,
            html=html,
            against=against,
            bank=bank,
            shipped_bank=shipped_bank,
            fusion=fusion,
        )
    )


@eval_cli.command("candidates")
def eval_candidates_command(
    questions: Annotated[Path, typer.Option(help="带标注的问题（JSONL）")],
    output: Annotated[Path, typer.Option(help="写到哪里（.npz）")],
    folds: Annotated[int, typer.Option(min=1, max=20, help="分成几折")] = 5,
    fold: Annotated[int | None, typer.Option(help="哪一折（从 0 起）；编码器不能见过这一折")] = None,
    bank: Annotated[
        Path | None, typer.Option(help="把带标注的问题（JSONL）放进问题库；每题只用别的折")
    ] = None,
) -> None:
    """写出一折问题的候选条文及其特征，供 lawkb eval fusion 训练。"""
    from kb.cli.evaluating import EvalOptions
    from kb.cli.fusing import write_candidates

    count = write_candidates(EvalOptions(questions=questions, folds=folds, fold=fold, bank=bank), output)
    typer.echo(f"{count} 题的候选已写到 {output}")


@eval_cli.command("fusion")
def eval_fusion_command(
    candidates: Annotated[list[Path], typer.Argument(help="各折的候选文件，每折一个")],
    output: Annotated[Path | None, typer.Option(help="用全部候选训练，写成 JSON")] = None,
) -> None:
    """由各折的候选训练融合模型，并给出逐折留出的数字（需要 lawkb[train]）。"""
    from kb.cli.fusing import train_from_candidates

    train_from_candidates(candidates, output)


add_suite_commands(eval_cli)
