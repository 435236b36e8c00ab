"""YAML that people maintain: what is refused, and where the error points."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import BaseModel, ConfigDict

from ingest.strict_yaml import MAX_YAML_BYTES, read_strict_yaml
from kb.errors import SourceError


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    day: dt.date


def read(content: str | bytes) -> Entry:
    return read_strict_yaml(content.encode() if isinstance(content, str) else content, Entry, "样例.yaml")


def test_reads_what_the_model_asks_for() -> None:
    assert read("title: 样例\nday: 2024-02-29\n") == Entry(title="样例", day=dt.date(2024, 2, 29))


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("title: 甲\ntitle: 乙\nday: 2024-01-01\n", "yaml_invalid", "键重复：title"),
        ("title: &a 甲\nday: *a\n", "yaml_invalid", "别名"),
        ("base: &b {title: 甲}\n<<: *b\nday: 2024-01-01\n", "yaml_invalid", "别名"),
        ("<<: {title: 甲}\nday: 2024-01-01\n", "yaml_invalid", "合并键"),
        ("? [a, b]\n: 甲\n", "yaml_invalid", "键必须是文字"),
        ("title: [甲\n", "yaml_invalid", "无法读取"),
        ("title: !!python/object/apply:os.getcwd []\n", "yaml_invalid", "无法读取"),
        (b"title: \xff\xfe\n", "yaml_invalid", "无法读取"),
        ("title: 甲\x00\n", "yaml_invalid", "无法读取"),
        ("title: 甲\nday: 2023-02-29\n", "yaml_invalid", "无法读取"),
        ("title: 甲\nday: '2023-02-29'\n", "yaml_mismatch", "不合要求"),
        ("title: 甲\nday: 2023-02-28\nextra: 1\n", "yaml_mismatch", "不合要求"),
        ("title: 甲\n", "yaml_mismatch", "不合要求"),
        ("", "yaml_mismatch", "不合要求"),
        ("- 甲\n", "yaml_mismatch", "不合要求"),
        ("[" * 2000, "yaml_invalid", "无法读取"),
        (b"#" * (MAX_YAML_BYTES + 1), "yaml_too_large", "过大"),
    ],
)
def test_refuses(content: str | bytes, code: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(content)
    assert caught.value.code == code
    assert says in caught.value.message
    assert caught.value.place.startswith("样例.yaml")
    assert caught.value.way_out


def test_names_the_line_of_a_duplicate_key() -> None:
    with pytest.raises(SourceError) as caught:
        read("title: 甲\nday: 2024-01-01\ntitle: 乙\n")
    assert caught.value.place == "样例.yaml 第 3 行"


def test_an_alias_bomb_costs_nothing() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    with pytest.raises(SourceError, match="别名"):
        read(f"l0: &l0 [甲]\n{levels}\n")
