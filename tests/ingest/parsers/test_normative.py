"""Normative documents: notice and issued document apart, items under headings, fields of a page."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.drafts import ActKind, Draft
from ingest.parsers.normative import parse_normative
from kb.domain.records import NormativeDetails
from kb.errors import SourceError
from tests.ingest.parsers.documents import read_text

NOTICE = """示例市司法局关于印发《示例市调解工作规划（ 2021-2025年）》的通知
发布⽇期 :2022-12-05
示司发〔 2022〕8号
各区司法局：
《示例市调解工作规划（ 2021-2025年）》已经 2022年11⽉4⽇示例市司法局第 3次办公会议审议通过。请遵照执行。
附件：示例市调解工作规划（2021-2025年）
　　示例市司法局
2022年11⽉15⽇
（此件公开发布）
示例市调解工作规划（ 2021-2025年）
为了说明写法，制定本规划。
　　⼀、总体要求
（⼀）指导思想
坚持以示例为指导。
（⼆）基本原则。坚持依法示例。
　　⼆、主要任务
本部分列出任务。
（三）建设 “示例 ”平台。平台应当示例。
具体包括：
1.第一点；
2.第二点。
　　三、保障措施
各区应当示例保障。
"""


def details_of(draft: Draft) -> NormativeDetails:
    assert isinstance(draft.details, NormativeDetails)
    return draft.details


def test_a_notice_and_what_it_issues_are_two_records() -> None:
    notice, plan = parse_normative(read_text(NOTICE))
    assert notice.title == "示例市司法局关于印发《示例市调解工作规划（2021-2025年）》的通知"
    assert plan.title == "示例市调解工作规划（2021-2025年）"
    assert plan.short_title == "示例市调解工作规划"
    assert details_of(notice).issues == plan.title
    assert details_of(plan).issued_by == notice.title
    assert (details_of(notice).genre, details_of(plan).genre) == ("通知", "规划")
    assert "制定本规划" not in "".join(one.text for one in notice.provisions)


def test_all_days_bodies_and_the_number_are_read() -> None:
    for draft in parse_normative(read_text(NOTICE)):
        details = details_of(draft)
        assert details.document_number == draft.document_number == "示司发〔2022〕8号"
        assert details.adopted_on == dt.date(2022, 11, 4)
        assert details.written_on == dt.date(2022, 11, 15)
        assert details.issued_on == dt.date(2022, 12, 5)
        assert details.openness == "公开发布"
        assert draft.issuing_body == "示例市司法局"
        assert [(act.kind, act.day) for act in draft.acts] == [
            (ActKind.ADOPTED, dt.date(2022, 11, 4)),
            (ActKind.PUBLISHED, dt.date(2022, 11, 15)),
        ]


def test_items_stand_under_their_headings() -> None:
    _, plan = parse_normative(read_text(NOTICE))
    assert [(one.label, one.path) for one in plan.provisions] == [
        ("引言", ()),
        ("（一）", ("一、总体要求",)),
        ("（二）", ("一、总体要求",)),
        ("二、", ("二、主要任务",)),
        ("（三）", ("二、主要任务",)),
        ("三、", ()),
    ]
    texts = {one.label: one.text for one in plan.provisions}
    assert texts["（一）"] == "指导思想\n坚持以示例为指导。"
    assert texts["二、"] == "本部分列出任务。"
    assert texts["（三）"] == "建设“示例”平台。平台应当示例。\n具体包括：\n1.第一点；\n2.第二点。"
    assert texts["三、"] == "保障措施\n各区应当示例保障。"
    assert plan.unread == 0


def test_an_enumeration_inside_a_heading_stays_in_its_block() -> None:
    text = "示例市关于示例工作的意见\n一、有下列情形之一的，不予受理：\n"
    text += "（一）材料不齐的；\n（二）没有身份证明的。\n二、其他事项照旧。\n"
    (draft,) = parse_normative(read_text(text))
    assert [one.label for one in draft.provisions] == ["一、", "二、"]
    assert draft.provisions[0].text.split("\n")[1:] == ["（一）材料不齐的；", "（二）没有身份证明的。"]


def test_articles_under_chapters_with_start_end_and_interpreting_body() -> None:
    text = """示例市司法局 示例市财政局
关于印发《示例市补贴管理办法》的通知
示司发[2023]5号

各有关单位：
现将《示例市补贴管理办法》印发给你们。
示例市司法局    示例市财政局
2023年3月1日

