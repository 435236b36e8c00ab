"""A disk that fills up during a build: a small file system of its own, in a child's mount namespace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILL = """
import shutil, sys
from pathlib import Path
from kb.errors import IndexStateError
from kb.index.build import build_generation
from kb.index.edge_engine import EdgeEngine
from kb.index.generations import GenerationStore
from tests.index.points import DIMS, make_points

folder = Path(sys.argv[1]) / "index"
store = GenerationStore(folder, EdgeEngine(folder))
ids = dict(encoder_id="e", sparse_id="s", corpus_digest="", dims=DIMS)
serving = build_generation(make_points(50), store, **ids)

def filling():
    yield from make_points(50, seed=2)
    free = shutil.disk_usage(folder).free
    (folder / "filler").write_bytes(b"x" * (free - 20 * 2**20))
    yield from make_points(50, seed=3)

try:
    build_generation(filling(), store, **ids, batch_size=50)
except IndexStateError as error:
    assert store.current() == serving, store.current()
    assert store.open_current("e", "s").index.count() == 50
    assert len(list((folder / "generations").iterdir())) == 1
    print(error.code)
"""
IN_SMALL_DISK = 'mount -t tmpfs -o size=600m tmpfs "$1" && exec "$2" -c "$3" "$1"'


def test_the_build_stops_with_a_clear_error_and_what_serves_goes_on(tmp_path: Path) -> None:
    """Without the check before each write the engine's memory maps would end the process by SIGBUS."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c", IN_SMALL_DISK, "bash"]
    try:
        probe = subprocess.run([*command, str(tmp_path), "true", ""], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if probe.returncode:
        pytest.skip(f"no file system of our own: {probe.stderr.strip()}")
    run = subprocess.run(
        [*command, str(tmp_path), sys.executable, FILL], capture_output=True, text=True, cwd=ROOT
    )
    assert run.stdout.strip() == "disk_full", run.stderr
