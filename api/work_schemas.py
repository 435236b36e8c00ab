"""Requests and answers about works, versions and provisions, with the descriptions that OpenAPI publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from api.backing import Currency
from api.detail_schemas import DetailsOut
from api.fields import DayParameter, FilterText, Flag, TopK, VersionParameter
from api.schemas import KindParameter, StatusParameter, end_of
from kb.domain.currency import CURRENCY_LABELS, CurrencyState, OfficialStatus
from kb.domain.validity import ProvisionState, ProvisionStateKind
from kb.domain.works import STATUS_LABELS, Provision, Version, VersionStatus, Work, WorkKind, status_on

PROVISION_STATE_LABELS = {
    ProvisionStateKind.REPEALED: "已废止",
    ProvisionStateKind.SUSPENDED: "暂停适用",
    ProvisionStateKind.ADJUSTED: "调整适用",
}


class WorksQuestion(BaseModel):
    """作品目录的筛选。"""

    model_config = ConfigDict(extra="forbid")

    title: FilterText = Field("", description="标题中的文字", examples=["劳动"])
    kind: KindParameter = Field(None, description="资料类型")
    topic: FilterText = Field("", description="法律部门", examples=["社会法"])
    region: FilterText = Field("", description="适用地区", examples=["全国"])
    status: StatusParameter = Field(None, description="在 as_of 这一天的状态")
    as_of: DayParameter = Field(None, description="按哪一天判断状态（北京时间，默认今天）")
    limit: TopK = Field(20, description="每页条数，1 到 100")
    offset: int = Field(0, ge=0, le=1_000_000, description="从第几部开始，从 0 数起")


class WorkOut(BaseModel):
    """一部法律或文件，不论版本。"""

    id: str = Field(description="作品编号")
    kind: WorkKind
    title: str = Field(description="全名")
    short_title: str = Field(description="简称")
    aliases: list[str] = Field(description="其他名称")
    statute_type: str = Field(description="效力类型")
    issuing_body: str = Field(description="制定机关")
    topic: str = Field(description="法律部门")
    region: str = Field(description="适用地区")
    repealed_on: dt.date | None = Field(description="废止日期；未废止为 null")
    repealed_on_certain: bool = Field(description="废止日期是否已经核实")
    successor: str = Field(description="取代它的法律；没有则为空")

    @classmethod
    def of(cls, work: Work) -> WorkOut:
        """The work as published."""
        return cls(
            id=work.id,
            kind=work.kind,
            title=work.title,
            short_title=work.short_title,
            aliases=list(work.aliases),
            statute_type=work.statute_type,
            issuing_body=work.issuing_body,
            topic=work.topic,
            region=work.region,
            repealed_on=work.repealed_on,
            repealed_on_certain=work.repealed_on_certain,
            successor=work.successor,
        )


class ListedWork(WorkOut):
    """目录中的一部法律，以及它在 as_of 这一天的状态。"""

    status: VersionStatus | None = Field(description="状态；没有任何版本时为 null")


class WorksAnswer(BaseModel):
    """作品目录的一页，按标题排列。"""

    works: list[ListedWork]
    as_of: dt.date
    total: int = Field(description="符合条件的总数")
    limit: int
    offset: int


class VersionOut(BaseModel):
    """一部法律的一个版本，在 [effective_from, effective_to) 期间有效。"""

    id: str = Field(description="版本编号")
    work_id: str
    version_date: dt.date = Field(description="版本日期（通过或修改日期）")
    published_on: dt.date = Field(description="公布日期")
    effective_from: dt.date = Field(description="施行日期")
    effective_from_certain: bool = Field(description="施行日期是否已经核实")
    effective_to: dt.date | None = Field(description="失效日期；没有则为 null")
    effective_to_certain: bool = Field(description="失效日期是否已经核实")
    status: VersionStatus = Field(description="在 as_of 这一天的状态")
    status_label: str
    date_source: str = Field(description="施行日期的来源")
    superseded_by: str = Field(description="同一日期下取代它的文本的版本编号；没有则为空")

    @classmethod
    def of(cls, version: Version, work: Work, as_of: dt.date) -> VersionOut:
        """The version as published, with its status on ``as_of``."""
        status = status_on(version, work, as_of)
        return cls(
            id=version.id,
            work_id=version.work_id,
            version_date=version.version_date,
            published_on=version.published_on,
            effective_from=version.effective_from,
            effective_from_certain=version.effective_from_certain,
            effective_to=end_of(version.effective_to),
            effective_to_certain=version.effective_to_certain,
            status=status,
            status_label=STATUS_LABELS[status],
            date_source=version.date_source,
            superseded_by=version.superseded_by,
        )


class CurrencyOut(BaseModel):
    """时效核对的记录：官方怎么说，什么时候看的。没有记录就没有核对过。"""

    state: CurrencyState = Field(description="unchecked 未核对、due 待复核、checked 已核对")
    state_label: str = Field(description="中文名称")
    official_status: OfficialStatus | None = Field(description="官方给出的状态；未核对时为 null")
    official_start: dt.date | None = Field(description="官方给出的施行日期")
    checked_on: dt.date | None = Field(description="核对日期")
    source: str = Field(description="核对所据的来源")
    next_due: dt.date | None = Field(description="下次核对日期")
    note: str = Field(description="说明")

    @classmethod
    def of(cls, currency: Currency) -> CurrencyOut:
        """The record as published."""
        record = currency.record
        return cls(
            state=currency.state,
            state_label=CURRENCY_LABELS[currency.state],
            official_status=record.official_status if record else None,
            official_start=record.official_start if record else None,
            checked_on=record.checked_on if record else None,
            source=record.source if record else "",
            next_due=record.next_due if record else None,
            note=record.note if record else "",
        )


class WorkAnswer(BaseModel):
    """一部法律或一份资料，以及在 as_of 这一天有效的版本。"""

    work: WorkOut
    as_of: dt.date
    current: VersionOut | None = Field(description="在 as_of 这一天有效的版本；没有则为 null")
    currency: CurrencyOut = Field(description="时效核对（截至今天）")
    details: DetailsOut | None = Field(description="该版本各栏的内容；法律法规为 null")


class VersionsAnswer(BaseModel):
    """一部法律的全部版本，最早的在前。"""

    work: WorkOut
    as_of: dt.date
    versions: list[VersionOut]


class ProvisionStateOut(BaseModel):
    """一条或其中一款、一项在版本有效期间的特别状态。"""

    state: ProvisionStateKind = Field(description="repealed 已废止、suspended 暂停适用、adjusted 调整适用")
    state_label: str = Field(description="中文名称")
    paragraph: int | None = Field(description="款，从 1 数起；null 为整条")
    item: int | None = Field(description="项")
    point: int | None = Field(description="目")
    effective_from: dt.date = Field(description="自哪一天起")
    effective_to: dt.date | None = Field(description="到哪一天为止（不含）；没有则为 null")
    reason: str = Field(description="理由")
    by: str = Field(description="所据的文件或版本编号")

    @classmethod
    def of(cls, state: ProvisionState) -> ProvisionStateOut:
        """The state as published."""
        paragraph, item, point = state.unit or (None, None, None)
        return cls(
            state=state.state,
            state_label=PROVISION_STATE_LABELS[state.state],
            paragraph=paragraph,
            item=item,
            point=point,
            effective_from=state.from_day,
            effective_to=end_of(state.to_day),
            reason=state.reason,
            by=state.by,
        )


class ProvisionOut(BaseModel):
    """一条条文，或一段没有条号的文字。"""

    id: str = Field(description="条文编号")
    label: str = Field(description="条号")
    path: list[str] = Field(description="编、章、节，从外到内")
    text: str = Field(description="原文，每款或每项一行")
    ordinal: int = Field(description="在全文中的次序，从 0 数起")
    text_sha256: str = Field(description="原文的 SHA-256")
    states: list[ProvisionStateOut] = Field(description="在 as_of 这一天，本条或其中款、项的特别状态")

    @classmethod
    def of(cls, provision: Provision, states: Iterable[ProvisionState] = ()) -> ProvisionOut:
        """The provision as published."""
        return cls(
            states=[ProvisionStateOut.of(state) for state in states],
            id=provision.id,
            label=provision.label,
            path=list(provision.path),
            text=provision.text,
            ordinal=provision.ordinal,
            text_sha256=provision.text_sha256,
        )


class TextAnswer(BaseModel):
    """一部法律或一份资料一个版本的全文。"""

    work: WorkOut
    as_of: dt.date
    version: VersionOut
    details: DetailsOut | None = Field(description="各栏的内容；法律法规为 null")
    provisions: list[ProvisionOut]


class ProvisionAnswer(BaseModel):
    """一条条文在一个版本中的原文。"""

    work: WorkOut
    as_of: dt.date
    version: VersionOut
    provision: ProvisionOut


class DatedText(BaseModel):
    """一条条文在一个版本中的原文。"""

    version: VersionOut
    provision: ProvisionOut


class ProvisionVersionsAnswer(BaseModel):
    """一条条文的历次原文，最早的在前。"""

    work: WorkOut
    as_of: dt.date
    texts: list[DatedText]


class TextQuestion(BaseModel):
    """看哪一天、哪一个版本。"""

    model_config = ConfigDict(extra="forbid")

    as_of: DayParameter = Field(
        None, description="按哪一天（北京时间，默认今天）；同时给出 version_id 时只用来判断状态"
    )
    version_id: VersionParameter = Field(None, description="版本编号；不给则取 as_of 当天有效的版本")


class VersionsQuestion(BaseModel):
    """看哪一天，要不要被取代的文本。"""

    model_config = ConfigDict(extra="forbid")

    as_of: DayParameter = Field(None, description="按哪一天判断状态（北京时间，默认今天）")
    superseded: Flag = Field(False, description="是否包括在同一日期下被另一文本取代的旧文本")


class DayQuestion(BaseModel):
    """看哪一天。"""

    model_config = ConfigDict(extra="forbid")

    as_of: DayParameter = Field(None, description="按哪一天（北京时间，默认今天）")
