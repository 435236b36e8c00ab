"""Automatic numbering: 第一条 that stands nowhere in the file as text."""

from __future__ import annotations

import pytest

from ingest.readers.docx import read_docx
from ingest.readers.docx_numbering import format_counter
from tests.ingest.readers.docx_samples import WORD_NS, numbered, numbering, pack, paragraph

CHINESE = "chineseCountingThousand"


def read(body: str, numbers: str, styles: str = "") -> list[str]:
    parts: dict[str, str | bytes] = {"word/numbering.xml": numbers}
    if styles:
        parts["word/styles.xml"] = f"<w:styles {WORD_NS}>{styles}</w:styles>"
    return [line.text for line in read_docx(pack(body, parts), "样例.docx").lines]


def test_chapters_articles_and_items() -> None:
    # Articles count on through the chapters: their level never restarts.
    levels = [
        (CHINESE, "第%1章"),
        (CHINESE, "第%2条"),
        (CHINESE, "（%3）"),
        ("decimal", "%4."),
        (CHINESE, "%5、"),
    ]
    numbers = numbering(*levels).replace('<w:lvl w:ilvl="1">', '<w:lvl w:ilvl="1"><w:lvlRestart w:val="0"/>')
    body = [
        numbered("总则", 0),
        numbered("为了样例，制定本法。", 1),
        numbered("分为：", 1),
        numbered("甲；", 2),
        numbered("乙：", 2),
        numbered("丙。", 3),
        numbered("附则", 0),
        numbered("施行：", 1),
        numbered("丁；", 2),
        numbered("戊。", 4),
    ]
    assert read("".join(body), numbers) == [
        "第一章 总则",
        "第一条 为了样例，制定本法。",
        "第二条 分为：",
        "（一）甲；",
        "（二）乙：",
        "1.丙。",
        "第二章 附则",
        "第三条 施行：",
        "（一）丁；",
        "一、戊。",
    ]


def test_without_lvl_restart_a_level_begins_again_below_a_higher_one() -> None:
    numbers = numbering((CHINESE, "第%1章"), (CHINESE, "第%2节"))
    body = numbered("甲", 0) + numbered("乙", 1) + numbered("丙", 0) + numbered("丁", 1)
    assert read(body, numbers)[3] == "第一节 丁"


def test_a_start_override_begins_a_list_again_and_shares_its_counter() -> None:
    nums = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num>'
    )
    numbers = numbering((CHINESE, "（%1）"), nums=nums)
    body = "".join(numbered("甲", num_id=num_id) for num_id in (1, 1, 3, 2, 2))
    assert [line[:3] for line in read(body, numbers)] == ["（一）", "（二）", "（三）", "（一）", "（二）"]


def test_an_override_may_replace_a_level() -> None:
    nums = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0">'
        '<w:start w:val="7"/><w:numFmt w:val="decimal"/><w:lvlText w:val="第%1条"/>'
        "</w:lvl></w:lvlOverride></w:num>"
    )
    assert read(numbered("甲", num_id=2), numbering((CHINESE, "（%1）"), nums=nums)) == ["第7条 甲"]


def test_numbering_bound_to_styles() -> None:
    numbers = numbering((CHINESE, "第%1章"), (CHINESE, "第%2条"), extra='<w:pStyle w:val="tiao"/>')
    list_style = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = (
        f'<w:style w:type="paragraph" w:styleId="tiao"><w:name w:val="条"/>{list_style}</w:style>'
        '<w:style w:type="paragraph" w:styleId="plain"><w:name w:val="款"/><w:basedOn w:val="tiao"/>'
        '<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr></w:style>'
    )
    body = "".join(paragraph("甲。", f'<w:pStyle w:val="{style}"/>') for style in ("tiao", "plain", "tiao"))
    assert read(body, numbers, styles) == ["第一条 甲。", "甲。", "第二条 甲。"]


def test_numbering_styles_lead_to_their_list() -> None:
    numbers = (
        f'<w:numbering {WORD_NS}><w:abstractNum w:abstractNumId="0">'
        '<w:numStyleLink w:val="s"/></w:abstractNum>'
        '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{CHINESE}"/><w:lvlText w:val="第%1条"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    )
    style = (
        '<w:style w:type="numbering" w:styleId="s"><w:name w:val="列表"/><w:pPr><w:numPr><w:numId w:val="2"/>'
        "</w:numPr></w:pPr></w:style>"
    )
    assert read(numbered("甲。"), numbers, style) == ["第一条 甲。"]


def test_deleted_and_hidden_paragraphs_count_nothing() -> None:
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    deleted = f"<w:p><w:pPr>{number}</w:pPr><w:del><w:r><w:delText>旧。</w:delText></w:r></w:del></w:p>"
    hidden = paragraph("藏。", number, "<w:vanish/>")
    body = numbered("甲。") + deleted + hidden + numbered("乙。")
    assert read(body, numbering((CHINESE, "第%1条"))) == ["第一条 甲。", "第二条 乙。"]


def test_legal_numbers_and_levels_not_yet_used() -> None:
    numbers = numbering((CHINESE, "%1"), ("decimal", "%1.%2"), extra="<w:isLgl/>")
    assert read(numbered("甲", 1) + numbered("乙", 1), numbers) == ["1.1甲", "1.2乙"]


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("chineseCounting", 12, "十二"),
        ("chineseCountingThousand", 1260, "一千二百六十"),
        ("ideographDigital", 20, "二〇"),
        ("chineseLegalSimplified", 21, "贰拾壹"),
        ("ideographTraditional", 2, "乙"),
        ("ideographZodiac", 12, "亥"),
        ("decimalEnclosedCircle", 3, "③"),
        ("decimalZero", 5, "05"),
        ("upperRoman", 14, "XIV"),
        ("lowerLetter", 28, "bb"),
        ("none", 4, ""),
        ("somethingNew", 4, "4"),
        ("upperRoman", 10**9, "1000000000"),
        ("lowerLetter", 0, "0"),
    ],
)
def test_formats(form: str, value: int, expected: str) -> None:
    assert format_counter(value, form) == expected
