"""The published days of rest: what ships, and what a wrong list is told."""

from __future__ import annotations

import datetime as dt

import pytest

from kb.answer.rest_days import load_rest_days, read_rest_days
from kb.errors import LawkbError


def test_what_ships_knows_holidays_swapped_days_and_weekends() -> None:
    days = load_rest_days()
    assert {2023, 2024, 2025, 2026} <= days.years
    assert days.name(dt.date(2026, 10, 7)) == "国庆节"
    assert days.name(dt.date(2022, 12, 31)) == "元旦"
    assert not days.is_rest(dt.date(2026, 10, 10))
    assert days.name(dt.date(2026, 11, 21)) == "周末"
    assert days.name(dt.date(2026, 11, 20)) == ""
    assert not days.is_known(dt.date(2030, 1, 1))


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_swapped_days_make_up_for_the_holidays(year: int) -> None:
    """Every year has 7 to 8 national holidays' worth of arrangement; working days stay about 250."""
    days = load_rest_days()
    first = dt.date(year, 1, 1)
    count = (dt.date(year + 1, 1, 1) - first).days
    working = sum(not days.is_rest(first + dt.timedelta(days=n)) for n in range(count))
    # 11 statutory days off from 2014 on, 13 from 2025 on; those on a weekend are made up for.
    weekdays = sum((first + dt.timedelta(days=n)).weekday() < 5 for n in range(count))
    assert weekdays - working in range(10, 14)


def listing(off: str = "[]", work: str = "[]") -> bytes:
    text = f"years:\n  - {{year: 2026, source: 通知, checked_on: 2026-11-22, off: {off}, work: {work}}}\n"
    return text.encode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (listing(off="[{name: 某节, first: 2026-05-05, last: 2026-05-01}]"), "holidays_invalid"),
        (listing(off="[{name: 某节, first: 2027-05-01, last: 2027-05-05}]"), "holidays_invalid"),
        (listing(work="[2026-11-20]"), "holidays_invalid"),
        (
            listing(off="[{name: 某节, first: 2026-11-21, last: 2026-11-21}]", work="[2026-11-21]"),
            "holidays_invalid",
        ),
        (b"years: []\nyears: []\n", "yaml_invalid"),
        (b"years: [{year: 2026}]\n", "record_invalid"),
    ],
)
def test_a_wrong_list_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(LawkbError) as caught:
        read_rest_days(content, "样例.yaml")
    assert caught.value.code == code
