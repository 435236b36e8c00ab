"""Numbers, days and validity clauses as offices write them."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.lines import Line
from ingest.parsers.normative_days import add_months, add_years, find_days, parse_day
from ingest.parsers.normative_fields import (
    find_adoption,
    find_document_number,
    find_interpreting_body,
    find_region,
    read_fields,
    read_number_line,
    read_validity,
    split_bodies,
)

WRITTEN = dt.date(2023, 3, 1)
ISSUED = dt.date(2023, 3, 6)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022年11月15日", dt.date(2022, 11, 15)),
        ("二〇二二年十一月十五日", dt.date(2022, 11, 15)),
        ("二○二二年十二月三十一日", dt.date(2022, 12, 31)),
        ("2022-12-05", dt.date(2022, 12, 5)),
        ("2022/1/5", dt.date(2022, 1, 5)),
        ("20220105", dt.date(2022, 1, 5)),
        ("2022-12-05 10:30", dt.date(2022, 12, 5)),
        ("2022年2月30日", None),
        ("2022-1/5", None),
        ("2022年11月", None),
        ("第20220105号", None),
    ],
)
def test_a_day_is_read_whole_or_not_at_all(text: str, day: dt.date | None) -> None:
    assert parse_day(text) == day


def test_days_in_running_text_come_with_their_places() -> None:
    text = "自2023年3月1日起，至2023年2月30日止，二〇二四年一月一日复查。"
    assert [(found.day.isoformat(), text[found.start : found.end]) for found in find_days(text)] == [
        ("2023-03-01", "2023年3月1日"),
        ("2024-01-01", "二〇二四年一月一日"),
    ]


def test_the_last_day_of_february_moves_on() -> None:
    assert add_years(dt.date(2024, 2, 29), 5) == dt.date(2029, 3, 1)
    assert add_months(dt.date(2023, 8, 31), 6) == dt.date(2024, 3, 1)
    assert add_months(dt.date(2023, 12, 31), 2) == dt.date(2024, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "京司发〔2022〕40号",
        "京司发[2022]40号",
        "京司发〔 2022〕40号",
        "京司发（2022）第40号",
        "京司发［2022］ 40 号",
    ],
)
def test_every_spelling_of_a_document_number_is_one(text: str) -> None:
    assert read_number_line(text) == "京司发〔2022〕40号"


@pytest.mark.parametrize("text", ["（2022）京01民终123号", "第40号", "2022年40号文件", "参见〔2022〕40号"])
def test_what_looks_like_a_document_number_is_none(text: str) -> None:
    assert read_number_line(text) == ""


def test_orders_and_announcements_keep_their_number() -> None:
    assert read_number_line("示例市人民政府令第 300 号") == "示例市人民政府令第300号"
    assert read_number_line("2022年第5号") == "2022年第5号"
    assert find_document_number("（示政办发〔2020〕7号）") == "示政办发〔2020〕7号"


def test_fields_of_a_page_are_read_from_lines_and_cells() -> None:
    line = Line.of("索引号：11B000/ZK-2022 主题分类：司法行政 发布日期 :2022-12-05", 1)
    assert read_fields(line) == {
        "index_number": "11B000/ZK-2022",
        "subject": "司法行政",
        "issued_on": "2022-12-05",
    }
    row = Line("", "", 2, cells=("发文字号", "示司发〔2022〕1号", "有效性：", "有效"))
    assert read_fields(row) == {"document_number": "示司发〔2022〕1号", "declared_state": "有效"}
    assert read_fields(Line.of("本办法的发布日期：另行通知", 3)) == {}


@pytest.mark.parametrize(
    ("sentence", "starts", "ends"),
    [
        ("本办法自2023年4月1日起施行，有效期五年。", dt.date(2023, 4, 1), dt.date(2028, 4, 1)),
        ("本办法自印发之日起施行，有效期2年。", WRITTEN, dt.date(2025, 3, 1)),
        ("本办法自发布之日起实施。", ISSUED, None),
        ("本办法自印发之日起30日后施行。", dt.date(2023, 3, 31), None),
        ("本规定自2023年4月1日起施行，有效期至2025年12月31日。", dt.date(2023, 4, 1), dt.date(2026, 1, 1)),
        ("本办法自2023年1月1日至2024年12月31日试行。", dt.date(2023, 1, 1), dt.date(2025, 1, 1)),
        ("本办法自二〇二三年五月一日起执行，试行期一年。", dt.date(2023, 5, 1), dt.date(2024, 5, 1)),
        ("《旧办法》自2001年1月1日起施行以来成效明显。", None, None),
        ("申请材料有效期五年以上的，应当重新提交。", None, None),
    ],
)
def test_a_validity_clause_gives_the_first_day_and_the_first_day_after(
    sentence: str, starts: dt.date | None, ends: dt.date | None
) -> None:
    found = read_validity([sentence], WRITTEN, ISSUED)
    assert (found.starts, found.ends) == (starts, ends)


def test_a_term_of_something_else_is_not_the_documents_own() -> None:
    found = read_validity(["本办法自2023年4月1日起施行。", "申请材料有效期五年。"], WRITTEN, ISSUED)
    assert found.ends is None


def test_working_days_are_not_guessed() -> None:
    assert read_validity(["本办法自印发之日起10个工作日后施行。"], WRITTEN, ISSUED).starts is None


def test_bodies_meetings_and_regions() -> None:
    assert split_bodies("示例市司法局　　示例市财政局") == ("示例市司法局", "示例市财政局")
    assert split_bodies("示 例 市 司 法 局") == ("示例市司法局",)
    assert split_bodies("请认真贯彻落实。") == ()
    day, meeting = find_adoption("《办法》已经2022年11月4日示例局第10次局长办公会议审议通过。")
    assert (day, meeting) == (dt.date(2022, 11, 4), "示例局第10次局长办公会议")
    assert find_interpreting_body(["本办法由示例市司法局负责解释。"]) == "示例市司法局"
    assert find_region("京司发〔2022〕40号") == "北京市"
    assert find_region("", "河北省司法厅关于示例的通知") == "河北省"
    assert find_region("", "司法部关于示例的通知") == "全国"
