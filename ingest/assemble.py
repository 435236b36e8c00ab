"""Drafts read from files to works with dated versions: which belong together, under which ids.

Pure: equal drafts and equal holdings give equal bundles. Two files of one work with different days are
two versions; files that each hold a part of one text (总则, 物权 … of 民法典) make one version; a second
copy of the same text is a further witness of it, and a different text for the same day is told, not merged.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.dating import VersionDay, decide_draft_start, decide_version_day
from ingest.drafts import Draft, DraftProvision
from ingest.lines import Finding
from ingest.manifest import DateCorrections
from ingest.parsers.statutes import digest_text, shorten_title
from kb.domain.records import (
    CaseDetails,
    Details,
    InstitutionDetails,
    NormativeDetails,
    PersonDetails,
)
from kb.domain.works import (
    FAR_FUTURE,
    Provision,
    SourcePlace,
    Version,
    VersionedText,
    Work,
    WorkBundle,
    WorkKind,
    provision_id,
    version_id,
    work_id,
)
from kb.text.catalogue import short_key

DEPARTMENTS = frozenset(
    ("宪法", "宪法相关法", "民法商法", "行政法", "经济法", "社会法", "刑法", "诉讼与非诉讼程序法")
)
"""Departments of law as the national database names them; a folder of that name tells the topic."""

SAME_TEXT = 0.9
"""Share of equal provisions from which on an undated text is a copy of a dated one."""
_UNDATED_CODES = ("date_from_name", "date_missing")

TitleKey = tuple[WorkKind, str, str]


@dataclass(frozen=True)
class Placed:
    """A draft with the work and version that it became; ``version_id`` is empty when it became none."""

    draft: Draft
    work_id: str
    version_id: str
    version_day: dt.date
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Assembly:
    """Bundles in order of title, and every draft with its place."""

    bundles: tuple[WorkBundle, ...]
    placed: tuple[Placed, ...]


@dataclass
class _Dated:
    """A draft on its way: its day and what was found about it."""

    draft: Draft
    day: VersionDay
    findings: list[Finding]

    @property
    def digest(self) -> str:
        """Equal for equal texts: labels and texts without blanks, headings left out."""
        parts = ("\x1f".join((one.label, "".join(one.text.split()))) for one in self.draft.provisions)
        return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()

    @property
    def articles(self) -> frozenset[tuple[str, str]]:
        """Labels with their texts without blanks."""
        return frozenset((one.label, "".join(one.text.split())) for one in self.draft.provisions)


def title_keys(works: Iterable[Work]) -> dict[TitleKey, Work]:
    """Works by kind, region and title without 中华人民共和国; a key that several share is left out."""
    found: dict[TitleKey, Work | None] = {}
    for work in works:
        key = (work.kind, work.region, short_key(work.title))
        found[key] = None if key in found else work
    return {key: work for key, work in found.items() if work is not None}


def assemble(
    drafts: Sequence[Draft],
    held: Mapping[TitleKey, Work],
    corrections: DateCorrections,
    source_id: str,
) -> Assembly:
    """Put drafts together; ``held`` are the works that the store has, whose full titles are taken over."""
    groups: dict[tuple[TitleKey, str], list[_Dated]] = {}
    for draft in drafts:
        key = (draft.kind, draft.region, short_key(draft.title))
        known = held.get(key)
        titled = dataclasses.replace(draft, title=known.title) if known else draft
        entry = _Dated(titled, decide_version_day(titled), list(draft.findings))
        if entry.day.finding is not None:
            entry.findings.append(entry.day.finding)
        groups.setdefault((key, _record_number(draft)), []).append(entry)
    bundles: list[WorkBundle] = []
    placed: list[Placed] = []
    for (_, number), entries in sorted(groups.items()):
        bundles.append(_assemble_work(entries, number, corrections, source_id, placed))
    return Assembly(tuple(bundles), tuple(placed))


def _assemble_work(
    entries: list[_Dated], number: str, corrections: DateCorrections, source_id: str, placed: list[Placed]
) -> WorkBundle:
    title = max((entry.draft.title for entry in entries), key=len)
    for entry in entries:
        entry.draft = dataclasses.replace(entry.draft, title=title)
    newest = max(entries, key=lambda entry: (entry.day.day, entry.draft.name_date or dt.date.min)).draft
    work = _describe_work(newest, title, number, corrections)
    _recognise_copies(entries)
    texts: list[VersionedText] = []
    for day, same_day in _by_day(entries):
        text, refused = _build_version(work, day, same_day, corrections)
        texts.append(text)
        for entry in same_day:
            version = "" if id(entry) in refused else text.version.id
            placed.append(Placed(entry.draft, work.id, version, day.day, tuple(entry.findings)))
    texts.sort(key=lambda text: text.version.version_date)
    return WorkBundle(work, tuple(texts), source_id)


def _recognise_copies(entries: list[_Dated]) -> None:
    """An undated text that reads like a dated one of its work is a copy of it, not a version of its own."""
    dated = [(entry, entry.articles) for entry in entries if entry.day.certain and not entry.draft.part]
    for entry in entries:
        if entry.day.certain or entry.draft.part or not dated:
            continue
        own = entry.articles
        shares = [len(own & held) / max(1, len(own), len(held)) for _, held in dated]
        best = max(range(len(dated)), key=shares.__getitem__)
        if shares[best] >= SAME_TEXT:
            entry.day = dated[best][0].day
            message = f"文件没有写明日期，文字与 {entry.day.day} 的文本基本相同，按同一版本处理"
            entry.findings = [one for one in entry.findings if one.code not in _UNDATED_CODES]
            entry.findings.append(Finding("undated_copy", message))


def _by_day(entries: list[_Dated]) -> list[tuple[VersionDay, list[_Dated]]]:
    """Entries of one work by version day.

    Two texts that claim one day although their names bear different days are told apart by the name:
    the header of the later one was not brought up to date.
    """
    days: dict[dt.date, list[_Dated]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.draft.name_date or dt.date.min, entry.draft.file)):
        held = days.setdefault(entry.day.day, [])
        name_date = entry.draft.name_date
        clash = held and not entry.draft.part and entry.digest != held[0].digest
        if clash and name_date and name_date > entry.day.day and name_date != held[0].draft.name_date:
            message = f"标题说明停在 {entry.day.day} 而正文不同，暂以文件名日期 {name_date} 区分，未核实"
            entry.findings.append(Finding("header_outdated", message))
            entry.day = VersionDay(name_date, False, name_date)
            held = days.setdefault(name_date, [])
        held.append(entry)
    return [(same_day[0].day, same_day) for _, same_day in sorted(days.items()) if same_day]


def _build_version(
    work: Work, day: VersionDay, entries: list[_Dated], corrections: DateCorrections
) -> tuple[VersionedText, set[int]]:
    """One version of all its files, and which entries (by identity) were refused."""
    refused: set[int] = set()
    if any(entry.draft.part for entry in entries):
        used = _take_parts(entries, refused)
    else:
        used = entries[:1]
        for entry in entries[1:]:
            if entry.digest != entries[0].digest:
                refused.add(id(entry))
                message = f"与 {entries[0].draft.file} 同为 {day.day} 的文本而内容不同，没有收入，请核对日期"
                entry.findings.append(Finding("version_conflict", message, lost=True))
    draft = used[0].draft
    start = decide_draft_start(draft, day, corrections)
    version = version_id(work.id, day.day)
    findings = used[0].findings
    provisions = _number_provisions(
        [(entry.draft, provision) for entry in used for provision in entry.draft.provisions],
        work.id,
        version,
        findings,
    )
    if not start.certain:
        findings.append(Finding("start_unknown", start.source))
    ends = draft.expires_on if draft.expires_on and draft.expires_on >= start.day else None
    return (
        VersionedText(
            Version(
                id=version,
                work_id=work.id,
                version_date=day.day,
                published_on=day.published_on,
                effective_from=start.day,
                effective_from_certain=start.certain,
                effective_to=ends or FAR_FUTURE,
                effective_to_certain=True,
                date_source=start.source,
                declared_status="",
                text_sha256=digest_text(provisions),
            ),
            provisions,
            details=draft.details,
            documents=tuple(
                dict.fromkeys(
                    entry.draft.file_sha256 for entry in (*used, *entries) if id(entry) not in refused
                )
            ),
        ),
        refused,
    )


def _take_parts(entries: list[_Dated], refused: set[int]) -> list[_Dated]:
    """Files that each hold a part, in the order of their articles; a part that comes twice is told."""
    seen: set[str] = set()
    used: list[_Dated] = []
    for entry in sorted(entries, key=lambda entry: _first_number(entry.draft)):
        if entry.draft.part in seen:
            refused.add(id(entry))
            message = f"“{entry.draft.part}”已由另一个文件收入，没有重复收入"
            entry.findings.append(Finding("part_repeated", message, lost=True))
            continue
        seen.add(entry.draft.part)
        used.append(entry)
    return used


def _first_number(draft: Draft) -> tuple[int, int]:
    return next((one.number for one in draft.provisions if one.number), (0, 0))


def _number_provisions(
    drafted: Sequence[tuple[Draft, DraftProvision]], work: str, version: str, findings: list[Finding]
) -> tuple[Provision, ...]:
    """Provisions with their ids; a number that comes twice keeps its id once and is a block afterwards."""
    seen: dict[tuple[int, int], int] = {}
    block = 0
    made: list[Provision] = []
    for ordinal, (draft, one) in enumerate(drafted):
        number, label = one.number, one.label
        if number is not None:
            repeats = seen[number] = seen.get(number, 0) + 1
            if repeats > 1:
                message = f"{label}第 {repeats} 次出现，按未编号的一段收入"
                findings.append(Finding("label_repeated", message, one.lines[0]))
                number, label = None, f"{label}（重复之{repeats}）"
        if number is None:
            block += 1
        made.append(
            Provision(
                id=provision_id(work, number, block),
                version_id=version,
                number=number,
                label=label,
                path=one.path,
                text=one.text,
                ordinal=ordinal,
                place=SourcePlace(draft.file_sha256, *one.lines),
            )
        )
    return tuple(made)


def _record_number(draft: Draft) -> str:
    """What tells two records of one title apart; statutes and normative documents go by title alone."""
    details: Details | None = draft.details
    if isinstance(details, CaseDetails):
        return details.guiding_number or details.entry_number or details.case_number
    if isinstance(details, InstitutionDetails):
        return details.credit_code or details.licence_number or details.district
    if isinstance(details, PersonDetails):
        return details.licence_number or details.institution
    return ""


def _describe_work(draft: Draft, title: str, number: str, corrections: DateCorrections) -> Work:
    folder = next((part for part in draft.file.split("/")[:-1] if part in DEPARTMENTS), "")
    named = f"{title}\x1f{number}" if number else title
    # A document is also asked for by its number, which a notice shares with what it issues.
    issues = isinstance(draft.details, NormativeDetails) and bool(draft.details.issues)
    names = draft.aliases if issues else (*draft.aliases, draft.document_number)
    aliases = dict.fromkeys(name for name in names if name and name != title)
    key = short_key(title)
    repeal = next((one for one in corrections.repeals if short_key(one.title) == key), None)
    return Work(
        id=work_id(draft.kind, named, draft.region),
        kind=draft.kind,
        title=title,
        short_title=draft.short_title or shorten_title(title),
        aliases=tuple(aliases),
        statute_type=draft.statute_type,
        issuing_body=draft.issuing_body,
        topic=draft.topic or folder,
        region=draft.region,
        repealed_on=repeal.repealed_on if repeal else None,
        successor=repeal.successor if repeal else "",
    )
