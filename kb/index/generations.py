"""Generations of the index: built beside the serving one, committed, switched to, kept for rollback.

Layout of an index directory::

    generations/<id>/manifest.json   written last: without it the folder is a half-built leftover
    generations/<id>/lock            held while the generation is built (exclusive) or open (shared)
    generations/<id>/shard/          the embedded engine's files; side files (IDF table) lie beside it
    CURRENT                          which generation serves and which served before (embedded engine)

With a Qdrant server the same folders hold manifest and side files; the points are in a collection of
their own per generation and the pointer is a pair of aliases on the server, so that every worker
switches together. Workers query the collection that belongs to the manifest they opened, never the
alias: their encoder belongs to that generation.
"""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kb.errors import BadInputError, IndexStateError
from kb.index.disk import disk_errors
from kb.index.engine import Engine, IndexSpec, Pointer
from kb.index.inventory import corrupt_error
from kb.index.locks import FileLock, sync_folder, try_lock
from kb.index.manifest import (
    MANIFEST_FILE,
    Manifest,
    check_encoders,
    foreign_error,
    missing_error,
    read_manifest,
    write_manifest,
)
from kb.index.protocol import DENSE, SPARSE, VectorIndex

GENERATIONS = "generations"
GENERATION_LOCK = "lock"
SWITCH_LOCK = "switch.lock"
TRASH_PREFIX = ".trash-"


@dataclass
class Draft:
    """A generation being built; side files go into ``folder`` before it is committed."""

    id: str
    folder: Path
    index: VectorIndex
    encoder_id: str
    sparse_id: str
    corpus_digest: str
    dims: int | None
    lock: FileLock


@dataclass
class OpenGeneration:
    """A committed generation opened for searching; ``close`` waits for running queries."""

    manifest: Manifest
    folder: Path
    index: VectorIndex
    lock: FileLock = field(repr=False)

    def close(self) -> None:
        """Close the index and let the generation be pruned."""
        try:
            self.index.close()
        finally:
            self.lock.release()


