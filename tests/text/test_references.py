"""Works, documents, places and quotations cited in text, and what they mean where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.domain.works import Provision, Work, WorkKind
from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases
from kb.text.citations import (
    NOWHERE,
    CitationForm,
    ReadingContext,
    TitleKind,
    find_in_provision,
    find_references,
    resolve_references,
)
from kb.text.citations_documents import document_key
from tests.text.test_citations import TITLES

CATALOGUE = TitleCatalogue.build(
    add_aliases({**TITLES, "工伤保险条例": ["gongshang"]}, read_aliases()),
    {"法释〔2020〕22号": ["hunjia"], "国务院令第586号": ["gongshang"]},
)
Meant = tuple[str | None, tuple[int, int] | None]


def meant(text: str, context: ReadingContext = NOWHERE) -> list[Meant]:
    found = find_references(text, CATALOGUE)
    return [(one.work_id, one.number) for one in resolve_references(found, CATALOGUE, text, context)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《劳动法》规定了", [("《劳动法》", CitationForm.WORK)]),
        ("《劳动法》和《劳动合同法》第三条", [("《劳动法》", "work"), ("《劳动合同法》第三条", "article")]),
        ("填写《离婚协议书》，读《读者》", []),
        ("《某某市停车办法》", [("《某某市停车办法》", "work")]),
        ("《某某计划》（京司发〔2022〕40号）", [("《某某计划》（京司发〔2022〕40号）", "work")]),
        ("根据京司发〔2022〕40号", [("京司发〔2022〕40号", "document")]),
        ("法释[2020]17号、法释(2020)17号", [("法释[2020]17号", "document"), ("法释(2020)17号", "document")]),
        ("中华人民共和国主席令第四十五号", [("中华人民共和国主席令第四十五号", "document")]),
        ("国务院令第586号第十四条", [("国务院令第586号第十四条", "article")]),
        ("（2020）京01民终1234号", []),
        ("前款、前两款、该条、本条第二款", [(t, "place") for t in ("前款", "前两款", "该条", "本条第二款")]),
        ("本条例、前条件、不同条款、本条微博", []),
        ("（以下简称《甲法》）", []),
        ("《催款通知》《代理意见》《处罚决定》《吸法》", []),
        ("《决定》、《关于甲的通知》", [("《决定》", "work"), ("《关于甲的通知》", "work")]),
        ("《乙的若干意见》", [("《乙的若干意见》", "work")]),
        ("前款手机、该款车型", []),
        ("按财政部公告2021年第3号办", [("财政部公告2021年第3号", "document")]),
        ("交通运输部令2020年第16号第五条", [("交通运输部令2020年第16号第五条", "article")]),
    ],
)
def test_what_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.text, one.form) for one in find_references(text, CATALOGUE)] == expected


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("京司发〔2022〕40号", "京司发〔2022〕40号"),
        ("京司发[2022]40号", "京司发〔2022〕40号"),
        ("京司发（2022）第40号", "京司发〔2022〕40号"),
        ("京司发【2022】 40 号", "京司发〔2022〕40号"),
        ("主席令第四十五号", "主席令第45号"),
        ("中华人民共和国主席令（第四十五号）", "主席令第45号"),
        ("国务院第586号令", "国务院令第586号"),
        ("海关总署令 2023年 第 2 号", "海关总署令2023年第2号"),
        ("某某纪要", "某某纪要"),
    ],
)
def test_a_document_number_has_one_spelling(written: str, key: str) -> None:
    assert document_key(written) == key
    assert document_key(key) == key


def test_a_law_has_acts_that_carry_it_out_whether_or_not_we_hold_them() -> None:
    kinds = [
        one.title_kind
        for text in ("仲裁法实施条例第五条", "甲乙法实施条例第五条")
        for one in find_references(text, CATALOGUE)
    ]
    assert kinds == [TitleKind.BARE, TitleKind.UNKNOWN]


def test_documents_and_titles_with_numbers_are_resolved() -> None:
    assert meant("法释（2020）22号") == [("hunjia", None)]
    assert meant("国务院令第586号第十四条") == [("gongshang", (14, 0))]
    assert meant("《某某解释》（法释〔2020〕22号）第三条") == [("hunjia", (3, 0))]


@pytest.mark.parametrize(
    "name",
    [
        "婚姻家庭编解释（一）",
        "婚姻家庭编解释一",
        "婚姻家庭编解释(一)",
        "民法典婚姻家庭编解释（一）",
        "民法典婚姻家庭编司法解释一",
        "《民法典》婚姻家庭编解释（一）",
        "《中华人民共和国民法典》婚姻家庭编解释（一）",
        "最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）",
        "《关于适用〈民法典〉婚姻家庭编的解释（一）》",
        "《最高人民法院关于适用〈中华人民共和国民法典〉婚姻家庭编的解释（一）》",
        "《民法典婚姻家庭编解释㈠》",
    ],
)
def test_short_and_long_names_of_an_interpretation(name: str) -> None:
    assert meant(f"依照{name}第三条") == [("hunjia", (3, 0))]


@pytest.mark.parametrize(
    "name", ["婚姻家庭编解释（二）", "新婚姻家庭编解释三", "公司法解释三", "《家庭编解释（一）》"]
)
def test_a_part_of_a_name_is_no_name(name: str) -> None:
    assert meant(f"依照{name}第三条") == [(None, (3, 0))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《劳动法》第五条，该法第六条", [("laodong", (5, 0)), ("laodong", (6, 0))]),
        (
            "《劳动法》和《工伤保险条例》，同法第六条、该条例第七条",
            [("laodong", None), ("gongshang", None), ("laodong", (6, 0)), ("gongshang", (7, 0))],
        ),
        ("该法第六条", [(None, (6, 0))]),
        ("民法典第五条，该条第二款", [("minfa", (5, 0)), ("minfa", (5, 0))]),
        ("本法第六条", [(None, (6, 0))]),
        ("合同法第六条", [(None, (6, 0))]),
    ],
)
def test_that_law_is_the_law_named_before(text: str, expected: list[Meant]) -> None:
    assert meant(text) == expected


HERE = ReadingContext("laodong", "中华人民共和国劳动法", (10, 0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("本法第六条", [("laodong", (6, 0))]),
        ("第六条", [("laodong", (6, 0))]),
        ("前条", [("laodong", (9, 0))]),
        ("前两条", [("laodong", (8, 0)), ("laodong", (9, 0))]),
        ("本条第二款", [("laodong", (10, 0))]),
        ("前款", [("laodong", (10, 0))]),
        ("依照刑法第五条、第六条", [("xingfa", (5, 0)), ("xingfa", (6, 0))]),
        ("依照刑法第五条处罚，并适用第六条", [("xingfa", (5, 0)), (None, (6, 0))]),
        ("依照刑法第五条处罚。适用第六条", [("xingfa", (5, 0)), ("laodong", (6, 0))]),
        ("合同第六条", [(None, (6, 0))]),
    ],
)
def test_what_a_reference_means_inside_a_law(text: str, expected: list[Meant]) -> None:
    assert meant(text, HERE) == expected


def test_an_amending_decision_does_not_mean_itself() -> None:
    context = ReadingContext("d", "全国人大常委会关于修改〈中华人民共和国劳动法〉的决定", (1, 0))
    assert meant("将第六条修改为", context) == [(None, (6, 0))]


def test_the_article_before_is_not_always_one_less() -> None:
    context = ReadingContext("xingfa", "刑法", (121, 0), preceding=((120, 6), (120, 5)))
    assert meant("前条", context) == [("xingfa", (120, 6))]
    assert meant("前条", ReadingContext("xingfa", "刑法", (120, 1))) == [("xingfa", (120, 0))]
    assert meant("前条", ReadingContext("xingfa", "刑法", (1, 0))) == [(None, None)]


def test_paragraphs_are_counted_by_lines_and_items_are_none() -> None:
    text = "甲款。\n乙款有下列情形：\n（一）丙；\n（二）丁。\n违反前两款规定的，依照前款第二项处理。"
    context = ReadingContext("laodong", "劳动法", (10, 0), has_paragraphs=True)
    both, one = resolve_references(find_references(text, CATALOGUE), CATALOGUE, text, context)
    assert [unit.label for unit in both.units] == ["第一款", "第二款"]
    assert [unit.label for unit in one.units] == ["第二款第二项"]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("第五条规定：“甲应当乙。”", "甲应当乙。"),
        ("第五条第一款明确：「甲应当乙」", "甲应当乙"),
        ('第五条，"甲应当乙"', "甲应当乙"),
        ("第五条规定的“冷静期”", None),
        (
            "第五条规定“当事人一方应当在三十日以内向对方作出书面答复”",
            "当事人一方应当在三十日以内向对方作出书面答复",
        ),
        (
            "“当事人一方应当在三十日以内向对方作出书面答复”（第五条）",
            "当事人一方应当在三十日以内向对方作出书面答复",
        ),
        ("第五条规定：“甲应当“乙”。”", "甲应当“乙”。"),
        ("第五条规定：“没有写完", None),
        ("第五条说得好。“别的话说得很长很长很长很长很长很长”", None),
    ],
)
def test_the_words_that_are_quoted(text: str, quote: str | None) -> None:
    (found,) = find_references(text)
    assert (found.quote.text if found.quote else None) == quote
    if found.quote:
        assert text[slice(*found.quote.span)] == quote


@pytest.mark.parametrize(
    ("text", "work"),
    [
        ("《勞動合同法》第三十八條", "laohe"),
        ("民法典第一千二百五十四條第二款", "minfa"),
        ("⺠法典第５条", "minfa"),
        ("《民 法典》第 ５ 条", "minfa"),
        ("<<劳动法>>第5条", "laodong"),
        ("《劳动法》\n第五条", "laodong"),
        ("民法典第一千一百六\n十五条", "minfa"),
        ("民\u200b法典第5条", "minfa"),
    ],
)
def test_spans_are_of_the_text_as_it_was_typed(text: str, work: str) -> None:
    padded = f"　依照 {text}，处理"
    found = find_references(padded, CATALOGUE)
    (one,) = resolve_references(found, CATALOGUE, padded)
    assert (one.found.text, one.work_id) == (text, work)
    assert padded[slice(*one.found.span)] == text


@pytest.mark.parametrize(
    ("text", "edition", "former"),
    [
        ("《民事诉讼法》（2021年修正）第五条", 2021, False),
        ("《刑法（2020年修正）》第五条", 2020, False),
        ("2012年《劳动合同法》第五条", 2012, False),
        ("原《劳动法》第五条", None, True),
        ("《劳动法》第五条", None, False),
    ],
)
def test_the_edition_that_a_citation_pins(text: str, edition: int | None, former: bool) -> None:
    (found,) = find_references(text, CATALOGUE)
    assert (found.edition, found.former) == (edition, former)


def test_rows_of_the_citation_graph() -> None:
    work = Work("laodong", WorkKind.STATUTE, "中华人民共和国劳动法", "劳动法", (), "法律", "", "", "全国")
    text = (
        "依照本法第五条和前条办理，合同第三条除外。\n"
        "违反前款的，适用《刑法》第二百二十四条之一和《某某条例》。"
    )
    provision = Provision("laodong:a10", "laodong@2018-12-29", (10, 0), "第十条", (), text, 9)
    rows = find_in_provision(provision, work, CATALOGUE)
    assert [(row.target_work, row.number, row.title, row.title_kind) for row in rows] == [
        ("laodong", (5, 0), "本法", "relative"),
        ("laodong", (9, 0), "", "relative"),
        ("xingfa", (224, 1), "刑法", "quoted"),
        (None, None, "某某条例", "quoted"),
    ]
    assert [row.position for row in rows] == [0, 1, 2, 3]
    assert {row.provision_id for row in rows} == {"laodong:a10"}
    assert all(text[slice(*row.span)] == row.text for row in rows)


PIECES = (
    "《 》 〈 〉 << >> 民法典 劳动法 勞動法 第 十 ５ 一百 条 之一 款 （ ） 项 、 至 和 本法 该法 "
    '前款 前条 的 。 “ ” " ： 规定 '
    "〔2020〕 1号 法释 令第 以下简称 解释（一） x"
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*PIECES.split(" "), " ", "\n", "\u200b"]), max_size=40).map("".join) | st.text()
)
def test_whatever_the_text_every_span_is_true(text: str) -> None:
    found = find_references(text, CATALOGUE)
    for one in found:
        assert text[slice(*one.span)] == one.text != ""
        assert one.quote is None or text[slice(*one.quote.span)] == one.quote.text
        assert (one.form is CitationForm.ARTICLE) == (one.number is not None)
        assert one.title_kind is not TitleKind.NUMBER or one.document_number
    assert [one.span for one in found] == sorted(one.span for one in found)
    resolve_references(found, CATALOGUE, text, HERE)
