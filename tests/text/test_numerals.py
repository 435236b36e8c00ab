"""Chinese and Arabic numerals, and the labels of articles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import BadInputError
from kb.text.numerals import (
    MAX_NUMBER,
    format_article_label,
    format_number,
    parse_article_number,
    parse_number,
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("零", 0),
        ("〇", 0),
        ("七", 7),
        ("十", 10),
        ("十七", 17),
        ("一十七", 17),
        ("二十", 20),
        ("廿", 20),
        ("廿三", 23),
        ("卅一", 31),
        ("一百一十", 110),
        ("一百零五", 105),
        ("一百〇五", 105),
        ("两百", 200),
        ("一千零七十七", 1077),
        ("一千二百六十", 1260),
        ("一二五四", 1254),
        ("二〇二〇", 2020),
        ("1254", 1254),
        ("１２５４", 1254),
        ("1千", 1000),
        ("1千2百", 1200),
        ("3万5千", 35_000),
        ("两万", 20_000),
        ("十万", 100_000),
        ("一万零一", 10_001),
    ],
)
def test_parse_number_reads_every_way_of_writing(written: str, value: int) -> None:
    assert parse_number(written) == value


@pytest.mark.parametrize(
    "written",
    [
        "",
        "条",
        "百",
        "一百五",
        "十十",
        "一十百",
        "五一百",
        "1二",
        "万",
        "一万万",
        "一万五",
        "一百零零五",
        "一" * 17,
    ],
)
def test_parse_number_refuses_what_has_no_single_reading(written: str) -> None:
    assert parse_number(written) is None


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "零"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (115, "一百一十五"),
        (1002, "一千零二"),
        (1010, "一千零一十"),
        (1254, "一千二百五十四"),
        (10_000, "一万"),
        (100_500, "十万零五百"),
    ],
)
def test_format_number_writes_as_statutes_do(number: int, written: str) -> None:
    assert format_number(number) == written


@given(st.integers(0, MAX_NUMBER))
def test_numbers_survive_the_round_trip(number: int) -> None:
    assert parse_number(format_number(number)) == number
    assert parse_number(str(number)) == number


@given(st.text(alphabet="零〇一二五十百千万两廿卅0１2", max_size=20))
def test_whatever_is_read_is_written_back_to_the_same_number(written: str) -> None:
    value = parse_number(written)
    if value is not None and value <= MAX_NUMBER:
        assert parse_number(format_number(value)) == value


@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("第十七条", (17, 0)),
        ("第十七条之一", (17, 1)),
        ("第1254条", (1254, 0)),
        ("第１２５４条", (1254, 0)),
        ("十条之二", (10, 2)),
        ("1254条", (1254, 0)),
        ("第 17 条", (17, 0)),
        ("第一百二十条之十一", (120, 11)),
        ("第120之一条", (120, 1)),
    ],
)
def test_parse_article_number(label: str, number: tuple[int, int]) -> None:
    assert parse_article_number(label) == number


@pytest.mark.parametrize(
    "label", ["", "第条", "第十七", "第零条", "第十七条之", "第十七条之规定", "第十七款"]
)
def test_parse_article_number_refuses_other_text(label: str) -> None:
    assert parse_article_number(label) is None


@given(st.integers(1, 9999), st.integers(0, 99))
def test_labels_survive_the_round_trip(article: int, inserted: int) -> None:
    assert parse_article_number(format_article_label((article, inserted))) == (article, inserted)


def test_numbers_out_of_range_are_named() -> None:
    with pytest.raises(BadInputError) as caught:
        format_number(-1)
    assert caught.value.code == "number_out_of_range"
