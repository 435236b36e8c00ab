"""Rows of a register of cases (CSV, XLSX, JSON, JSONL) to cases taken apart, every bad cell named."""

from __future__ import annotations

import re

from ingest.lines import ReadDocument
from ingest.parsers.cases_fields import CASE_NUMBER, CASE_TYPES, find_entry_number, list_cited
from ingest.parsers.cases_sections import Role, Section
from ingest.parsers.cases_text import CaseText
from ingest.parsers.registers import CellError, Column, Problems, Record, find_repeats, read_register
from ingest.parsers.registers_cells import read_bool, read_date, read_list
from kb.domain.records import CASE_KINDS

_STATES = ("有效", "已替代", "已撤下")


def _read_kind(text: str) -> str:
    if text not in CASE_KINDS:
        raise CellError(f"“{text[:20]}”不是已知的案例类型，应为{'、'.join(CASE_KINDS)}之一")
    return text


def _read_type(text: str) -> str:
    if text.removesuffix("案件") not in CASE_TYPES:
        raise CellError(f"“{text[:20]}”不是已知的案件类型，应为{'、'.join(CASE_TYPES)}之一")
    return text.removesuffix("案件")


def _read_state(text: str) -> str:
    if text not in _STATES:
        raise CellError(f"“{text[:20]}”应为{'、'.join(_STATES)}之一")
    return text


def _read_entry_number(text: str) -> str:
    if find_entry_number(text) != text:
        raise CellError(f"“{text[:30]}”不是入库编号，应为 2023-07-2-091-001 这样的形式")
    return text


def _read_case_number(text: str) -> str:
    if len(text) > 60 or not CASE_NUMBER.match(text):
        raise CellError(f"“{text[:30]}”不是案号，应为（2020）京01民终123号 这样的形式")
    return text


def _read_lines(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split("[\n；;]", text) if part.strip())


_SECTION_COLUMNS = (
    ("基本案情", "facts", ("案情", "简要案情", "案情简介"), Role.FACTS),
    ("诉讼请求", "request", ("原告诉讼请求", "申请人请求"), Role.REQUEST),
    ("争议焦点", "focus", (), Role.FOCUS),
    ("裁判结果", "result", ("处理结果", "判决结果", "法院裁判"), Role.RESULT),
    ("裁判理由", "reasons", ("判决理由",), Role.REASONS),
    ("裁判要点", "points", (), Role.GIST),
    ("裁判要旨", "gist", ("要旨",), Role.GIST),
    ("典型意义", "significance", ("指导意义", "案例意义"), Role.SIGNIFICANCE),
    ("案例评析", "analysis", ("案例分析", "评析"), Role.ANALYSIS),
    ("相关法条", "law", ("关联法条", "法律依据", "相关规定"), Role.LAW),
    ("关联审判", "trials", ("关联案件", "相关审判"), Role.TRIALS),
)
COLUMNS = (
    Column("标题", "title", ("案例名称", "案例标题", "案件名称", "名称"), required=True),
    Column("副标题", "subtitle"),
    Column("案例类型", "case_kind", ("案例种类", "案例级别"), read=_read_kind),
    Column("入库编号", "entry_number", ("案例编号",), read=_read_entry_number),
    Column("指导案例号", "guiding_number", ("指导性案例号",)),
    Column("批次", "batch", ("发布批次",)),
    Column("发布机关", "publisher", ("发布单位",)),
    Column("发布日期", "published_on", ("公布日期",), read=read_date),
    Column("关键词", "keywords", ("关键字",), read=read_list),
    Column("案由", "cause"),
    Column("案件类型", "case_type", ("案件性质",), read=_read_type),
    Column("审理法院", "court", ("法院", "裁判法院")),
    Column("法院层级", "court_level", ("法院级别",)),
    Column("审理程序", "procedure", ("审级", "程序")),
    Column("案号", "case_number", read=_read_case_number),
    Column("裁判日期", "decided_on", ("判决日期", "裁判时间"), read=read_date),
    *(Column(name, field, aliases) for name, field, aliases, _ in _SECTION_COLUMNS),
    Column("状态", "state", ("案例状态",), read=_read_state),
    Column("专题", "topic", ("主题", "领域")),
    Column("地区", "region", ("适用地区",)),
    Column("虚构", "fictional", ("示例", "是否虚构"), read=read_bool),
)
_OWN_FIELDS = ("title", "publisher", "published_on", "topic", "region", "batch")


def read_case_rows(document: ReadDocument) -> list[CaseText]:
    """One case for each row. Raises SourceError as ``read_register`` and ``register_invalid``."""
    problems = Problems(document)
    records = read_register(document, COLUMNS, problems)
    for record in records:
        if not any(record.values.get(field) for _, field, _, _ in _SECTION_COLUMNS):
            problems.add(record.row, "基本案情", "案例没有任何正文")
    for field, name in (("entry_number", "入库编号"), ("guiding_number", "指导案例号")):
        find_repeats(records, (field,), problems, name)
    problems.refuse()
    return [_take_apart(record) for record in records]


def _take_apart(record: Record) -> CaseText:
    values = dict(record.values)
    text = CaseText(**{name: values.pop(name) for name in _OWN_FIELDS if name in values})
    for name, field, _, role in _SECTION_COLUMNS:
        written = values.pop(field, "")
        if written:
            lines = [line.strip() for line in written.split("\n") if line.strip()]
            text.sections.append(Section(name, role, lines, record.row.number, record.row.number))
            if role is Role.LAW:
                values["cited"] = list_cited(part for line in lines for part in _read_lines(line))
            if role is Role.TRIALS:
                values["related_trials"] = tuple(lines)
    text.fields = values
    return text
