"""Files into a real store: what is new, what changed, what vanished, what cannot be read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.file_manifest import load_file_manifest
from ingest.linking import link_texts
from ingest.manifest import load_file_corrections
from ingest.paths import find_files
from ingest.run_files import FilesReport, FilesRun, describe_local_files, ingest_files, plan_run
from kb.errors import BadInputError, SourceError
from kb.store import documents as store_documents
from kb.store.citations import cited_by
from kb.store.database import Database
from kb.store.works import (
    all_works,
    find_provision,
    get_details,
    list_provisions,
    list_versions,
    version_on,
)

LANTERNS = """# 某市灯会条例

2003年8月1日 某市第一届人民代表大会常务委员会第一次会议通过

<!-- INFO END -->

## 第一章 总则

第一条 为了办好灯会，制定本条例。

第二条 灯会由某市文化部门主管。

第三条 违反本条例第二条的，责令改正。

第四条 本条例自2003年10月1日起施行。《某市庙会办法》同时废止。
"""
AMENDED = LANTERNS.replace(
    "会议通过\n", "会议通过\n\n2019年4月2日 某市第二届人民代表大会常务委员会第三次会议修正\n"
).replace("文化部门主管", "文化和旅游部门主管")
FAIR = """# 某市庙会办法

1998年1月5日 某市人民政府发布

<!-- INFO END -->

第一条 为了办好庙会，制定本办法。

第二条 本办法自1998年3月1日起施行。
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'lawkb.db'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files" / "北京地方性法规"
    made.mkdir(parents=True)
    (made / "灯会条例(2003-08-01).md").write_text(LANTERNS, "utf-8")
    return made


def take_in(database: Database, *paths: Path, dry_run: bool = False) -> FilesReport:
    corrections = load_file_corrections()
    run = FilesRun(describe_local_files(corrections), find_files(paths))
    return ingest_files(database, run, corrections, dry_run=dry_run, workers=1)


def take_in_manifest(database: Database, path: Path) -> FilesReport:
    manifest, digest = load_file_manifest(path)
    corrections = load_file_corrections()
    run = plan_run(manifest, digest, find_files([path.parent / manifest.folder]), corrections)
    return ingest_files(database, run, corrections, workers=1)


def work_of(database: Database, title: str = "某市灯会条例") -> str:
    with database.reading() as connection:
        (found,) = [work.id for work in all_works(connection) if work.title == title]
    return found


def test_a_second_run_reads_and_writes_nothing(database: Database, folder: Path) -> None:
    first, second = take_in(database, folder), take_in(database, folder)
    assert first.saved.provisions.added == 4
    assert (second.unchanged, second.documents, second.saved.is_noop) == (1, (), True)
    with database.reading() as connection:
        assert len(list_provisions(connection, list_versions(connection, work_of(database))[0].id)) == 4


def test_a_later_text_is_a_new_version_and_ends_the_older_one(database: Database, folder: Path) -> None:
    take_in(database, folder)
    (folder / "灯会条例(2019-04-02).md").write_text(AMENDED, "utf-8")
    take_in(database, folder)
    work = work_of(database)
    with database.reading() as connection:
        old, new = list_versions(connection, work)
        assert (old.effective_from, new.effective_from_certain) == (dt.date(2003, 10, 1), False)
        before = find_provision(connection, f"{work}:a2", as_of=dt.date(2019, 4, 1))
        after = find_provision(connection, f"{work}:a2", as_of=dt.date(2019, 4, 2))
        assert version_on(connection, work, dt.date(2003, 9, 30)) is None
    assert before is not None
    assert after is not None
    assert before.provision.text == "灯会由某市文化部门主管。"
    assert after.provision.text == "灯会由某市文化和旅游部门主管。"


