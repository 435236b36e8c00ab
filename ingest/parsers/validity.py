"""From when until when a version is in force, and how far that is known.

Evidence for a start, best first: a dated correction that names the deciding document; the source's own
date when it lies after adoption (a date on the day of adoption counts unless it is known to be an earlier
text's); the text's closing article when its date is not before adoption. Otherwise the day of adoption
stands in, marked uncertain: before it the text cannot have been in force.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.manifest import DateCorrections
from ingest.report import StatedRepeal
from kb.domain.works import FAR_FUTURE, Provision

_DATE = r"(\d{4})年(\d{1,2})月(\d{1,2})日"
_CLOSING = re.compile(rf"(?:本[\u4e00-\u9fff]{{1,4}}|，)自(?:{_DATE}|(公布|发布|通过)之日)起(?:施行|实施)")
_REPEAL = re.compile(r"[^。；\n]{1,2000}同时废止")
_TITLE = re.compile(r"《([^《》]{2,80})》")
_CLOSING_ARTICLES = 3
"""The closing clause stands in one of the last articles."""


@dataclass(frozen=True)
class Start:
    """First day in force; ``certain`` is False when it only is the day of adoption."""

    day: dt.date
    certain: bool
    source: str


@dataclass(frozen=True)
class Ending:
    """First day no longer in force, FAR_FUTURE while open."""

    day: dt.date
    certain: bool


@dataclass(frozen=True)
class Repeal:
    """End of a work; ``certain`` is False when the source only says that it is over."""

    day: dt.date
    certain: bool
    successor: str
    basis: str


@dataclass(frozen=True)
class ClosingClause:
    """What a text says of its own start: a day, or None for 自公布之日起施行."""

    day: dt.date | None
    label: str
    wording: str


def read_closing_clause(provisions: Sequence[Provision]) -> ClosingClause | None:
    """The text's own 自…起施行 clause, looked for in its last articles; None when there is none."""
    numbered = [provision for provision in provisions if provision.number is not None] or list(provisions)
    for provision in reversed(numbered[-_CLOSING_ARTICLES:]):
        match = _CLOSING.search(provision.text)
        if match:
            day = read_date(match[1], match[2], match[3]) if match[1] else None
            if match[1] and day is None:
                continue
            return ClosingClause(day, provision.label, match[0].lstrip("，"))
    return None


def read_date(year: str, month: str, day: str) -> dt.date | None:
    """A civil date, None when there is no such day."""
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def decide_start(
    title: str,
    version_date: dt.date,
    declared: dt.date,
    closing: ClosingClause | None,
    corrections: DateCorrections,
) -> Start:
    """Start of the version adopted on ``version_date``; ``declared`` is the source's date."""
    for entry in corrections.starts:
        if entry.version_date == version_date and title in entry.titles:
            return Start(entry.effective_from, True, f"{entry.basis}（核对于 {entry.checked_on}）")
    for doubt in corrections.unconfirmed_starts:
        if (doubt.title, doubt.version_date) == (title, version_date):
            return Start(version_date, False, f"施行日期未核实：{doubt.reason}")
    stated = closing.day if closing else None
    agrees = stated is None or stated == declared
    if declared >= version_date and agrees:
        if closing is None:
            return Start(declared, True, "来源所载施行日期")
        return Start(declared, True, f"{closing.label}：{closing.wording}，与来源所载一致")
    if closing and stated and stated >= version_date:
        return Start(stated, True, f"{closing.label}：{closing.wording}")
    return Start(version_date, False, "施行日期未核实：来源所载是该法较早版本的日期，暂记通过日期")


def decide_ending(
    title: str,
    version_date: dt.date,
    following: Start | None,
    repeal: Repeal | None,
    corrections: DateCorrections,
) -> Ending:
    """End of a version: a correction, else the next held version's start, else the repeal, else open."""
    for entry in corrections.ends:
        if (entry.title, entry.version_date) == (title, version_date):
            return Ending(entry.effective_to, True)
    if following is not None:
        return Ending(following.day, following.certain)
    if repeal is not None:
        return Ending(repeal.day, repeal.certain)
    return Ending(FAR_FUTURE, True)


def read_repeal_clauses(
    title: str, version_date: dt.date, provisions: Sequence[Provision]
) -> tuple[StatedRepeal, ...]:
    """Works that this text ends by 《…》同时废止, itself left out.

    The day is that of the clause's own 自…起施行. Where it says 自公布之日 or nothing, the
    day is unknown: in an amended text the clause speaks of the first one.
    """
    found: list[StatedRepeal] = []
    for provision in provisions:
        if "同时废止" not in provision.text:
            continue
        closing = read_closing_clause((provision,))
        stated = closing.day if closing else None
        for clause in _REPEAL.finditer(provision.text):
            for name in _TITLE.findall(clause[0]):
                if name != title:
                    basis = f"《{title}》{provision.label}（{version_date.isoformat()}）：同时废止"
                    found.append(StatedRepeal(name, stated, title, basis))
    return tuple(found)


def decide_repeal(
    title: str,
    declared_repealed: bool,
    current_to: dt.date,
    stated: Sequence[StatedRepeal],
    corrections: DateCorrections,
) -> Repeal | None:
    """End of a work: a correction, else a held clause with a date; None while it stands.

    A work that the source calls over without more gets ``current_to``, uncertain: by then it was over.
    """
    for entry in corrections.repeals:
        if entry.title == title:
            return Repeal(entry.repealed_on, True, entry.successor, entry.basis)
    if not declared_repealed:
        return None
    for clause in stated:
        if clause.title == title and clause.repealed_on:
            return Repeal(clause.repealed_on, True, clause.successor, clause.basis)
    return Repeal(current_to, False, "", f"来源标为已废止，废止日期未核实，暂记来源截止日 {current_to}")
