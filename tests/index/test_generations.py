"""Generations: built beside, switched atomically, rolled back, pruned, refused when damaged."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kb.errors import BadInputError, IndexStateError
from kb.index.build import apply_changes, build_generation
from kb.index.edge_engine import POINTER_FILE, EdgeEngine
from kb.index.generations import GenerationStore, OpenGeneration
from kb.index.manifest import MANIFEST_FILE, Manifest
from kb.index.protocol import DENSE, SPARSE, IndexFilter, IndexPoint, VectorQuery
from kb.index.qdrant import QdrantEngine, QdrantOptions, connect
from kb.index.serving import Serving
from tests.index.points import DIMS, make_dense, make_points, make_sparse

POINTS = make_points(40)
ENCODER, SPARSE_ID = "enc-1", "bm25-1"


def build(store: GenerationStore, points: list[IndexPoint] = POINTS, **changes: object) -> Manifest:
    settings: dict[str, object] = {
        "encoder_id": ENCODER,
        "sparse_id": SPARSE_ID,
        "corpus_digest": "digest",
        "dims": DIMS,
        **changes,
    }
    return build_generation(iter(points), store, **settings)  # type: ignore[arg-type]


def refusal_of(store: GenerationStore, encoder: str | None = ENCODER, sparse: str = SPARSE_ID) -> str:
    with pytest.raises(IndexStateError) as refusal:
        store.open_current(encoder, sparse).close()
    assert refusal.value.way_out
    return refusal.value.code


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index directory with one embedded generation; copy it before damaging it."""
    folder = tmp_path_factory.mktemp("built")
    build(GenerationStore(folder, EdgeEngine(folder)))
    return folder


def copy_sparsely(source: str, target: str) -> None:
    """Without writing out the holes: the engine's page files are 32 MiB of almost nothing."""
    with Path(source).open("rb") as reading, Path(target).open("wb") as writing:
        while block := reading.read(2**16):
            if block.count(0) == len(block):
                writing.seek(len(block), os.SEEK_CUR)
            else:
                writing.write(block)
        writing.truncate(reading.tell())


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> GenerationStore:
    folder = tmp_path / "index"
    shutil.copytree(built, folder, copy_function=copy_sparsely)
    return GenerationStore(folder, EdgeEngine(folder))


def serving_folder(store: GenerationStore) -> Path:
    manifest = store.current()
    assert manifest is not None
    return store.folder_of(manifest.id)


def test_the_life_of_generations(store: GenerationStore) -> None:
    assert store.current() is None
    assert refusal_of(store) == "generation_missing"
    assert (store.prune(2), store.remove_leftovers()) == ([], [])

    seen: list[tuple[int, int]] = []
    first = build(
        store,
        expected_points=len(POINTS),
        batch_size=15,
        progress=lambda done, expected: seen.append((done, expected)),
        write_side_files=lambda folder: (folder / "idf.json").write_text("{}"),
    )
    assert seen == [(15, 40), (30, 40), (40, 40)]
    assert first == store.current()
    assert (first.points, first.dims, first.modes) == (40, DIMS, (DENSE, SPARSE))
    with pytest.raises(IndexStateError) as refusal:
        store.rollback()
    assert refusal.value.code == "no_previous_generation"

    opened = store.open_current(ENCODER, SPARSE_ID)
    assert opened.index.count() == 40
    assert (opened.folder / "idf.json").read_text() == "{}"
    opened.close()

    second = build(store, POINTS[:20], dims=None, activate=False)
    assert store.current() == first
    store.activate(second.id)
    assert (store.current(), store.previous()) == (second, first)
    assert (second.modes, second.encoder_id) == ((SPARSE,), "")
    store.open_current("any encoder fits words only", SPARSE_ID).close()
    store.open_current(None, SPARSE_ID).close()

    assert store.rollback() == first
    assert (store.current(), store.previous()) == (first, second)
    assert store.rollback() == second

    assert refusal_of(store, sparse="bm25-2") == "encoder_mismatch"
    store.rollback()
    assert refusal_of(store, encoder="enc-2") == "encoder_mismatch"

    third = build(store, POINTS[:5])
    assert store.prune(2) == [second.id]
    assert [manifest.id for manifest in store.committed()] == [third.id, first.id]
    assert store.prune(1) == [first.id]
    assert store.previous() is None
    assert store.open_current(ENCODER, SPARSE_ID).index.count() == 5
    with pytest.raises(BadInputError):
        store.prune(0)


