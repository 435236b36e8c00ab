"""Guides: our own YAML, registers, and pages with tables and headings."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.drafts import Draft
from ingest.parsers.guides import parse_guide
from ingest.parsers.guides_page import OTHER
from ingest.parsers.guides_text import ASK_THE_OFFICE
from kb.domain.records import GuideDetails, LegalBasis, Material, QuestionAnswer, Step
from kb.errors import SourceError
from tests.ingest.parsers.documents import read_table, read_text

OWN = """title: 示例事项（虚构）
aliases: [示例叫法]
topic: 示例专题
region: 北京市
basis:
  - {title: 示例法, label: 第三条, about: 受理条件}
conditions: [示例条件]
materials:
  - {name: 示例材料, originals: 1, copies: 2, necessity: 必要}
steps:
  - {name: 提交, who: 申请人, time_limit: 当场}
visits: 0
phone: 12348
questions:
  - {question: 问什么？, answer: 答什么。}
verified_on: 2025-01-02
fictional: true
"""


def details_of(draft: Draft) -> GuideDetails:
    assert isinstance(draft.details, GuideDetails)
    return draft.details


def test_our_own_format_fills_every_field() -> None:
    (draft,) = parse_guide(read_text(OWN, "示例.yaml"))
    details = details_of(draft)
    assert (draft.title, draft.aliases, draft.topic, draft.region) == (
        "示例事项（虚构）",
        ("示例叫法",),
        "示例专题",
        "北京市",
    )
    assert details.basis == (LegalBasis("示例法", "第三条", "受理条件"),)
    assert details.materials == (Material("示例材料", 1, 2, "必要"),)
    assert details.steps == (Step("提交", "申请人", "当场"),)
    assert details.questions == (QuestionAnswer("问什么？", "答什么。"),)
    assert (details.visits, details.phone, details.verified_on) == (0, "12348", dt.date(2025, 1, 2))
    assert draft.findings == ()


def test_sections_read_as_chinese_text() -> None:
    (draft,) = parse_guide(read_text(OWN, "示例.yaml"))
    texts = {one.label: one.text for one in draft.provisions}
    assert list(texts) == [
        *(
            "事项说明",
            "受理条件",
            "申请材料",
            "办理流程",
            "办理形式",
            "办理地点和时间",
            "咨询电话",
            "设定依据",
        ),
        "常见问题",
    ]
    assert texts["申请材料"] == "示例材料（原件 1 份、复印件 2 份；必要）"
    assert texts["办理流程"] == "提交（办理人：申请人；时限：当场）"
    assert texts["设定依据"] == "《示例法》第三条（受理条件）"
    assert texts["常见问题"] == "问：问什么？\n答：答什么。"
    assert texts["办理地点和时间"] == ASK_THE_OFFICE


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("colour: red", "“colour”：不认识的字段"),
        ("conditions: 不是列表", "“conditions”：应为列表"),
        ("steps: [{who: 无名}]", "“steps[0]”：缺少字段：name"),
        ("visits: 多次", "“visits”"),
        ("fee: [1, 2]", "“fee”：应为一段文字"),
        ("verified_on: 昨天", "“verified_on”"),
    ],
)
def test_a_wrong_field_is_named(line: str, named: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_guide(read_text(f"title: 示例\n{line}\n", "示例.yaml"))
    assert caught.value.code == "register_invalid"
    assert "第 1 行" in caught.value.message
    assert named in caught.value.message
    assert caught.value.place == "示例.yaml"


def test_a_register_of_guides() -> None:
    header = ("事项名称", "设定依据", "受理条件", "申请材料", "办理流程", "到现场次数", "常见问题")
    row = (
        "示例事项（虚构）",
        "《示例法》第三条｜受理条件\n《示例条例》第四条之一",
        "1.条件一\n2.条件二",
        "材料一｜原件1｜复印件2｜必要｜申请人自备｜说明\n材料二",
        "提交｜申请人｜当场｜回执",
        "最多1次",
        "问？｜答。",
    )
    (draft,) = parse_guide(read_table(header, row))
    details = details_of(draft)
    assert details.basis == (LegalBasis("示例法", "第三条", "受理条件"), LegalBasis("示例条例", "第四条之一"))
    assert details.conditions == ("条件一", "条件二")
    assert details.materials == (Material("材料一", 1, 2, "必要", "申请人自备", "说明"), Material("材料二"))
    assert details.steps == (Step("提交", "申请人", "当场", "回执"),)
    assert details.visits == 1
    with pytest.raises(SourceError) as caught:
        parse_guide(read_table(header, (row[0], "示例法第三条", "", "", "a｜b｜c｜d｜e", "很多", "只有问")))
    for column in ("设定依据", "办理流程", "到现场次数", "常见问题"):
        assert f"第 2 行“{column}”" in caught.value.message


def test_a_page_with_tables_and_headings() -> None:
    page = """<html><body><h1>示例事项办理</h1>
    <table><tr><td>实施主体</td><td>示例机构</td><td>办理形式</td><td>窗口、网上</td></tr>
    <tr><td>收费标准</td><td>不收费</td><td>咨询电话</td><td>12348</td></tr></table>
    <h2>受理条件</h2><p>1.条件一</p><p>2.条件二</p>
    <h2>申请材料</h2><table><tr><th>序号</th><th>材料名称</th><th>原件</th><th>必要性</th></tr>
    <tr><td>1</td><td>示例材料</td><td>2</td><td>必要</td></tr></table>
    <h2>设定依据</h2><p>《示例法》第三条：示例原文。</p>
    <h2>领取方式</h2><p>现场领取。</p></body></html>"""
    (draft,) = parse_guide(read_text(page, "页面.html"))
    details = details_of(draft)
    assert draft.title == "示例事项办理"
    assert (details.responsible_body, details.channels, details.fee) == (
        "示例机构",
        ("窗口", "网上"),
        "不收费",
    )
    assert details.conditions == ("条件一", "条件二")
    assert details.materials == (Material("示例材料", 2, 0, "必要"),)
    assert details.basis == (LegalBasis("示例法", "第三条"),)
    assert draft.provisions[-1].label == OTHER
    assert "现场领取。" in draft.provisions[-1].text


def test_a_page_without_fields_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        parse_guide(read_text("示例网站首页\n欢迎访问。\n"))
    assert caught.value.code == "guide_fields_missing"