class GenerationStore:
    """The generations under one index directory, for one engine."""

    def __init__(self, index_dir: Path, engine: Engine) -> None:
        """Nothing is touched until the first call."""
        self.index_dir = index_dir
        self.engine = engine

    def folder_of(self, generation: str) -> Path:
        """Where a generation lies. Raises BadInputError ``generation_id_bad`` for a path in disguise."""
        if not generation or not generation.replace("-", "").isalnum() or not generation.isascii():
            raise BadInputError("generation_id_bad", f"索引代号不合法：{generation!r}")
        return self.index_dir / GENERATIONS / generation

    def begin_generation(
        self,
        *,
        encoder_id: str,
        sparse_id: str,
        corpus_digest: str,
        dims: int | None,
        expected_points: int = 0,
    ) -> Draft:
        """A new empty generation; ``dims`` None makes one of words only.

        Raises IndexStateError ``disk_full``, ``index_unwritable`` or what the engine reports.
        """
        moment = dt.datetime.now(dt.UTC).strftime("%Y%m%d%H%M%S%f")
        generation = f"g{moment}-{secrets.token_hex(3)}"
        folder = self.folder_of(generation)
        with disk_errors(folder), self._switching():
            # Under the switch lock a sweep for leftovers cannot see the folder before its lock is held.
            folder.mkdir(parents=True)
            lock = try_lock(folder / GENERATION_LOCK)
        if lock is None:
            raise corrupt_error(folder, "新建的目录已被占用")
        try:
            index = self.engine.create(generation, folder, IndexSpec(dims, expected_points))
        except BaseException:
            self._discard(generation)
            lock.release()
            raise
        return Draft(generation, folder, index, encoder_id, sparse_id, corpus_digest, dims, lock)

    def commit_generation(self, draft: Draft) -> Manifest:
        """Finish the index, close it and write the manifest. The generation does not serve yet."""
        draft.index.finish()
        points = draft.index.count()
        draft.index.close()
        manifest = Manifest(
            id=draft.id,
            created_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            engine=self.engine.name,
            encoder_id=draft.encoder_id if draft.dims is not None else "",
            sparse_id=draft.sparse_id,
            corpus_digest=draft.corpus_digest,
            dims=draft.dims,
            points=points,
            modes=(DENSE, SPARSE) if draft.dims is not None else (SPARSE,),
        )
        with disk_errors(draft.folder):
            write_manifest(draft.folder, manifest)
            sync_folder(draft.folder.parent)
        draft.lock.release()
        return manifest

    def abort_generation(self, draft: Draft) -> None:
        """Give up a generation and remove what it left."""
        try:
            draft.index.close()
        except IndexStateError:
            pass  # it is thrown away whatever its state
        finally:
            self._discard(draft.id)
            draft.lock.release()

    def activate(self, generation: str) -> Manifest:
        """Make a committed generation the serving one, in one atomic step."""
        with self._switching():
            manifest = self.read(generation)
            pointer = self.engine.read_pointer()
            if pointer.current != generation:
                self.engine.switch_pointer(Pointer(generation, pointer.current))
        return manifest

    def rollback(self) -> Manifest:
        """Return to the generation that served before; a second rollback returns from it.

        Raises IndexStateError ``no_previous_generation``, or that the previous one is damaged.
        """
        with self._switching():
            pointer = self.engine.read_pointer()
            if pointer.previous is None:
                raise IndexStateError(
                    "no_previous_generation",
                    "没有可以回退的上一代索引",
                    place=str(self.index_dir),
                    way_out="请运行 lawkb index build 重建。",
                )
            manifest = self.read(pointer.previous)
            self.engine.switch_pointer(Pointer(pointer.previous, pointer.current))
        return manifest

    def current(self) -> Manifest | None:
        """The serving generation; None when nothing was ever activated. Raises if it is damaged."""
        pointer = self.engine.read_pointer()
        return None if pointer.current is None else self.read(pointer.current)

    def previous(self) -> Manifest | None:
        """The generation that a rollback returns to."""
        pointer = self.engine.read_pointer()
        return None if pointer.previous is None else self.read(pointer.previous)

    def read(self, generation: str) -> Manifest:
        """The manifest of a generation of this engine. Raises as ``read_manifest``."""
        folder = self.folder_of(generation)
        manifest = read_manifest(folder)
        if manifest.engine != self.engine.name:
            raise foreign_error(folder, f"由引擎 {manifest.engine} 建立，当前引擎为 {self.engine.name}")
        return manifest

    def committed(self) -> list[Manifest]:
        """All readable committed generations of this engine, newest first."""
        found = []
        for folder in self._folders():
            try:
                found.append(self.read(folder.name))
            except (IndexStateError, BadInputError):
                continue
        return sorted(found, key=lambda manifest: manifest.id, reverse=True)

    def open_current(self, expected_encoder_id: str | None, expected_sparse_id: str) -> OpenGeneration:
        """Open the serving generation for these encoders.

        Raises IndexStateError: ``generation_missing``, ``generation_corrupt``, ``generation_foreign``,
        ``encoder_mismatch``, ``generation_owned``.
        """
        pointer = self.engine.read_pointer()
        if pointer.current is None:
            raise missing_error(self.index_dir)
        return self.open_generation(pointer.current, expected_encoder_id, expected_sparse_id)

    def open_generation(
        self, generation: str, expected_encoder_id: str | None, expected_sparse_id: str
    ) -> OpenGeneration:
        """Open any committed generation, as ``open_current`` does the serving one."""
        manifest = self.read(generation)
        folder = self.folder_of(generation)
        check_encoders(manifest, expected_encoder_id, expected_sparse_id, folder)
        with disk_errors(folder):
            lock = try_lock(folder / GENERATION_LOCK, shared=True)
        if lock is None:
            raise missing_error(folder)  # being removed at this moment
        try:
            index = self.engine.open(generation, folder, manifest.points)
        except BaseException:
            lock.release()
            raise
        return OpenGeneration(manifest, folder, index, lock)

    def prune(self, keep: int) -> list[str]:
        """Remove committed generations beyond ``keep``: the serving one, the one before it, then by age.

        One that some process has open stays. Returns the ids removed.
        """
        if keep < 1:
            raise BadInputError("keep_out_of_range", "至少要保留一代索引")
        removed = []
        with self._switching():
            pointer = self.engine.read_pointer()
            ids = [manifest.id for manifest in self.committed()]
            first = [one for one in (pointer.current, pointer.previous) if one in ids]
            kept = (first + [one for one in ids if one not in first])[:keep]
            doomed = [one for one in ids if one not in kept and one != pointer.current]
            if pointer.previous in doomed:
                self.engine.switch_pointer(Pointer(pointer.current, None))
            removed = [one for one in doomed if self._remove_unlocked(one)]
        return removed

    def remove_leftovers(self) -> list[str]:
        """Remove what killed builds and killed removals left; builds still running are left alone."""
        removed = []
        with self._switching():
            for folder in self._folders():
                name = folder.name
                if name.startswith(TRASH_PREFIX):
                    shutil.rmtree(folder, ignore_errors=True)
                elif not (folder / MANIFEST_FILE).exists() and self._remove_unlocked(name):
                    removed.append(name)
            known = {folder.name for folder in self._folders()}
            for generation in sorted(self.engine.stored_generations() - known):
                pointer = self.engine.read_pointer()
                if generation not in (pointer.current, pointer.previous):
                    self.engine.drop(generation, self.folder_of(generation))
                    removed.append(generation)
        return removed

    def _folders(self) -> list[Path]:
        root = self.index_dir / GENERATIONS
        return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []

    def _remove_unlocked(self, generation: str) -> bool:
        try:
            folder = self.folder_of(generation)
        except BadInputError:
            return False  # not a folder of ours
        lock = try_lock(folder / GENERATION_LOCK)
        if lock is None:
            return False
        try:
            self._discard(generation)
        finally:
            lock.release()
        return True

    def _discard(self, generation: str) -> None:
        """Out of sight by one rename first: a removal that is killed leaves no half generation."""
        folder = self.folder_of(generation)
        self.engine.drop(generation, folder)
        trash = folder.with_name(TRASH_PREFIX + generation)
        try:
            folder.replace(trash)
        except FileNotFoundError:
            return
        shutil.rmtree(trash, ignore_errors=True)

    @contextmanager
    def _switching(self) -> Iterator[None]:
        with disk_errors(self.index_dir):
            self.index_dir.mkdir(parents=True, exist_ok=True)
            lock = try_lock(self.index_dir / SWITCH_LOCK, wait=True)
        try:
            yield
        finally:
            if lock is not None:
                lock.release()
