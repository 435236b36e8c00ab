"""Disk space for the index: checked before a write, because running out in the middle kills the process.

The embedded engine writes through memory maps; on a full disk such a write ends in SIGBUS, not in an
error that could be caught. So room is asked for beforehand, and the system's own ENOSPC is explained.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import IndexStateError

MIN_FREE_BYTES = 96 * 2**20
"""Left free at every write: the engine grows its files by pages of up to 32 MiB."""

BUILD_BASE_BYTES = 256 * 2**20
"""A build's fixed part: write-ahead log, page files of two segments."""

BYTES_PER_POINT = 3_000
"""A point's sparse vector, payload and indexes, twice (before and after optimising)."""


def disk_full_error(place: Path | str, detail: str = "") -> IndexStateError:
    """The one error for a full disk; ``detail`` is Chinese."""
    return IndexStateError(
        "disk_full",
        f"磁盘空间不足，索引未能写入{detail}",
        place=str(place),
        way_out="请清理磁盘或把数据目录（LAWKB_DATA_DIR）换到更大的盘后重试；正在服务的索引没有改动。",
    )


def build_bytes(points: int, dims: int | None) -> int:
    """Room that a build of ``points`` points needs on disk, bytes (an upper estimate)."""
    return BUILD_BASE_BYTES + points * (BYTES_PER_POINT + 2 * 4 * (dims or 0))


def require_free_bytes(folder: Path, needed: int) -> None:
    """Raise ``disk_full`` unless ``needed`` bytes are free where ``folder`` lies."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise disk_full_error(folder, f"（需要约 {needed // 2**20} MB，剩余 {free // 2**20} MB）")


def is_disk_full(error: BaseException) -> bool:
    """Whether an error of the system or of an engine says that the disk is full."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    text = str(error).lower()
    return "no space left" in text or "disk quota exceeded" in text or "os error 28" in text


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Explain ENOSPC, a read-only disk and missing rights as index errors."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise disk_full_error(place) from error
        raise IndexStateError(
            "index_unwritable",
            f"无法读写索引目录：{error.strerror or error}",
            place=str(error.filename or place),
            way_out="请检查目录是否存在、当前用户是否有读写权限、磁盘是否只读。",
        ) from error