def test_a_changed_text_of_one_day_never_overwrites(database: Database, folder: Path) -> None:
    take_in(database, folder)
    (folder / "灯会条例(2003-08-01).md").write_text(LANTERNS.replace("文化部门", "旅游部门"), "utf-8")
    take_in(database, folder)
    work = work_of(database)
    with database.reading() as connection:
        serving = find_provision(connection, f"{work}:a2", as_of=dt.date(2020, 1, 1))
        pinned = find_provision(connection, f"{work}:a2", version_id=f"{work}@2003-08-01")
    assert serving is not None
    assert pinned is not None
    assert "旅游部门" in serving.provision.text
    assert "文化部门" in pinned.provision.text


def test_a_single_file_does_not_withdraw_its_older_versions(database: Database, folder: Path) -> None:
    take_in(database, folder)
    later = folder.parent / "灯会条例(2019-04-02).md"
    later.write_text(AMENDED, "utf-8")
    take_in(database, later)
    with database.reading() as connection:
        assert len(list_versions(connection, work_of(database))) == 2


def test_a_dry_run_reports_and_writes_nothing(database: Database, folder: Path) -> None:
    report = take_in(database, folder, dry_run=True)
    assert [one.provisions for one in report.documents] == [4]
    with database.reading() as connection:
        assert all_works(connection) == ()


