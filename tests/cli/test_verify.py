"""``lawkb verify`` as a person runs it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.cli.app import main
from kb.settings import get_settings

Told = tuple[int, str, str]
"""Exit code, standard output, standard error."""
Verify = Callable[..., Told]


@pytest.fixture
def verify(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words_only_dir: Path
) -> Verify:
    """The real ``main`` in this process, over the small library."""

    def run(*arguments: str) -> Told:
        monkeypatch.setenv("LAWKB_DATA_DIR", str(words_only_dir))
        monkeypatch.setattr(sys, "argv", ["lawkb", "verify", *arguments])
        get_settings.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main()
        get_settings.cache_clear()
        out, err = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else int(code is not None)), out, err

    return run


def test_each_citation_of_a_text_with_its_verdict(verify: Verify) -> None:
    code, out, err = verify("依据民法典第1254、9999条", "--as-of", "2026-11-22")
    assert (code, err) == (0, "")
    first, second, summary = out.splitlines()
    assert "民法典第1254" in first
    assert "[现行有效]" in first
    assert "9999条" in second
    assert "[不存在]" in second
    assert summary == "共 2 处引用：现行有效 1，不存在 1（依据 2026-11-22 的法律）"


def test_json_is_what_the_api_gives(verify: Verify) -> None:
    code, out, _ = verify("《环境保护法》第五条", "--as-of", "2026-11-22", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["as_of"] == "2026-11-22"
    (one,) = answer["citations"]
    assert (one["text"], one["span"], one["verdict"]) == ("《环境保护法》第五条", [0, 10], "repealed")
    assert one["provision_id"].endswith(":a5")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_read_in_its_encoding(verify: Verify, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "答复.txt"
    file.write_text("按照《民法典》第188条，您还有时间。", encoding=encoding)
    code, out, _ = verify(str(file))
    assert code == 0
    assert out.startswith("1. 《民法典》第188条 [现行有效]")


def test_a_text_without_citations(verify: Verify) -> None:
    assert verify("今天天气不错")[:2] == (0, "没有找到法律引用。\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([""], "text_empty"),
        (["民法典第5条", "--as-of", "明天"], "date_bad"),
        (["民法典第5条", "--as-of", "1900-01-01"], "as_of_out_of_range"),
        (["没有/这个文件.txt"], "file_unreadable"),
        (["."], "file_unreadable"),
    ],
)
def test_bad_input_is_explained(verify: Verify, arguments: list[str], code: str) -> None:
    status, out, err = verify(*arguments)
    assert (status, out) == (2, "")
    assert f"错误 [{code}]" in err
    assert "办法：" in err
    assert "Traceback" not in err


def test_bytes_that_are_no_text_are_refused(verify: Verify, tmp_path: Path) -> None:
    file = tmp_path / "图.txt"
    file.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)))
    status, _, err = verify(str(file))
    assert status == 2
    assert "[text_malformed]" in err


def test_a_file_past_the_limit_is_refused(verify: Verify, tmp_path: Path) -> None:
    file = tmp_path / "长.txt"
    file.write_text("法" * 1_400_000, encoding="utf-8")
    status, _, err = verify(str(file))
    assert status == 2
    assert "[text_too_long]" in err
