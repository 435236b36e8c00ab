"""参照案例 to drafts: one block for each section, and the fields that the text or the register states.

The parties' title (…诉…案) is the title of the record and the headline above it the subtitle, as in the
people's courts' case library. A page with 案例一, 案例二 … gives one draft each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.drafts import Act, ActKind, Draft, DraftProvision
from ingest.lines import Finding, Line, ReadDocument
from ingest.parsers.cases_fields import (
    CASE_TYPES,
    find_case_kind,
    find_cause,
    find_deciding_court,
    find_entry_number,
    find_guiding_number,
    find_trials,
    force_of,
    list_cited,
    read_case_type,
    read_court_level,
    read_procedure,
)
from ingest.parsers.cases_rows import read_case_rows
from ingest.parsers.cases_sections import Role, Section, read_sections
from ingest.parsers.cases_text import CaseText
from ingest.parsers.normative_days import find_days, parse_day
from ingest.parsers.registers import add_file_findings
from kb.domain.records import CaseDetails
from kb.domain.works import NATIONAL, WorkKind
from kb.errors import SourceError
from kb.text.numerals import NUMERAL_CLASS

MAX_TITLE_CHARS = 200
_ENTRY = re.compile(
    rf"(?:典型)?案例 ?(?P<number>[{NUMERAL_CLASS}]{{1,4}}+)"
    r"(?:[:：、.． ]{1,3}+(?P<title>.{2,200})|[:：]?)"
)
_PARTIES = re.compile(
    r".{2,190}(?:诉|与|申请|、|案外人|被告人|等).{1,190}案|.{2,190}(?:纠纷|罪)(?:一)?案|.{4,190}公益诉讼(?:一)?案"
)
_BATCH = re.compile(
    r".{0,80}(?:典型案例|指导性案例|参考案例|参阅案例|公报案例|典型案事例)(?:[（(].{1,20}[)）])?"
)
_PUBLISHER = re.compile(
    r"[（(]?(?P<body>[\u4e00-\u9fff、]{4,40}?)(?:审判委员会讨论通过)?(?:联合)?(?:发布|公布|印发)[）)]?"
)
_FIELD_LINE = re.compile(r"(?P<key>[\u4e00-\u9fff]{2,8}) ?[:：] ?(?P<value>.{1,300})")
_FIELDS = {
    **dict.fromkeys(("入库编号", "案例编号"), "entry_number"),
    **dict.fromkeys(("案由", "案件案由"), "cause"),
    **dict.fromkeys(("审理法院", "裁判法院", "法院"), "court"),
    **dict.fromkeys(("案号", "案件字号"), "case_number"),
    **dict.fromkeys(("裁判日期", "裁判时间", "判决日期"), "decided_on"),
    **dict.fromkeys(("审理程序", "审级", "程序"), "procedure"),
    **dict.fromkeys(("案件类型", "案件性质"), "case_type"),
    **dict.fromkeys(("副标题",), "subtitle"),
    **dict.fromkeys(("案例类型", "案例级别"), "case_kind"),
    **dict.fromkeys(("批次",), "batch"),
    **dict.fromkeys(("发布机关", "发布单位", "来源"), "publisher"),
    **dict.fromkeys(("发布日期", "发布时间"), "published_on"),
}
_KEYWORD_BREAK = re.compile(r"[、，,;；/\s|]+")


def parse_case(document: ReadDocument) -> tuple[Draft, ...]:
    """Drafts of a document (one case, or a page of several) or of a register of cases.

    Raises SourceError ``title_missing``, ``text_missing``, and for registers what ``read_register`` raises.
    """
    if document.rows:
        return add_file_findings(document, (make_draft(document, text) for text in read_case_rows(document)))
    lines = [line for line in document.lines if line.text.strip()]
    if not lines:
        raise SourceError(
            "text_missing", "文件没有正文。", place=document.name, way_out="请检查文件是否完整。"
        )
    entries = _split_entries(lines)
    if len(entries) < 2:
        return add_file_findings(document, [make_draft(document, _read_text(document, lines))])
    page = _read_head(document, lines[: entries[0][0]])
    drafts = []
    for start, end in entries:
        text = _read_entry(document, lines[start:end], page)
        if text.sections:
            drafts.append(make_draft(document, text))
    return add_file_findings(document, drafts)


def _split_entries(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Where each case of a page of several begins and ends; entries of a contents list hold no sections."""
    marks = [
        i for i, line in enumerate(lines) if len(line.text) <= MAX_TITLE_CHARS and _ENTRY.fullmatch(line.text)
    ]
    entries = list(zip(marks, [*marks, len(lines)][1:], strict=True))
    return [(start, end) for start, end in entries if read_sections(lines[start + 1 : end])[1]]


