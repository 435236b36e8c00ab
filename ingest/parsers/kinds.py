"""What kind of record a file holds, by its content, and the one door to all parsers.

Columns tell registers apart; for documents section headings (基本案情, 受理条件), 发文字号 and the title do.
A folder's name is only a hint where the content leaves it open.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ingest.drafts import Draft
from ingest.lines import Line, ReadDocument
from ingest.parsers import cases_rows, guides, guides_draft, institutions, people
from ingest.parsers.cases_sections import SECTION_ROLES, Role, read_section_heading
from ingest.parsers.guides_page import count_fields
from ingest.parsers.normative_fields import find_document_number, read_fields, read_number_line
from ingest.parsers.normative_notice import name_issued
from ingest.parsers.normative_structure import is_structural
from ingest.parsers.registers import count_known
from kb.domain.works import WorkKind
from kb.errors import SourceError

_FOLDERS = {
    **dict.fromkeys(("案例", "参照案例", "典型案例", "指导性案例", "cases"), WorkKind.CASE),
    **dict.fromkeys(("规范性文件", "normative"), WorkKind.NORMATIVE),
    **dict.fromkeys(("办事指引", "办事指南", "guides"), WorkKind.GUIDE),
    **dict.fromkeys(("机构", "institutions"), WorkKind.INSTITUTION),
    **dict.fromkeys(("人员", "people"), WorkKind.PERSON),
    **dict.fromkeys(
        (
            *(
                "宪法",
                "宪法相关法",
                "民法典",
                "民法商法",
                "行政法",
                "经济法",
                "社会法",
                "刑法",
                "诉讼与非诉讼程序法",
            ),
            *(
                "行政法规",
                "司法解释",
                "部门规章",
                "地方性法规",
                "北京地方性法规",
                "法律",
                "法律法规",
                "statutes",
            ),
        ),
        WorkKind.STATUTE,
    ),
}
_ROW_COLUMNS = (
    (WorkKind.INSTITUTION, institutions.COLUMNS),
    (WorkKind.PERSON, people.COLUMNS),
    (WorkKind.CASE, cases_rows.COLUMNS),
    (WorkKind.GUIDE, guides_draft.COLUMNS),
)
_CASE_ROLES = frozenset((Role.FACTS, Role.GIST, Role.RESULT, Role.REASONS, Role.FOCUS, Role.SIGNIFICANCE))
_ARTICLE = re.compile(
    r"第 ?[0-9零〇一二三四五六七八九十百千]{1,10} ?条(?:之[一二三四五六七八九十]{1,3})?(?![的规之款])"
)
_STATUTE_NUMBER = re.compile(r"法释|高检发释字|(?:主席|国务院|总理|委员会|政府|部|总局|署)令|公告〔?\d{4}〕?")
_STATUTE_TITLE = re.compile(
    r"(?:法|法典|条例|宪法|修正案(?:[（(].{1,6}[)）])?|解释(?:[（(].{1,6}[)）])?|自治条例|议事规则|组织法|实施细则)(?:[（(][^（()）]{1,30}[）)])?\Z"
)
_STATUTE_BODY = re.compile(
    r"全国人民代表大会|常务委员会关于|最高人民法院|最高人民检察院|国务院关于.{2,80}(?:规定|办法|命令|决定)\Z"
)
_NORMATIVE_TITLE = re.compile(
    r"(?:通知|意见|规划|方案|通告|公告|措施|要点|批复|函|纲要|指引|指南|计划)(?:[（(][^（()）]{1,30}[）)])?\Z"
)
_STATUTE_NOTE = re.compile(
    r"\d{4}年\d{1,2}月\d{1,2}日.{0,60}(?:国务院|主席令|代表大会|常务委员会|最高人民|会议|部令|第\d{1,4}号令|令第)"
    r".{0,80}(?:通过|公布|发布|批准|修正|修订)|\d{4}年\d{1,2}月\d{1,2}日国务院"
)
_HEAD_LINES = 40


def detect_kind(document: ReadDocument) -> WorkKind:
    """The kind of the records in ``document``. Raises SourceError ``kind_unknown``."""
    kind = _detect_rows(document) if document.rows else _detect_lines(document)
    if kind is None:
        raise SourceError(
            "kind_unknown",
            "认不出这个文件是法规、规范性文件、案例、办事指引还是机构人员名录。",
            place=document.name,
            way_out="请用 --kind 指明种类（statute、normative、case、guide、institution、person）后重试。",
        )
    return kind


def parse_document(document: ReadDocument, kind: WorkKind | None = None) -> tuple[Draft, ...]:
    """Drafts of a file of any kind; ``kind`` overrides what the content says.

    Raises SourceError: ``kind_unknown``, ``kind_mismatch`` (rows where a document is meant), and what the
    kind's parser raises.
    """
    chosen = kind or detect_kind(document)
    if document.rows and chosen in (WorkKind.STATUTE, WorkKind.NORMATIVE):
        raise SourceError(
            "kind_mismatch",
            "表格和记录文件不能作为法规或规范性文件导入。",
            place=document.name,
            way_out="请导入文件正文，或用 --kind 指明 case、guide、institution、person。",
        )
    if not document.rows and chosen in (WorkKind.INSTITUTION, WorkKind.PERSON):
        raise SourceError(
            "kind_mismatch",
            "机构和人员名录应为表格或记录文件（CSV、XLSX、JSON）。",
            place=document.name,
            way_out="请按 corpora/templates 中的模板整理后导入。",
        )
    return _parser_of(chosen)(document)


def _parser_of(kind: WorkKind) -> Callable[[ReadDocument], tuple[Draft, ...]]:
    # Imported when first needed: a child that reads one kind of file loads one parser.
    match kind:
        case WorkKind.STATUTE:
            from ingest.parsers.statute_lines import parse_statute

            return parse_statute
        case WorkKind.NORMATIVE:
            from ingest.parsers.normative import parse_normative

            return parse_normative
        case WorkKind.CASE:
            from ingest.parsers.cases import parse_case

            return parse_case
        case WorkKind.GUIDE:
            return guides.parse_guide
        case WorkKind.INSTITUTION:
            return institutions.parse_institutions
        case WorkKind.PERSON:
            return people.parse_people


def _detect_rows(document: ReadDocument) -> WorkKind | None:
    headers = list(document.rows[0].values)
    counts = {kind: count_known(headers, columns) for kind, columns in _ROW_COLUMNS}
    if document.format in guides.STRUCTURED_FORMATS and "title" in headers:
        own = sum(name in guides.OWN_NAMES for name in headers)
        counts[WorkKind.GUIDE] = max(counts[WorkKind.GUIDE], own)
    hint = _hint(document)
    best = max(counts.values())
    if best < 2:
        return hint if hint in counts else None
    winners = [kind for kind, count in counts.items() if count == best]
    return hint if hint in winners else winners[0] if len(winners) == 1 else None


def _hint(document: ReadDocument) -> WorkKind | None:
    folders = document.name.split("/")[:-1]
    return next((_FOLDERS[folder] for folder in reversed(folders) if folder in _FOLDERS), None)


def _detect_lines(document: ReadDocument) -> WorkKind | None:
    lines = [line for line in document.lines if line.text.strip()]
    if not lines:
        return None
    hint = _hint(document)
    if _is_case(lines):
        return WorkKind.CASE
    if _is_guide(lines):
        return WorkKind.GUIDE
    return _detect_act(document, lines, hint)


def _is_case(lines: list[Line]) -> bool:
    roles = [SECTION_ROLES[named[0]] for line in lines if (named := read_section_heading(line))]
    return len([role for role in roles if role in _CASE_ROLES]) > 0 and (
        len(set(roles)) > 1 or Role.FACTS in roles
    )


def _is_guide(lines: list[Line]) -> bool:
    articles = sum(bool(_ARTICLE.match(line.text)) for line in lines)
    return articles == 0 and count_fields(lines) >= 3


def _detect_act(document: ReadDocument, lines: list[Line], hint: WorkKind | None) -> WorkKind | None:
    """Statute or normative document, by number, title and form."""
    head = lines[:_HEAD_LINES]
    title = lines[0].text.strip().rstrip("。")
    numbers = [
        read_number_line(line.text) or find_document_number(line.text) for line in head if len(line.text) < 80
    ]
    fields = {name for line in head for name in read_fields(line)}
    number = next((one for one in numbers if one), "")
    if hint in (WorkKind.STATUTE, WorkKind.NORMATIVE):
        return hint
    if name_issued(title):
        return WorkKind.NORMATIVE
    if _STATUTE_NUMBER.search(number) or _STATUTE_BODY.search(title):
        return WorkKind.STATUTE
    if number or fields & {"index_number", "genre", "openness", "filing_number"}:
        return WorkKind.NORMATIVE
    if _STATUTE_TITLE.search(title) or any(_is_statute_note(line.text) for line in head[:8]):
        return WorkKind.STATUTE
    if _NORMATIVE_TITLE.search(title):
        return WorkKind.NORMATIVE
    if any(_ARTICLE.match(line.text) for line in lines):
        return WorkKind.STATUTE
    return hint or (WorkKind.NORMATIVE if any(is_structural(line.text) for line in lines) else None)


def _is_statute_note(text: str) -> bool:
    """A title note of a statute: (1955年12月29日国务院…发布), in brackets or alone on a short line."""
    return len(text) < 300 and (text[:1] in "（(" or text[:1].isdigit()) and bool(_STATUTE_NOTE.search(text))
