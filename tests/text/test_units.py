"""款, 项 and 目 of an article: reading, finding, and the way back to the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.units import find_unit, parse_units, render_units
from tests.small_corpus import read_installed_bundles

ARTICLE = "\n".join(
    (
        "申请人应当提交下列材料：",
        "（一）申请书；",
        "（二）证明材料，包括：",
        "1.身份证明；",
        "2.住所证明；",
        "（三）其他材料。",
        "前款规定的材料不全的，应当一次告知。",
    )
)


def show(span: tuple[int, int] | None) -> str | None:
    return None if span is None else ARTICLE[slice(*span)]


def test_paragraphs_hold_items_and_items_hold_points() -> None:
    first, second = parse_units(ARTICLE)
    assert [item.number for item in first.items] == [1, 2, 3]
    assert [point.mark for point in first.items[1].points] == ["1.", "2."]
    assert second.lead == "前款规定的材料不全的，应当一次告知。"
    assert second.items == ()


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ({"paragraph": 2}, "前款规定的材料不全的，应当一次告知。"),
        ({"paragraph": 1, "item": 1}, "（一）申请书；"),
        ({"item": 2}, "（二）证明材料，包括：\n1.身份证明；\n2.住所证明；"),
        ({"item": 2, "point": 2}, "2.住所证明；"),
        ({"point": 1}, "1.身份证明；"),
        ({}, ARTICLE),
        ({"paragraph": 3}, None),
        ({"paragraph": 0}, None),
        ({"paragraph": 2, "item": 1}, None),
        ({"item": 4}, None),
    ],
)
def test_a_unit_is_found_by_its_numbers(unit: dict[str, int], text: str | None) -> None:
    assert show(find_unit(ARTICLE, **unit)) == text


def test_an_item_without_its_paragraph_has_two_readings_where_two_have_items() -> None:
    text = "甲：\n（一）子；\n乙：\n（一）丑。"
    assert find_unit(text, item=1) is None
    assert find_unit(text, paragraph=2, item=1) == (text.index("（一）丑"), len(text))


def test_an_article_may_open_with_an_item() -> None:
    (paragraph,) = parse_units("（一）甲；\n（二）乙。")
    assert paragraph.lead is None
    assert [item.lead for item in paragraph.items] == ["甲；", "乙。"]


def test_a_number_with_decimals_is_no_mark() -> None:
    assert len(parse_units("下列标准：\n1.5米以下的\n免票。")) == 3


@given(st.lists(st.sampled_from(["甲。", "（一）乙；", "(2)丙", "1.丁", "2、戊", "", "（", "第一条 己"])))
def test_rendering_is_the_inverse_of_reading(lines: list[str]) -> None:
    text = "\n".join(lines)
    paragraphs = parse_units(text)
    assert render_units(paragraphs) == text
    assert paragraphs[0].span[0] == 0
    assert paragraphs[-1].span[1] == len(text)


def test_every_article_of_the_package_comes_back() -> None:
    texts = [
        provision.text
        for bundle in read_installed_bundles()
        for version in bundle.versions
        for provision in version.provisions
    ]
    assert len(texts) > 20_000
    assert all(render_units(parse_units(text)) == text for text in texts)
