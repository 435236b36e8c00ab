"""Damaged files of every kind but Word and PDF: a document or an explained error, never anything else.

``LAWKB_FUZZ_SECONDS`` makes the run longer, with new damage each time.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import pickle
import random
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.lines import ReadDocument
from ingest.readers.dispatch import read_bytes
from kb.errors import SourceError
from kb.text.normalise import normalise
from tests.ingest.readers.pages import ARTICLES, page
from tests.ingest.readers.test_markdown import SAMPLE
from tests.ingest.readers.test_registers import repack, workbook

TABLE = '名称,地址,电话\n甲,"一层\n二层",010\n乙,"三,四",\n'
RECORDS = '[{"名称": "甲", "材料": [{"名": "一", "份": 2}], "数": 1.5},\n {"名称": "乙", "真": true}]'
LISTED = "- 名称: 甲\n  材料: [一, {名: 二}]\n- 名称: |\n    多\n    行\n  日期: 2031-05-01\n"
FILES = [
    (SAMPLE.encode(), "a.md"),
    ("| a | b |\n|---|---|\n| 一 | 二\\| |\n\n<b>甲</b> [乙](c) ![丙](d) `丁`\n".encode(), "b.md"),
    ("\n".join(ARTICLES).encode(), "a.txt"),
    ("\n".join(ARTICLES).encode("gb18030"), "b.txt"),
    ("\n".join(ARTICLES).encode("utf-16"), "c.txt"),
    (page().encode("gb18030"), "a.html"),
    (page("<table><tr><td>一<td colspan=2>二</table><pre>三\n四</pre><br>五").encode(), "b.htm"),
    (TABLE.encode(), "a.csv"),
    (TABLE.encode("gb18030"), "b.csv"),
    (workbook(("名称", "数"), ("甲", 1), ("乙", 2.5)), "a.xlsx"),
    (workbook(("名称", "日"), ("甲", dt.date(2031, 5, 1)), hidden=(("内",), ("部",))), "b.xlsx"),
    (RECORDS.encode(), "a.json"),
    ('{"a": 1}\n{"b": "乙"}\n'.encode(), "a.jsonl"),
    (LISTED.encode(), "a.yaml"),
]
WORDS = [
    *(char.encode() for char in "<>&|#*[](){}`\"'\\,:;-!?%\t\n\r\0"),
    *(
        word.encode()
        for word in ("第一条", "第", "　", "\u200b", "\u202e", "⽇", "\ufeff", "<!--", "-->", "\x0c")
    ),
    *(
        b"<table>",
        b"<tr>",
        b"<td rowspan=9 colspan=9999999>",
        b"<p>",
        b"</p>",
        b"<div class=nav>",
        b"<style>",
    ),
    *(
        b"<script>",
        b"</html>",
        b"&#0;",
        b"&#xd800;",
        b"&#99999999;",
        b"<br>",
        b"<![CDATA[",
        b"<a href=x>",
        b"<?xml",
    ),
    *(
        b"NaN",
        b"1e999",
        b"\\ud800",
        b"&a",
        b"*a",
        b"!!int",
        b"<<",
        b"? ",
        b"- ",
        b"---\n",
        b"%YAML",
        b"\xff\xfe",
    ),
    *(b"\xff", b"\x80", b"\xe7\xac", b"\xfe\xff", b"PK\x03\x04", b"%PDF-", b"9" * 60, b"[" * 60, b"{" * 60),
]


def damage(content: bytes, source: random.Random) -> bytes:
    """A few cuts, repeats, insertions and flips; of a workbook mostly inside of one part."""
    if content.startswith(b"PK") and source.random() < 0.8:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            part = source.choice(package.namelist())
            return repack(content, part, damage(package.read(part), source))
    data = bytearray(content)
    for _ in range(source.randint(1, 6)):
        at = source.randint(0, len(data))
        match source.randint(0, 5):
            case 0:
                data[at : at + source.choice((1, 2, 8, 100))] = b""
            case 1:
                data[at:at] = source.choice(WORDS) * source.choice((1, 1, 2, 50))
            case 2:
                data[at:at] = data[at : at + source.choice((2, 20, 200))] * source.choice((1, 3, 30))
            case 3 if at < len(data):
                data[at] = source.randrange(256)
            case 4:
                data[at:] = data[at + source.randint(0, 50) :] if source.random() < 0.8 else b""
            case _:
                other = source.choice(FILES)[0]
                start = source.randint(0, len(other))
                data[at:at] = other[start : start + source.choice((5, 50, 500))]
    return bytes(data)


def read_or_refuse(content: bytes, name: str) -> ReadDocument | SourceError:
    try:
        return read_bytes(content, name)
    except SourceError as error:
        return error


def check(content: bytes, name: str) -> None:
    """Whatever comes out can be shown, sent to another process, and points into the file."""
    document = read_or_refuse(content, name)
    if isinstance(document, SourceError):
        assert document.place.startswith(name)
        assert document.message
        assert document.way_out
        document.render().encode()
        return
    assert pickle.loads(pickle.dumps(document)) == document
    numbers = [line.number for line in document.lines]
    assert numbers == sorted(numbers)
    assert all(number >= 1 for number in numbers)
    for line in document.lines:
        assert line.text
        assert "\n" not in line.text
        if not line.cells:
            assert line.text == " ".join(normalise(line.raw).text.split("\n")).strip()
        line.text.encode()
    for row in document.rows:
        assert row.number >= 1
        "".join((*row.values, *row.values.values())).encode()
    for finding in document.findings:
        assert finding.message
        finding.message.encode()


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FILES), st.randoms(use_true_random=False))
def test_damaged_files_end_in_a_document_or_an_explained_error(
    file: tuple[bytes, str], source: random.Random
) -> None:
    check(damage(file[0], source), file[1])


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=300), st.sampled_from([name for _, name in FILES] + ["a", "a.docx", "a.pdf", "a.doc"])
)
def test_any_bytes_under_any_name(content: bytes, name: str) -> None:
    check(content, name)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=60), st.sampled_from([name for _, name in FILES]))
def test_marks_in_any_order(words: list[bytes], name: str) -> None:
    check(b"".join(words), name)


@pytest.mark.timeout(1800)
def test_long_run() -> None:
    seconds = float(os.environ.get("LAWKB_FUZZ_SECONDS", "0"))
    if not seconds:
        pytest.skip("长时间模糊测试只在设置 LAWKB_FUZZ_SECONDS 时运行")
    end = time.monotonic() + seconds
    runs = 0
    while time.monotonic() < end:
        seed = time.time_ns()
        source = random.Random(seed)
        content, name = source.choice(FILES)
        content = damage(content, source)
        started = time.monotonic()
        try:
            check(content, name)
        except Exception as error:
            raise AssertionError(f"seed {seed}, {name}: {content[:2000]!r}") from error
        assert time.monotonic() - started < 20, f"seed {seed}, {name}: slow"
        runs += 1
    assert runs
