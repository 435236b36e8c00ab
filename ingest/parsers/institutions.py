"""Rows of the institutions' register to drafts: one record of readable text for each 律师事务所, 公证处 ….

Columns and their other names are in ``COLUMNS``; what is not there is refused. Entries that are made up
say so (虚构 = 是) and keep the flag.
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
    read_credit_code,
    read_date,
    read_district,
    read_latitude,
    read_list,
    read_longitude,
    read_phone,
)
from kb.domain.records import INSTITUTION_TYPES, InstitutionDetails
from kb.domain.works import WorkKind

BLOCK_LABEL = "机构信息"
REGION = "北京市"
_TYPE_NAMES = {
    "律所": "律师事务所",
    "公证机构": "公证处",
    "法律援助机构": "法律援助中心",
    "司法鉴定所": "司法鉴定机构",
    "司法鉴定中心": "司法鉴定机构",
    "仲裁机构": "仲裁委员会",
    "调解委员会": "人民调解委员会",
    "公共法律服务工作站": "公共法律服务站",
    "公共法律服务工作室": "公共法律服务室",
}
_FICTIONAL_WORDS = ("示例", "虚构", "样例")


def _read_type(text: str) -> str:
    name = _TYPE_NAMES.get(text, text)
    if name not in INSTITUTION_TYPES:
        raise CellError(f"“{text[:20]}”不是已知的机构类型，应为{'、'.join(INSTITUTION_TYPES)}之一")
    return name


COLUMNS = (
    Column("机构名称", "title", ("名称", "单位名称", "机构全称"), required=True),
    Column("别名", "aliases", ("简称", "曾用名"), read=read_list),
    Column("机构类型", "institution_type", ("类型", "类别", "机构类别"), required=True, read=_read_type),
    Column("统一社会信用代码", "credit_code", ("信用代码", "社会信用代码"), read=read_credit_code),
    Column("执业许可证号", "licence_number", ("许可证号", "执业证号", "执业许可证编号", "登记证号")),
    Column("主管机关", "competent_authority", ("主管部门", "登记机关", "审核机关")),
    Column("负责人", "person_in_charge", ("机构负责人", "主任", "法定代表人")),
    Column("状态", "state", ("执业状态", "机构状态")),
    Column("业务范围", "business_scope", ("业务", "服务范围", "业务专长"), read=read_list),
    Column("区", "district", ("所在区", "行政区", "区县", "辖区"), read=read_district),
    Column("地址", "address", ("办公地址", "机构地址", "住所", "详细地址")),
    Column("经度", "longitude", ("东经",), read=read_longitude),
    Column("纬度", "latitude", ("北纬",), read=read_latitude),
    Column("电话", "phone", ("联系电话", "咨询电话", "办公电话", "公开电话"), read=read_phone),
    Column("办公时间", "hours", ("服务时间", "工作时间", "开放时间")),
    Column("无障碍设施", "accessibility", ("无障碍", "无障碍服务")),
    Column("核验日期", "verified_on", ("核对日期", "更新日期", "核实日期"), read=read_date),
    Column("虚构", "fictional", ("示例", "是否虚构"), read=read_bool),
)
_TEXT_FIELDS = tuple(
    (column.name, column.field)
    for column in COLUMNS
    if column.field not in ("title", "aliases", "longitude", "latitude", "fictional")
)


def parse_institutions(document: ReadDocument) -> tuple[Draft, ...]:
    """One draft for each row. Raises SourceError as ``read_register`` and ``register_invalid``."""
    problems = Problems(document)
    records = read_register(document, COLUMNS, problems)
    for record in records:
        if ("longitude" in record.values) != ("latitude" in record.values):
            problems.add(record.row, "经度、纬度", "两列须同时填写")
    find_repeats(records, ("credit_code",), problems, "统一社会信用代码")
    find_repeats(records, ("title", "institution_type", "district"), problems, "机构名称")
    problems.refuse()
    return add_file_findings(document, (_make_draft(document, record) for record in records))


def _make_draft(document: ReadDocument, record: Record) -> Draft:
    values: dict[str, Any] = dict(record.values)
    title, aliases = values.pop("title"), values.pop("aliases", ())
    details = InstitutionDetails(**values)
    return Draft(
        kind=WorkKind.INSTITUTION,
        title=title,
        provisions=(_write_block(title, details, record),),
        file=document.name,
        file_sha256=document.sha256,
        aliases=aliases,
        statute_type=details.institution_type,
        issuing_body=details.competent_authority,
        region=REGION,
        document_number=details.credit_code or details.licence_number,
        details=details,
        candidates=1,
        findings=tuple(_find_oddities(title, details, record)),
    )


def _write_block(title: str, details: InstitutionDetails, record: Record) -> DraftProvision:
    pairs = [(name, getattr(details, field)) for name, field in _TEXT_FIELDS]
    if details.fictional:
        pairs.append(("说明", "虚构示例，不是真实机构"))
    number = record.row.number
    return DraftProvision(None, BLOCK_LABEL, (), describe_record(title, pairs), (number, number))


def _find_oddities(title: str, details: InstitutionDetails, record: Record) -> list[Finding]:
    findings = []
    if not details.fictional and details.verified_on is None:
        findings.append(Finding("not_verified", f"“{title}”没有核验日期", record.row.number))
    if not details.fictional and any(word in title for word in _FICTIONAL_WORDS):
        findings.append(Finding("maybe_fictional", f"“{title}”像是示例而没有标为虚构", record.row.number))
    return findings
