"""Fields of a guide as readable Chinese blocks: 受理条件, 申请材料, 办理流程 …, one provision each."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.drafts import DraftProvision
from kb.domain.records import GuideDetails, Material, Office, Step

ASK_THE_OFFICE = "办理地点、时间以办理机构公布为准，可拨打 12348 公共法律服务热线咨询。"
LABELS = (
    *(
        "事项说明",
        "受理条件",
        "申请材料",
        "办理流程",
        "办结时限",
        "收费",
        "办理形式",
        "办理地点和时间",
        "咨询电话",
    ),
    *("监督投诉", "救济途径", "设定依据", "常见问题"),
)


def write_blocks(title: str, details: GuideDetails, lines: tuple[int, int]) -> tuple[DraftProvision, ...]:
    """One block for each section that has content, in the order of ``LABELS``."""
    texts = {
        "事项说明": _write_item(title, details),
        "受理条件": _number(details.conditions),
        "申请材料": _number(_write_material(material) for material in details.materials),
        "办理流程": _number(_write_step(step) for step in details.steps),
        "办结时限": _write_limits(details),
        "收费": details.fee,
        "办理形式": _write_channels(details),
        "办理地点和时间": "\n".join(_write_office(office) for office in details.offices) or ASK_THE_OFFICE,
        "咨询电话": details.phone,
        "监督投诉": details.supervision,
        "救济途径": _number(details.remedies),
        "设定依据": "\n".join(
            f"《{basis.title}》{basis.label}" + (f"（{basis.about}）" if basis.about else "")
            for basis in details.basis
        ),
        "常见问题": "\n".join(f"问：{one.question}\n答：{one.answer}" for one in details.questions),
    }
    return tuple(DraftProvision(None, label, (), texts[label], lines) for label in LABELS if texts[label])


def _number(entries: Iterable[str]) -> str:
    listed = [entry for entry in entries if entry]
    if len(listed) == 1:
        return listed[0]
    return "\n".join(f"{place}. {entry}" for place, entry in enumerate(listed, start=1))


def _write_item(title: str, details: GuideDetails) -> str:
    pairs = (
        ("事项名称", title),
        ("事项编码", details.item_code),
        ("版本", details.version),
        ("事项类型", details.item_type),
        ("实施主体", details.responsible_body),
        ("服务对象", details.audience),
        ("行使层级", details.level),
        ("适用地区", details.region),
        ("核验日期", details.verified_on.isoformat() if details.verified_on else ""),
        ("说明", "虚构示例，不是真实事项" if details.fictional else ""),
    )
    return "\n".join(f"{name}：{value}" for name, value in pairs if value)


def _write_material(material: Material) -> str:
    copies = [f"原件 {material.originals} 份"] if material.originals else []
    copies += [f"复印件 {material.copies} 份"] if material.copies else []
    facts = ["、".join(copies), material.necessity, material.source]
    listed = "；".join(fact for fact in facts if fact)
    return (
        material.name + (f"（{listed}）" if listed else "") + (f"：{material.note}" if material.note else "")
    )


def _write_step(step: Step) -> str:
    facts = (("办理人", step.who), ("时限", step.time_limit), ("结果", step.outcome))
    listed = "；".join(f"{name}：{value}" for name, value in facts if value)
    return step.name + (f"（{listed}）" if listed else "")


def _write_limits(details: GuideDetails) -> str:
    limits = (
        ("法定办结时限", details.legal_time_limit, details.legal_time_limit_note),
        ("承诺办结时限", details.promised_time_limit, details.promised_time_limit_note),
    )
    return "\n".join(
        f"{name}：{limit or '未规定'}" + (f"（{note}）" if note else "")
        for name, limit, note in limits
        if limit or note
    )


def _write_channels(details: GuideDetails) -> str:
    parts = ["、".join(details.channels)] if details.channels else []
    if details.visits is not None:
        parts.append(f"到现场次数：{details.visits} 次")
    return "\n".join(parts)


def _write_office(office: Office) -> str:
    parts = ["：".join(part for part in (office.district, office.name) if part)]
    parts += [f"地址：{office.address}"] if office.address else []
    parts += [f"时间：{office.hours}"] if office.hours else []
    parts += [f"电话：{office.phone}"] if office.phone else []
    known = "；".join(part for part in parts if part)
    return known if office.address and office.hours else f"{known}；其余以办理机构公布为准"
