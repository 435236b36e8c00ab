"""What a generation says of itself: the manifest in its folder, written last."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from kb.errors import IndexStateError
from kb.index.inventory import corrupt_error
from kb.index.locks import write_atomically

FORMAT = "lawkb-index"
SCHEMA_VERSION = 1
MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """One committed generation.

    ``modes`` are the kinds of vector it holds (``dense``, ``sparse``); ``dims`` and ``encoder_id`` are
    None and empty without dense. ``sparse_id`` names tokenizer and weighting, ``corpus_digest`` the
    state of the corpus it was built from, ``points`` how many points it had when committed.
    """

    id: str
    created_at: str
    engine: str
    encoder_id: str
    sparse_id: str
    corpus_digest: str
    dims: int | None
    points: int
    modes: tuple[str, ...]
    schema: int = SCHEMA_VERSION


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Commit: from here on the folder is a generation."""
    row = {"format": FORMAT, **asdict(manifest)}
    write_atomically(folder / MANIFEST_FILE, json.dumps(row, ensure_ascii=False, indent=2) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a committed generation.

    Raises IndexStateError: ``generation_missing`` (no folder, or never committed), ``generation_corrupt``
    (unreadable), ``generation_foreign`` (of another program, format version or folder).
    """
    path = folder / MANIFEST_FILE
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise missing_error(folder) from error
    except (OSError, ValueError) as error:
        raise corrupt_error(path, "代的说明文件无法读取") from error
    if not isinstance(row, dict):
        raise corrupt_error(path, "代的说明文件不是一个对象")
    if row.get("format") != FORMAT:
        raise foreign_error(path, "不是本系统写的说明文件")
    if row.get("schema") != SCHEMA_VERSION:
        raise foreign_error(path, f"格式版本为 {row.get('schema')!r}，本程序读 {SCHEMA_VERSION}")
    try:
        manifest = Manifest(
            id=_text(row, "id"),
            created_at=_text(row, "created_at"),
            engine=_text(row, "engine"),
            encoder_id=_text(row, "encoder_id"),
            sparse_id=_text(row, "sparse_id"),
            corpus_digest=_text(row, "corpus_digest"),
            dims=None if row["dims"] is None else int(row["dims"]),
            points=int(row["points"]),
            modes=tuple(str(mode) for mode in row["modes"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise corrupt_error(path, f"代的说明文件缺少或写错了字段（{error}）") from error
    if manifest.id != folder.name:
        raise foreign_error(path, f"说明文件属于 {manifest.id}，不属于 {folder.name}")
    return manifest


def _text(row: dict[str, object], field: str) -> str:
    value = row[field]
    if not isinstance(value, str):
        raise TypeError(field)
    return value


def missing_error(place: Path | str) -> IndexStateError:
    """``generation_missing``: nothing has been built, or it was removed."""
    return IndexStateError(
        "generation_missing",
        "没有可用的索引",
        place=str(place),
        way_out="请运行 lawkb index build 建立索引。",
    )


def foreign_error(place: Path | str, what: str) -> IndexStateError:
    """``generation_foreign``: it belongs to something else; ``what`` says so in Chinese."""
    return IndexStateError(
        "generation_foreign",
        f"这不是本系统可用的索引：{what}",
        place=str(place),
        way_out="请检查数据目录（LAWKB_DATA_DIR）是否指对，或运行 lawkb index build 重建。",
    )


def check_encoders(manifest: Manifest, encoder_id: str | None, sparse_id: str, place: Path | str) -> None:
    """Raise ``encoder_mismatch`` unless the generation was built with these encoders.

    ``encoder_id`` None means that the caller has no dense encoder; a generation of words only fits any.
    """
    pairs = [("分词与稀疏编码", manifest.sparse_id, sparse_id)]
    if encoder_id is not None and "dense" in manifest.modes:
        pairs.append(("稠密编码器", manifest.encoder_id, encoder_id))
    for name, built, given in pairs:
        if built != given:
            raise IndexStateError(
                "encoder_mismatch",
                f"索引与当前{name}不匹配：索引用 {built} 建立，当前为 {given}",
                place=str(place),
                way_out="请换回原来的编码器（LAWKB_ENCODER），或运行 lawkb index build 重建。",
            )
