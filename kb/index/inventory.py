"""What an engine's files were when they were closed, so that damage is seen before they are mapped.

The embedded engine opens a truncated or missing vector file without a word and answers from zeros.
``seal_files`` notes size and SHA-256 of every file after a clean close; ``check_files`` compares before
the next opening. While points are being written the note is out of date: ``mark_dirty`` says so, and a
process that dies then leaves files that only the engine's own log can vouch for.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from kb.errors import IndexStateError
from kb.index.locks import sync_folder, write_atomically

INVENTORY_FILE = "inventory.json"
DIRTY_FILE = "inventory.dirty"
SEGMENTS = "segments"
JOURNALS = frozenset({"tracker_journal.dat"})
"""Files of a segment that the engine itself rewrites from scratch when points are written."""


def corrupt_error(place: Path | str, what: str) -> IndexStateError:
    """``generation_corrupt`` with what was found, in Chinese."""
    return IndexStateError(
        "generation_corrupt",
        f"索引已损坏：{what}",
        place=str(place),
        way_out="请运行 lawkb index rollback 回到上一代，或用 lawkb index build 重建；数据库不受影响。",
    )


def _engine_files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / SEGMENTS).rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def seal_files(folder: Path) -> None:
    """Note the files under ``folder/segments``; the engine must be closed."""
    files = {
        str(path.relative_to(folder)): {"size": path.stat().st_size, "sha256": _digest(path)}
        for path in _engine_files(folder)
    }
    write_atomically(folder / INVENTORY_FILE, json.dumps({"files": files}, indent=0))
    (folder / DIRTY_FILE).unlink(missing_ok=True)
    sync_folder(folder)


def is_rewritten_on_loading(folder: Path) -> bool:
    """Whether the engine will change noted files by merely loading them: it folds in its journals."""
    return any(Path(name).name in JOURNALS for name in _read_inventory(folder))


def mark_dirty(folder: Path) -> None:
    """Say that the files are about to differ from the note."""
    (folder / DIRTY_FILE).touch()
    sync_folder(folder)


def is_sealed(folder: Path) -> bool:
    """Whether the note describes the files as they are."""
    return (folder / INVENTORY_FILE).is_file() and not (folder / DIRTY_FILE).exists()


def _read_inventory(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / INVENTORY_FILE
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {
            str(name): {"size": int(row["size"]), "sha256": str(row["sha256"])} for name, row in files.items()
        }
    except FileNotFoundError as error:
        raise corrupt_error(path, "缺少文件清单") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise corrupt_error(path, "文件清单无法读取") from error


def check_files(folder: Path) -> None:
    """Compare the files with the note. Raises ``generation_corrupt`` naming the first that differs.

    Files written to since the note (``mark_dirty`` and then a crash) are only checked for being there
    and not shorter, as far as their segment still exists.
    """
    noted = _read_inventory(folder)
    dirty = (folder / DIRTY_FILE).exists()
    for name, row in noted.items():
        path = folder / name
        if dirty and not (folder / Path(*Path(name).parts[:2])).exists():
            continue  # the engine merged this segment away
        if dirty and path.name in JOURNALS:
            continue  # the engine replaces a journal by a shorter one, or takes it away
        if not path.is_file():
            raise corrupt_error(path, "缺少数据文件")
        size = path.stat().st_size
        if size < row["size"] or (not dirty and size != row["size"]):
            raise corrupt_error(path, f"数据文件大小为 {size} 字节，应为 {row['size']} 字节")
        if not dirty and _digest(path) != row["sha256"]:
            raise corrupt_error(path, "数据文件内容与建库时不一致")
    if not dirty:
        extra = {str(path.relative_to(folder)) for path in _engine_files(folder)} - noted.keys()
        if extra:
            raise corrupt_error(folder / min(extra), "多出不属于本代索引的数据文件")
