"""Cases: sections, fields that the text states, pages of several cases, registers."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.drafts import Draft
from ingest.parsers.cases import parse_case
from kb.domain.records import CaseDetails, LegalBasis
from kb.errors import SourceError
from tests.ingest.parsers.documents import read_table, read_text

CASE = """# 示例规则应当说明

消费者权益保护典型案例
最高人民法院发布
2022-03-15

<!-- INFO END -->

## 示例甲诉示例公司买卖合同纠纷案

## 关键词

民事、买卖合同、示例。

## 基本案情

示例甲买了示例物品。

## 裁判结果

北京市示例区人民法院于2020年1月5日作出（2019）京0100民初12号民事判决：支持请求。示例公司不服，提起上诉。
北京市第九中级人民法院于2020年6月7日作出（2020）京09民终34号民事判决：维持北京市示例区人民法院（2019）京0100民初12号民事判决。

## 特别说明

未列名的小标题。

## 相关法条

《中华人民共和国民法典》第五百七十七条、第五百八十四条。
《最高人民法院关于示例问题的解释（一）》
第六条 依照示例法第一百四十八条处理。
"""


def details_of(draft: Draft) -> CaseDetails:
    assert isinstance(draft.details, CaseDetails)
    return draft.details


def test_sections_become_blocks_under_their_own_names() -> None:
    (draft,) = parse_case(read_text(CASE, "案例/消费购物/示例.md"))
    assert draft.title == "示例甲诉示例公司买卖合同纠纷案"
    assert draft.aliases == ("示例规则应当说明",)
    assert draft.topic == "消费购物"
    assert [one.label for one in draft.provisions] == [
        "关键词",
        "基本案情",
        "裁判结果",
        "特别说明",
        "相关法条",
    ]
    assert draft.provisions[1].text == "示例甲买了示例物品。"


def test_the_last_decision_gives_court_number_and_day() -> None:
    (draft,) = parse_case(read_text(CASE, "示例.md"))
    details = details_of(draft)
    assert (details.court, details.court_level, details.procedure) == (
        "北京市第九中级人民法院",
        "中级",
        "二审",
    )
    assert details.case_number == "（2020）京09民终34号"
    assert details.decided_on == dt.date(2020, 6, 7)
    assert details.case_type == "民事"
    assert details.cause == "买卖合同纠纷"
    assert details.keywords == ("民事", "买卖合同", "示例")
    assert details.related_trials == (
        "北京市示例区人民法院 （2019）京0100民初12号 2020-01-05",
        "北京市第九中级人民法院 （2020）京09民终34号 2020-06-07",
    )


def test_the_batch_gives_the_kind_and_its_force() -> None:
    (draft,) = parse_case(read_text(CASE, "示例.md"))
    details = details_of(draft)
    assert (details.case_kind, details.force) == ("典型案例", "供参考，非裁判依据")
    assert details.batch == "消费者权益保护典型案例"
    assert draft.issuing_body == "最高人民法院"
    assert [act.day for act in draft.acts] == [dt.date(2022, 3, 15)]


def test_a_kind_that_is_not_stated_stays_empty_and_is_told() -> None:
    (draft,) = parse_case(read_text("# 示例丙诉示例丁案\n\n## 基本案情\n\n示例案情。\n", "示例.md"))
    assert details_of(draft).case_kind == details_of(draft).force == ""
    assert [finding.code for finding in draft.findings] == ["case_kind_unknown"]


def test_related_law_is_read_with_its_articles_and_nothing_from_inside_them() -> None:
    (draft,) = parse_case(read_text(CASE, "示例.md"))
    assert details_of(draft).cited == (
        LegalBasis("中华人民共和国民法典", "第五百七十七条"),
        LegalBasis("中华人民共和国民法典", "第五百八十四条"),
        LegalBasis("最高人民法院关于示例问题的解释（一）", "第六条"),
    )


def test_a_guiding_case_binds_more_than_others() -> None:
    text = "指导案例99号\n示例甲诉示例乙侵权责任纠纷案\n关键词　民事/侵权责任\n"
    text += "【裁判要点】示例要点。\n【基本案情】示例案情。\n"
    (draft,) = parse_case(read_text(text))
    details = details_of(draft)
    assert (details.case_kind, details.force) == ("指导性案例", "应当参照")
    assert details.guiding_number == draft.document_number == "指导案例99号"
    assert {one.label: one.text for one in draft.provisions}["裁判要点"] == "示例要点。"
    assert details.keywords == ("民事", "侵权责任")


def test_a_page_of_several_cases_gives_one_draft_each() -> None:
    text = """劳动争议典型案例
目录
案例一：示例甲诉示例公司案
案例二：示例乙诉示例公司案
案例一：示例甲诉示例公司案
一、基本案情
甲的案情。
二、典型意义
甲的意义。
案例二
示例乙诉示例公司案
【基本案情】
乙的案情。
"""
    first, second = parse_case(read_text(text))
    assert (first.title, second.title) == ("示例甲诉示例公司案", "示例乙诉示例公司案")
    assert [one.label for one in first.provisions] == ["基本案情", "典型意义"]
    assert second.provisions[0].text == "乙的案情。"
    assert {details_of(draft).case_kind for draft in (first, second)} == {"典型案例"}


def test_rows_of_a_register() -> None:
    header = ("案例名称", "案例类型", "入库编号", "案号", "裁判日期", "基本案情", "关联法条")
    row = (
        "示例甲诉示例乙离婚纠纷案",
        "人民法院案例库参考案例",
        "2023-07-2-014-001",
        "（2022）京09民终1号",
        "2022-05-06",
        "示例案情。",
        "《中华人民共和国民法典》第一千零七十九条",
    )
    (draft,) = parse_case(read_table(header, row))
    details = details_of(draft)
    assert draft.document_number == details.entry_number == "2023-07-2-014-001"
    assert (details.case_type, details.procedure, details.cause) == ("民事", "二审", "离婚纠纷")
    assert details.decided_on == dt.date(2022, 5, 6)
    assert details.cited == (LegalBasis("中华人民共和国民法典", "第一千零七十九条"),)
    bad = (row[0], "小说", "12", "无", "昨天", "", "")
    with pytest.raises(SourceError) as caught:
        parse_case(read_table(header, row, bad))
    for column in ("案例类型", "入库编号", "案号", "裁判日期", "基本案情"):
        assert f"第 3 行“{column}”" in caught.value.message
