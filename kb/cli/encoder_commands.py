"""``lawkb encoder``: training, export and the vectors that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

encoder_cli = typer.Typer(help="稠密编码器：训练、导出、核对。", no_args_is_help=True)


@encoder_cli.command("train")
def encoder_train_command(
    questions: Annotated[list[Path], typer.Argument(help="带标注的问题文件（JSONL），可多个")],
    output: Annotated[Path, typer.Option(help="输出目录（含断点）")] = Path("build/encoder"),
    fold: Annotated[int | None, typer.Option(help="留出哪一折（从 0 起），不写则用全部")] = None,
    folds: Annotated[int, typer.Option(min=2, max=20, help="分成几折")] = 5,
    general: Annotated[Path | None, typer.Option(help="已训练的第一阶段（general/model），各折共用")] = None,
    advice: Annotated[
        list[Path] | None, typer.Option(help="第一阶段用的问答文件（JSONL，question 与 answer），可多个")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="从最近的断点继续")] = False,
    reranker: Annotated[bool, typer.Option("--reranker", help="接着训练精读模型")] = False,
    rerank_general: Annotated[
        Path | None, typer.Option(help="精读模型已训练的第一阶段（rerank-general/model），各折共用")
    ] = None,
) -> None:
    """训练稠密编码器：先用日常问法，再用标注问题（需要 lawkb[train]；有 GPU 时几分钟，两个核要一夜）。"""
    from kb.cli.training import TrainOptions, train_from_store

    told = tuple(advice or ())
    train_from_store(
        TrainOptions(questions, output, folds, fold, general, told, resume, reranker, rerank_general)
    )


@encoder_cli.command("export")
def encoder_export_command(
    output: Annotated[Path, typer.Argument(help="写到哪个目录")],
    trained: Annotated[
        Path | None, typer.Option(help="训练得到的 model 目录；不填则导出未训练的权重")
    ] = None,
    trained_on: Annotated[
        list[Path] | None, typer.Option(help="训练用过的问题文件，可多个；摘要写进 trained_on.txt")
    ] = None,
    reranker: Annotated[
        Path | None, typer.Option(help="训练得到的精读模型（rerank/model），放在编码器旁边")
    ] = None,
) -> None:
    """导出为 int8 ONNX 与分词器（需要 lawkb[train]）。"""
    from kb.encode.recipe import export_encoder, export_reranker

    size = export_encoder(trained, output)
    if reranker is not None:
        size += export_reranker(reranker, output)
    if trained_on:
        from kb.cli.training import write_trained_on

        typer.echo(f"训练用过的问题：{write_trained_on(output, trained_on)} 个。")
    typer.echo(f"已写入 {output}：{size / 1e6:.1f} MB。")


@encoder_cli.command("vectors")
def encoder_vectors_command(
    output: Annotated[Path, typer.Argument(help="向量缓存写到哪个文件")],
) -> None:
    """预先编码默认语料，供随包附带的向量缓存使用。"""
    from kb.cli.training import write_shipped_vectors

    count = write_shipped_vectors(output)
    typer.echo(f"已写入 {count} 个向量：{output}")


@encoder_cli.command("questions")
def encoder_questions_command(
    output: Annotated[Path, typer.Argument(help="向量缓存写到哪个文件")],
) -> None:
    """预先编码随附的问题库，供随包附带的向量缓存使用。"""
    from kb.cli.training import write_question_vectors

    count = write_question_vectors(output)
    typer.echo(f"已写入 {count} 个向量：{output}")


@encoder_cli.command("classifier")
def encoder_classifier_command(
    output: Annotated[Path, typer.Argument(help="写到哪个文件（.npz）")],
) -> None:
    """训练主题与意图的分类器（与当前编码器相配），并给出留出题上的正确率。"""
    from kb.cli.training import write_classifier

    write_classifier(output)
