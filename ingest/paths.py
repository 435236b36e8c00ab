"""What the arguments of an ingest mean: the files below a folder, one file, each with a name to tell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.errors import BadInputError

MAX_FILES = 200_000
_CHUNK = 1 << 20
_OURS = frozenset(("fetched.json",))


@dataclass(frozen=True)
class FoundFile:
    """A file to ingest; ``name`` is its path below what was given, never an absolute path."""

    path: Path
    name: str
    sha256: str
    size: int


def find_files(paths: Sequence[Path]) -> tuple[FoundFile, ...]:
    """Every file under ``paths`` in order of name, each once; hidden ones and links out of a folder left out.

    Raises BadInputError: ``path_missing``, ``path_empty`` (a folder without files), ``path_unreadable``,
    ``too_many_files``.
    """
    found: dict[Path, FoundFile] = {}
    for path in paths:
        if not path.exists():
            raise BadInputError(
                "path_missing",
                "没有这个文件或目录，也没有这个名字的来源",
                place=str(path),
                way_out="请核对路径；随附的来源见 lawkb ingest --help",
            )
        listed = list(_list_folder(path)) if path.is_dir() else [(path, path.name)]
        if not listed:
            raise BadInputError(
                "path_empty", "目录里没有文件", place=str(path), way_out="请核对目录，或改为指定文件"
            )
        for file, name in listed:
            found.setdefault(file.resolve(), _describe(file, name))
            if len(found) > MAX_FILES:
                raise BadInputError(
                    "too_many_files",
                    f"一次导入的文件超过 {MAX_FILES} 个",
                    place=str(path),
                    way_out="请分几次导入",
                )
    return tuple(sorted(found.values(), key=lambda file: file.name))


def _list_folder(folder: Path) -> Iterable[tuple[Path, str]]:
    root = folder.resolve()
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if any(part.startswith(".") for part in parts) or file.name in _OURS or file.suffix == ".part":
            continue
        if file.is_file() and file.resolve().is_relative_to(root):
            yield file, "/".join(parts)


def _describe(file: Path, name: str) -> FoundFile:
    digest = hashlib.sha256()
    size = 0
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise BadInputError(
            "path_unreadable", f"文件读不出来：{error.strerror}", place=name, way_out="请核对权限与磁盘"
        ) from None
    return FoundFile(file, name, digest.hexdigest(), size)
