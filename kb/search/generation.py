"""The index generation that is being searched, together with the encoder frozen in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kb.encode.sparse import SparseEncoder
from kb.index.manifest import missing_error
from kb.index.protocol import VectorIndex
from kb.index.serving import Serving


@dataclass(frozen=True)
class ServingGeneration:
    """An open generation with the sparse encoder whose IDF table is frozen in it.

    ``close`` releases it once nobody searches it any more; ``partial`` is a Chinese sentence when the
    generation does not hold everything yet, else empty.
    """

    id: str
    index: VectorIndex
    sparse: SparseEncoder
    has_dense: bool
    close: Callable[[], None]
    partial: str = ""


class GenerationHolder:
    """Hands the current generation to searches; empty until the first ``switch``."""

    def __init__(self) -> None:
        """Start empty."""
        self._serving: Serving[ServingGeneration] | None = None
        self.current_id: str | None = None

    @contextmanager
    def borrow(self) -> Iterator[ServingGeneration]:
        """The current generation for the time of one search. Raises ``generation_missing``."""
        serving = self._serving
        if serving is None:
            raise missing_error("")
        with serving.lease() as generation:
            yield generation

    def switch(self, generation: ServingGeneration) -> None:
        """Serve ``generation`` from now on; the former one is closed after its last search."""
        if self._serving is None:
            self._serving = Serving(generation)
        else:
            self._serving.switch(generation)
        self.current_id = generation.id

    def close(self) -> None:
        """Stop serving."""
        serving, self._serving, self.current_id = self._serving, None, None
        if serving is not None:
            with serving.lease() as generation:
                generation.close()  # the index itself waits for running queries