示例市补贴管理办法
第一章 总则
第一条 为了规范示例补贴，制定本办法。
第二条 本办法所称补贴包括：
（一）示例一；
（二）示例二。
第二章 附则
第三条 本办法由示例市司法局负责解释。
第四条 本办法自2023年4月1日起施行，有效期五年。
附件1
补贴标准表
"""
    notice, rules = parse_normative(read_text(text))
    assert details_of(notice).joint_bodies == ("示例市司法局", "示例市财政局")
    assert [(one.number, one.label, one.path) for one in rules.provisions] == [
        ((1, 0), "第一条", ("第一章 总则",)),
        ((2, 0), "第二条", ("第一章 总则",)),
        ((3, 0), "第三条", ("第二章 附则",)),
        ((4, 0), "第四条", ("第二章 附则",)),
        (None, "附件1", ()),
    ]
    assert rules.provisions[1].text.split("\n")[1] == "（一）示例一；"
    assert rules.declared_from == dt.date(2023, 4, 1)
    assert rules.expires_on == details_of(rules).expires_on == dt.date(2028, 4, 1)
    assert details_of(rules).interpreting_body == "示例市司法局"
    assert rules.candidates == 4


def test_a_line_that_only_mentions_an_article_is_no_article_and_is_told() -> None:
    text = "示例市示例办法\n第一条 依照有关规定。\n第九条规定的除外。\n第二条 本办法自公布之日起施行。\n"
    (draft,) = parse_normative(read_text(text))
    assert [one.label for one in draft.provisions] == ["第一条", "第二条"]
    assert draft.unread == 1
    assert "article_unread" in {finding.code for finding in draft.findings}


def test_gaps_are_told() -> None:
    (draft,) = parse_normative(read_text("示例市关于示例的意见\n一、甲\n甲文。\n三、丙\n丙文。\n"))
    assert [finding.code for finding in draft.findings] == ["number_gap"]


def test_the_fields_of_a_government_page() -> None:
    page = """<html><body><h1>示例市司法局关于做好示例工作的通知</h1>
    <table><tr><td>索引号</td><td>A-1</td><td>主题分类</td><td>司法行政</td></tr>
    <tr><td>发文机构</td><td>示例市司法局</td><td>成文日期</td><td>2024-02-01</td></tr>
    <tr><td>发文字号</td><td>示司发〔2024〕2号</td><td>失效日期</td><td></td></tr></table>
    <p>示例市司法局关于做好示例工作的通知</p><p>各区司法局：</p>
    <p>一、提高认识。各单位要高度重视示例工作。</p><p>二、抓好落实。各单位要抓好示例工作。</p>
    <p>特此通知。</p><p>示例市司法局</p><p>2024年2月1日</p></body></html>"""
    (draft,) = parse_normative(read_text(page, "页面.html"))
    details = details_of(draft)
    assert (details.index_number, details.subject) == ("A-1", "司法行政")
    assert details.written_on == dt.date(2024, 2, 1)
    assert draft.document_number == "示司发〔2024〕2号"
    assert [one.label for one in draft.provisions] == ["引言", "一、", "二、"]


def test_an_issued_document_that_is_not_in_the_file_is_told() -> None:
    text = "示例市司法局关于印发《示例方案》的通知\n现将方案印发给你们。\n示例市司法局\n2024年2月1日\n"
    (draft,) = parse_normative(read_text(text))
    assert [finding.code for finding in draft.findings] == ["issued_document_missing"]


def test_a_contents_list_is_no_text() -> None:
    text = "示例市示例规划\n目录\n一、甲……1\n二、乙……2\n一、甲\n甲的正文。\n二、乙\n乙的正文。\n"
    (draft,) = parse_normative(read_text(text))
    assert [(one.label, one.text) for one in draft.provisions] == [
        ("一、", "甲\n甲的正文。"),
        ("二、", "乙\n乙的正文。"),
    ]
    assert [finding.code for finding in draft.findings] == ["contents_dropped"]


@pytest.mark.parametrize(
    ("text", "code"), [("示例市关于示例的通知\n", "text_missing"), ("一、甲。\n", "title_missing")]
)
def test_a_file_without_title_or_text_is_refused_with_a_way_out(text: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_normative(read_text(text))
    assert caught.value.code == code
    assert caught.value.place
    assert caught.value.way_out
