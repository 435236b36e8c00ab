"""The last day of a time limit: what is counted, from when, when it moves, what interrupts it.

Rules: 民法典 188, 194, 195, 199 to 203; 民事诉讼法 85 and 86; 刑事诉讼法 105; 劳动争议调解仲裁法 27. The day
of the event is not counted; months and years end on the corresponding day, or on the month's last; a
last day that is a day of rest moves on to the next working day.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, field

from kb.answer.rest_days import RestDays
from kb.domain.answers import LimitKind, LimitUnit
from kb.errors import BadInputError

CIVIL_CODE = "中华人民共和国民法典"
CIVIL_PROCEDURE = "中华人民共和国民事诉讼法"
CRIMINAL_PROCEDURE = "中华人民共和国刑事诉讼法"
LABOUR_ARBITRATION = "中华人民共和国劳动争议调解仲裁法"

EARLIEST, LATEST = dt.date(1949, 10, 1), dt.date(2199, 12, 31)
MAX_LENGTH = {
    LimitUnit.HOUR: 8760,
    LimitUnit.DAY: 3660,
    LimitUnit.WORKING_DAY: 1000,
    LimitUnit.MONTH: 600,
    LimitUnit.YEAR: 50,
}
MAX_EVENTS = 50
SUSPENSION_MONTHS = 6
LONGEST_YEARS = 20

INTERRUPTIBLE = frozenset({LimitKind.LIMITATION, LimitKind.ARBITRATION})
"""Kinds that demands and lawsuits start anew; a 除斥期间 or an 上诉期 runs on whatever happens."""
_PROCEDURAL = frozenset({LimitKind.APPEAL, LimitKind.DEFENCE, LimitKind.SUIT})
_BY_PERSON = _PROCEDURAL | {LimitKind.APPLICATION}


@dataclass(frozen=True)
class Suspension:
    """An obstacle from ``first`` on that was gone on ``gone``."""

    first: dt.date
    gone: dt.date


@dataclass(frozen=True)
class DeadlineQuery:
    """``length`` ``unit`` from the event on ``start`` (its day is not counted).

    ``start_time`` is needed for hours. ``interrupted_on`` and ``suspended`` are for INTERRUPTIBLE kinds.
    ``criminal`` asks for the rules of 刑事诉讼法, ``in_custody`` says that the person is held.
    ``injured_on`` is the day of the injury, which bounds a 诉讼时效 at twenty years.
    """

    kind: LimitKind
    start: dt.date
    length: int
    unit: LimitUnit
    start_time: dt.time | None = None
    interrupted_on: tuple[dt.date, ...] = ()
    suspended: tuple[Suspension, ...] = ()
    criminal: bool = False
    in_custody: bool = False
    injured_on: dt.date | None = None


@dataclass(frozen=True)
class Reason:
    """One step of the reckoning with the provision that it follows."""

    text: str
    title: str
    label: str


@dataclass(frozen=True)
class Deadline:
    """``last_day`` is the last day on which the act is in time, ``reckoned`` the same before moving.

    ``last_moment`` is set for hours only.
    """

    query: DeadlineQuery
    last_day: dt.date
    reckoned: dt.date
    last_moment: dt.datetime | None = None
    reasons: tuple[Reason, ...] = ()
    notices: tuple[str, ...] = ()

    def days_left(self, today: dt.date) -> int:
        """Days from ``today`` to the last day; negative when it is over."""
        return (self.last_day - today).days


@dataclass
class _Reckoning:
    """What has been found on the way."""

    reasons: list[Reason] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def because(self, text: str, title: str, label: str) -> None:
        reason = Reason(text, title, label)
        if reason not in self.reasons:
            self.reasons.append(reason)


def reckon_deadline(query: DeadlineQuery, rest_days: RestDays) -> Deadline:
    """The last day of the limit in ``query``.

    Raises BadInputError: ``deadline_length``, ``deadline_start``, ``deadline_time_missing``,
    ``interruption_not_applicable``, ``deadline_event_early``, ``deadline_events_many``,
    ``suspension_reversed``.
    """
    _check(query)
    found = _Reckoning()
    if query.unit is LimitUnit.HOUR:
        return _reckon_hours(query, found)
    _explain_start(query, found)
    end = _add(query.start, query, rest_days)
    if query.unit in (LimitUnit.MONTH, LimitUnit.YEAR):
        _explain_corresponding_day(query.start, end, found)
    end = _apply_events(query, end, rest_days, found)
    end = _cap(query, end, found)
    last = _move(query, end, rest_days, found)
    _add_notices(query, end, last, rest_days, found)
    return Deadline(query, last, end, None, tuple(found.reasons), tuple(found.notices))


def add_months(day: dt.date, months: int) -> dt.date:
    """The corresponding day ``months`` later, or that month's last when there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _check(query: DeadlineQuery) -> None:
    if not 1 <= query.length <= MAX_LENGTH[query.unit]:
        raise BadInputError(
            "deadline_length",
            f"期限长度 {query.length} 超出范围",
            place="length",
            way_out=f"这一单位请给出 1 到 {MAX_LENGTH[query.unit]} 之间的整数",
        )
    events = [query.start, *query.interrupted_on]
    events += [day for one in query.suspended for day in (one.first, one.gone)]
    if len(events) > MAX_EVENTS:
        raise BadInputError("deadline_events_many", f"中断、中止事由最多 {MAX_EVENTS} 个", place="events")
    if any(not EARLIEST <= day <= LATEST for day in (*events, query.injured_on or query.start)):
        raise BadInputError(
            "deadline_start",
            "日期超出范围",
            place="start",
            way_out=f"请给出 {EARLIEST} 到 {LATEST} 之间的日期",
        )
    if query.unit is LimitUnit.HOUR and query.start_time is None:
        raise BadInputError(
            "deadline_time_missing",
            "按小时计算要给出开始的时刻",
            place="start",
            way_out="例如 2026-11-09 10:20",
        )
    if (query.interrupted_on or query.suspended) and query.kind not in INTERRUPTIBLE:
        raise BadInputError(
            "interruption_not_applicable",
            "只有诉讼时效和仲裁时效会中断、中止，这种期限不会",
            place="interrupted_on",
            way_out="去掉中断、中止的日期；因不可抗拒的事由耽误的，向受理机关申请顺延",
        )
    if any(one.gone < one.first for one in query.suspended):
        raise BadInputError("suspension_reversed", "障碍消除的日期早于障碍开始的日期", place="suspended")
    ended = [*query.interrupted_on, *(one.gone for one in query.suspended)]
    if any(day < query.start for day in ended):
        raise BadInputError(
            "deadline_event_early", "中断、中止的日期早于期限开始的日期", place="interrupted_on"
        )


