"""The pool of reading processes: order, limits, and a service that outlives its worst file."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.readers.detect import MAX_FILE_BYTES
from ingest.readers.dispatch import read_bytes
from ingest.readers.pool import ReaderPool
from kb.errors import BadInputError, SourceError
from tests.ingest.readers.reader_tasks import error_code, list_modules, measure, obey


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(2, seconds=1, memory=512 << 20) as opened:
        yield opened


def write(folder: Path, contents: list[str]) -> list[tuple[Path, str]]:
    files = []
    for number, content in enumerate(contents):
        path = folder / f"{number}.txt"
        path.write_text(content)
        files.append((path, f"夹/{number}.txt"))
    return files


def test_results_come_in_the_order_of_the_files(pool: ReaderPool, tmp_path: Path) -> None:
    files = write(tmp_path, ["字" * (number % 7) for number in range(200)])
    assert list(pool.map_files(measure, iter(files))) == [
        (name, (name, 3 * (number % 7))) for number, (_, name) in enumerate(files)
    ]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("hang", "reader_timeout"),
        ("spin", "reader_timeout"),
        ("stop", "reader_timeout"),
        ("hog", "reader_out_of_memory"),
        ("crash", "reader_crashed"),
        ("leave", "reader_crashed"),
        ("refuse", "sample_refused"),
        ("fail", "reader_failed"),
        ("dive", "reader_failed"),
    ],
)
def test_a_bad_file_costs_one_error_and_no_other_file(
    pool: ReaderPool, tmp_path: Path, order: str, code: str
) -> None:
    files = write(tmp_path, [order if number in (3, 20) else f"好{number}" for number in range(40)])
    results = list(pool.map_files(obey, files))
    assert [name for name, _ in results] == [name for _, name in files]
    for number, (name, result) in enumerate(results):
        if number in (3, 20):
            assert error_code(result) == code
            assert isinstance(result, SourceError | BadInputError)
            assert result.place == name
            assert result.way_out
        else:
            assert result == f"好{number}"


def test_what_is_no_readable_file(pool: ReaderPool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    big = tmp_path / "big"
    with big.open("wb") as opened:
        opened.truncate(MAX_FILE_BYTES + 1)
    files = [tmp_path / "absent", tmp_path, tmp_path / "pipe", big, Path("/dev/zero"), Path("a\0b")]
    results = pool.map_files(measure, [(path, str(number)) for number, path in enumerate(files)])
    assert [error_code(result) for _, result in results] == [
        "file_missing",
        "file_not_regular",
        "file_not_regular",
        "file_too_large",
        "file_not_regular",
        "file_unreadable",
    ]


def test_readers_run_in_children_that_import_little(pool: ReaderPool, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# 标题\n\n第一条 甲\n")
    ((_, document),) = pool.map_files(read_bytes, [(path, "a.md")])
    assert document == read_bytes(path.read_bytes(), "a.md")
    ((_, modules),) = pool.map_files(list_modules, [(path, "a.md")])
    assert isinstance(modules, list)
    assert not {"torch", "haystack", "sqlalchemy", "transformers", "fastapi", "numpy"} & set(modules)


def test_the_limit_is_the_childs_however_big_the_parent(pool: ReaderPool, tmp_path: Path) -> None:
    ballast = bytearray(700 << 20)
    with ReaderPool(1, memory=512 << 20) as small:
        (only,) = small.map_files(measure, write(tmp_path, ["甲"]))
    assert only == ("夹/0.txt", ("夹/0.txt", 3))
    assert len(ballast) > 512 << 20


def test_stopping_half_way_leaves_the_pool_usable(pool: ReaderPool, tmp_path: Path) -> None:
    files = write(tmp_path, [str(number) for number in range(100)])
    results = pool.map_files(measure, files)
    next(results)
    with pytest.raises(RuntimeError):
        next(pool.map_files(measure, files))
    results.close()  # type: ignore[attr-defined]
    assert len(list(pool.map_files(measure, files))) == 100


def test_few_files_are_asked_for_ahead_of_the_caller(pool: ReaderPool, tmp_path: Path) -> None:
    asked = 0

    def files() -> Iterator[tuple[Path, str]]:
        nonlocal asked
        for entry in write(tmp_path, ["甲"] * 1000):
            asked += 1
            yield entry

    results = pool.map_files(measure, files())
    next(results)
    assert asked < 300
    results.close()  # type: ignore[attr-defined]


def test_a_slow_caller_is_not_taken_for_a_slow_file(tmp_path: Path) -> None:
    with ReaderPool(1, seconds=0.5) as quick:
        results = quick.map_files(measure, write(tmp_path, ["甲"] * 60))
        for _, result in results:
            threading.Event().wait(0.05)
            assert error_code(result) == ""


def test_children_end_with_the_pool(tmp_path: Path) -> None:
    with ReaderPool(2) as opened:
        list(opened.map_files(measure, write(tmp_path, ["甲"] * 40)))
        processes = [child.process for child in opened._children]
    assert processes
    assert all(process.returncode is not None for process in processes)
    with pytest.raises(RuntimeError):
        next(opened.map_files(measure, []))


def test_a_child_that_cannot_start_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with ReaderPool(1) as broken, pytest.raises(SourceError) as caught:
        list(broken.map_files(measure, write(tmp_path, ["甲"])))
    assert caught.value.code == "reader_start_failed"
