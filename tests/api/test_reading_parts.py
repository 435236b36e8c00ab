"""Pure parts of the pages: marking words, laying out a law."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from api.pages.contents import Heading, lay_out, split_paragraphs, table_of_contents
from api.pages.highlight import mark_words
from kb.domain.works import Provision


def article(number: int, *path: str) -> Provision:
    return Provision(f"w000000000000:a{number}", "v", (number, 0), f"第{number}条", path, "文", number)


def test_words_are_marked_and_the_rest_is_escaped() -> None:
    assert mark_words("<b>离婚</b>协议", ["离婚"]) == "&lt;b&gt;<mark>离婚</mark>&lt;/b&gt;协议"


def test_overlapping_words_become_one_mark() -> None:
    assert mark_words("劳动合同法", ["劳动", "动合同", "法"]) == "<mark>劳动合同法</mark>"
    assert mark_words("aaa", ["aa"]) == "<mark>aaa</mark>"


def test_blank_words_mark_nothing() -> None:
    assert mark_words("甲 乙", ["", " "]) == "甲 乙"


@given(st.text("甲乙<>&\"'"), st.lists(st.text("甲乙<>&", max_size=3)))
def test_taking_the_marks_away_gives_the_escaped_text(text: str, words: list[str]) -> None:
    marked = str(mark_words(text, words))
    assert marked.replace("<mark>", "").replace("</mark>", "") == str(escape(text))
    assert marked.count("<mark>") == marked.count("</mark>")


def test_lines_are_told_apart_by_how_they_begin() -> None:
    text = "有下列情形之一的：\n（一）甲；\n1.乙；\n（十二）丙。"
    assert [paragraph.form for paragraph in split_paragraphs(text)] == ["clause", "item", "subitem", "item"]


def test_headings_stand_where_their_path_begins() -> None:
    blocks = lay_out(
        [
            article(1, "第一编 总则", "第一章 基本规定"),
            article(2, "第一编 总则", "第一章 基本规定"),
            article(3, "第一编 总则", "第二章 自然人"),
            article(4, "第二编 物权", "第一章 基本规定"),
        ]
    )
    assert [
        (block.level, block.text) if isinstance(block, Heading) else block.anchor for block in blocks
    ] == [
        (0, "第一编 总则"), (1, "第一章 基本规定"), "a1", "a2",
        (1, "第二章 自然人"), "a3",
        (0, "第二编 物权"), (1, "第一章 基本规定"), "a4",
    ]  # fmt: skip
    first, second = table_of_contents(blocks)
    assert (first.heading.text, first.span) == ("第一编 总则", "第1条—第3条")
    assert [child.span for child in first.children] == ["第1条—第2条", "第3条"]
    assert second.children[0].heading.anchor != first.children[0].heading.anchor


def test_a_law_without_headings_has_no_contents() -> None:
    assert table_of_contents(lay_out([article(1), article(2)])) == []
