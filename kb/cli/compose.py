"""Putting the parts together from the settings."""

from __future__ import annotations

import datetime as dt
import errno
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb.encode.dense import DenseEncoder, open_dense_encoder
from kb.encode.sparse import SparseEncoder
from kb.errors import BadInputError, StoreError
from kb.index.engine import choose_engine
from kb.index.generations import GenerationStore
from kb.index.manifest import missing_error
from kb.index.rebuild import IDF_FILE, STARTER_PREFIX
from kb.search.generation import ServingGeneration
from kb.settings import Settings
from kb.store.database import Database

if TYPE_CHECKING:
    from kb.encode.vector_cache import PassageVectors, QuestionVectors
    from kb.index.rebuild import Encoders
    from kb.search.bank_keeper import BankKeeper
    from kb.search.reranking import Reranking

PARTIAL = "知识库正在建立，目前只能检索部分常用法律，几分钟后补齐。"
FREE_BYTES_WANTED = 200 * 1024 * 1024


@dataclass(frozen=True)
class Paths:
    """Where the working data of an installation lies."""

    data: Path
    index: Path
    cache: Path


def prepare_paths(settings: Settings) -> Paths:
    """Make the data folders. Raises StoreError when they cannot be made or the disk is nearly full."""
    paths = Paths(settings.data_dir, settings.index_dir, settings.data_dir / "cache")
    try:
        for folder in (paths.data, paths.index, paths.cache):
            folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(paths.data).free
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "data_dir_unwritable"
        raise StoreError(
            code,
            "数据目录不能写入",
            place=str(settings.data_dir),
            way_out="检查目录权限与磁盘空间，或用 LAWKB_DATA_DIR 指定别处",
        ) from error
    if free < FREE_BYTES_WANTED:
        raise StoreError(
            "disk_full",
            f"磁盘只剩 {free // (1024 * 1024)} MiB，建库至少需要 {FREE_BYTES_WANTED // (1024 * 1024)} MiB",
            place=str(settings.data_dir),
            way_out="清理磁盘，或用 LAWKB_DATA_DIR 指定别处",
        )
    return paths


def open_database(settings: Settings) -> Database:
    """The migrated store."""
    database = Database(settings.resolved_database_url)
    database.migrate()
    return database


def open_generations(settings: Settings) -> GenerationStore:
    """The generations of the configured engine."""
    return GenerationStore(settings.index_dir, choose_engine(settings))


def open_encoder(settings: Settings) -> DenseEncoder:
    """The configured dense encoder; takes seconds."""
    return open_dense_encoder(settings.encoder, settings.encoder_threads)


def open_vectors(settings: Settings, encoder: DenseEncoder) -> PassageVectors:
    """The passage vectors of ``encoder``: shipped, local, or made when asked for."""
    from kb.encode.vector_cache import PassageVectors

    return PassageVectors(encoder, settings.data_dir / "cache")


def open_question_vectors(settings: Settings, encoder: DenseEncoder) -> QuestionVectors:
    """The vectors of the question bank for ``encoder``."""
    from kb.encode.vector_cache import QuestionVectors

    return QuestionVectors(encoder, settings.data_dir / "cache")


def open_bank(settings: Settings, database: Database, encoder: DenseEncoder) -> BankKeeper:
    """The question bank, still empty; ``refresh`` fills it."""
    from kb.search.bank_keeper import BankKeeper

    return BankKeeper(database, lambda: open_question_vectors(settings, encoder))


def open_reranking(settings: Settings, database: Database) -> Reranking | None:
    """The reranker of the configured encoder with the texts of ``database``; None when it has none."""
    from kb.encode.reranker import open_reranker
    from kb.search.reranking import Reranking, shipped_weight

    reranker, weight = open_reranker(settings.encoder, settings.encoder_threads), shipped_weight()
    return None if reranker is None or weight is None else Reranking(database, reranker, weight)


def open_encoders(settings: Settings, encoder: DenseEncoder | None) -> Encoders:
    """What a build of the index encodes with."""
    from kb.index.rebuild import Encoders

    cache = settings.data_dir / "cache"
    if encoder is None:
        return Encoders(None, None, cache)
    return Encoders(encoder, open_vectors(settings, encoder), cache, open_question_vectors(settings, encoder))


def open_serving(
    settings: Settings, generations: GenerationStore, encoder_id: str | None
) -> ServingGeneration:
    """Open the current generation with the sparse encoder that is frozen in it.

    Raises IndexStateError as ``GenerationStore.open_current`` does.
    """
    manifest = generations.current()
    if manifest is None:
        raise missing_error(settings.index_dir)
    sparse = SparseEncoder.load(generations.folder_of(manifest.id) / IDF_FILE, settings.data_dir / "cache")
    opened = generations.open_generation(manifest.id, encoder_id, sparse.id)
    return ServingGeneration(
        id=manifest.id,
        index=opened.index,
        sparse=sparse,
        has_dense="dense" in manifest.modes,
        close=opened.close,
        partial=PARTIAL if manifest.corpus_digest.startswith(STARTER_PREFIX) else "",
    )


def parse_day(text: str | None) -> dt.date | None:
    """A date given on the command line. Raises BadInputError ``date_bad``."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(
            "date_bad",
            f"日期“{text}”不存在或写法不对",
            place="--as-of",
            way_out="请写成 2026-11-22 这样的日期",
        ) from error
