"""Last days worked out by hand on the published calendars; each case says what it is about."""

from __future__ import annotations

import datetime as dt

import pytest

from kb.answer.deadlines import Deadline, DeadlineQuery, Suspension, reckon_deadline
from kb.answer.limits import parse_kind, parse_length
from kb.answer.rest_days import load_rest_days
from kb.domain.answers import LimitKind, LimitUnit
from kb.errors import BadInputError


def day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


def reckon(kind: str, start: str, length: str, **more: object) -> Deadline:
    number, unit = parse_length(length)
    query = DeadlineQuery(parse_kind(kind), day(start), number, unit, **more)  # type: ignore[arg-type]
    return reckon_deadline(query, load_rest_days())


@pytest.mark.parametrize(
    ("kind", "start", "length", "last", "about"),
    [
        ("上诉期", "2026-11-02", "15日", "2026-11-17", "the day of service is not counted"),
        ("上诉期", "2026-11-06", "15日", "2026-11-23", "Saturday moves to Monday"),
        ("上诉期", "2026-11-07", "十五日", "2026-11-23", "Sunday moves to Monday"),
        ("上诉期", "2026-09-16", "15天", "2026-10-08", "National Day moves behind the holiday"),
        ("上诉期", "2026-09-24", "15日", "2026-10-09", "a working Friday stays"),
        ("上诉期", "2026-09-25", "15日", "2026-10-10", "a Saturday that is worked stays"),
        ("上诉期", "2026-01-31", "15日", "2026-02-24", "Spring Festival"),
        ("上诉期", "2026-02-13", "15日", "2026-02-28", "the worked Saturday after Spring Festival"),
        ("上诉期", "2026-01-30", "10日", "2026-02-09", "a ruling, over the end of a month"),
        ("上诉期", "2026-12-21", "10日", "2026-12-31", "last day of the year"),
        ("上诉期", "2024-02-19", "10日", "2024-02-29", "leap day"),
        ("上诉期", "2025-09-20", "15日", "2025-10-09", "eight days of National Day and Mid-Autumn in 2025"),
        ("答辩期", "2026-04-20", "15日", "2026-05-06", "Labour Day"),
        ("答辩期", "2026-05-24", "15日", "2026-06-08", "Monday stays"),
        ("起诉期限", "2026-03-10", "6个月", "2026-09-10", "corresponding day"),
        ("起诉期限", "2026-11-10", "15日", "2026-11-25", "against an arbitral award"),
        ("诉讼时效", "2023-05-10", "三年", "2026-05-11", "Sunday moves to Monday"),
        ("诉讼时效", "2023-11-20", "3年", "2026-11-20", "Friday stays"),
        ("仲裁时效", "2025-11-20", "1年", "2026-11-20", "one year"),
        ("仲裁时效", "2024-02-29", "一年", "2025-02-28", "no 29 February: last of the month"),
        ("诉讼时效", "2024-02-29", "4年", "2028-02-29", "29 February is there again"),
        ("申请期限", "2026-01-31", "1个月", "2026-02-28", "no 31 February; that Saturday is worked"),
        (
            "申请期限",
            "2026-02-28",
            "1个月",
            "2026-03-30",
            "28 March is a Saturday: no month-end to month-end",
        ),
        ("申请期限", "2026-08-31", "1个月", "2026-09-30", "no 31 September"),
        ("申请期限", "2026-11-30", "三个月", "2027-03-01", "28 February 2027 is a Sunday"),
        ("申请期限", "2026-07-01", "60日", "2026-08-31", "sixty days are not two months"),
        ("申请期限", "2026-07-01", "2个月", "2026-09-01", "two months"),
        ("申请期限", "2026-08-10", "60日", "2026-10-09", "over National Day, ends on a working day"),
        ("申请期限", "2026-01-20", "九十日", "2026-04-20", "ninety days through February"),
        ("申请期限", "2026-09-01", "30日", "2026-10-08", "thirty days end on National Day"),
        ("除斥期间", "2025-10-02", "1年", "2026-10-08", "ends in the holiday"),
        ("办理期限", "2026-11-05", "3个工作日", "2026-11-10", "over a weekend"),
        ("办理期限", "2026-09-30", "5个工作日", "2026-10-13", "holiday skipped, worked Saturday counted"),
        ("办理期限", "2026-02-13", "10个工作日", "2026-03-05", "two worked Saturdays counted"),
        ("办理期限", "2026-06-18", "7个工作日", "2026-06-30", "Dragon Boat Festival"),
        ("办理期限", "2026-11-07", "1个工作日", "2026-11-09", "from a Saturday on"),
    ],
)
def test_worked_by_hand(kind: str, start: str, length: str, last: str, about: str) -> None:
    assert reckon(kind, start, length).last_day == day(last), about