def _reckon_hours(query: DeadlineQuery, found: _Reckoning) -> Deadline:
    assert query.start_time is not None, "checked before"
    begin = dt.datetime.combine(query.start, query.start_time)
    if query.criminal or query.kind in _PROCEDURAL:
        begin = begin.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
        title = CRIMINAL_PROCEDURE if query.criminal else CIVIL_PROCEDURE
        label = "第一百零五条第二款" if query.criminal else "第八十五条第二款"
        found.because(f"开始的那一小时不算，从 {begin:%H:%M} 起算", title, label)
    else:
        found.because("按小时计算的，从开始的时刻起算", CIVIL_CODE, "第二百零一条第二款")
    moment = begin + dt.timedelta(hours=query.length)
    found.notices.append("按小时计算的期限到点为止，不因休假日顺延。")
    last = moment.date()
    return Deadline(query, last, last, moment, tuple(found.reasons), tuple(found.notices))


def _explain_start(query: DeadlineQuery, found: _Reckoning) -> None:
    text = f"{query.start} 当天不算，从第二天开始数"
    if query.criminal:
        found.because(text, CRIMINAL_PROCEDURE, "第一百零五条第二款")
    elif query.kind in _PROCEDURAL:
        found.because(text, CIVIL_PROCEDURE, "第八十五条第二款")
    else:
        found.because(text, CIVIL_CODE, "第二百零一条第一款")


def _add(start: dt.date, query: DeadlineQuery, rest_days: RestDays) -> dt.date:
    """``start`` and the length of the limit, before anything moves."""
    if query.unit is LimitUnit.DAY:
        return start + dt.timedelta(days=query.length)
    if query.unit is LimitUnit.MONTH:
        return add_months(start, query.length)
    if query.unit is LimitUnit.YEAR:
        return add_months(start, 12 * query.length)
    day = start
    for _ in range(query.length):
        day = rest_days.next_working_day(day + dt.timedelta(days=1))
    return day


def _explain_corresponding_day(start: dt.date, end: dt.date, found: _Reckoning) -> None:
    if end.day == start.day:
        text = f"按月、年计算的，到期月的对应日是 {end}"
    else:
        text = f"到期月没有 {start.day} 日，以月末 {end} 为最后一日"
    found.because(text, CIVIL_CODE, "第二百零二条")


