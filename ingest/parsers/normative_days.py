"""Days as documents and registers write them: 2022年11月15日, 二〇二二年十一月十五日, 2022-12-05."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from kb.text.numerals import parse_number

_CHINESE = "〇○零一二三四五六七八九"
_DAY = re.compile(
    r"(?<!\d)(?P<y1>\d{4}) ?年 ?(?P<m1>\d{1,2}) ?月 ?(?P<d1>\d{1,2}) ?日"
    rf"|(?P<y2>[一二][{_CHINESE}O]{{3}})年(?P<m2>[一二三四五六七八九十]{{1,2}})月(?P<d2>[一二三四五六七八九十]{{1,3}})日"
    r"|(?<!\d)(?P<y3>\d{4})(?P<mark>[-/.])(?P<m3>\d{1,2})(?P=mark)(?P<d3>\d{1,2})(?!\d)"
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,6})?")
EARLIEST = 1900
LATEST = 2199


@dataclass(frozen=True)
class FoundDay:
    """A day with its place in the text."""

    day: dt.date
    start: int
    end: int


def find_days(text: str) -> list[FoundDay]:
    """Every whole day named in ``text``, in order; impossible ones (2月30日) are left out."""
    found = []
    for match in _DAY.finditer(text):
        day = _read(match)
        if day is not None:
            found.append(FoundDay(day, match.start(), match.end()))
    return found


def parse_day(text: str) -> dt.date | None:
    """The day that the whole text is, a time of day behind it allowed; None when it is none."""
    text = text.strip()
    if match := _COMPACT.fullmatch(text):
        return _make(match["y"], match["m"], match["d"])
    match = _DAY.match(text)
    if match is None or not (match.end() == len(text) or _TIME.fullmatch(text, match.end())):
        return None
    return _read(match)


def add_years(day: dt.date, years: int) -> dt.date:
    """The same day ``years`` later; 2 月 29 日 becomes 3 月 1 日 where the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of the month ``months`` later; the first of the next month where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return dt.date(day.year + years, month + 1, day.day)
    except ValueError:
        years, month = divmod(day.month + months, 12)
        return dt.date(day.year + years, month + 1, 1)


def _read(match: re.Match[str]) -> dt.date | None:
    if match["y1"]:
        return _make(match["y1"], match["m1"], match["d1"])
    if match["y3"]:
        return _make(match["y3"], match["m3"], match["d3"])
    year = parse_number(match["y2"].replace("O", "〇"))
    month, day = parse_number(match["m2"]), parse_number(match["d2"])
    return _make(str(year), str(month), str(day)) if year and month and day else None


def _make(year: str, month: str, day: str) -> dt.date | None:
    if not EARLIEST <= int(year) <= LATEST:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
