"""Days of rest and working days: weekends, and the holidays and swapped days that are published each year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kb.domain.plain import from_plain
from kb.errors import SourceError
from kb.text.strict_yaml import parse_strict_yaml

PLACE = "corpora/calendar/holidays.yaml"
_SATURDAY = 5
_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class DaysOff:
    """A holiday from ``first`` to ``last``, both included."""

    name: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class PublishedYear:
    """The arrangement of one year as the State Council's office published it."""

    year: int
    source: str
    checked_on: dt.date
    off: tuple[DaysOff, ...]
    work: tuple[dt.date, ...]


@dataclass(frozen=True)
class _HolidaysFile:
    years: tuple[PublishedYear, ...]


@dataclass(frozen=True)
class RestDays:
    """Which days are days of rest; outside ``years`` only weekends are known."""

    years: frozenset[int]
    off: dict[dt.date, str]
    work: frozenset[dt.date]

    def is_rest(self, day: dt.date) -> bool:
        """True for a holiday or a weekend that is not worked."""
        return day in self.off or (day.weekday() >= _SATURDAY and day not in self.work)

    def is_known(self, day: dt.date) -> bool:
        """False where the arrangement of that year is not listed."""
        return day.year in self.years or day in self.off

    def name(self, day: dt.date) -> str:
        """国庆节, 周末; empty for a working day."""
        return self.off.get(day, "周末" if self.is_rest(day) else "")

    def next_working_day(self, day: dt.date) -> dt.date:
        """``day`` itself when it is one, else the first after it."""
        while self.is_rest(day):
            day += _ONE_DAY
        return day


@lru_cache(maxsize=1)
def load_rest_days() -> RestDays:
    """The list that ships. Raises SourceError ``yaml_…`` or ``holidays_invalid``."""
    content = (files("corpora") / "calendar" / "holidays.yaml").read_bytes()
    return read_rest_days(content, PLACE)


def read_rest_days(content: bytes, place: str) -> RestDays:
    """A list of years from YAML. Raises SourceError, BadInputError ``record_invalid``."""
    years = from_plain(_HolidaysFile, parse_strict_yaml(content, place), place).years
    off: dict[dt.date, str] = {}
    work: set[dt.date] = set()
    for one in years:
        for holiday in one.off:
            if not 0 <= (holiday.last - holiday.first).days < 15 or holiday.last.year != one.year:
                raise _invalid(f"{one.year} 年{holiday.name}的首尾日期不对", place)
            for offset in range((holiday.last - holiday.first).days + 1):
                off[holiday.first + offset * _ONE_DAY] = holiday.name
        for day in one.work:
            if day.weekday() < _SATURDAY or day.year != one.year:
                raise _invalid(f"调休上班日 {day} 不是 {one.year} 年的周末", place)
            work.add(day)
    if off.keys() & work:
        raise _invalid(f"{min(off.keys() & work)} 既放假又上班", place)
    return RestDays(frozenset(one.year for one in years), off, frozenset(work))


def _invalid(message: str, place: str) -> SourceError:
    return SourceError("holidays_invalid", message, place=place, way_out="请对照国务院办公厅的通知改正")
