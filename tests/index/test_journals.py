"""A writer killed after several sittings leaves a shard that opens: the engine shortens its own journals."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kb.index.edge import EdgeIndex, EdgeLayout
from tests.index.points import DIMS, make_points

POINTS = 300

SITTING = """
import os, signal, sys
from pathlib import Path
from kb.index.edge import EdgeIndex
from tests.index.points import make_points

index = EdgeIndex.open(Path(sys.argv[1]))
(point,) = make_points({points})[:1]
for deed in sys.argv[2].split():
    if deed == "delete":
        index.delete([point.id])
    elif deed == "write":
        index.upsert([point])
        index.finish()
    elif deed == "close":
        index.close()
    elif deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    "sittings",
    [
        ["write kill"],
        ["kill"],
        ["delete write close", "delete write close", "write kill"],
        ["write close", "kill"],
        ["delete write close", "kill", "kill", "write close", "kill"],
    ],
    ids=" / ".join,
)
def test_a_shard_opens_after_clean_sittings_and_kills(tmp_path: Path, sittings: list[str]) -> None:
    shard = tmp_path / "shard"
    index = EdgeIndex.create(shard, EdgeLayout(dims=DIMS))
    index.upsert(make_points(POINTS))
    index.finish()
    index.close()
    script = SITTING.replace("{points}", str(POINTS))
    for sitting in sittings:
        done = subprocess.run([sys.executable, "-c", script, str(shard), sitting])
        assert done.returncode == (-signal.SIGKILL if sitting.endswith("kill") else 0)
    index = EdgeIndex.open(shard)
    assert index.count() == POINTS
    index.close()
    EdgeIndex.open(shard).close()