def test_a_failing_build_leaves_the_serving_generation(store: GenerationStore) -> None:
    first = build(store, POINTS[:10])

    def broken() -> Iterator[IndexPoint]:
        yield from POINTS[:8]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        build_generation(
            broken(),
            store,
            encoder_id=ENCODER,
            sparse_id=SPARSE_ID,
            corpus_digest="",
            dims=DIMS,
            batch_size=4,
        )
    assert store.current() == first
    assert [manifest.id for manifest in store.committed()] == [first.id]
    assert store.remove_leftovers() == []
    assert [path.name for path in (store.index_dir / "generations").iterdir()] == [first.id]


def test_a_full_disk_is_told_before_anything_is_written(copy: GenerationStore) -> None:
    before = copy.current()
    with pytest.raises(IndexStateError) as refusal:
        build(copy, expected_points=10**12)
    assert refusal.value.code == "disk_full"

    def fill(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(IndexStateError) as refusal:
        build(copy, write_side_files=fill)
    assert refusal.value.code == "disk_full"
    assert copy.current() == before
    assert len(list((copy.index_dir / "generations").iterdir())) == 1


def test_readers_go_on_while_generations_are_switched(copy: GenerationStore) -> None:
    """Every answer is wholly of one generation, and no query fails."""
    old = copy.open_current(ENCODER, SPARSE_ID)
    build(copy, make_points(30, seed=2))
    new = copy.open_current(ENCODER, SPARSE_ID)
    belongs = {old.manifest.id: {point.id for point in POINTS}}
    belongs[new.manifest.id] = {point.id for point in make_points(30, seed=2)}
    serving: Serving[OpenGeneration] = Serving(old)
    rng = np.random.default_rng(1)
    queries = [VectorQuery(DENSE, make_dense(rng), 10), VectorQuery(SPARSE, make_sparse(rng, 10), 10)]
    stop, started, seen, failures = threading.Event(), threading.Barrier(4), set(), []

    def read() -> None:
        try:
            started.wait()
            while not stop.is_set():
                with serving.lease() as held:
                    for hits in held.index.query(queries, IndexFilter()):
                        assert {hit.id for hit in hits} <= belongs[held.manifest.id]
                    seen.add(held.manifest.id)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    started.wait()
    while old.manifest.id not in seen and not failures:
        time.sleep(0.001)
    serving.switch(new)
    while new.manifest.id not in seen and not failures:
        time.sleep(0.001)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    with pytest.raises(IndexStateError, match="index_closed"):
        old.index.count()
    new.close()


def test_prune_spares_what_is_open(copy: GenerationStore) -> None:
    opened = copy.open_current(ENCODER, SPARSE_ID)
    build(copy, POINTS[:5])
    assert copy.prune(1) == []
    opened.close()
    assert copy.prune(1) == [opened.manifest.id]


def test_changes_survive_closing_and_reopening(copy: GenerationStore) -> None:
    opened = copy.open_current(ENCODER, SPARSE_ID)
    more = make_points(25, seed=3)
    changes = (more, [point.id for point in POINTS[:4]])
    assert apply_changes(opened.index, *changes) == (25, 4)
    assert apply_changes(opened.index, *changes) == (25, 4)
    query = [VectorQuery(DENSE, make_dense(np.random.default_rng(4)), 61)]
    before = opened.index.query(query, IndexFilter())
    opened.close()
    again = copy.open_current(ENCODER, SPARSE_ID)
    assert again.index.count() == 61
    assert again.index.query(query, IndexFilter()) == before
    assert len(before[0]) == 61
    again.close()


@pytest.mark.parametrize("damage", ["shorter", "missing", "same size", "extra", "layout", "inventory"])
def test_damaged_files_are_refused(copy: GenerationStore, damage: str) -> None:
    shard = serving_folder(copy) / "shard"
    victim = next(shard.rglob("matrix.dat"))
    if damage == "shorter":
        os.truncate(victim, victim.stat().st_size // 2)
    elif damage == "missing":
        victim.unlink()
    elif damage == "same size":
        victim.write_bytes(os.urandom(victim.stat().st_size))
    elif damage == "extra":
        victim.with_name("other.dat").touch()
    elif damage == "layout":
        (shard / "layout.json").write_text("[]")
    else:
        (shard / "inventory.json").write_text('{"files": 3')
    assert refusal_of(copy) == "generation_corrupt"


def test_after_a_crash_in_writing_only_lost_files_are_damage(copy: GenerationStore) -> None:
    shard = serving_folder(copy) / "shard"
    (shard / "inventory.dirty").touch()
    copy.open_current(ENCODER, SPARSE_ID).close()
    assert not (shard / "inventory.dirty").exists()
    (shard / "inventory.dirty").touch()
    next(shard.rglob("matrix.dat")).unlink()
    assert refusal_of(copy) == "generation_corrupt"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": "other"}, "generation_foreign"),
        ({"schema": 99}, "generation_foreign"),
        ({"id": "g1-aaa"}, "generation_foreign"),
        ({"engine": "qdrant"}, "generation_foreign"),
        ({"points": "many"}, "generation_corrupt"),
        ({"encoder_id": None}, "generation_corrupt"),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused(
    copy: GenerationStore, change: dict[str, object], code: str
) -> None:
    path = serving_folder(copy) / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert refusal_of(copy) == code


@pytest.mark.parametrize("garbage", [b"", b"\x00\xff\xfe", b"[1]", b'{"format": "lawkb-in'])
def test_a_garbage_manifest_or_pointer_is_corrupt(copy: GenerationStore, garbage: bytes) -> None:
    path = serving_folder(copy) / MANIFEST_FILE
    path.write_bytes(garbage)
    assert refusal_of(copy) == "generation_corrupt"
    (copy.index_dir / POINTER_FILE).write_bytes(garbage)
    assert refusal_of(copy) == "generation_corrupt"


def test_missing_folder_and_pointer_out_of_the_tree(copy: GenerationStore) -> None:
    shutil.rmtree(serving_folder(copy))
    assert refusal_of(copy) == "generation_missing"
    (copy.index_dir / POINTER_FILE).write_text('{"current": "../../etc", "previous": null}')
    with pytest.raises(BadInputError) as refusal:
        copy.open_current(ENCODER, SPARSE_ID)
    assert refusal.value.code == "generation_id_bad"


def test_a_collection_of_somebody_else_is_refused(tmp_path: Path) -> None:
    engine = QdrantEngine(connect(":memory:"))
    store = GenerationStore(tmp_path, engine)
    manifest = build(store, POINTS[:5])
    name = engine.collection_of(manifest.id)
    index = store.open_current(ENCODER, SPARSE_ID).index
    index.delete([point.id for point in POINTS[:5]])
    assert refusal_of(store) == "generation_corrupt"
    engine.client.delete_collection(name)
    engine.client.create_collection(name, vectors_config={}, sparse_vectors_config={})
    engine.switch_pointer(type(engine.read_pointer())(manifest.id))
    assert refusal_of(store) == "generation_foreign"
    engine.client.delete_collection(name)
    assert refusal_of(store) == "generation_missing"


def test_a_sweep_removes_only_collections_made_here(tmp_path: Path) -> None:
    client = connect(":memory:")
    here = QdrantEngine(client, QdrantOptions(home="here"))
    there = QdrantEngine(client, QdrantOptions(home="there"))
    other = build(GenerationStore(tmp_path / "there", there), POINTS[:5], activate=False)
    mine = build(GenerationStore(tmp_path / "here", here), POINTS[:5], activate=False)
    shutil.rmtree(tmp_path / "here")
    assert GenerationStore(tmp_path / "here", here).remove_leftovers() == [mine.id]
    assert client.collection_exists(there.collection_of(other.id))
