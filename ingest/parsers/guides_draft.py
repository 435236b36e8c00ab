"""The fields of a guide as columns, and the draft that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.drafts import Draft
from ingest.lines import Finding, ReadDocument
from ingest.parsers.guides_cells import (
    read_basis,
    read_entries,
    read_materials,
    read_offices,
    read_questions,
    read_steps,
    read_visits,
)
from ingest.parsers.guides_text import write_blocks
from ingest.parsers.registers import Column
from ingest.parsers.registers_cells import read_bool, read_date, read_list
from kb.domain.records import GuideDetails
from kb.domain.works import NATIONAL, WorkKind

COLUMNS = (
    Column("事项名称", "title", ("名称", "标题", "办理事项"), required=True),
    Column("简称", "short_title"),
    Column("别名", "aliases", ("通俗名称",), read=read_list),
    Column("专题", "topic", ("主题", "主题分类")),
    Column("地区", "region", ("适用地区", "适用范围")),
    Column("事项编码", "item_code", ("事项代码", "实施编码", "基本编码")),
    Column("版本", "version", ("版本号",)),
    Column("事项类型", "item_type", ("类型",)),
    Column("实施主体", "responsible_body", ("实施机关", "办理机构", "办理机关", "主管部门")),
    Column("服务对象", "audience", ("办理对象", "申请人")),
    Column("行使层级", "level", ("办理层级",)),
    Column("设定依据", "basis", ("法律依据", "办理依据", "实施依据"), read=read_basis),
    Column("受理条件", "conditions", ("办理条件", "申请条件", "申办条件"), read=read_entries),
    Column("申请材料", "materials", ("办理材料", "所需材料", "申报材料"), read=read_materials),
    Column("办理流程", "steps", ("办理程序", "办事流程", "流程"), read=read_steps),
    Column("法定办结时限", "legal_time_limit", ("法定时限", "法定期限")),
    Column("法定办结时限说明", "legal_time_limit_note", ("法定时限说明",)),
    Column("承诺办结时限", "promised_time_limit", ("承诺时限", "办结时限", "办理时限")),
    Column("承诺办结时限说明", "promised_time_limit_note", ("承诺时限说明",)),
    Column("收费", "fee", ("是否收费", "收费标准", "收费情况", "费用")),
    Column("办理形式", "channels", ("办理方式", "办理渠道"), read=read_list),
    Column("到现场次数", "visits", ("到办事现场次数", "跑动次数"), read=read_visits),
    Column("办理地点和时间", "offices", ("办理地点", "办理窗口"), read=read_offices),
    Column("咨询电话", "phone", ("咨询方式", "联系电话")),
    Column("监督投诉", "supervision", ("监督投诉方式", "投诉电话", "监督电话")),
    Column("救济途径", "remedies", ("救济渠道", "行政救济途径与方式"), read=read_entries),
    Column("常见问题", "questions", ("常见问答",), read=read_questions),
    Column("核验日期", "verified_on", ("核对日期", "更新日期"), read=read_date),
    Column("审核人", "reviewed_by", ("审核",)),
    Column("虚构", "fictional", ("示例", "是否虚构"), read=read_bool),
)
TOP_FIELDS = ("title", "short_title", "aliases", "topic", "region")


def make_draft(
    document: ReadDocument,
    values: Mapping[str, Any],
    lines: tuple[int, int],
    findings: Sequence[Finding] = (),
) -> Draft:
    """The record of one guide from fields that have been checked."""
    own = {name: values[name] for name in TOP_FIELDS if values.get(name)}
    rest = {name: value for name, value in values.items() if name not in TOP_FIELDS}
    details = GuideDetails(**rest, region=own.get("region", ""))
    blocks = write_blocks(own["title"], details, lines)
    odd = list(findings)
    if not details.basis:
        odd.append(Finding("basis_missing", f"“{own['title']}”没有写明设定依据", lines[0]))
    if not details.fictional and details.verified_on is None:
        odd.append(Finding("not_verified", f"“{own['title']}”没有核验日期", lines[0]))
    return Draft(
        kind=WorkKind.GUIDE,
        title=own["title"],
        provisions=blocks,
        file=document.name,
        file_sha256=document.sha256,
        short_title=own.get("short_title", ""),
        aliases=tuple(own.get("aliases", ())),
        statute_type=details.item_type or "办事指引",
        issuing_body=details.responsible_body,
        region=own.get("region", NATIONAL),
        topic=own.get("topic", ""),
        document_number=details.item_code,
        details=details,
        candidates=len(blocks),
        findings=tuple(odd),
    )
