"""What sticks to an article's text, and how it comes off."""

from __future__ import annotations

import pytest

from ingest.parsers.statute_text import (
    Headings,
    drop_conversion_marks,
    mend_broken_lines,
    take_annexes,
    take_trailing_headings,
)


@pytest.mark.parametrize(
    ("text", "body", "headings"),
    [
        ("甲应当付款。", "甲应当付款。", Headings()),
        ("甲应当付款。\n第二编 分 则", "甲应当付款。", Headings(book="第二编 分则")),
        (
            "甲应当付款。\n第三编 合 同\n第一分编 通 则",
            "甲应当付款。",
            Headings(book="第三编 合同", subbook="第一分编 通则"),
        ),
        ("甲应当付款。\n第二分编 租赁", "甲应当付款。", Headings(subbook="第二分编 租赁")),
        ("甲应当付款。\n附 则", "甲应当付款。", Headings(closing=True)),
        ("第二编 分则", "第二编 分则", Headings()),
        ("适用第二编 分则的规定。", "适用第二编 分则的规定。", Headings()),
    ],
)
def test_trailing_headings(text: str, body: str, headings: Headings) -> None:
    assert take_trailing_headings(text) == (body, headings)


def test_annexes_become_texts_of_their_own() -> None:
    body, annexes = take_annexes("本法自公布之日起施行。\n附件一\n收费标准\n一、十元。\n附件二\n1.甲\n2.乙")
    assert body == "本法自公布之日起施行。"
    assert [(annex.label, annex.text) for annex in annexes] == [
        ("附件一 收费标准", "附件一\n收费标准\n一、十元。"),
        ("附件二", "附件二\n1.甲\n2.乙"),
    ]


@pytest.mark.parametrize(
    ("line", "label"),
    [("附：", "附"), ("附：税目表（另行公布）", "附 税目表"), ("附表一：", "附表一"), ("附件：", "附件")],
)
def test_annex_headings(line: str, label: str) -> None:
    assert [annex.label for annex in take_annexes(f"本法自公布之日起施行。\n{line}")[1]] == [label]


@pytest.mark.parametrize("line", ["附件三所列法律的决定", "附则", "附带民事诉讼", "附设机构："])
def test_lines_that_only_begin_like_an_annex(line: str) -> None:
    assert take_annexes(f"甲应当付款。\n{line}") == (f"甲应当付款。\n{line}", ())


def test_conversion_marks() -> None:
    assert drop_conversion_marks('甲\n!12{width="1.5in"\nheight="2.25in"}\n乙') == "甲\n（图略）\n乙"
    assert drop_conversion_marks("关于\\<样例法\\>的决定") == "关于〈样例法〉的决定"
    assert drop_conversion_marks("税目 | 税率\n+---+---+\n| | |\n甲 | 5％\\\n乙 | 6％") == (
        "税目 | 税率\n甲 | 5％\n乙 | 6％"
    )
    assert drop_conversion_marks("甲--乙 | 丙") == "甲--乙 | 丙"


def test_broken_lines_are_joined_and_lists_are_left() -> None:
    broken = (
        "甲应当承担费\n用，自2026年 8月1日起， 有下列情形之一的：\n（一）未付；\n（二）少付。\n第二编 分则"
    )
    assert mend_broken_lines(broken) == (
        "甲应当承担费用，自2026年8月1日起，有下列情形之一的：\n（一）未付；\n（二）少付。\n第二编 分则"
    )


@pytest.mark.parametrize("repeated", ["附", "第二编 ", "+-", '!{width="', "（一", "甲 "])
def test_long_hostile_text_is_read_in_linear_time(repeated: str) -> None:
    text = repeated * 200_000
    for clean in (drop_conversion_marks, mend_broken_lines, take_annexes, take_trailing_headings):
        clean(text)
