"""Which dated version a draft is, and from when it is in force, by what its file and our lists say.

The day of a version is that of its newest act (通过, 修正, 修订, 公布), of a normative document the day that
it bears (成文日期). Evidence for the start, best first: a dated correction with its source, of a text or of
the decision that amended it; a 施行 act of the note, or a 自…起施行 clause, not before the version's day; for
a first text that starts 自公布之日 the day of publication. Otherwise the version's own day stands in, marked
uncertain. A file's name never proves a start.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from ingest.drafts import ActKind, Draft
from ingest.lines import Finding
from ingest.manifest import DateCorrections
from ingest.parsers.validity import Start
from kb.domain.records import CaseDetails, GuideDetails, InstitutionDetails, NormativeDetails, PersonDetails

UNDATED = dt.date(1949, 10, 1)
"""Stands for the day of a text that bears none: no document of this state is older."""

_MAKES_A_TEXT = (ActKind.ADOPTED, ActKind.AMENDED, ActKind.REVISED, ActKind.APPROVED)
_CHANGES = (ActKind.AMENDED, ActKind.REVISED)
_FROM_PUBLICATION = re.compile(r"自(?:公布|发布|印发|通过|下发)之日起(?:开始)?(?:施行|实施|执行|生效|起效)")
_CLOSING_PROVISIONS = 3


@dataclass(frozen=True)
class VersionDay:
    """The day that names a version; ``certain`` is False when only the file's name gave it, or nothing."""

    day: dt.date
    certain: bool
    published_on: dt.date
    finding: Finding | None = None


def decide_version_day(draft: Draft) -> VersionDay:
    """Day of the newest act that made this text; the file's name only where no act is stated."""
    if isinstance(draft.details, NormativeDetails) and draft.details.written_on is not None:
        written = draft.details.written_on
        return VersionDay(written, True, draft.details.issued_on or written)
    made = [act.day for act in draft.acts if act.kind in _MAKES_A_TEXT]
    published = [act.day for act in draft.acts if act.kind is ActKind.PUBLISHED]
    fields = [day for day in _days_of_record(draft) if day]
    stated = max(made or published or fields, default=None)
    if made and published and max(published) > max(made) and not _changes_later(draft):
        published_on = max(published)
    else:
        published_on = stated or UNDATED
    if stated is not None:
        return VersionDay(stated, True, published_on)
    in_force = [act.day for act in draft.acts if act.kind is ActKind.IN_FORCE]
    if in_force:
        finding = Finding("adoption_missing", "文件没有写明通过或公布日期，暂以施行日期为版本日期")
        return VersionDay(max(in_force), True, max(in_force), finding)
    if draft.name_date is not None:
        finding = Finding("date_from_name", "文件正文没有写明日期，暂以文件名所载日期区分版本，未核实")
        return VersionDay(draft.name_date, False, draft.name_date, finding)
    return VersionDay(UNDATED, False, UNDATED, Finding("date_missing", "文件没有写明任何日期"))


def decide_draft_start(draft: Draft, version: VersionDay, corrections: DateCorrections) -> Start:
    """Start of the version; see the module's first lines for the order of evidence."""
    for entry in corrections.starts:
        if entry.version_date == version.day and draft.title in entry.titles:
            return Start(entry.effective_from, True, f"{entry.basis}（核对于 {entry.checked_on}）")
    for doubt in corrections.unconfirmed_starts:
        if (doubt.title, doubt.version_date) == (draft.title, version.day):
            return Start(version.day, False, f"施行日期未核实：{doubt.reason}")
    if (decided := _start_of_decision(draft, version, corrections)) is not None:
        return decided
    noted = [act.day for act in draft.acts if act.kind is ActKind.IN_FORCE and act.day >= version.day]
    if noted:
        return Start(min(noted), True, f"题注所载施行日期 {min(noted)}")
    if draft.declared_from is not None and draft.declared_from >= version.day:
        return Start(draft.declared_from, True, f"文件写明自 {draft.declared_from} 起施行")
    if not version.certain:
        return Start(version.day, False, "施行日期未核实：文件没有写明通过、公布或施行日期")
    published = [act.day for act in draft.acts if act.kind is ActKind.PUBLISHED and act.day >= version.day]
    first = not any(act.kind in _CHANGES for act in draft.acts)
    if first and _starts_with_publication(draft):
        day = min(published, default=version.published_on)
        return Start(day, True, f"文件写明自公布之日起施行，公布于 {day}")
    if isinstance(draft.details, CaseDetails | GuideDetails | InstitutionDetails | PersonDetails):
        return Start(version.day, True, f"记录所载日期 {version.day}")
    return Start(version.day, False, "施行日期未核实：文件没有写明这一版的施行日期，暂记通过或公布日期")


def _start_of_decision(draft: Draft, version: VersionDay, corrections: DateCorrections) -> Start | None:
    """Start of a text that a listed decision amended."""
    if not any(act.kind in _CHANGES and act.day == version.day for act in draft.acts):
        return None
    for entry in corrections.decisions:
        if entry.decided_on == version.day and draft.statute_type in entry.statute_types:
            return Start(entry.effective_from, True, f"{entry.basis}（核对于 {entry.checked_on}）")
    return None


def _changes_later(draft: Draft) -> bool:
    """Whether the text was changed after its publication, so that the publication is of an older text."""
    changed = [act.day for act in draft.acts if act.kind in _CHANGES]
    published = [act.day for act in draft.acts if act.kind is ActKind.PUBLISHED]
    return bool(changed and published and max(changed) > max(published))


def _starts_with_publication(draft: Draft) -> bool:
    return any(_FROM_PUBLICATION.search(one.text) for one in draft.provisions[-_CLOSING_PROVISIONS:])


def _days_of_record(draft: Draft) -> tuple[dt.date | None, ...]:
    """Days that name the version of a record without acts."""
    details = draft.details
    if isinstance(details, NormativeDetails):
        return (details.written_on or details.issued_on or details.adopted_on,)
    if isinstance(details, CaseDetails):
        return (details.decided_on,)
    if isinstance(details, GuideDetails | InstitutionDetails | PersonDetails):
        return (details.verified_on,)
    return ()
