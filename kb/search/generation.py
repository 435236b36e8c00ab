"""The index generation that is being searched, and its replacement while searches are running."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kb.encode.sparse import SparseEncoder
from kb.errors import IndexStateError
from kb.index.protocol import VectorIndex


@dataclass(frozen=True)
class ServingGeneration:
    """An open generation with the sparse encoder whose IDF table is frozen in it.

    ``partial`` is a Chinese sentence when the generation does not hold everything yet, else empty.
    """

    id: str
    index: VectorIndex
    sparse: SparseEncoder
    has_dense: bool
    partial: str = ""


class GenerationHolder:
    """Hands the current generation to searches; a replaced one is closed when its last search ends."""

    def __init__(self) -> None:
        """Start empty: ``borrow`` raises until ``switch`` was called."""
        self._lock = threading.Lock()
        self._current: ServingGeneration | None = None
        self._borrowed: dict[str, int] = {}
        self._retired: dict[str, ServingGeneration] = {}

    @property
    def current_id(self) -> str | None:
        """Id of the generation in use, None before the first."""
        current = self._current
        return current.id if current else None

    @contextmanager
    def borrow(self) -> Iterator[ServingGeneration]:
        """The current generation for the time of one search. Raises ``generation_missing``."""
        with self._lock:
            generation = self._current
            if generation is None:
                raise IndexStateError(
                    "generation_missing",
                    "还没有可用的索引",
                    way_out="请先运行 lawkb run 或 lawkb index build 建库；若正在建库，请稍候再试",
                )
            self._borrowed[generation.id] = self._borrowed.get(generation.id, 0) + 1
        try:
            yield generation
        finally:
            self._give_back(generation)

    def switch(self, generation: ServingGeneration | None) -> None:
        """Serve ``generation`` from now on and close the former one as soon as nobody searches it."""
        with self._lock:
            former, self._current = self._current, generation
            if former is None or former is generation:
                return
            if self._borrowed.get(former.id, 0):
                self._retired[former.id] = former
                return
        former.index.close()

    def close(self) -> None:
        """Stop serving."""
        self.switch(None)

    def _give_back(self, generation: ServingGeneration) -> None:
        with self._lock:
            self._borrowed[generation.id] -= 1
            done = self._borrowed[generation.id] == 0 and generation.id in self._retired
            if done:
                del self._retired[generation.id]
        if done:
            generation.index.close()