def test_a_bad_file_goes_to_quarantine_and_stops_no_other(database: Database, folder: Path) -> None:
    (folder / "坏.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "空.md").write_bytes(b"")
    report = take_in(database, folder)
    assert sorted(one.file.rpartition("/")[2] for one in report.errors) == ["坏.pdf", "空.md"]
    assert report.saved.provisions.added == 4
    with database.reading() as connection:
        held = store_documents.list_quarantine(connection)
    assert {entry.file.rpartition("/")[2] for entry in held} == {"坏.pdf", "空.md"}
    assert all(entry.code and entry.reason and entry.sha256 for entry in held)


def test_a_file_leaves_quarantine_when_it_can_be_read(database: Database, folder: Path) -> None:
    bad = folder / "庙会办法.md"
    bad.write_bytes(b"")
    take_in(database, folder)
    bad.write_text(FAIR, "utf-8")
    take_in(database, folder)
    with database.reading() as connection:
        assert store_documents.list_quarantine(connection) == ()


def test_the_report_names_every_document_with_its_labels_and_dates(database: Database, folder: Path) -> None:
    plain = json.loads(json.dumps(take_in(database, folder).to_json(), ensure_ascii=False))
    (document,) = plain["documents"]
    assert document["title"] == "某市灯会条例"
    assert document["labels"] == ["第一条", "第二条", "第三条", "第四条"]
    assert document["dates"]["effective_from"] == "2003-10-01"
    assert document["error"] is None
    assert plain["totals"]["article_lines"] == 4
    assert plain["totals"]["article_lines_unread"] == 0


def test_a_quote_can_be_shown_as_in_the_source(database: Database, folder: Path) -> None:
    take_in(database, folder)
    work = work_of(database)
    with database.reading() as connection:
        place = store_documents.place_of(connection, f"{work}:a2", f"{work}@2003-08-01")
        assert place is not None
        lines = store_documents.read_document(connection, place.document_id).decode().split("\n")
    assert lines[place.line_from - 1] == "第二条 灯会由某市文化部门主管。"


def test_links_tell_who_cites_and_what_has_ended(database: Database, folder: Path) -> None:
    take_in(database, folder)
    (folder / "庙会办法.md").write_text(FAIR, "utf-8")
    take_in(database, folder)
    assert link_texts(database, workers=1) == 2
    assert link_texts(database, workers=1) == 0
    work, fair = work_of(database), work_of(database, "某市庙会办法")
    with database.reading() as connection:
        citing, count = cited_by(connection, f"{work}:a2")
        ended = {one.id: one.repealed_on for one in all_works(connection)}
    assert count == 1
    assert citing[0].loaded.provision.label == "第三条"
    assert ended == {work: None, fair: dt.date(2003, 10, 1)}


MANIFEST = """id: lanterns
type: folder
title: 灯会法规
publisher: 某市
licence: 公有领域
folder: files
complete: true
retrieved_on: 2026-11-01
expected: {files: %d}
fixes:
  - {file: 灯会条例.md, wrong: 文化部门, right: 文旅部门, reason: 原文笔误}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "灯会条例.md").write_text(LANTERNS, "utf-8")
    (tmp_path / "files" / "庙会办法.md").write_text(FAIR, "utf-8")
    path = tmp_path / "lanterns.source.yaml"
    path.write_text(MANIFEST % 2, "utf-8")
    return path


def test_a_manifest_says_where_the_files_are_and_what_is_wrong_in_them(
    database: Database, manifest: Path
) -> None:
    take_in_manifest(database, manifest)
    work = work_of(database)
    with database.reading() as connection:
        found = find_provision(connection, f"{work}:a2", as_of=dt.date(2020, 1, 1))
    assert found is not None
    assert found.provision.text == "灯会由某市文旅部门主管。"


def test_a_complete_source_keeps_its_works_on_a_second_run(database: Database, manifest: Path) -> None:
    take_in_manifest(database, manifest)
    assert take_in_manifest(database, manifest).unchanged == 2
    with database.reading() as connection:
        assert len(all_works(connection)) == 2


def test_what_vanished_from_a_complete_source_is_withdrawn(database: Database, manifest: Path) -> None:
    take_in_manifest(database, manifest)
    (manifest.parent / "files" / "庙会办法.md").unlink()
    manifest.write_text(MANIFEST % 1, "utf-8")
    take_in_manifest(database, manifest)
    with database.reading() as connection:
        assert [work.title for work in all_works(connection)] == ["某市灯会条例"]


def test_a_count_that_differs_from_the_manifest_stops_the_run(database: Database, manifest: Path) -> None:
    manifest.write_text(MANIFEST % 3, "utf-8")
    with pytest.raises(SourceError) as caught:
        take_in_manifest(database, manifest)
    assert caught.value.code == "source_count_mismatch"


def test_a_mend_that_no_longer_fits_is_told(database: Database, manifest: Path) -> None:
    text = LANTERNS.replace("文化部门", "旅游部门")
    (manifest.parent / "files" / "灯会条例.md").write_text(text, "utf-8")
    (failed,) = take_in_manifest(database, manifest).errors
    assert failed.error is not None
    assert failed.error.code == "fix_unmatched"


def test_a_higher_source_serves_and_both_bear_witness(database: Database, folder: Path) -> None:
    take_in(database, folder)
    corrections = load_file_corrections()
    better = dataclasses.replace(describe_local_files(corrections), id="office", priority=60)
    other = folder.parent / "灯会条例.md"
    other.write_text(LANTERNS.replace("文化部门", "文旅部门"), "utf-8")
    run = FilesRun(better, find_files([other]))
    first = ingest_files(database, run, corrections, workers=1)
    again = take_in(database, folder)
    work = work_of(database)
    with database.reading() as connection:
        found = find_provision(connection, f"{work}:a2", as_of=dt.date(2020, 1, 1))
    assert found is not None
    assert "文旅部门" in found.provision.text
    assert [one.provision_ids for one in first.saved.differing] == [(f"{work}:a2",)]
    assert again.unchanged == 1


def test_a_guide_keeps_its_fields(database: Database) -> None:
    guides = Path(__file__).parents[2] / "corpora" / "guides"
    one = sorted(guides.glob("*.yaml"))[0]
    take_in(database, one)
    with database.reading() as connection:
        (work,) = all_works(connection)
        (version,) = list_versions(connection, work.id)
        details = get_details(connection, version.id)
    assert work.kind.value == "guide"
    assert details is not None


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_paths_without_files_are_told(database: Database, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "empty":
        path.mkdir()
    with pytest.raises(BadInputError) as caught:
        take_in(database, path)
    assert caught.value.code == f"path_{name}"
