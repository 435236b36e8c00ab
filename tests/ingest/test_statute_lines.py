"""Statutes from lines: articles, divisions, blocks, annexes, contents, and what only looks like one."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.parsers.statute_articles import choose_articles
from tests.ingest.statute_samples import (
    list_codes,
    list_labels,
    make_line,
    make_marked,
    make_plain,
    read_one,
)


def test_articles_stand_under_their_divisions() -> None:
    draft = read_one(
        make_marked(
            "## 第一编　总　则",
            "### 第一章　目 的",
            "第一条　为了示范，制定本条例。",
            "本条例所称示范，是指举例。",
            "### 第二章 范围",
            "#### 第一节 人",
            "第二条 本条例适用于：",
            "（一）甲；",
            "（二）乙。",
            "第二条之一 丙不适用。",
            "## 附　则",
            "第三条 本条例自2020年7月1日起施行。",
        )
    )
    assert [(one.label, one.number, one.path) for one in draft.provisions] == [
        ("第一条", (1, 0), ("第一编 总则", "第一章 目的")),
        ("第二条", (2, 0), ("第一编 总则", "第二章 范围", "第一节 人")),
        ("第二条之一", (2, 1), ("第一编 总则", "第二章 范围", "第一节 人")),
        ("第三条", (3, 0), ("附则",)),
    ]
    assert draft.provisions[1].text == "本条例适用于：\n（一）甲；\n（二）乙。"
    assert draft.provisions[0].lines == (7, 8)
    assert (draft.candidates, draft.unread) == (4, 0)


def test_the_same_text_without_levels_reads_the_same() -> None:
    marked = read_one(
        make_marked(
            "## 第一章 总则",
            "第一条 甲。",
            "## 第二章 责任和处罚，附带措施",
            "### 第一节 责任",
            "第二条 乙。",
            "第三条 丙。",
        )
    )
    plain = read_one(
        make_plain(
            "样例法",
            "（2020年5月1日第十三届全国人民代表大会常务委员会第十八次会议通过　自2020年7月1日起施行）",
            "目　　录",
            "第一章　总则………1",
            "第二章　责任和处罚，附带措施………2",
            "第一节　责任………2",
            "第一章　总则",
            "第一条　甲。",
            "第二章　责任和处罚，附带措施",
            "第一节　责任",
            "第二条　乙。",
            "第三条　丙。",
        )
    )
    assert [(p.label, p.path, p.text) for p in plain.provisions] == [
        (p.label, p.path, p.text) for p in marked.provisions
    ]
    assert plain.title == "样例法"
    assert plain.declared_from == dt.date(2020, 7, 1)
    assert plain.issuing_body == "全国人民代表大会常务委员会"
    assert "contents_dropped" in list_codes(plain)


def test_an_order_of_promulgation_before_the_title() -> None:
    draft = read_one(
        make_plain(
            "中华人民共和国主席令",
            "第四十五号",
            "《中华人民共和国样例法》已于2020年5月28日通过，现予公布，自2021年1月1日起施行。",
            "中华人民共和国主席 某某某",
            "2020年5月29日",
            "中华人民共和国样例法",
            "（2020年5月28日第十三届全国人民代表大会第三次会议通过）",
            "第一章",
            "总 则",
            "第一条 甲。",
            "第二章",
            "附 则",
            "第二条 本法自2021年1月1日起施行。",
        )
    )
    assert draft.title == "中华人民共和国样例法"
    assert [(act.kind.value, act.day.isoformat()) for act in draft.acts] == [
        ("adopted", "2020-05-28"),
        ("published", "2020-05-29"),
        ("in_force", "2021-01-01"),
    ]
    assert draft.document_number == "主席令第四十五号"
    assert [one.path for one in draft.provisions] == [("第一章 总则",), ("第二章 附则",)]
    assert list_codes(draft) == []


@pytest.mark.parametrize(
    "reference",
    [
        "第一条规定的事项，由前款的机关办理。",
        "第三条第二款规定的期限，从次日起算。",
        "第三条、第四条规定的期限，从次日起算。",
        "第九条所称期限，从次日起算。",
        "第八条机关另有决定的，从其决定。",
    ],
)
def test_a_reference_at_the_start_of_a_line_is_no_article(reference: str) -> None:
    draft = read_one(make_marked("第一条 甲。", "第二条 乙。", reference, "第三条 丙。", "第四条 丁。"))
    assert list_labels(draft) == ["第一条", "第二条", "第三条", "第四条"]
    assert draft.provisions[1].text == f"乙。\n{reference}"
    assert (draft.candidates, draft.unread) == (5, 1)
    (finding,) = [one for one in draft.findings if one.code == "article_reference"]
    assert finding.line == 7


def test_articles_without_a_blank_are_told_by_continuity() -> None:
    draft = read_one(
        make_marked("第1条为了示范。", "第2条", "中间没有空格。", "第3条本条例自公布之日起施行。")
    )
    assert [(one.label, one.text) for one in draft.provisions] == [
        ("第一条", "为了示范。"),
        ("第二条", "中间没有空格。"),
        ("第三条", "本条例自公布之日起施行。"),
    ]


def test_a_gap_that_nothing_fills_is_kept() -> None:
    draft = read_one(make_marked("第一条 甲。", "第三条 丙。", "第四条 丁。"))
    assert [one.number for one in draft.provisions] == [(1, 0), (3, 0), (4, 0)]


def test_a_number_that_comes_twice_becomes_a_block() -> None:
    draft = read_one(make_marked("第一条 甲。", "第二条 乙。", "第二条 又乙。", "第三条 丙。"))
    assert list_labels(draft) == ["第一条", "第二条", "第二条（重复之2）", "第三条"]
    assert draft.provisions[2].number is None
    assert "label_repeated" in list_codes(draft)


def test_articles_in_one_line_are_divided() -> None:
    draft = read_one(make_marked("第一条 甲。 第二条 乙，依照第一条。 第三条 丙。", "第四条 丁。"))
    assert [(one.label, one.text) for one in draft.provisions] == [
        ("第一条", "甲。"),
        ("第二条", "乙，依照第一条。"),
        ("第三条", "丙。"),
        ("第四条", "丁。"),
    ]


def test_a_mistyped_mark_counts_where_the_number_follows() -> None:
    draft = read_one(make_marked("第一条 甲。", "笫二条 乙。", "第三条 丙。"))
    assert list_labels(draft) == ["第一条", "第二条", "第三条"]
    assert "article_mark_mistyped" in list_codes(draft)


def test_an_amendment_keeps_the_articles_that_it_inserts() -> None:
    draft = read_one(
        make_marked(
            "第三条 第五章增加一节，作为第七节；增加两条：",
            "第七节 监督",
            "第一百二十三条 甲。",
            "第一百二十四条 乙。",
            "第四条 丙。",
            header=("# 样例法修正案", "2018年3月11日 第十三届全国人民代表大会第一次会议通过"),
            name="宪法/样例法修正案.md",
        )
    )
    assert list_labels(draft) == ["第三条", "第四条"]
    assert draft.statute_type == "修正案"
    assert list_codes(draft).count("article_quoted") == 2


def test_a_preamble_and_the_lead_of_an_interpretation() -> None:
    preamble = read_one(make_marked("## 序言", "很久以前。", "后来。", "## 第一章 总则", "第一条 甲。"))
    assert [(one.label, one.path, one.text) for one in preamble.provisions] == [
        ("序言", (), "很久以前。\n后来。"),
        ("第一条", ("第一章 总则",), "甲。"),
    ]
    lead = read_one(
        make_marked("为示范，制定本解释。", "一、受案范围", "第一条 甲。", "二、证据", "第二条 乙。")
    )
    assert [(one.label, one.path) for one in lead.provisions] == [
        ("引言", ()),
        ("第一条", ("一、受案范围",)),
        ("第二条", ("二、证据",)),
    ]


def test_texts_without_articles() -> None:
    decision = read_one(
        make_marked("现决定：", "一、将第五条修改为：", "“第五条新的文字。”", "二、删去第六条。")
    )
    assert [(one.label, one.text) for one in decision.provisions] == [
        ("引言", "现决定："),
        ("一、", "将第五条修改为：\n“第五条新的文字。”"),
        ("二、", "删去第六条。"),
    ]
    reply = read_one(make_marked("某某高级人民法院：", "你院的请示收悉。", "此复。"))
    assert list_labels(reply) == ["全文"]
    numbered = read_one(make_marked("## 一、机构", "1.设立。", "2.人员。", "## 二、管辖", "3.地域。"))
    assert [(one.label, one.path) for one in numbered.provisions] == [
        ("1.", ("一、机构",)),
        ("2.", ("一、机构",)),
        ("3.", ("二、管辖",)),
    ]


def test_annexes_follow_the_last_article() -> None:
    draft = read_one(
        make_marked(
            "第一条 甲。",
            "第二条 乙。",
            "附表一：",
            "样例税目表",
            "税目 | 税率",
            "茶 | 3%",
            "附件2 样例名单",
            "子",
        )
    )
    assert list_labels(draft) == ["第一条", "第二条", "附表一 样例税目表", "附件2 样例名单"]
    assert draft.provisions[2].text == "附表一：\n样例税目表\n税目 | 税率\n茶 | 3%"


def test_articles_of_an_annexed_document_are_not_those_of_the_text() -> None:
    draft = read_one(
        make_marked("第一条 甲。", "第二条 乙。", "附件：另一规则", "第一条 子。", "第二条 丑。")
    )
    assert [(one.label, one.number) for one in draft.provisions] == [
        ("第一条", (1, 0)),
        ("第二条", (2, 0)),
        ("附件 另一规则", None),
        ("附件 第一条", None),
        ("附件 第二条", None),
    ]


def test_signature_and_day_at_the_end() -> None:
    draft = read_one(
        make_marked("第一条 甲。", "第二条 本条例自公布之日起施行。", "样例市司法局", "二〇二〇年五月九日")
    )
    assert draft.provisions[-1].label == "落款"
    assert draft.provisions[-1].text == "样例市司法局\n二〇二〇年五月九日"


def test_title_number_and_note_may_stand_in_the_body() -> None:
    draft = read_one(
        make_marked(
            "最高人民法院",
            "关于审理样例案件适用法律若干问题的解释",
            "法释〔2024〕6号",
            "为示范，制定本解释。",
            "第一条 甲。",
            header=("# 最高人民法院关于审理样例案件适用法律若干问题的解释", "2024年7月1日 施行"),
            name="司法解释/样例(2024-06-24).md",
        )
    )
    assert list_labels(draft) == ["引言", "第一条"]
    assert draft.document_number == "法释〔2024〕6号"
    assert draft.statute_type == "司法解释"
    assert draft.issuing_body == "最高人民法院"
    assert draft.aliases == ("样例",)
    assert draft.name_date == dt.date(2024, 6, 24)


def test_a_part_of_a_work() -> None:
    draft = read_one(
        make_marked(
            "## 第一章 一般规定",
            "第二百零五条 甲。",
            header=("# 样例法典", "# 物权编"),
            name="法典/物权编.md",
        )
    )
    assert (draft.title, draft.part) == ("样例法典", "物权编")
    assert draft.provisions[0].path == ("物权编", "第一章 一般规定")


def test_a_header_older_than_the_name() -> None:
    draft = read_one(make_marked("第一条 甲。", name="行政法规/样例条例(2023-01-01).md"))
    assert "header_older_than_name" in list_codes(draft)
    assert draft.declared_from is None


def test_many_lookalikes_take_linear_work() -> None:
    lines = [make_line(f"第{number}条第一款规定的", number) for number in range(1, 20_001)]
    choice = choose_articles(lines)
    assert not [one for one in choice.articles.values() if one.number[0] > 1]