def test_moving_keeps_the_day_before_it_and_says_why() -> None:
    done = reckon("上诉期", "2026-09-16", "15日")
    assert done.reckoned == day("2026-10-01")
    assert "国庆节" in done.reasons[-1].text
    assert (done.reasons[-1].title, done.reasons[-1].label) == (
        "中华人民共和国民事诉讼法",
        "第八十五条第三款",
    )
    assert done.days_left(day("2026-10-01")) == 7


def test_criminal_appeal_moves_but_not_for_a_person_in_custody() -> None:
    assert reckon("上诉期", "2026-11-12", "10日", criminal=True).last_day == day("2026-11-23")
    held = reckon("上诉期", "2026-11-12", "10日", criminal=True, in_custody=True)
    assert held.last_day == day("2026-11-22")
    assert any("在押" in notice for notice in held.notices)


def test_hours_run_from_the_stated_time_and_do_not_move() -> None:
    done = reckon("办理期限", "2026-11-06", "72小时", start_time=dt.time(10, 20))
    assert done.last_moment == dt.datetime(2026, 11, 9, 10, 20)
    over_night = reckon("办理期限", "2026-11-09", "24小时", start_time=dt.time(23, 30))
    assert over_night.last_moment == dt.datetime(2026, 11, 10, 23, 30)


def test_hours_of_a_procedure_leave_out_the_hour_in_which_they_begin() -> None:
    done = reckon("办理期限", "2026-11-09", "24小时", start_time=dt.time(10, 20), criminal=True)
    assert done.last_moment == dt.datetime(2026, 11, 10, 11, 0)


def test_a_demand_starts_the_limitation_anew() -> None:
    done = reckon("诉讼时效", "2023-05-10", "3年", interrupted_on=(day("2026-04-01"),))
    assert done.last_day == day("2029-04-02")  # 1 April 2029 is a Sunday
    assert any(reason.label == "第一百九十五条" for reason in done.reasons)


def test_demands_one_after_the_other() -> None:
    done = reckon("仲裁时效", "2024-12-02", "1年", interrupted_on=(day("2026-06-01"), day("2025-06-03")))
    assert done.last_day == day("2027-06-01")


def test_a_demand_on_the_last_day_counts_also_when_that_day_was_moved() -> None:
    assert reckon("诉讼时效", "2020-03-02", "3年", interrupted_on=(day("2023-03-02"),)).last_day == day(
        "2026-03-02"
    )
    moved = reckon("诉讼时效", "2023-05-10", "3年", interrupted_on=(day("2026-05-11"),))
    assert moved.last_day == day("2029-05-11")


def test_a_demand_after_the_end_changes_nothing_and_is_told() -> None:
    done = reckon("诉讼时效", "2020-03-02", "3年", interrupted_on=(day("2023-06-01"),))
    assert done.last_day == day("2023-03-02")
    assert any("已经届满" in notice for notice in done.notices)


@pytest.mark.parametrize(
    ("first", "gone", "last"),
    [
        ("2026-02-01", "2026-03-15", "2026-09-15"),  # in the last six months: six more from its end
        ("2025-10-01", "2025-12-01", "2026-06-01"),  # begun before them, gone within
        ("2025-01-01", "2025-06-01", "2026-05-11"),  # gone before them: no effect
        ("2026-05-08", "2026-12-24", "2027-06-24"),  # still there at the end
    ],
)
def test_an_obstacle_in_the_last_six_months_suspends_the_limitation(first: str, gone: str, last: str) -> None:
    done = reckon("诉讼时效", "2023-05-10", "3年", suspended=(Suspension(day(first), day(gone)),))
    assert done.last_day == day(last)


