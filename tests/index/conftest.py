"""Both engines behind one fixture; a real server joins when LAWKB_TEST_QDRANT_URL is set."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kb.index.edge_engine import EdgeEngine
from kb.index.engine import Engine, IndexSpec
from kb.index.generations import GenerationStore
from kb.index.protocol import IndexPoint, VectorIndex
from kb.index.qdrant import QdrantEngine, QdrantOptions, connect
from tests.index.points import DIMS

SERVER_URL = os.environ.get("LAWKB_TEST_QDRANT_URL", "")
ENGINES = ["edge", "qdrant-memory", "qdrant-server"]

MakeIndex = Callable[..., VectorIndex]


def make_engine(kind: str, index_dir: Path) -> Engine:
    if kind == "edge":
        # The order of numpy, bit for bit, needs numpy's precision; what float16 costs has a test of its own.
        return EdgeEngine(index_dir, datatype="float32")
    if kind == "qdrant-memory":
        return QdrantEngine(connect(":memory:"))
    if not SERVER_URL:
        pytest.skip("LAWKB_TEST_QDRANT_URL is not set")
    client = connect(SERVER_URL, os.environ.get("LAWKB_TEST_QDRANT_API_KEY", ""))
    return QdrantEngine(client, QdrantOptions(prefix=f"test-{uuid.uuid4().hex[:8]}", home=str(index_dir)))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(request.param, tmp_path)
    yield made
    for generation in made.stored_generations():
        made.drop(generation, tmp_path / generation)


@pytest.fixture
def make_index(engine: Engine, tmp_path: Path) -> Iterator[MakeIndex]:
    """``make_index(points, dims=DIMS)``: an index that holds the points, finished."""
    made: list[VectorIndex] = []

    def make(points: list[IndexPoint], dims: int | None = DIMS) -> VectorIndex:
        name = f"i{len(made)}"
        index = engine.create(name, tmp_path / "contract" / name, IndexSpec(dims))
        made.append(index)
        index.upsert(points)
        index.finish()
        return index

    yield make
    for index in made:
        index.close()


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> GenerationStore:
    return GenerationStore(tmp_path, engine)
