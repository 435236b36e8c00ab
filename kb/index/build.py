"""Filling a generation from a stream of points, and applying later changes to a serving one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from kb.index.disk import disk_errors
from kb.index.generations import GenerationStore
from kb.index.manifest import Manifest
from kb.index.protocol import IndexPoint, VectorIndex

BATCH_POINTS = 1000

Progress = Callable[[int, int], None]
"""Called with points written and points expected (0: unknown) after each batch."""


def build_generation(
    points: Iterable[IndexPoint],
    store: GenerationStore,
    *,
    encoder_id: str,
    sparse_id: str,
    corpus_digest: str,
    dims: int | None,
    expected_points: int = 0,
    batch_size: int = BATCH_POINTS,
    progress: Progress | None = None,
    write_side_files: Callable[[Path], None] | None = None,
    activate: bool = True,
) -> Manifest:
    """Build a generation beside the serving one, commit it and, with ``activate``, switch to it.

    Whatever happens on the way (an error in ``points``, a full disk, an interrupt) the serving
    generation stays as it was and the half-built one is removed; after a kill the next
    ``remove_leftovers`` removes it. ``write_side_files`` gets the generation's folder before the points
    are read (the frozen IDF table belongs there). ``dims`` None builds words only and ignores dense
    vectors. Points with the same id overwrite each other.

    Raises IndexStateError (``disk_full`` among others) and whatever ``points`` raises.
    """
    draft = store.begin_generation(
        encoder_id=encoder_id,
        sparse_id=sparse_id,
        corpus_digest=corpus_digest,
        dims=dims,
        expected_points=expected_points,
    )
    try:
        if write_side_files is not None:
            with disk_errors(draft.folder):
                write_side_files(draft.folder)
        written = 0
        for batch in split_batches(points, batch_size):
            written += draft.index.upsert(batch)
            if progress is not None:
                progress(written, expected_points)
        manifest = store.commit_generation(draft)
    except BaseException:
        store.abort_generation(draft)
        raise
    return store.activate(manifest.id) if activate else manifest


def apply_changes(
    index: VectorIndex, upserts: Iterable[IndexPoint], deletes: Sequence[uuid.UUID] = ()
) -> tuple[int, int]:
    """Apply changes from the outbox: deletions first, then writes, then a flush.

    Applying the same changes again changes nothing. Returns points written and ids deleted.
    """
    if deletes:
        index.delete(deletes)
    written = index.upsert(upserts)
    index.finish()
    return written, len(deletes)


def split_batches(points: Iterable[IndexPoint], size: int) -> Iterator[list[IndexPoint]]:
    """Lists of at most ``size`` points, in order."""
    stream = iter(points)
    while batch := list(islice(stream, size)):
        yield batch