def _read_entry(document: ReadDocument, lines: Sequence[Line], page: CaseText) -> CaseText:
    mark = _ENTRY.fullmatch(lines[0].text)
    rest = list(lines[1:])
    title = mark["title"] if mark and mark["title"] else ""
    if not title and rest:
        title = rest.pop(0).text
    text = _read_text(document, rest, given=title)
    text.batch = text.batch or page.batch or page.headline or page.title
    text.publisher = text.publisher or page.publisher
    text.published_on = text.published_on or page.published_on
    text.heads += [*page.heads, page.headline, page.title]
    return text


def _read_text(document: ReadDocument, lines: Sequence[Line], given: str = "") -> CaseText:
    head, sections = read_sections(lines)
    text = _read_head(document, head, given)
    text.sections = [*text.sections, *sections]
    if not sections and not text.sections:
        body = [line for line in lines if line.text.strip() not in (text.title, text.headline)]
        if body:
            whole = Section("全文", Role.OTHER)
            for line in body:
                whole.add(line.text.strip(), line)
            text.sections.append(whole)
            text.findings.append(Finding("sections_missing", "没有找到基本案情等小标题，全文作为一段收入"))
    return text


def _read_head(document: ReadDocument, lines: Sequence[Line], given: str = "") -> CaseText:
    """Title, headline, batch, publisher and fields from the lines before the first section."""
    text = CaseText(title=given.strip())
    rest = Section("说明", Role.OTHER)
    for line in lines:
        words = line.text.strip()
        bare = words.strip("（）()《》 ")
        text.heads.append(words[:MAX_TITLE_CHARS])
        field_match = _FIELD_LINE.fullmatch(words)
        days = find_days(words) if len(words) < 120 else []
        if field_match and field_match["key"] in _FIELDS:
            text.fields[_FIELDS[field_match["key"]]] = field_match["value"].strip()
        elif line.cells and line.cells[0].strip("：: ") in _FIELDS and len(line.cells) > 1:
            text.fields[_FIELDS[line.cells[0].strip("：: ")]] = line.cells[1].strip()
        elif find_entry_number(words) and len(words) < 40:
            text.fields["entry_number"] = find_entry_number(words)
        elif parse_day(bare):
            text.published_on = parse_day(bare)
        elif days and len(words) < 80 and ("发布" in words or "公布" in words):
            text.published_on = days[-1].day
            body = _PUBLISHER.match(words.lstrip("（("))
            text.publisher = text.publisher or (body["body"] if body else "")
        elif (publisher := _PUBLISHER.fullmatch(words)) and not line.level:
            text.publisher = publisher["body"]
        elif (_BATCH.fullmatch(words) and (text.title or text.headline or not line.level)) or (
            find_guiding_number(words) and len(words) < 16
        ):
            text.batch = text.batch or words
        elif len(words) <= MAX_TITLE_CHARS and not text.title and _PARTIES.fullmatch(words.rstrip("。")):
            text.title = words.rstrip("。")
        elif len(words) <= MAX_TITLE_CHARS and not text.headline and (line.level or not text.title):
            text.headline = words
        elif words not in (text.title, text.headline):
            rest.add(words, line)
    if not text.title:
        text.title, text.headline = text.headline, ""
    text.title = text.title or document.metadata.get("title", "").strip()
    if rest.texts:
        text.sections.append(rest)
    return text


