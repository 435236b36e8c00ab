"""Bringing a serving index up to the store: the outbox entries that it has not applied yet."""

from __future__ import annotations

from kb.domain.works import point_id
from kb.encode.dense import DenseEncoder
from kb.encode.sparse import SparseEncoder
from kb.encode.vector_cache import PassageVectors
from kb.index.build import apply_changes
from kb.index.protocol import VectorIndex
from kb.index.rebuild import encode_words, make_point, passage_of
from kb.store.database import Database
from kb.store.outbox import OutboxEntry, OutboxOp, mark_applied, pending, position_of
from kb.store.provisions import load_provisions

BATCH = 500


def pending_count(database: Database, generation: str, most: int = BATCH) -> int:
    """How many outbox entries ``generation`` has still to apply, counted up to ``most``."""
    with database.reading() as connection:
        return len(pending(connection, position_of(connection, generation) or 0, most))


def apply_outbox(
    database: Database,
    generation: str,
    index: VectorIndex,
    sparse: SparseEncoder,
    dense: DenseEncoder | None,
    vectors: PassageVectors | None,
) -> int:
    """Apply all pending entries to ``index`` and return how many there were.

    The position is marked after the points are written; a crash in between applies them again, which
    changes nothing because point ids are derived from the records. New words count with the IDF table
    frozen in the generation until the next build.
    """
    applied = 0
    while True:
        with database.reading() as connection:
            entries = pending(connection, position_of(connection, generation) or 0, BATCH)
            newest = _newest_per_point(entries)
            keys = [key for key, entry in newest.items() if entry.change.op is OutboxOp.UPSERT]
            loaded = load_provisions(connection, keys)
        if not entries:
            return applied
        gone = [point_id(*key) for key in newest if key not in loaded]
        found = vectors.ensure(map(passage_of, loaded.values())) if dense and vectors else {}
        points = (
            make_point(one, found.get(passage_of(one)), encode_words(one, sparse)) for one in loaded.values()
        )
        apply_changes(index, points, gone)
        with database.writing() as connection:
            mark_applied(connection, generation, entries[-1].position)
        applied += len(entries)


def _newest_per_point(entries: tuple[OutboxEntry, ...]) -> dict[tuple[str, str], OutboxEntry]:
    return {(entry.change.provision_id, entry.change.version_id): entry for entry in entries}