def _apply_events(query: DeadlineQuery, end: dt.date, rest_days: RestDays, found: _Reckoning) -> dt.date:
    """The end after interruptions and suspensions, in the order in which they happened."""
    events: list[tuple[dt.date, Suspension | None]] = [(day, None) for day in query.interrupted_on]
    events += [(one.first, one) for one in query.suspended]
    for day, suspension in sorted(events, key=lambda event: event[0]):
        if day > rest_days.next_working_day(end):
            found.notices.append(f"{day} 时期限已经届满，这个日期不再起作用。")
        elif suspension is not None:
            end = _suspend(query, end, suspension, found)
        else:
            end = _add(day, query, rest_days)
            _explain_interruption(query, day, end, found)
    return end


def _explain_interruption(query: DeadlineQuery, day: dt.date, end: dt.date, found: _Reckoning) -> None:
    text = f"{day} 中断，从这一天起重新计算，到 {end}"
    if query.kind is LimitKind.ARBITRATION:
        found.because(text, LABOUR_ARBITRATION, "第二十七条第二款")
    else:
        found.because(text, CIVIL_CODE, "第一百九十五条")


def _suspend(query: DeadlineQuery, end: dt.date, one: Suspension, found: _Reckoning) -> dt.date:
    if query.kind is LimitKind.ARBITRATION:
        later = end + (one.gone - max(one.first, query.start))
        found.because(
            f"{one.first} 至 {one.gone} 中止，扣除后到 {later}", LABOUR_ARBITRATION, "第二十七条第三款"
        )
        return later
    if one.gone <= add_months(end, -SUSPENSION_MONTHS):
        found.notices.append(f"{one.gone} 障碍消除时离届满还有六个月以上，时效不中止。")
        return end
    later = add_months(one.gone, SUSPENSION_MONTHS)
    found.because(
        f"最后六个月内有障碍，{one.gone} 消除，从这一天起满六个月届满，到 {later}",
        CIVIL_CODE,
        "第一百九十四条",
    )
    return later


def _cap(query: DeadlineQuery, end: dt.date, found: _Reckoning) -> dt.date:
    if query.kind is not LimitKind.LIMITATION or query.injured_on is None:
        return end
    longest = add_months(query.injured_on, 12 * LONGEST_YEARS)
    if end <= longest:
        return end
    found.because(
        f"自权利受到损害之日（{query.injured_on}）起最长二十年，到 {longest}",
        CIVIL_CODE,
        "第一百八十八条第二款",
    )
    return longest


def _move(query: DeadlineQuery, end: dt.date, rest_days: RestDays, found: _Reckoning) -> dt.date:
    """Over days of rest to the next working day, unless the person is held."""
    last = rest_days.next_working_day(end)
    if last == end:
        return end
    if query.in_custody:
        found.because("在押期间到期满之日为止，不因节假日延长", CRIMINAL_PROCEDURE, "第一百零五条第四款")
        found.notices.append("当事人在押的，这里按不顺延的较早一天计算，具体以办案机关告知的为准。")
        return end
    text = f"{end} 是{rest_days.name(end)}，顺延到 {last}"
    if query.criminal:
        found.because(text, CRIMINAL_PROCEDURE, "第一百零五条第四款")
    elif query.kind in _PROCEDURAL:
        found.because(text, CIVIL_PROCEDURE, "第八十五条第三款")
    else:
        found.because(text, CIVIL_CODE, "第二百零三条第一款")
    return last


def _add_notices(
    query: DeadlineQuery, end: dt.date, last: dt.date, rest_days: RestDays, found: _Reckoning
) -> None:
    from_day = query.start if query.unit is LimitUnit.WORKING_DAY else end
    unknown = [year for year in range(from_day.year, last.year + 1) if year not in rest_days.years]
    if unknown:
        years = "、".join(str(year) for year in unknown[:3]) + ("等" if len(unknown) > 3 else "")
        found.notices.append(
            f"{years}年的放假调休安排没有收录，只按周末推算；"
            f"请以公布的安排为准，最好在 {min(end, last)} 之前办完。"
        )
    if query.kind in _PROCEDURAL:
        found.notices.append("期满前把文书交邮的，不算过期；请保留邮寄凭证。")
    if query.kind in _PROCEDURAL and not query.criminal:
        found.notices.append("因不可抗拒的事由耽误的，在障碍消除后的十日内可以申请顺延，是否准许由法院决定。")
    if query.kind is LimitKind.PRECLUSION:
        found.notices.append("这是除斥期间，不中断、不中止，过期权利消灭。")
    if query.kind in INTERRUPTIBLE:
        found.notices.append("起算日从知道或者应当知道权利受到侵害之日算起，请先核对这一天。")
    if query.kind in _BY_PERSON:
        found.notices.append("起算日以送达回证或者签收记录为准。")
