"""One law as Markdown, Word, PDF and government page: the same provisions, character for character."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.lines import ReadDocument
from ingest.parsers.statute_lines import parse_statute
from ingest.readers.dispatch import read_bytes
from tests.ingest.readers.docx_samples import make_docx
from tests.ingest.readers.page_samples import INVENTED, LawSheet, make_page
from tests.ingest.readers.pdf_samples import Layout, make_pdf
from tests.shared_data import require_shared

Provisions = list[tuple[str, tuple[str, ...], str]]

FORMATS: dict[str, Callable[[LawSheet], bytes]] = {
    "word-with-contents-field.docx": lambda law: make_docx(law, "field"),
    "word-with-typed-contents.docx": lambda law: make_docx(law, "typed"),
    "printed.pdf": make_pdf,
    "printed-small.pdf": lambda law: make_pdf(law, Layout(size=10.5, pitch=17, header=law.title)),
    "two-columns.pdf": lambda law: make_pdf(
        law, Layout(size=10.5, pitch=16, columns=2, header="样例公报"), contents=False
    ),
    "government-page.html": lambda law: make_page(law, "gb18030"),
}

SHAPES = {
    "inserted articles, 编章节, annexes": "刑法/刑法.md",
    "an amendment, 一、二、 with quoted articles": "刑法/刑法修正案（十一）.md",
    "an interpretation with a long title": "司法解释/最高人民法院、最高人民检察院关于办理侵犯知识产权刑事案件"
    "具体应用法律若干问题的解释(2004-12-08).md",
    "an interpretation with a number": "司法解释/人民法院在线诉讼规则(2021-06-16).md",
    "a regulation of Beijing": "北京地方性法规/北京市中医药条例(2020-11-27).md",
    "a decision without 条": "北京地方性法规/北京市人民代表大会常务委员会"
    "关于依法防控新型冠状病毒感染肺炎疫情  坚决打赢疫情防控阻击战的决定(2020-02-07).md",
    "a preamble": "宪法/宪法.md",
    "编, 章 and 节 with 306 articles": "诉讼与非诉讼程序法/民事诉讼法(2023-09-01).md",
    "a preamble and annexes": "宪法相关法/香港特别行政区基本法(1990-04-04).md",
    "no chapters": "宪法相关法/国旗法(2020-10-17).md",
    "an administrative regulation": "行政法规/气象灾害防御条例(2017-10-07).md",
}


def provisions(document: ReadDocument) -> Provisions:
    return [
        (item.label, item.path, item.text) for draft in parse_statute(document) for item in draft.provisions
    ]


def compare(markdown: str, format_name: str) -> None:
    expected = provisions(read_bytes(markdown.encode(), "样例.md"))
    content = FORMATS[format_name](LawSheet.of_markdown(markdown))
    assert expected
    assert provisions(read_bytes(content, f"样例-{format_name}")) == expected


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("law", INVENTED)
def test_an_invented_law(law: str, format_name: str) -> None:
    compare(INVENTED[law], format_name)


@pytest.mark.parametrize(
    "format_name", ["word-with-contents-field.docx", "printed.pdf", "government-page.html"]
)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_real_law(shape: str, format_name: str) -> None:
    path = require_shared("laws", *SHAPES[shape].split("/"))
    compare(path.read_text(encoding="utf-8"), format_name)


def test_a_real_law_in_two_columns() -> None:
    path = require_shared("laws", *SHAPES["a regulation of Beijing"].split("/"))
    compare(path.read_text(encoding="utf-8"), "two-columns.pdf")
