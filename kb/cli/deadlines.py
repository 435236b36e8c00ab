"""``lawkb deadline``: the last day of a time limit, with the steps of the reckoning."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from kb.answer.deadlines import Deadline, DeadlineQuery, Suspension, reckon_deadline
from kb.answer.limits import parse_kind, parse_length
from kb.answer.rest_days import load_rest_days
from kb.clock import today
from kb.errors import BadInputError

_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Given:
    """What was written on the command line."""

    kind: str
    start: str
    length: str
    interrupted: Sequence[str] = ()
    suspended: Sequence[str] = ()
    injured_on: str | None = None
    criminal: bool = False
    in_custody: bool = False


def print_deadline(given: Given, *, as_json: bool) -> None:
    """Reckon and print. Raises BadInputError as the parts do."""
    done = reckon_deadline(parse_given(given), load_rest_days())
    if as_json:
        typer.echo(json.dumps(plain_deadline(done, today()), ensure_ascii=False, indent=2))
    else:
        _print(done)


def parse_given(given: Given) -> DeadlineQuery:
    """What was written, read. Raises BadInputError as the parts do."""
    length, unit = parse_length(given.length)
    start, start_time = _parse_start(given.start)
    return DeadlineQuery(
        kind=parse_kind(given.kind),
        start=start,
        length=length,
        unit=unit,
        start_time=start_time,
        interrupted_on=tuple(_parse_date(one, "--interrupted") for one in given.interrupted),
        suspended=tuple(_parse_suspension(one) for one in given.suspended),
        criminal=given.criminal,
        in_custody=given.in_custody,
        injured_on=_parse_date(given.injured_on, "--injured-on") if given.injured_on else None,
    )


def plain_deadline(done: Deadline, day: dt.date) -> dict[str, object]:
    """Plain values for JSON."""
    return {
        "last_day": done.last_day.isoformat(),
        "reckoned": done.reckoned.isoformat(),
        "last_moment": done.last_moment.isoformat(timespec="minutes") if done.last_moment else None,
        "days_left": done.days_left(day),
        "reasons": [{"text": one.text, "title": one.title, "label": one.label} for one in done.reasons],
        "notices": list(done.notices),
    }


def _print(done: Deadline) -> None:
    last = f"{done.last_day}（星期{_WEEKDAYS[done.last_day.weekday()]}）"
    if done.last_moment:
        last = f"{done.last_moment:%Y-%m-%d %H:%M}"
    left = done.days_left(today())
    state = f"还有 {left} 天" if left > 0 else "就是今天" if left == 0 else f"已经过了 {-left} 天"
    typer.echo(f"最后一天：{last}，{state}。")
    for i, reason in enumerate(done.reasons, start=1):
        typer.echo(f"{i}. {reason.text}（《{reason.title}》{reason.label}）")
    for notice in done.notices:
        typer.echo(f"注意：{notice}")


def _parse_start(text: str) -> tuple[dt.date, dt.time | None]:
    day, _, time = text.strip().replace("T", " ").partition(" ")
    if not time:
        return _parse_date(day, "START"), None
    try:
        return _parse_date(day, "START"), dt.time.fromisoformat(time.strip())
    except ValueError:
        raise BadInputError(
            "date_bad", f"时刻“{time}”写法不对", place="START", way_out="请写成 2026-11-09 10:20"
        ) from None


def _parse_suspension(text: str) -> Suspension:
    first, _, gone = text.replace("～", "~").partition("~")
    return Suspension(_parse_date(first, "--suspended"), _parse_date(gone, "--suspended"))


def _parse_date(text: str, place: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise BadInputError(
            "date_bad",
            f"日期“{text}”不存在或写法不对",
            place=place,
            way_out="请写成 2026-11-22；中止写成 2026-01-01~2026-03-01",
        ) from None