def make_draft(document: ReadDocument, text: CaseText) -> Draft:
    """The record of one case; what is not stated stays empty and an unknown kind is told."""
    if not text.title:
        raise SourceError(
            "title_missing",
            "没有找到案例的标题。",
            place=document.name,
            way_out="请在正文第一行写明案例标题后重新导入。",
        )
    provisions = tuple(
        DraftProvision(None, section.label, (), section.text, (section.first, section.last))
        for section in text.sections
        if section.text
    )
    if not provisions:
        raise SourceError(
            "text_missing",
            "案例没有正文。",
            place=f"{document.name} {text.title}",
            way_out="请检查文件是否完整。",
        )
    details, findings = _read_details(text)
    aliases = (text.headline,) if text.headline and text.headline != text.title else ()
    acts = (Act(ActKind.PUBLISHED, text.published_on, body=text.publisher),) if text.published_on else ()
    empty = [section.label for section in text.sections if not section.text]
    if empty:
        findings.append(Finding("section_empty", f"“{'、'.join(empty)}”之下没有内容"))
    return Draft(
        kind=WorkKind.CASE,
        title=text.title,
        provisions=provisions,
        file=document.name,
        file_sha256=document.sha256,
        aliases=aliases,
        statute_type=details.case_kind,
        issuing_body=text.publisher or details.court,
        region=text.region or NATIONAL,
        topic=text.topic or _topic_of(document.name),
        document_number=details.guiding_number or details.entry_number or details.case_number,
        acts=acts,
        details=details,
        candidates=len(text.sections),
        unread=len(empty),
        findings=(*text.findings, *findings),
    )


def _read_details(text: CaseText) -> tuple[CaseDetails, list[Finding]]:
    findings: list[Finding] = []
    given = {name: value for name, value in text.fields.items() if value not in ("", (), None)}
    heads = " ".join([*text.heads, text.title, text.headline, text.batch])
    kind = find_case_kind(str(given.get("case_kind", "")), text.batch, heads)
    if not kind and (given.get("entry_number") or find_entry_number(heads)):
        kind = "人民法院案例库参考案例"
    if not kind:
        findings.append(
            Finding("case_kind_unknown", "文件没有写明案例的种类（指导性案例、典型案例等），效力未注明")
        )
    story = _tell(text.sections, Role.RESULT, Role.TRIALS, Role.REASONS)
    trials = find_trials(_tell(text.sections, Role.RESULT)) or find_trials(_tell(text.sections, *Role))
    final = trials[-1] if trials else None
    number = str(given.get("case_number", "") or (final.number if final else ""))
    spoken, in_procedure = ("", "") if final else find_deciding_court(story)
    court = str(given.get("court", "") or (final.court if final else spoken))
    keywords = given.get("keywords") or _read_keywords(text.sections)
    case_type = str(given.get("case_type", "")) or read_case_type(number)
    case_type = case_type or next((word for word in keywords if word in CASE_TYPES), "")
    decided = given.get("decided_on") or (final.day if final else None)
    if isinstance(decided, str):
        day = parse_day(decided)
        if day is None:
            findings.append(Finding("date_unreadable", f"裁判日期“{decided[:20]}”无法识别"))
        decided = day
    cited = given.get("cited") or list_cited(
        line for section in text.sections if section.role is Role.LAW for line in section.texts
    )
    details = CaseDetails(
        case_kind=kind,
        force=force_of(kind),
        entry_number=str(given.get("entry_number", "")),
        guiding_number=str(given.get("guiding_number", "")) or find_guiding_number(heads),
        batch=str(given.get("batch", "")) or text.batch,
        subtitle=str(given.get("subtitle", "")) or text.headline,
        keywords=tuple(keywords),
        cause=str(given.get("cause", "")) or find_cause(text.title),
        case_type=case_type,
        court=court,
        court_level=str(given.get("court_level", "")) or read_court_level(court),
        procedure=str(given.get("procedure", "")) or read_procedure(number) or in_procedure,
        case_number=number,
        decided_on=decided,
        related_trials=tuple(given.get("related_trials", ())) or tuple(str(trial) for trial in trials),
        cited=tuple(cited),
        state=str(given.get("state", "有效")),
        fictional=bool(given.get("fictional", False)),
    )
    return details, findings


def _tell(sections: Sequence[Section], *roles: Role) -> str:
    """The text of the sections that hold this."""
    return "\n".join(section.text for section in sections if section.role in roles)


def _read_keywords(sections: Sequence[Section]) -> tuple[str, ...]:
    words = [word for s in sections if s.role is Role.KEYWORDS for word in _KEYWORD_BREAK.split(s.text)]
    return tuple(dict.fromkeys(word.strip("。 ") for word in words if word.strip("。 ")))


def _topic_of(name: str) -> str:
    """The folder below 案例 names the topic: 案例/劳动人事/….md."""
    folders = name.split("/")[:-1]
    return folders[folders.index("案例") + 1] if "案例" in folders[:-1] else ""
