"""One owner per index directory, told apart from what a killed one left; real processes throughout."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kb.errors import IndexStateError
from kb.index.build import build_generation
from kb.index.edge_engine import EdgeEngine
from kb.index.generations import GenerationStore
from kb.index.ownership import OWNER_FILE, read_owner, take_ownership
from kb.index.protocol import DENSE, IndexFilter, VectorQuery
from tests.index.points import DIMS, make_points

ROOT = Path(__file__).parents[2]
OWN = """
import sys, time
from pathlib import Path
from kb.index.edge_engine import EdgeEngine
from kb.index.generations import GenerationStore
from kb.index.ownership import take_ownership
folder = Path(sys.argv[1])
ownership = take_ownership(folder)
ownership.announce("http://127.0.0.1:8123")
held = GenerationStore(folder, EdgeEngine(folder)).open_current(None, "bm25-1") if len(sys.argv) > 2 else None
print("ready", flush=True)
time.sleep(120)
"""
BUILD = """
import sys, time
from pathlib import Path
from kb.index.build import build_generation
from kb.index.edge_engine import EdgeEngine
from kb.index.generations import GenerationStore
from tests.index.points import DIMS, make_points
folder = Path(sys.argv[1])

def slowly():
    yield from make_points(600, seed=6)
    print("halfway", flush=True)
    time.sleep(120)

build_generation(slowly(), GenerationStore(folder, EdgeEngine(folder)), encoder_id="enc-1",
                 sparse_id="bm25-1", corpus_digest="", dims=DIMS, batch_size=200)
"""

CHANGE = """
import sys
from pathlib import Path
from kb.index.edge_engine import EdgeEngine
from kb.index.generations import GenerationStore
from tests.index.points import make_points
folder = Path(sys.argv[1])
index = GenerationStore(folder, EdgeEngine(folder)).open_current("enc-1", "bm25-1").index
index.upsert(make_points(50, seed=7))
print("written", flush=True)
while True:
    index.upsert(make_points(50, seed=8))
"""


def start(code: str, *arguments: str, word: str) -> subprocess.Popen[str]:
    """A child that has printed ``word``."""
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == word
    return child


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()


def build(folder: Path) -> GenerationStore:
    store = GenerationStore(folder, EdgeEngine(folder))
    build_generation(
        make_points(30),
        store,
        encoder_id="enc-1",
        sparse_id="bm25-1",
        corpus_digest="",
        dims=DIMS,
    )
    return store


def test_a_second_process_is_refused_by_name_and_a_killed_owner_is_replaced(tmp_path: Path) -> None:
    assert read_owner(tmp_path) is None
    store = build(tmp_path)
    child = start(OWN, str(tmp_path), "open", word="ready")
    try:
        owner = read_owner(tmp_path)
        assert owner is not None
        assert (owner.pid, owner.url) == (child.pid, "http://127.0.0.1:8123")
        for attempt in (lambda: take_ownership(tmp_path), lambda: store.open_current(None, "bm25-1")):
            with pytest.raises(IndexStateError) as refusal:
                attempt()
            assert refusal.value.code == "generation_owned"
            assert str(child.pid) in refusal.value.message
            assert "http://127.0.0.1:8123" in refusal.value.message
    finally:
        kill(child)
    assert (tmp_path / OWNER_FILE).exists()
    assert read_owner(tmp_path) is None
    with take_ownership(tmp_path, "http://127.0.0.1:9") as ownership:
        assert ownership.owner.pid == os.getpid()
        opened = store.open_current(None, "bm25-1")
        assert opened.index.count() == 30
        opened.close()
    assert read_owner(tmp_path) is None


def test_a_build_killed_half_way_leaves_what_serves_and_is_swept(tmp_path: Path) -> None:
    store = build(tmp_path)
    serving = store.current()
    child = start(BUILD, str(tmp_path), word="halfway")
    assert len(list((tmp_path / "generations").iterdir())) == 2
    assert store.remove_leftovers() == [], "a build that still runs is left alone"
    opened = store.open_current("enc-1", "bm25-1")
    kill(child)
    assert opened.index.count() == 30
    opened.close()
    removed = store.remove_leftovers()
    assert len(removed) == 1
    assert [path.name for path in (tmp_path / "generations").iterdir()] == [serving and serving.id]
    assert store.current() == serving
    again = build(tmp_path).open_current("enc-1", "bm25-1")
    assert again.index.count() == 30
    again.close()


def test_a_server_killed_while_writing_keeps_what_it_had_written(tmp_path: Path) -> None:
    store = build(tmp_path)
    kill(start(CHANGE, str(tmp_path), word="written"))
    opened = store.open_current("enc-1", "bm25-1")
    more = make_points(50, seed=8)
    opened.index.upsert(more)
    assert opened.index.count() == 130
    dense = more[0].dense
    assert dense is not None
    (hits,) = opened.index.query([VectorQuery(DENSE, dense, 200)], IndexFilter())
    assert len(hits) == 130
    assert hits[0].id == more[0].id
    opened.close()
    store.open_current("enc-1", "bm25-1").close()


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IndexStateError) as refusal:
        take_ownership(tmp_path / "file" / "index")
    assert refusal.value.code == "index_unwritable"
