"""Lines of a 规范性文件 to drafts: the notice (通知) and the document that it issues are two records.

The head of the file gives title, 发文字号 and the fields of a government page; the signature gives
the bodies and 成文日期; what follows the title that the notice names is the issued document.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.drafts import Act, ActKind, Draft
from ingest.lines import Finding, Line, ReadDocument
from ingest.parsers.normative_days import find_days, parse_day
from ingest.parsers.normative_fields import (
    DATE_FIELDS,
    find_adoption,
    find_interpreting_body,
    find_region,
    read_validity,
    split_bodies,
)
from ingest.parsers.normative_head import Head, find_genre, read_head
from ingest.parsers.normative_notice import Signature, find_issued, find_signature, name_issued
from ingest.parsers.normative_structure import Structure, read_structure
from ingest.parsers.registers import add_file_findings
from kb.domain.records import NormativeDetails
from kb.domain.works import WorkKind
from kb.errors import SourceError

STATUTE_TYPE = "规范性文件"
_TRAILER = re.compile(
    r"(?:抄送|主题词|分送|印送|校对|打字|责任编辑|编辑|扫一扫|分享到|打印本页|关闭窗口)[:：]?|.{2,30}办公室.{0,12}印发\Z"
)
_OPENNESS = re.compile(r"[（(]?此件(?P<how>(?:主动|依申请)?(?:不予)?公开(?:发布)?|不公开)[）)]?")


def parse_normative(document: ReadDocument) -> tuple[Draft, ...]:
    """A document alone, or a notice and the document (or documents) that it issues, in this order.

    ``details.issues`` of the notice and ``issued_by`` of the others name each other by title.
    ``expires_on`` is the first day no longer in force. Raises SourceError ``title_missing`` or
    ``text_missing``.
    """
    lines = [line for line in document.lines if line.text.strip()]
    head, start = read_head(document, lines)
    body = lines[start:]
    if not body:
        raise _missing_text(document)
    issued = find_issued(head.title, body)
    first = min((begin for _, begin, _ in issued), default=len(body))
    notice_lines, trailer = _cut_trailer(body[:first])
    signature = find_signature(notice_lines) or Signature((), None, len(notice_lines), len(notice_lines))
    openness = next((match["how"] for line in notice_lines if (match := _OPENNESS.fullmatch(line.text))), "")
    common = _read_common(head, signature, openness, body)
    after = [line for line in notice_lines[signature.end :] if not _is_marker(line, bool(issued))]
    own = [line for line in notice_lines[: signature.start] if not _OPENNESS.fullmatch(line.text)]
    structure = read_structure([*own, *after], annexes=bool(after) or signature.day is None)
    findings = [*head.findings, *trailer, *structure.findings]
    named = name_issued(head.title)
    if named and not issued:
        message = f"通知所印发的《{named[0]}》不在这个文件里，请另行导入"
        findings.append(Finding("issued_document_missing", message))
    notice = _make_draft(document, head.title, structure, common, findings)
    drafts = [_link(notice, issues="；".join(title for title, _, _ in issued)) if issued else notice]
    for title, begin, skip in issued:
        end = min((other for _, other, _ in issued if other > begin), default=len(body))
        text, dropped = _cut_trailer(body[begin + skip : end])
        if text:
            drafts.append(_make_issued(document, notice, title, text, dropped, common))
    return add_file_findings(document, _keep_with_text(document, drafts))


def _keep_with_text(document: ReadDocument, drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts that have any text; one without is told with the next. Raises SourceError ``text_missing``."""
    kept = [draft for draft in drafts if draft.provisions]
    if not kept:
        raise _missing_text(document)
    told = [
        Finding("text_missing", f"“{draft.title[:40]}”没有正文，没有收入", lost=True)
        for draft in drafts
        if not draft.provisions
    ]
    return [dataclasses.replace(kept[0], findings=(*kept[0].findings, *told)), *kept[1:]]


def _missing_text(document: ReadDocument) -> SourceError:
    return SourceError(
        "text_missing", "文件只有标题，没有正文。", place=document.name, way_out="请检查文件是否完整。"
    )


def _link(draft: Draft, issues: str) -> Draft:
    assert isinstance(draft.details, NormativeDetails)
    return dataclasses.replace(draft, details=dataclasses.replace(draft.details, issues=issues))


@dataclass(frozen=True)
class _Common:
    """What the notice says for all records of the file."""

    details: NormativeDetails
    bodies: tuple[str, ...]
    meeting: str
    declared_from: dt.date | None
    region: str


def _cut_trailer(lines: Sequence[Line]) -> tuple[list[Line], list[Finding]]:
    """Take 抄送 and the printer's line off the end."""
    kept = list(lines)
    findings: list[Finding] = []
    while kept and len(kept[-1].text) < 120 and _TRAILER.match(kept[-1].text):
        line = kept.pop()
        findings.append(Finding("trailer_dropped", f"文末“{line.text[:20]}”不是正文，没有收入", line.number))
    return kept, findings


def _is_marker(line: Line, before_issued: bool) -> bool:
    """A lone 附件 before the issued document, or 此件公开发布."""
    return bool(_OPENNESS.fullmatch(line.text)) or (
        before_issued and bool(re.fullmatch(r"附 ?件? ?\d{0,2}[:：]?", line.text))
    )


