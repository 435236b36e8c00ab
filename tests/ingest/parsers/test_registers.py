"""Registers of institutions and people: checked cells, refused columns, one bad record rejects the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from ingest.parsers.institutions import parse_institutions
from ingest.parsers.people import parse_people
from ingest.parsers.registers import CellError
from ingest.parsers.registers_cells import (
    credit_check_character,
    read_bool,
    read_credit_code,
    read_date,
    read_district,
    read_latitude,
    read_longitude,
    read_phone,
)
from kb.domain.records import InstitutionDetails, PersonDetails
from kb.errors import SourceError
from tests.ingest.parsers.documents import read_table

HEADER = ("机构名称", "机构类型", "区", "电话", "核验日期")


def test_a_credit_code_is_checked_by_its_last_character() -> None:
    first = "31110000EXAMPLE00".replace("I", "1").replace("O", "0").replace("S", "5")
    code = first + credit_check_character(first)
    assert read_credit_code(code.lower()) == code
    other = "0" if code[17] != "0" else "1"
    with pytest.raises(CellError, match="校验位"):
        read_credit_code(first + other)


def test_the_check_character_by_hand() -> None:
    # 17 zeros but a one in the first place: weight 3**0 = 1, so 31 - 1 = 30 -> the last of the alphabet.
    assert credit_check_character("1" + "0" * 16) == "Y"
    assert credit_check_character("0" * 17) == "0"


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (read_phone, "010-55550000", "010-55550000"),
        (read_phone, "（010）55550000转123", "（010）55550000转123"),
        (read_phone, "12348", "12348"),
        (read_phone, "55550000/55550001", "55550000、55550001"),
        (read_phone, "400-555-0000", "400-555-0000"),
        (read_date, "2025年3月1日", dt.date(2025, 3, 1)),
        (read_bool, "是", True),
        (read_district, "北京市东城区", "东城区"),
        (read_district, "海淀", "海淀区"),
        (read_district, "北京经济技术开发区", "经济技术开发区"),
        (read_district, "北京市", ""),
        (read_longitude, "116.4", 116.4),
        (read_latitude, "39.9", 39.9),
    ],
)
def test_good_cells(read: Callable[[str], Any], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (read_phone, "电话见门牌", "不是电话号码"),
        (read_phone, "1234567890123456", "不是电话号码"),
        (read_date, "2025-02-30", "不是日期"),
        (read_bool, "可能", "是"),
        (read_district, "浦东新区", "不是北京市的区"),
        (read_longitude, "39.9", "填反"),
        (read_longitude, "121.4", "不在北京市范围内"),
        (read_latitude, "NaN", "不是纬度"),
        (read_credit_code, "ABC", "18 位"),
    ],
)
def test_bad_cells_say_what_is_wrong(read: Callable[[str], Any], text: str, message: str) -> None:
    with pytest.raises(CellError, match=message):
        read(text)


def test_an_institution_becomes_one_block_of_readable_text() -> None:
    table = read_table(HEADER, ("示例律所（虚构）", "律所", "东城", "12348", "2025/1/2"))
    (draft,) = parse_institutions(table)
    assert isinstance(draft.details, InstitutionDetails)
    assert draft.statute_type == draft.details.institution_type == "律师事务所"
    assert draft.details.verified_on == dt.date(2025, 1, 2)
    (block,) = draft.provisions
    assert (
        block.text == "示例律所（虚构）\n机构类型：律师事务所\n区：东城区\n电话：12348\n核验日期：2025-01-02"
    )
    assert block.lines == (2, 2)


def test_one_bad_record_rejects_the_file_and_every_bad_cell_is_named() -> None:
    table = read_table(
        HEADER,
        ("示例甲", "律师事务所", "东城区", "12348", "2025-01-02"),
        ("示例乙", "饭店", "东城区", "打电话", "2025-01-02"),
        ("", "公证处", "火星区", "", "2025-13-02"),
    )
    with pytest.raises(SourceError) as caught:
        parse_institutions(table)
    assert caught.value.code == "register_invalid"
    assert caught.value.place == "名录.csv"
    for named in (
        "第 3 行“机构类型”",
        "第 3 行“电话”",
        "第 4 行“机构名称”",
        "第 4 行“区”",
        "第 4 行“核验日期”",
    ):
        assert named in caught.value.message
    assert "第 2 行" not in caught.value.message


def test_no_more_than_twenty_bad_cells_are_named() -> None:
    table = read_table(HEADER, *((f"示例{i}", "饭店", "", "", "") for i in range(30)))
    with pytest.raises(SourceError) as caught:
        parse_institutions(table)
    assert caught.value.message.count("不是已知的机构类型") == 20
    assert "另有 10 处" in caught.value.message


@pytest.mark.parametrize(
    ("header", "code", "named"),
    [
        (("机构名称", "机构类型", "颜色", "气味"), "columns_unknown", "“颜色”、“气味”"),
        (("机构类型", "区"), "columns_missing", "“机构名称”"),
        (("机构名称", "名称", "机构类型"), "columns_repeated", "“机构名称”、“名称”"),
    ],
)
def test_wrong_columns_are_named(header: tuple[str, ...], code: str, named: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_institutions(read_table(header, tuple("示例" for _ in header)))
    assert caught.value.code == code
    assert named in caught.value.message
    assert caught.value.way_out


def test_a_record_that_comes_twice_is_refused() -> None:
    row = ("示例律所", "律师事务所", "东城区", "", "2025-01-02")
    with pytest.raises(SourceError, match="与第 2 行重复"):
        parse_institutions(read_table(HEADER, row, row))


def test_people_keep_public_fields_only() -> None:
    header = ("姓名", "类别", "执业机构", "专长", "虚构")
    (draft,) = parse_people(
        read_table(header, ("示例律师（虚构）", "执业律师", "示例律所", "继承、离婚", "是"))
    )
    assert isinstance(draft.details, PersonDetails)
    assert draft.details.specialties == ("继承", "离婚")
    assert draft.details.fictional
    assert "虚构示例，不是真实人员" in draft.provisions[0].text


def test_private_columns_and_values_are_refused() -> None:
    with pytest.raises(SourceError) as caught:
        parse_people(read_table(("姓名", "类别", "身份证号"), ("示例", "律师", "0")))
    assert caught.value.code == "columns_private"
    number = "110101" + "19900101" + "001X"
    with pytest.raises(SourceError, match="像是身份证号码") as caught:
        parse_people(read_table(("姓名", "类别", "执业证号"), ("示例", "律师", number)))
    assert number not in caught.value.render()
