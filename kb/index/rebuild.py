"""From the store to a new serving generation: words, meaning, points, switch.

A starter generation holds some works only, with the vectors that are already cached, and is there in
seconds; a full one holds every provision of every version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.domain.works import WorkKind, point_id
from kb.encode.dense import DenseEncoder
from kb.encode.passage import passage_text
from kb.encode.sparse import SparseEncoder
from kb.encode.vector_cache import PassageVectors, QuestionVectors
from kb.encode.vectors import FloatArray, SparseVector
from kb.errors import IndexStateError
from kb.index.build import build_generation
from kb.index.generations import GenerationStore
from kb.index.manifest import Manifest
from kb.index.protocol import IndexPoint, PointPayload
from kb.store.bank import read_bank
from kb.store.database import Database
from kb.store.outbox import forget_generation, last_position, mark_applied
from kb.store.provisions import corpus_digest, iter_provisions
from kb.store.rows import LoadedProvision
from kb.store.works import title_catalogue
from kb.text.tokenise import LegalTokeniser

IDF_FILE = "idf.bin"
STARTER_PREFIX = "starter:"
"""Begins the corpus digest of a generation that holds the starter works only."""

Progress = Callable[[str, int, int], None]
"""Called with the stage in Chinese, how much is done and how much there is."""

READING, WORDS, MEANING, WRITING = "读取条文", "按词编码", "按含义编码", "写入索引"
QUESTIONS = "编码问题库"
REPORT_EVERY = 500


@dataclass(frozen=True)
class Encoders:
    """What a build encodes with; ``dense`` None builds a generation of words only.

    ``questions`` keeps the vectors of the question bank, which is no part of a generation.
    """

    dense: DenseEncoder | None
    vectors: PassageVectors | None
    cache_dir: Path
    questions: QuestionVectors | None = None


@dataclass(frozen=True)
class Snapshot:
    """The corpus at one moment, with the outbox position that it includes."""

    loaded: tuple[LoadedProvision, ...]
    titles: tuple[str, ...]
    digest: str
    position: int


def payload_of(loaded: LoadedProvision) -> PointPayload:
    """What the point of a provision carries for filters."""
    work, version = loaded.work, loaded.version
    return PointPayload(
        provision_id=loaded.provision.id,
        version_id=version.id,
        work_id=work.id,
        kind=work.kind.value,
        region=work.region,
        topic=work.topic,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
    )


def headings_of(loaded: LoadedProvision) -> tuple[str, ...]:
    """Headings above a provision's text, outermost first.

    A block of a guide, a case or a register is named by its label (申请材料, 裁判要旨); an article's 第…条
    says nothing about its content.
    """
    if loaded.work.kind is WorkKind.STATUTE or loaded.provision.number is not None:
        return loaded.provision.path
    return (*loaded.provision.path, loaded.provision.label)


def passage_of(loaded: LoadedProvision) -> str:
    """What the dense encoder reads for a provision."""
    return passage_text(loaded.work.title, headings_of(loaded), loaded.provision.text)


def encode_words(loaded: LoadedProvision, sparse: SparseEncoder) -> SparseVector:
    """Sparse vector of a provision: its text, with title and headings."""
    return sparse.encode_document(
        loaded.provision.text, title=loaded.work.title, headings=headings_of(loaded)
    )


def make_point(loaded: LoadedProvision, dense: FloatArray | None, words: SparseVector) -> IndexPoint:
    """The index point of a provision in a version."""
    identity = point_id(loaded.provision.id, loaded.version.id)
    return IndexPoint(identity, dense, words, payload_of(loaded))


def take_snapshot(database: Database, titles: Sequence[str] | None = None) -> Snapshot:
    """Everything in the store, or the works with these full ``titles``, as of one moment."""
    with database.reading() as connection:
        position = last_position(connection)
        digest = corpus_digest(connection)
        names = tuple(title_catalogue(connection))
        loaded = tuple(one for batch in iter_provisions(connection) for one in batch)
    if titles is None:
        return Snapshot(loaded, names, digest, position)
    wanted = frozenset(titles)
    some = tuple(one for one in loaded if one.work.title in wanted)
    return Snapshot(some, names, STARTER_PREFIX + digest, position)


def build_from_store(
    database: Database,
    generations: GenerationStore,
    encoders: Encoders,
    progress: Progress,
    *,
    starter_titles: Sequence[str] | None = None,
    keep: int = 2,
) -> Manifest:
    """Build a generation beside the serving one and switch to it.

    ``starter_titles`` limits it to those works and encodes nothing new. What was encoded before an
    interruption is kept, so a second run goes on where the first was. On any error the serving
    generation stays as it was. Raises IndexStateError (``corpus_empty``, ``disk_full`` …).
    """
    generations.remove_leftovers()
    progress(READING, 0, 1)
    snapshot = take_snapshot(database, starter_titles)
    if not snapshot.loaded:
        raise IndexStateError("corpus_empty", "数据库里还没有条文", way_out="请先运行 lawkb ingest")
    progress(READING, 1, 1)
    tokeniser = LegalTokeniser(snapshot.titles, encoders.cache_dir)
    drafting = SparseEncoder(tokeniser)
    words = [encode_words(one, drafting) for one in _told(snapshot.loaded, WORDS, progress)]
    sparse = drafting.freeze_idf(words)
    dense = _encode_meaning(snapshot, encoders, progress, encode_missing=starter_titles is None)
    if encoders.questions is not None and starter_titles is None:
        _encode_questions(database, encoders.questions, progress)
    rows = zip(snapshot.loaded, words, strict=True)
    manifest = build_generation(
        (make_point(one, dense.get(passage_of(one)), vector) for one, vector in rows),
        generations,
        encoder_id=encoders.dense.id if encoders.dense and dense else "",
        sparse_id=sparse.id,
        corpus_digest=snapshot.digest,
        dims=encoders.dense.dimension if encoders.dense and dense else None,
        expected_points=len(snapshot.loaded),
        progress=lambda done, total: progress(WRITING, done, total),
        write_side_files=lambda folder: sparse.save(folder / IDF_FILE),
        activate=False,
    )
    with database.writing() as connection:
        mark_applied(connection, manifest.id, snapshot.position)
    generations.activate(manifest.id)
    removed = generations.prune(keep)
    with database.writing() as connection:
        for generation in removed:
            forget_generation(connection, generation)
    return manifest


def _encode_meaning(
    snapshot: Snapshot, encoders: Encoders, progress: Progress, *, encode_missing: bool
) -> dict[str, FloatArray]:
    if encoders.dense is None or encoders.vectors is None:
        return {}
    passages = [passage_of(one) for one in snapshot.loaded]
    if not encode_missing:
        return encoders.vectors.find(passages)
    progress(MEANING, 0, len(passages))
    vectors = encoders.vectors.ensure(passages, lambda done, total: progress(MEANING, done, total))
    progress(MEANING, len(passages), len(passages))
    return vectors


def _encode_questions(database: Database, vectors: QuestionVectors, progress: Progress) -> None:
    with database.reading() as connection:
        texts = [one.text for one in read_bank(connection)]
    vectors.ensure(texts, lambda done, total: progress(QUESTIONS, done, total))


def _told(items: Sequence[LoadedProvision], stage: str, progress: Progress) -> Iterator[LoadedProvision]:
    for done, item in enumerate(items):
        if done % REPORT_EVERY == 0:
            progress(stage, done, len(items))
        yield item
    progress(stage, len(items), len(items))
