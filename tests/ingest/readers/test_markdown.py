"""Markdown in the layout of collections of law, and what else people write in it."""

from __future__ import annotations

import pytest

from ingest.lines import Line, ReadDocument
from ingest.readers.dispatch import read_bytes
from kb.errors import SourceError
from tests.shared_data import require_shared

SAMPLE = """# 样例市公共长椅管理办法

2031年3月1日 样例市人民政府第1次常务会议通过

<!-- INFO END -->

## 第一章 总则

第一条 为了管理公共长椅，制定本办法。

<!-- FORCE BREAK -->

（一）木椅；

\u200b
### 第一节 设置

第二条 街道办事处负责维护。
"""


def read(text: str) -> ReadDocument:
    return read_bytes(text.encode(), "样例.md")


def texts(document: ReadDocument) -> list[str]:
    return [line.text for line in document.lines]


def codes(document: ReadDocument) -> list[str]:
    return [finding.code for finding in document.findings]


def test_reads_the_layout() -> None:
    document = read(SAMPLE)
    assert document.format == "markdown"
    assert document.metadata == {"encoding": "utf-8", "info_end": "5"}
    assert [(line.number, line.level, line.text) for line in document.lines] == [
        (1, 1, "样例市公共长椅管理办法"),
        (3, 0, "2031年3月1日样例市人民政府第1次常务会议通过"),
        (7, 2, "第一章 总则"),
        (9, 0, "第一条 为了管理公共长椅，制定本办法。"),
        (13, 0, "（一）木椅；"),
        (16, 3, "第一节 设置"),
        (18, 0, "第二条 街道办事处负责维护。"),
    ]
    assert document.findings == ()


def test_windows_line_ends_give_the_same_lines() -> None:
    assert read(SAMPLE.replace("\n", "\r\n")).lines == read(SAMPLE).lines


def test_keeps_rows_of_tables_as_cells() -> None:
    document = read("| 序号 | 罪名 |\n|---|:--:|\n| 1 | 甲\\|乙 |\n|  |  |\n| 只有一格 | |\n")
    assert [(line.number, line.cells, line.text) for line in document.lines] == [
        (1, ("序号", "罪名"), "序号 罪名"),
        (3, ("1", "甲|乙"), "1 甲|乙"),
        (5, (), "只有一格"),
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("1\\. 甲\\*", "1. 甲*"),
        ("**第一条** 甲", "第一条 甲"),
        ("见[本法](https://example.cn/a)规定", "见本法规定"),
        ("- 甲", "甲"),
        ("> 甲", "甲"),
        ("甲&nbsp;乙&lt;丙&gt;", "甲乙<丙>"),
        ("麦角酸*", "麦角酸*"),
        ("2*（N+1/N+0.5）", "2*（N+1/N+0.5）"),
        ("《关于〈甲〉的<乙>》", "《关于〈甲〉的<乙>》"),
        ("#号开头", "#号开头"),
    ],
)
def test_takes_away_marks_and_nothing_else(source: str, text: str) -> None:
    assert texts(read(source + "\n")) == [text]


def test_raw_html_is_stripped_and_reported() -> None:
    document = read("# 标题\n\n甲<font color='red'>乙</font>\n\n<script>alert(1)\n第九条</script>丙\n")
    assert texts(document) == ["标题", "甲乙", "丙"]
    assert [line.number for line in document.lines] == [1, 3, 6]
    assert codes(document) == ["markdown_html_dropped", "markdown_html_stripped"]
    assert document.findings[0].lost


def test_a_foreign_comment_is_reported() -> None:
    assert codes(read("甲\n\n<!-- 第三条 待补 -->\n\n乙\n")) == ["comment_dropped"]


@pytest.mark.parametrize("opening", ["<!-- 甲", "<script>甲", "<style>"])
def test_what_never_ends_is_an_error_with_its_line(opening: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(f"# 标题\n\n{opening}\n\n第一条 乙\n")
    assert (caught.value.code, caught.value.place) == ("markdown_unclosed", "样例.md 第 3 行")


def test_nul_is_an_error_with_its_line() -> None:
    with pytest.raises(SourceError) as caught:
        read("# 标题\n\n第一条 甲\0乙\n")
    assert (caught.value.code, caught.value.place) == ("text_nul", "样例.md 第 3 行")


def test_fields_at_the_head_become_metadata() -> None:
    document = read("---\ntitle: 样例\n施行日期: 2031-05-01\n---\n\n# 标题\n")
    assert document.metadata["title"] == "样例"
    assert document.metadata["施行日期"] == "2031-05-01"
    assert document.lines == (Line.of("标题", 6, level=1),)


def test_characters_that_show_otherwise_are_reported() -> None:
    document = read("第一条 每⽇\u202e公布\u200b。\n")
    assert texts(document) == ["第一条 每日公布。"]
    assert codes(document) == ["bidi_characters", "zero_width_characters", "compatibility_characters"]


def test_every_shared_law_reads_without_loss() -> None:
    folder = require_shared("laws")
    files = sorted(folder.rglob("*.md"))[::40]
    for path in files:
        content = path.read_bytes()
        document = read_bytes(content, str(path.relative_to(folder)))
        assert "info_end" in document.metadata
        assert [finding for finding in document.findings if finding.lost] == []
        read = {line.number: line.text for line in document.lines}
        for number, line in enumerate(content.decode().split("\n"), 1):
            if line.startswith("第"):
                assert read[number].startswith("第")
