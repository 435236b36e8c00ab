"""Days that a question states, past ones only: 昨天, 上周五, 3月5日, 上个月十号, 2026年3月5日, 五天前."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from kb.answer.deadlines import EARLIEST, add_months
from kb.text.numerals import parse_number

_N = r"[0-9零〇一二三四五六七八九十两]"
_BACK = {"今天": 0, "今早": 0, "今儿": 0, "刚刚": 0, "昨天": 1, "昨晚": 1, "昨儿": 1, "前天": 2, "大前天": 3}
_WEEKDAYS = {
    name: day
    for day, names in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7"))
    for name in names
}
_MONTHS_BACK = {"这个月": 0, "本月": 0, "这月": 0, "上个月": 1, "上月": 1, "上上个月": 2}
_YEARS_BACK = {"今年": 0, "去年": 1, "前年": 2}
_DATE = re.compile(
    rf"(?P<full>(?P<year>(?:19|20)[0-9]{{2}})[年.\-/](?P<month>[0-9]{{1,2}})[月.\-/](?P<day>[0-9]{{1,2}})[日号]?(?![0-9]))"
    rf"|(?P<month_day>(?<![明后]年)(?<!下个)(?P<which>今年|去年|前年)?(?P<m>{_N}{{1,3}})月(?P<d>{_N}{{1,3}})[日号]?(?!{_N}))"
    rf"|(?P<last_month>(?P<month_word>上上个月|上个月|这个月|本月|上月|这月)(?P<of_month>{_N}{{1,3}})[日号])"
    r"|(?P<week>(?<!下)(?<!下个)(?P<weeks>上上|上|这|本)?(?:个)?(?:星期|礼拜|周)(?P<weekday>[一二三四五六日天1-7])(?![个岁年月]))"
    rf"|(?P<days_ago>(?P<ago>{_N}{{1,3}})[天日](?:以|之)?前)"
    rf"|(?P<weeks_ago>(?P<weeks_count>{_N}{{1,2}})个?(?:星期|礼拜|周)(?:以|之)?前)"
    rf"|(?P<bare>(?<![月0-9零〇一二三四五六七八九十第]){_N}{{1,3}}号(?![楼院线店门房线车]))"
    r"|(?P<word>大前天|前天|昨天|昨晚|昨儿|今天|今早|今儿|刚刚)"
)
_TODAY_WORDS = frozenset(("今天", "今早", "今儿", "刚刚"))


@dataclass(frozen=True)
class StatedDate:
    """``day`` as ``written`` at ``span``; ``assumed`` says that the year, month or week was taken as the last
    one that fits."""

    day: dt.date
    written: str
    span: tuple[int, int]
    assumed: bool = False


def find_dates(text: str, as_of: dt.date) -> tuple[StatedDate, ...]:
    """Dates of ``text`` (normalised) seen from ``as_of``, in order; impossible and future ones are left out.

    What names no exact day (去年, 上个月, 三个月前) is no date.
    """
    found = []
    for match in _DATE.finditer(text):
        read = _read(match, as_of)
        if read is not None and EARLIEST <= read[0] <= as_of:
            found.append(StatedDate(read[0], match[0], match.span(), read[1]))
    return tuple(found)


def _read(match: re.Match[str], as_of: dt.date) -> tuple[dt.date, bool] | None:
    if match["full"]:
        return _make(int(match["year"]), int(match["month"]), int(match["day"]), assumed=False)
    if match["month_day"]:
        return _read_month_day(match, as_of)
    if match["last_month"]:
        first = add_months(as_of.replace(day=1), -_MONTHS_BACK[match["month_word"]])
        return _make(first.year, first.month, _number(match["of_month"]), assumed=False)
    if match["week"]:
        return _read_weekday(match, as_of)
    if match["days_ago"]:
        return _back(as_of, _number(match["ago"]))
    if match["weeks_ago"]:
        return _back(as_of, 7 * (_number(match["weeks_count"]) or 0))
    if match["bare"]:
        day = _number(match["bare"][:-1])
        made = _make(as_of.year, as_of.month, day, assumed=True)
        if made is not None and made[0] <= as_of:
            return made
        before = add_months(as_of.replace(day=1), -1)
        return _make(before.year, before.month, day, assumed=True)
    return as_of - dt.timedelta(days=_BACK[match["word"]]), False


def _read_month_day(match: re.Match[str], as_of: dt.date) -> tuple[dt.date, bool] | None:
    month, day = _number(match["m"]), _number(match["d"])
    if match["which"]:
        return _make(as_of.year - _YEARS_BACK[match["which"]], month, day, assumed=False)
    made = _make(as_of.year, month, day, assumed=True)
    if made is not None and made[0] <= as_of:
        return made
    return _make(as_of.year - 1, month, day, assumed=True)


def _read_weekday(match: re.Match[str], as_of: dt.date) -> tuple[dt.date, bool] | None:
    weekday = _WEEKDAYS[match["weekday"]]
    monday = as_of - dt.timedelta(days=as_of.weekday())
    which = match["weeks"]
    if which in ("上", "上上"):
        return monday - dt.timedelta(days=7 * len(which)) + dt.timedelta(days=weekday), False
    this = monday + dt.timedelta(days=weekday)
    if which:
        return this, False
    return (this if this <= as_of else this - dt.timedelta(days=7)), True


def _back(as_of: dt.date, days: int | None) -> tuple[dt.date, bool] | None:
    return None if days is None or days > 3660 else (as_of - dt.timedelta(days=days), False)


def _make(year: int, month: int | None, day: int | None, *, assumed: bool) -> tuple[dt.date, bool] | None:
    try:
        return dt.date(year, month or 0, day or 0), assumed
    except ValueError:
        return None


def _number(written: str | None) -> int | None:
    return parse_number(written) if written else None