def _read_common(head: Head, signature: Signature, openness: str, body: Sequence[Line]) -> _Common:
    values: dict[str, Any] = {
        name: value
        for name, value in head.fields.items()
        if name in NormativeDetails.__dataclass_fields__ and name not in DATE_FIELDS
    }
    for name in DATE_FIELDS & set(head.fields):
        day = parse_day(head.fields[name])
        if day is not None:
            values[name] = day
        elif name != "expires_on":
            head.findings.append(
                Finding("date_unreadable", f"页面所载日期“{head.fields[name][:20]}”无法识别")
            )
    effective = values.pop("effective_from", None)
    adopted, meeting = next(
        ((day, by) for line in body[:30] for day, by in (find_adoption(line.text),) if by), (None, "")
    )
    values.setdefault("adopted_on", adopted)
    written = values.get("written_on") or signature.day or max(head.note_days, default=None)
    if signature.day and values.get("written_on") not in (None, signature.day):
        message = f"落款日期 {signature.day} 与页面所载成文日期 {values['written_on']} 不同，以落款为准"
        head.findings.append(Finding("dates_differ", message))
        written = signature.day
    values["written_on"] = written
    named = values.pop("joint_bodies", "")
    bodies = signature.bodies or _split_names(head.fields.get("issuing_body", "")) or _bodies_of(head.title)
    joint = tuple(dict.fromkeys([*bodies, *_split_names(named)]))
    values |= {
        "document_number": head.number,
        "joint_bodies": joint if len(joint) > 1 else (),
        "openness": values.get("openness", "") or openness,
    }
    issued_on = values.get("issued_on")
    if written and issued_on and issued_on < written:
        head.findings.append(Finding("dates_disordered", f"发布日期 {issued_on} 早于成文日期 {written}"))
    region = find_region(head.number, head.title, *joint)
    return _Common(NormativeDetails(**values), joint, meeting, effective, region)


def _split_names(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[、，,;； ]+", text.strip()) if part)


def _bodies_of(title: str) -> tuple[str, ...]:
    """Bodies named before 关于 in a title."""
    before, found, _ = title.partition("关于")
    return split_bodies(before) if found else ()


def _make_draft(
    document: ReadDocument, title: str, structure: Structure, common: _Common, findings: Sequence[Finding]
) -> Draft:
    details = common.details
    texts = [one.text for one in structure.provisions]
    validity = read_validity(texts, details.written_on, details.issued_on)
    interpreting = details.interpreting_body or find_interpreting_body(texts)
    details = dataclasses.replace(
        details,
        genre=details.genre or find_genre(title),
        expires_on=details.expires_on or validity.ends,
        validity_note=validity.note or details.validity_note,
        interpreting_body=interpreting,
    )
    declared = common.declared_from or validity.starts
    extra: list[Finding] = []
    if declared and details.expires_on and details.expires_on <= declared:
        extra.append(Finding("dates_disordered", f"失效日期 {details.expires_on} 不晚于施行日期 {declared}"))
        details = dataclasses.replace(details, expires_on=None)
    short = re.sub(r"(?:[（(][^（()）]{1,30}[）)])+\Z", "", title)
    return Draft(
        kind=WorkKind.NORMATIVE,
        title=title,
        provisions=structure.provisions,
        file=document.name,
        file_sha256=document.sha256,
        short_title=short if short != title and len(short) > 4 else "",
        statute_type=STATUTE_TYPE,
        issuing_body="、".join(common.bodies),
        region=common.region,
        document_number=details.document_number,
        acts=_list_acts(details, common),
        declared_from=declared,
        expires_on=details.expires_on,
        details=details,
        candidates=structure.candidates,
        unread=structure.unread,
        findings=(*findings, *extra),
    )


def _make_issued(
    document: ReadDocument,
    notice: Draft,
    title: str,
    lines: Sequence[Line],
    dropped: list[Finding],
    common: _Common,
) -> Draft:
    """The issued document; what the notice says of start and end holds where its own text says nothing."""
    skip = 0
    while skip < min(3, len(lines) - 1) and lines[skip].text[0] in "（(" and find_days(lines[skip].text):
        skip += 1
    kept = list(lines[skip:])
    signature = find_signature(kept[-6:])
    if signature and signature.bodies and signature.end == len(kept[-6:]) and signature.start:
        kept = kept[: len(kept) - (signature.end - signature.start)]
    details = dataclasses.replace(common.details, genre="", validity_note="", issued_by=notice.title)
    structure = read_structure(kept)
    own = dataclasses.replace(common, details=details)
    draft = _make_draft(document, title, structure, own, [*dropped, *structure.findings])
    if draft.declared_from is None and draft.expires_on is None:
        assert isinstance(notice.details, NormativeDetails)
        assert isinstance(draft.details, NormativeDetails)
        ends, note = notice.details.expires_on, notice.details.validity_note
        inherited = dataclasses.replace(draft.details, expires_on=ends, validity_note=note)
        return dataclasses.replace(
            draft, declared_from=notice.declared_from, expires_on=notice.expires_on, details=inherited
        )
    return draft


def _list_acts(details: NormativeDetails, common: _Common) -> tuple[Act, ...]:
    acts = []
    if details.adopted_on:
        acts.append(
            Act(ActKind.ADOPTED, details.adopted_on, body="、".join(common.bodies), by=common.meeting)
        )
    published = details.written_on or details.issued_on
    if published:
        number = details.document_number
        acts.append(Act(ActKind.PUBLISHED, published, body="、".join(common.bodies), number=number))
    return tuple(acts)
