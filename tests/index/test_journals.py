"""A writer killed after several sittings leaves a shard that opens: the engine shortens its own journals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from kb.index.edge import EdgeIndex, EdgeLayout
from tests.index.points import DIMS, make_points

POINTS = 300

SITTING = """
import sys
from pathlib import Path
from kb.index.edge import EdgeIndex
from tests.index.points import make_points

index = EdgeIndex.open(Path(sys.argv[1]))
(point,) = make_points({points})[:1]
if sys.argv[2] == "close":
    index.delete([point.id])
index.upsert([point])
index.finish()
if sys.argv[2] == "close":
    index.close()
else:
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_shard_opens_after_clean_sittings_and_a_kill(tmp_path: Path) -> None:
    shard = tmp_path / "shard"
    index = EdgeIndex.create(shard, EdgeLayout(dims=DIMS))
    index.upsert(make_points(POINTS))
    index.finish()
    index.close()
    script = SITTING.replace("{points}", str(POINTS))
    for end, status in (("close", 0), ("close", 0), ("kill", -signal.SIGKILL)):
        done = subprocess.run([sys.executable, "-c", script, str(shard), end], env=os.environ)
        assert done.returncode == status
    index = EdgeIndex.open(shard)
    assert index.count() == POINTS
    index.close()
