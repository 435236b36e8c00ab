"""Citations found in text, and the works that they mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases
from kb.text.citations import (
    MAX_EXPANDED,
    CitedUnit,
    FoundCitation,
    TitleKind,
    find_citations,
    resolve_citations,
)

STATE = "中华人民共和国"
INTERPRETATION = "最高人民法院关于适用〈中华人民共和国民法典〉婚姻家庭编的解释（一）"
TITLES = {
    f"{STATE}民法典": ["minfa"],
    f"{STATE}劳动法": ["laodong"],
    f"{STATE}劳动合同法": ["laohe"],
    f"{STATE}消费者权益保护法": ["xiaofa"],
    f"{STATE}民事诉讼法": ["minsu"],
    f"{STATE}刑法": ["xingfa"],
    f"{STATE}道路交通安全法": ["daojiao"],
    f"{STATE}仲裁法": ["zhongcai"],
    INTERPRETATION: ["hunjia"],
}
CATALOGUE = TitleCatalogue.build(add_aliases(TITLES, read_aliases()))

Cited = tuple[str | None, int, int]


def cited(text: str) -> list[Cited]:
    """Work, article and 之 of everything that ``text`` cites."""
    return [(r.work_id, *r.number) for r in resolve_citations(find_citations(text, CATALOGUE), CATALOGUE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # in 《》
        ("根据《劳动合同法》第三十八条，可以解除", [("laohe", 38, 0)]),
        ("《中华人民共和国劳动合同法》第38条", [("laohe", 38, 0)]),
        ("《劳动合同法》38条", [("laohe", 38, 0)]),
        ("《民法典》（2020年）第 1254 条", [("minfa", 1254, 0)]),
        ("《民法典》侵权责任编第一千二百五十四条", [("minfa", 1254, 0)]),
        ("《民法典》第七编第十章的第一千二百五十四条", [("minfa", 1254, 0)]),
        ("《劳动合同法实施条例》第5条", [(None, 5, 0)]),
        ("《消法》第五十五条", [("xiaofa", 55, 0)]),
        ("《最高人民法院关于适用〈民法典〉婚姻家庭编的解释（一）》第三条", [("hunjia", 3, 0)]),
        ("《最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）》第3条", [("hunjia", 3, 0)]),
        ("《关于〈中华人民共和国刑法〉第三十条的解释》", []),
        ("《刑法（2020年修正）》第十七条", [("xingfa", 17, 0)]),
        ("《劳动法》和《劳动合同法》第三十条", [("laohe", 30, 0)]),
        # bare names
        ("民法典第1254条", [("minfa", 1254, 0)]),
        ("民法典1254条怎么说", [("minfa", 1254, 0)]),
        ("民法典 第１２５４条", [("minfa", 1254, 0)]),
        ("请问中华人民共和国民法典第一千零七十七条是什么", [("minfa", 1077, 0)]),
        ("消法第55条", [("xiaofa", 55, 0)]),
        ("违反劳动合同法第八十二条", [("laohe", 82, 0)]),
        ("依照民诉法第六十七条第一款", [("minsu", 67, 0)]),
        ("道交法第七十六条", [("daojiao", 76, 0)]),
        ("婚姻家庭编第1077条", [("minfa", 1077, 0)]),
        ("民法典婚姻家庭编第1077条", [("minfa", 1077, 0)]),
        ("刑法第一百二十条之一", [("xingfa", 120, 1)]),
        ("刑法120条之1", [("xingfa", 120, 1)]),
        # never a part of a longer name
        ("劳动合同法实施条例第5条", [(None, 5, 0)]),
        ("劳动争议调解仲裁法第五条", [(None, 5, 0)]),
        ("台湾民法典第5条", [(None, 5, 0)]),
        ("取消法第5条", [(None, 5, 0)]),
        ("军事刑法第5条", [(None, 5, 0)]),
        # lists and ranges: one citation per article
        ("第1254、1255条", [(None, 1254, 0), (None, 1255, 0)]),
        ("民法典第1254、9999条", [("minfa", 1254, 0), ("minfa", 9999, 0)]),
        ("《劳动法》第十条至第十二条", [("laodong", 10, 0), ("laodong", 11, 0), ("laodong", 12, 0)]),
        ("《劳动法》第10-12条", [("laodong", 10, 0), ("laodong", 11, 0), ("laodong", 12, 0)]),
        ("《劳动法》第十至十二条", [("laodong", 10, 0), ("laodong", 11, 0), ("laodong", 12, 0)]),
        (
            "刑法第一百二十条之一至第一百二十条之三",
            [("xingfa", 120, 1), ("xingfa", 120, 2), ("xingfa", 120, 3)],
        ),
        ("刑法第一百二十条之一、之二", [("xingfa", 120, 1), ("xingfa", 120, 2)]),
        (
            "《劳动合同法》第三十八条、四十六条及第四十七条",
            [("laohe", 38, 0), ("laohe", 46, 0), ("laohe", 47, 0)],
        ),
        ("《劳动法》第五十条、《劳动合同法》第三十条", [("laodong", 50, 0), ("laohe", 30, 0)]),
        ("《劳动法》第五十条，第九十一条", [("laodong", 50, 0), ("laodong", 91, 0)]),
        ("《劳动法》第九条到第七条", [("laodong", 9, 0), ("laodong", 7, 0)]),
        ("《劳动法》第1条至第900条", [("laodong", 1, 0), ("laodong", 900, 0)]),
        # no title of their own
        ("第五条", [(None, 5, 0)]),
        ("一、第五条规定", [(None, 5, 0)]),
        ("第一，第五条规定", [(None, 5, 0)]),
        ("附件一第一条", [(None, 1, 0)]),
        ("第十条之规定", [(None, 10, 0)]),
        ("第十条之一般规定", [(None, 10, 0)]),
        # no citations
        ("", []),
        ("买了3条裤子", []),
        ("民法典有1260条", []),
        ("民法典的1260条", []),
        ("民法典共1260条", []),
        ("合同第三条款", []),
        # what is counted with 条, also when the list of a law goes on into it
        ("列了五条规矩，第三条谁都不守", []),
        ("列了五条规矩，第六条是你编的", [(None, 6, 0)]),
        ("第一条：关窗；第二条：锁门", []),
        ("接着再问第二条：锁门了没有", []),
        ("增加一条作为第三条：", [(None, 3, 0)]),
        ("《劳动法》写得清楚，第三条：有权休息", [(None, 3, 0)]),
        ("《劳动法》第五十条，两条都看", [("laodong", 50, 0)]),
        ("《劳动法》第五十条、三条理由", [("laodong", 50, 0)]),
        ("《劳动法》第五十条，一条一条念", [("laodong", 50, 0)]),
        ("《劳动法》第五十条，五十一条", [("laodong", 50, 0), ("laodong", 51, 0)]),
        ("刑法第一百二十条之一两条", [("xingfa", 120, 1)]),
        ("刑法第一百二十条之二三条", [("xingfa", 120, 2)]),
        ("刑法第一百二十条之十二", [("xingfa", 120, 12)]),
        # how people speak
        ("那个劳动法第五十条", [("laodong", 50, 0)]),
        ("呃劳动法第五十条", [("laodong", 50, 0)]),
        ("第三章第二节", []),
        ("2020年5月28日", []),
        ("第99999条", []),
        ("第一百五条", []),
        ("第零条", []),
        ("《劳动法》", []),
    ],
)
def test_articles_cited(text: str, expected: list[Cited]) -> None:
    assert cited(text) == expected


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("第三十八条", ()),
        ("第三十八条第一款", (CitedUnit(1),)),
        ("第三十八条第一款第（二）项", (CitedUnit(1, 2),)),
        ("第三十八条第一款第(2)项第3目", (CitedUnit(1, 2, 3),)),
        ("第三十八条第二项", (CitedUnit(None, 2),)),
        ("第三十八条第一款、第三款", (CitedUnit(1), CitedUnit(3))),
        ("第三十八条第一、三款", (CitedUnit(1), CitedUnit(3))),
        ("第三十八条第一款第（一）、（二）项", (CitedUnit(1, 1), CitedUnit(1, 2))),
        ("第三十八条第（一）项、第（二）项", (CitedUnit(None, 1), CitedUnit(None, 2))),
        ("第十条第一款第（一）项、第二款", (CitedUnit(1, 1), CitedUnit(2))),
        ("第十条1款", (CitedUnit(1),)),
    ],
)
def test_parts_of_an_article(text: str, units: tuple[CitedUnit, ...]) -> None:
    (found,) = find_citations(text)
    assert found.units == units
    assert found.text == text


def test_units_of_one_article_do_not_swallow_the_next() -> None:
    first, second = find_citations("第三十八条第一款、第四十条")
    assert (first.number, first.units, first.text) == ((38, 0), (CitedUnit(1),), "第三十八条第一款")
    assert (second.number, second.units, second.text) == ((40, 0), (), "第四十条")


@pytest.mark.parametrize(
    ("text", "title", "kind"),
    [
        ("《劳动法》第一条", "劳动法", TitleKind.QUOTED),
        ("民法典第一条", "民法典", TitleKind.BARE),
        ("本法第一条", "本法", TitleKind.RELATIVE),
        ("违反本条例第一条", "本条例", TitleKind.RELATIVE),
        ("该办法第一条", "该办法", TitleKind.RELATIVE),
        ("某某条例第一条", None, TitleKind.UNKNOWN),
        ("劳动争议司法解释一第45条", "劳动争议司法解释一", TitleKind.BARE),
        ("某某争议司法解释一第45条", None, TitleKind.UNKNOWN),
        ("民法典（二）第45条", None, TitleKind.UNKNOWN),
        ("适用民法典的解释（二）第45条", None, TitleKind.UNKNOWN),
        ("少了左半边的解释》第45条", None, TitleKind.UNKNOWN),
        ("依照第一条", None, TitleKind.NONE),
    ],
)
def test_how_the_work_is_named(text: str, title: str | None, kind: TitleKind) -> None:
    (found,) = find_citations(text, CATALOGUE)
    assert (found.title, found.title_kind) == (title, kind)


def test_without_a_catalogue_no_bare_name_is_known() -> None:
    (found,) = find_citations("民法典第5条")
    assert (found.title, found.title_kind) == (None, TitleKind.UNKNOWN)


def test_spans_say_where_each_article_stands() -> None:
    text = "依据《劳动法》第五十条、第五十一条和第60至62条处理"
    found = find_citations(text, CATALOGUE)
    assert [citation.text for citation in found] == [
        "《劳动法》第五十条",
        "第五十一条",
        *["第60至62条"] * 3,
    ]
    assert [citation.label for citation in found] == [
        "第五十条",
        "第五十一条",
        "第六十条",
        "第六十一条",
        "第六十二条",
    ]
    assert all(text[slice(*citation.span)] == citation.text for citation in found)


def test_a_shared_name_means_no_work() -> None:
    catalogue = TitleCatalogue.build({"物业管理条例": ["beijing", "nation"]})
    (resolved,) = resolve_citations(find_citations("《物业管理条例》第二条", catalogue), catalogue)
    assert resolved.work_id is None


MARKS = "《 》 〈 〉 民法典 劳动法 第 十 1 一百 条 之一 款 （ ） 项 、 至 和 本法 编 的 。 x"
pieces = st.lists(st.sampled_from([*MARKS.split(" "), " ", "\n"]), max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(pieces | st.text(max_size=60))
def test_whatever_the_text_spans_are_true_and_numbers_possible(text: str) -> None:
    for citation in find_citations(text, CATALOGUE):
        start, end = citation.span
        assert 0 <= start < end <= len(text)
        assert text[start:end] == citation.text
        assert citation.number[0] > 0
        if citation.title_kind is TitleKind.QUOTED:
            assert f"《{citation.title}》" in text.replace("\n", "") or "\n" in text


HOSTILE = (
    "《 》 《》 第 1 1、 第1 第1条至第999条 民法典 民法典第 第一条第一款 第一条（ 第（ 第一章 第1款、 、之二 "
    "第1条第1、 第1条1、1、1、 （1）、 《劳动法》第1条 本法第 （民法典 第一条（一、"
)


@pytest.mark.parametrize("piece", [*HOSTILE.split(" "), "第 ", "\u3000", "\n"])
def test_hostile_repetition_costs_no_more_than_its_length(piece: str) -> None:
    """A quadratic pattern would need minutes here and meet the suite's time limit."""
    for text in (piece * (60_000 // len(piece)), "第一条" + piece * (30_000 // len(piece))):
        assert len(find_citations(text, CATALOGUE)) <= len(text) + MAX_EXPANDED


def test_ranges_of_a_hostile_text_are_not_filled_for_ever() -> None:
    found: list[FoundCitation] = find_citations("第1条至第300条。" * 2_000)
    assert len(found) <= 4_000 + MAX_EXPANDED
