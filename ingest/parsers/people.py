"""Rows of the people's register to drafts: lawyers, notaries, experts, mediators; public fields only.

Identity numbers, private telephones, birthdays and home addresses are refused, as columns and as values.
"""

from __future__ import annotations

from typing import Any

from ingest.drafts import Draft, DraftProvision
from ingest.lines import Finding, ReadDocument
from ingest.parsers.registers import (
    CellError,
    Column,
    Problems,
    Record,
    add_file_findings,
    describe_record,
    find_repeats,
    read_register,
)
from ingest.parsers.registers_cells import (
    read_bool,
    read_date,
    read_district,
    read_list,
    refuse_private_values,
)
from kb.domain.records import PersonDetails
from kb.domain.works import WorkKind

BLOCK_LABEL = "人员信息"
REGION = "北京市"
PERSON_TYPES = (
    *("律师", "公证员", "司法鉴定人", "人民调解员", "仲裁员", "法律援助人员", "基层法律服务工作者"),
    *("公职律师", "公司律师", "法律援助律师", "村（居）法律顾问", "坐席律师"),
)
_TYPE_NAMES = {
    "执业律师": "律师",
    "专职律师": "律师",
    "兼职律师": "律师",
    "鉴定人": "司法鉴定人",
    "调解员": "人民调解员",
    "法律援助工作人员": "法律援助人员",
    "村居法律顾问": "村（居）法律顾问",
    "座席律师": "坐席律师",
}
_PUBLIC_ONLY = "只收执业登记中向社会公开的栏目。"
PRIVATE_COLUMNS = dict.fromkeys(
    ("身份证", "证件号码", "手机", "住址", "家庭", "出生", "生日", "民族", "婚姻", "银行", "邮箱", "微信"),
    _PUBLIC_ONLY,
)


def _read_type(text: str) -> str:
    name = _TYPE_NAMES.get(text, text)
    if name not in PERSON_TYPES:
        raise CellError(f"“{text[:20]}”不是已知的人员类别，应为{'、'.join(PERSON_TYPES)}之一")
    return name


COLUMNS = (
    Column("姓名", "title", ("人员姓名",), required=True),
    Column(
        "人员类别", "person_type", ("类别", "人员类型", "职业", "执业类别"), required=True, read=_read_type
    ),
    Column("执业证号", "licence_number", ("执业证编号", "资格证号", "执业许可证号")),
    Column("所在机构", "institution", ("执业机构", "机构", "机构名称", "所属机构")),
    Column("主管机关", "competent_authority", ("主管部门", "登记机关")),
    Column("状态", "state", ("执业状态",)),
    Column("专业领域", "specialties", ("专长", "业务专长", "擅长领域", "鉴定业务"), read=read_list),
    Column("服务语言", "languages", ("语言", "语种"), read=read_list),
    Column("区", "district", ("所在区", "行政区", "区县"), read=read_district),
    Column("核验日期", "verified_on", ("核对日期", "更新日期", "核实日期"), read=read_date),
    Column("虚构", "fictional", ("示例", "是否虚构"), read=read_bool),
)
_TEXT_FIELDS = tuple(
    (column.name, column.field) for column in COLUMNS if column.field not in ("title", "fictional")
)


def parse_people(document: ReadDocument) -> tuple[Draft, ...]:
    """One draft for each row. Raises SourceError as ``read_register`` and ``register_invalid``."""
    problems = Problems(document)
    records = read_register(document, COLUMNS, problems, PRIVATE_COLUMNS)
    for record in records:
        for column, text in record.row.values.items():
            try:
                refuse_private_values(text)
            except CellError as error:
                problems.add(record.row, column, str(error))
    find_repeats(records, ("licence_number",), problems, "执业证号")
    find_repeats(records, ("title", "person_type", "institution", "licence_number"), problems, "姓名")
    problems.refuse()
    return add_file_findings(document, (_make_draft(document, record) for record in records))


def _make_draft(document: ReadDocument, record: Record) -> Draft:
    values: dict[str, Any] = dict(record.values)
    title = values.pop("title")
    details = PersonDetails(**values)
    pairs = [(name, getattr(details, field)) for name, field in _TEXT_FIELDS]
    if details.fictional:
        pairs.append(("说明", "虚构示例，不是真实人员"))
    number = record.row.number
    findings: list[Finding] = []
    if not details.fictional and details.verified_on is None:
        findings.append(Finding("not_verified", f"第 {number} 行没有核验日期", number))
    return Draft(
        kind=WorkKind.PERSON,
        title=title,
        provisions=(DraftProvision(None, BLOCK_LABEL, (), describe_record(title, pairs), (number, number)),),
        file=document.name,
        file_sha256=document.sha256,
        statute_type=details.person_type,
        issuing_body=details.competent_authority,
        region=REGION,
        document_number=details.licence_number,
        details=details,
        candidates=1,
        findings=tuple(findings),
    )
