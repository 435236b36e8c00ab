"""Numbers that mean the same are the same, and no others."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kb.answer.numbers import Measure, find_quantities, leftover_digits, missing_quantities


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("十五日内", "15天之内"),
        ("二倍的工资", "双倍工资"),
        ("两倍", "百分之二百"),
        ("百分之八十", "80%"),
        ("五千元", "5,000元"),
        ("一万五千元", "1.5万元"),
        ("一年", "1年"),
        ("十八周岁", "18岁"),
        ("七十二小时", "72个小时"),
        ("五个工作日", "5个工作日"),
        ("三人以上", "至少三名"),
        ("三至六个月", "3个月，最长6个月"),
        ("2026年1月1日", "二〇二六年一月一日"),
        ("百分之一百", "百分之百"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert {quantity.key for quantity in find_quantities(one)} == {
        quantity.key for quantity in find_quantities(other)
    }
    assert find_quantities(one)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("一年", "十二个月"),
        ("一个月", "三十日"),
        ("24小时", "一日"),
        ("五个工作日", "五日"),
        ("一周", "七日"),
        ("半年", "六个月"),
        ("十六日", "十五日"),
        ("三万元", "三千元"),
        ("三次以上", "三人以上"),
        ("三倍", "百分之三十"),
        ("三年半", "三年"),
    ],
)
def test_not_the_same(text: str, source: str) -> None:
    assert [quantity.written for quantity in missing_quantities(text, [source])] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "依照第三十八条第一款第（二）项和第一千零七十七条之一",
        "第二年、同一天、某一年、每一天、统一年检",
        "数万元、上千元",
        "一般、一方、一定、万一",
        "两人都同意，去了三趟",
        "年满、周年、三年级",
    ],
)
def test_what_counts_nothing(text: str) -> None:
    assert find_quantities(text) == ()


def test_values_and_places() -> None:
    (first, second) = find_quantities("处三年以上十年以下")
    assert (first.measure, first.value, first.written) == (Measure.YEAR, Fraction(3), "三年")
    assert second.span == (5, 7)


def test_working_days_count_where_the_law_says_that_its_days_are_working_days() -> None:
    rule = "本法关于“五日”的规定是指工作日，不含法定休假日。"
    assert missing_quantities("五个工作日", ["应当在五日内审查"])
    assert not missing_quantities("五个工作日", ["应当在五日内审查", rule])
    assert missing_quantities("六个工作日", ["应当在五日内审查", rule])


def test_digits_that_are_no_quantity_are_told() -> None:
    assert leftover_digits("请拨打12348或者110，3日内回复，第3条，赔5万") == ("12348", "110", "5")


@pytest.mark.parametrize(
    "text", ["一" * 50_000, "1," * 25_000, "第" * 50_000, "分之" * 20_000, "三至" * 30_000, "超过" * 30_000]
)
def test_hostile_text_holds_no_quantity(text: str) -> None:
    """Reading it any slower than in linear time would run into the time limit of the suite."""
    assert find_quantities(text) == ()
