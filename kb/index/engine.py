"""What a generation store asks of an engine, and how the configured one is chosen."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kb.errors import BadInputError
from kb.index.protocol import VectorIndex

if TYPE_CHECKING:
    from kb.settings import Settings


@dataclass(frozen=True)
class IndexSpec:
    """What a generation's vectors look like. ``dims`` None means words only; ``expected_points`` 0
    means unknown (exact search whatever the size)."""

    dims: int | None
    expected_points: int = 0


@dataclass(frozen=True)
class Pointer:
    """Which generation serves and which one a rollback returns to."""

    current: str | None = None
    previous: str | None = None


class Engine(Protocol):
    """One way of keeping the points of generations; each generation has a folder of its own."""

    name: str

    def create(self, generation: str, folder: Path, spec: IndexSpec) -> VectorIndex:
        """An empty index for a generation being built."""
        ...

    def open(self, generation: str, folder: Path, points: int) -> VectorIndex:
        """The index of a committed generation. Raises IndexStateError when it is not as committed."""
        ...

    def drop(self, generation: str, folder: Path) -> None:
        """Remove what the engine keeps outside ``folder``; unknown generations are ignored."""
        ...

    def stored_generations(self) -> set[str]:
        """Generations of which the engine keeps something outside their folder."""
        ...

    def read_pointer(self) -> Pointer:
        """Which generations serve. Raises ``generation_corrupt`` when that cannot be read."""
        ...

    def switch_pointer(self, pointer: Pointer) -> None:
        """Replace the pointer in one atomic step."""
        ...


def choose_engine(settings: Settings) -> Engine:
    """The engine that the settings name. Raises BadInputError ``engine_unknown``."""
    if settings.index_engine == "edge":
        from kb.index.edge_engine import EdgeEngine

        return EdgeEngine(settings.index_dir, exact_below=settings.exact_below)
    if settings.index_engine == "qdrant":
        from kb.index.qdrant import QdrantEngine, QdrantOptions, connect

        options = QdrantOptions(
            shards=settings.qdrant_shards,
            replicas=settings.qdrant_replicas,
            quantization=settings.qdrant_quantization,
            home=f"{socket.gethostname()}:{settings.index_dir.resolve()}",
            exact_below=settings.exact_below,
        )
        return QdrantEngine(connect(settings.qdrant_url, settings.qdrant_api_key), options)
    raise BadInputError(
        "engine_unknown",
        f"不认识的索引引擎：{settings.index_engine}",
        place="LAWKB_INDEX_ENGINE",
        way_out="可用的值：edge（进程内）、qdrant（服务器）。",
    )
