"""What the commands print when all is well."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.installation import lawkb

HIT_FIELDS = {
    *("kind", "work_id", "work_title", "provision_id", "label", "path", "text", "status"),
    *("effective_from", "effective_to", "score", "reasons"),
}
"""What is promised of each hit."""
MORE_OF_A_HIT = {
    *("version_id", "status_label", "effective_from_certain", "effective_to_certain"),
    *("kind_label", "currency"),
}
HEAVY = {
    *("torch", "sentence_transformers", "onnxruntime", "haystack", "qdrant_client", "qdrant_edge"),
    *("fastapi", "uvicorn", "sqlalchemy", "alembic", "jieba", "numpy", "yaml"),
}
ANSWER_FIELDS = {"hits", "as_of", "generation", "took_ms"}
MORE_OF_AN_ANSWER = {"notices", "about"}


def test_help_lists_every_command_and_imports_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv = ['lawkb', '--help']\n"
        "from kb.cli import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code, ended.code\n"
        f"print('HEAVY', sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    for name in ("run", "serve", "ingest", "search", "status", "bench", "index", "encoder"):
        assert f" {name} " in told
    assert told.strip().endswith("HEAVY []")


@pytest.mark.parametrize(
    ("group", "names"),
    [("index", ("build", "list", "rollback")), ("encoder", ("train", "export", "vectors"))],
)
def test_help_of_a_group_lists_its_commands(tmp_path: Path, group: str, names: tuple[str, ...]) -> None:
    told = lawkb(tmp_path, group, "--help")
    assert told.returncode == 0
    for name in names:
        assert f" {name} " in told.stdout


def test_search_json_has_the_promised_fields_and_no_unknown_ones(words_only_dir: Path) -> None:
    told = lawkb(words_only_dir, "search", "离婚冷静期", "--top-k", "3", "--json")
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert ANSWER_FIELDS <= set(answer) <= ANSWER_FIELDS | MORE_OF_AN_ANSWER
    assert len(answer["hits"]) == 3
    for hit in answer["hits"]:
        assert HIT_FIELDS <= set(hit) <= HIT_FIELDS | MORE_OF_A_HIT
        assert hit["kind"] == "statute"
        assert hit["status"] == "in_force"
        assert hit["effective_to"] is None or hit["effective_to"] > answer["as_of"]
        assert {"signal", "rank", "score", "detail"} == set(hit["reasons"][0])


def test_search_for_a_person_names_law_article_status_and_reason(words_only_dir: Path) -> None:
    told = lawkb(words_only_dir, "search", "民法典第1254条", "-k", "1")
    assert told.returncode == 0, told.stderr
    assert "《中华人民共和国民法典》第一千二百五十四条" in told.stdout
    assert "现行有效" in told.stdout
    assert "点名" in told.stdout


def test_status_tells_what_is_held(words_only_dir: Path) -> None:
    told = lawkb(words_only_dir, "status", "--json")
    assert told.returncode == 0, told.stderr
    facts = json.loads(told.stdout)
    assert facts["文件"] == 4
    assert facts["版本"] == 5
    assert facts["条文"] == facts["索引条文"]
    assert facts["索引与数据库一致"] == "是"
    assert facts["服务"] == "未运行"


def test_index_list_marks_the_serving_generation(words_only_dir: Path) -> None:
    told = lawkb(words_only_dir, "index", "list")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("* g")