def test_labour_arbitration_goes_on_where_it_stopped() -> None:
    obstacle = Suspension(day("2026-02-01"), day("2026-03-01"))
    assert reckon("仲裁时效", "2026-01-05", "1年", suspended=(obstacle,)).last_day == day("2027-02-02")


def test_twenty_years_from_the_injury_at_most() -> None:
    done = reckon("诉讼时效", "2025-03-03", "3年", injured_on=day("2007-01-15"))
    assert done.last_day == day("2027-01-15")
    assert done.reasons[-1].label == "第一百八十八条第二款"
    assert reckon("诉讼时效", "2025-03-03", "3年", injured_on=day("2020-01-15")).last_day == day("2028-03-03")


def test_a_year_whose_holidays_are_not_published_is_told() -> None:
    done = reckon("上诉期", "2026-12-22", "10日")
    assert done.last_day == day("2027-01-01")
    assert any("2027年的放假调休安排没有收录" in notice for notice in done.notices)
    assert not any("没有收录" in notice for notice in reckon("上诉期", "2026-11-02", "15日").notices)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (DeadlineQuery(LimitKind.APPEAL, day("2026-11-02"), 0, LimitUnit.DAY), "deadline_length"),
        (DeadlineQuery(LimitKind.APPEAL, day("2026-11-02"), 99_999, LimitUnit.DAY), "deadline_length"),
        (DeadlineQuery(LimitKind.APPEAL, day("1900-11-02"), 15, LimitUnit.DAY), "deadline_start"),
        (DeadlineQuery(LimitKind.HANDLING, day("2026-11-02"), 24, LimitUnit.HOUR), "deadline_time_missing"),
        (
            DeadlineQuery(
                LimitKind.PRECLUSION,
                day("2026-11-02"),
                1,
                LimitUnit.YEAR,
                interrupted_on=(day("2026-12-01"),),
            ),
            "interruption_not_applicable",
        ),
        (
            DeadlineQuery(
                LimitKind.LIMITATION,
                day("2026-11-02"),
                3,
                LimitUnit.YEAR,
                interrupted_on=(day("2026-10-01"),),
            ),
            "deadline_event_early",
        ),
        (
            DeadlineQuery(
                LimitKind.LIMITATION,
                day("2026-11-02"),
                3,
                LimitUnit.YEAR,
                suspended=(Suspension(day("2027-02-01"), day("2027-01-01")),),
            ),
            "suspension_reversed",
        ),
        (
            DeadlineQuery(
                LimitKind.LIMITATION,
                day("2026-11-02"),
                3,
                LimitUnit.YEAR,
                interrupted_on=(day("2027-01-01"),) * 60,
            ),
            "deadline_events_many",
        ),
    ],
)
def test_refuses(query: DeadlineQuery, code: str) -> None:
    with pytest.raises(BadInputError) as caught:
        reckon_deadline(query, load_rest_days())
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("15日", (15, LimitUnit.DAY)),
        ("十五天", (15, LimitUnit.DAY)),
        ("六个月", (6, LimitUnit.MONTH)),
        ("1年", (1, LimitUnit.YEAR)),
        ("五个工作日", (5, LimitUnit.WORKING_DAY)),
        ("七十二小时", (72, LimitUnit.HOUR)),
    ],
)
def test_reads_lengths(written: str, read: tuple[int, LimitUnit]) -> None:
    assert parse_length(written) == read


@pytest.mark.parametrize("written", ["", "很久", "15", "一年半", "十元", "三日到十日", "15日内"])
def test_refuses_lengths(written: str) -> None:
    with pytest.raises(BadInputError, match="limit_length_unreadable"):
        parse_length(written)
