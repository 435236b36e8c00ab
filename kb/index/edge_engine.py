"""The embedded engine's part in generations: a shard per folder, a pointer file beside them."""

from __future__ import annotations

import json
from pathlib import Path

from kb.index.disk import build_bytes, disk_errors, require_free_bytes
from kb.index.edge import EdgeIndex, EdgeLayout
from kb.index.engine import IndexSpec, Pointer
from kb.index.inventory import corrupt_error
from kb.index.locks import write_atomically
from kb.index.protocol import VectorIndex

POINTER_FILE = "CURRENT"
SHARD = "shard"


class EdgeEngine:
    """Qdrant Edge in this process; generations lie wholly in their folders."""

    name = "edge"

    def __init__(self, index_dir: Path, *, exact_below: int = 200_000, datatype: str = "float16") -> None:
        """``datatype`` float16 halves memory and the time of the scan, at 1e-5 of a cosine."""
        self.index_dir = index_dir
        self.exact_below = exact_below
        self.datatype = datatype

    def create(self, generation: str, folder: Path, spec: IndexSpec) -> VectorIndex:
        """See Engine. Raises ``disk_full`` when the points expected would not fit."""
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            require_free_bytes(folder, build_bytes(spec.expected_points, spec.dims))
        layout = EdgeLayout(spec.dims, datatype=self.datatype, graph=spec.expected_points >= self.exact_below)
        return EdgeIndex.create(folder / SHARD, layout, exact_below=self.exact_below)

    def open(self, generation: str, folder: Path, points: int) -> VectorIndex:
        """See Engine."""
        return EdgeIndex.open(folder / SHARD, exact_below=self.exact_below, index_dir=self.index_dir)

    def drop(self, generation: str, folder: Path) -> None:
        """Nothing lies outside the folder."""

    def stored_generations(self) -> set[str]:
        """Nothing lies outside the folders."""
        return set()

    def read_pointer(self) -> Pointer:
        """See Engine."""
        path = self.index_dir / POINTER_FILE
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            current, previous = row["current"], row["previous"]
        except FileNotFoundError:
            return Pointer()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise corrupt_error(path, "指针文件无法读取") from error
        if not isinstance(current, str) or not isinstance(previous, str | None):
            raise corrupt_error(path, "指针文件的内容不是代号")
        return Pointer(current, previous)

    def switch_pointer(self, pointer: Pointer) -> None:
        """See Engine: one rename."""
        with disk_errors(self.index_dir):
            row = {"current": pointer.current, "previous": pointer.previous}
            write_atomically(self.index_dir / POINTER_FILE, json.dumps(row) + "\n")
