"""Requests and answers of the HTTP API, with the Chinese descriptions that OpenAPI publishes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from api.fields import (
    MAX_FILTER_VALUES,
    Day,
    DayParameter,
    FilterText,
    Flag,
    QuestionText,
    TopK,
    VersionParameter,
)
from kb.domain.search import SearchHit, SearchRequest, SearchResult
from kb.domain.works import (
    FAR_FUTURE,
    STATUS_LABELS,
    Provision,
    Version,
    VersionStatus,
    Work,
    WorkKind,
    status_on,
)

KindParameter = Annotated[WorkKind | None, WithJsonSchema({"type": "string", "enum": list(WorkKind)})]
StatusParameter = Annotated[
    VersionStatus | None, WithJsonSchema({"type": "string", "enum": list(VersionStatus)})
]
KindFilter = Annotated[list[WorkKind], Field(max_length=MAX_FILTER_VALUES)]
TextFilter = Annotated[list[FilterText], Field(max_length=MAX_FILTER_VALUES)]


class SearchQuestion(BaseModel):
    """一次检索。"""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"q": "离婚冷静期多久", "top_k": 5}]}
    )

    q: QuestionText = Field(description="问题或法条，至少两个字", examples=["离婚冷静期多久"])
    top_k: TopK = Field(10, description="返回条数，1 到 100", examples=[10])
    as_of: DayParameter = Field(
        None, description="按哪一天的法律检索（北京时间，默认今天）", examples=["2026-01-01"]
    )
    kind: KindFilter = Field([], description="资料类型", examples=[["statute"]])
    region: TextFilter = Field([], description="适用地区", examples=[["全国"]])
    topic: TextFilter = Field([], description="法律部门", examples=[["民法商法"]])
    include_not_in_force: Flag = Field(False, description="是否包括已修改、已废止和尚未生效的条文")

    def as_request(self) -> SearchRequest:
        """The same search for the search door."""
        return SearchRequest(
            text=self.q,
            top_k=self.top_k,
            as_of=self.as_of,
            kinds=tuple(self.kind),
            regions=tuple(self.region),
            topics=tuple(self.topic),
            include_not_in_force=self.include_not_in_force,
        )


class SearchBody(SearchQuestion):
    """一次检索。"""

    as_of: Day | None = Field(None, description="按哪一天的法律检索（北京时间，默认或 null 为今天）")


class ReasonOut(BaseModel):
    """一条结果出现的理由。"""

    signal: str = Field(description="信号：words 词语、meaning 含义、citation 引用")
    rank: int | None = Field(description="在该信号中的名次，从 1 开始")
    score: float | None = Field(description="该信号的得分（只用于排序）")
    detail: str = Field(description="给人看的说明")


class HitOut(BaseModel):
    """一条检索结果。"""

    kind: WorkKind = Field(description="资料类型")
    work_id: str = Field(description="作品编号")
    work_title: str = Field(description="法律全名")
    provision_id: str = Field(description="条文编号，修改后不变")
    version_id: str = Field(description="版本编号")
    label: str = Field(description="条号")
    path: list[str] = Field(description="编、章、节，从外到内")
    text: str = Field(description="条文原文，每款或每项一行")
    status: VersionStatus = Field(description="在 as_of 这一天的状态")
    status_label: str = Field(description="状态的中文名称")
    effective_from: dt.date = Field(description="施行日期")
    effective_from_certain: bool = Field(description="施行日期是否已经核实")
    effective_to: dt.date | None = Field(description="失效日期（当天起不再有效）；没有则为 null")
    effective_to_certain: bool = Field(description="失效日期是否已经核实")
    score: float = Field(description="融合得分（只用于排序）")
    reasons: list[ReasonOut] = Field(description="为什么在这里")

    @classmethod
    def of(cls, hit: SearchHit) -> HitOut:
        """The hit as published."""
        return cls(
            kind=hit.kind,
            work_id=hit.work_id,
            work_title=hit.work_title,
            provision_id=hit.provision_id,
            version_id=hit.version_id,
            label=hit.label,
            path=list(hit.path),
            text=hit.text,
            status=hit.status,
            status_label=STATUS_LABELS[hit.status],
            effective_from=hit.effective_from,
            effective_from_certain=hit.effective_from_certain,
            effective_to=end_of(hit.effective_to),
            effective_to_certain=hit.effective_to_certain,
            score=hit.score,
            reasons=[
                ReasonOut(signal=r.signal, rank=r.rank, score=r.score, detail=r.detail) for r in hit.reasons
            ],
        )


class SearchAnswer(BaseModel):
    """检索结果，最相关的在前。"""

    hits: list[HitOut]
    as_of: dt.date = Field(description="按哪一天的法律检索")
    generation: str = Field(description="索引的代号")
    took_ms: float = Field(description="检索用时，毫秒")
    notices: list[str] = Field(description="需要告诉使用者的话，例如检索已降级、所引条文不存在")

    @classmethod
    def of(cls, result: SearchResult) -> SearchAnswer:
        """The result as published."""
        return cls(
            hits=[HitOut.of(hit) for hit in result.hits],
            as_of=result.as_of,
            generation=result.generation,
            took_ms=round(result.took_ms, 3),
            notices=list(result.notices),
        )


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
        )


class WorkAnswer(BaseModel):
    """一部法律，以及在 as_of 这一天有效的版本。"""

    work: WorkOut
    as_of: dt.date
    current: VersionOut | None = Field(description="在 as_of 这一天有效的版本；没有则为 null")


class VersionsAnswer(BaseModel):
    """一部法律的全部版本，最早的在前。"""

    work: WorkOut
    as_of: dt.date
    versions: list[VersionOut]


class ProvisionOut(BaseModel):
    """一条条文，或一段没有条号的文字。"""

    id: str = Field(description="条文编号")
    label: str = Field(description="条号")
    path: list[str] = Field(description="编、章、节，从外到内")
    text: str = Field(description="原文，每款或每项一行")
    ordinal: int = Field(description="在全文中的次序，从 0 数起")
    text_sha256: str = Field(description="原文的 SHA-256")

    @classmethod
    def of(cls, provision: Provision) -> ProvisionOut:
        """The provision as published."""
        return cls(
            id=provision.id,
            label=provision.label,
            path=list(provision.path),
            text=provision.text,
            ordinal=provision.ordinal,
            text_sha256=provision.text_sha256,
        )


class TextAnswer(BaseModel):
    """一部法律一个版本的全文。"""

    work: WorkOut
    as_of: dt.date
    version: VersionOut
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


class DayQuestion(BaseModel):
    """看哪一天。"""

    model_config = ConfigDict(extra="forbid")

    as_of: DayParameter = Field(None, description="按哪一天（北京时间，默认今天）")


class HealthAnswer(BaseModel):
    """进程在运行。"""

    status: Literal["alive"] = "alive"
    version: str


class ReadinessAnswer(BaseModel):
    """服务可以检索。"""

    state: Literal["ready", "degraded"] = Field(description="ready 正常，degraded 降级")
    detail: str = Field(description="说明")
    progress: float = Field(ge=0, le=1, description="建库进度，0 到 1")


class FieldProblem(BaseModel):
    """一处错误。"""

    code: str
    detail: str
    place: str


class ProblemOut(BaseModel):
    """错误（RFC 9457），文字为中文。"""

    type: str = Field(description="错误的种类，urn:lawkb:problem:<code>")
    title: str = Field(description="一句话概括")
    status: int = Field(description="HTTP 状态码")
    code: str = Field(description="稳定的错误代码，程序可据此判断")
    detail: str = Field(description="错在哪里")
    place: str = Field(description="位置；没有则为空")
    way_out: str = Field(description="怎么办；没有则为空")
    errors: list[FieldProblem] | None = Field(None, description="多处错误时逐一列出")


def end_of(day: dt.date) -> dt.date | None:
    """None for the far future that stands for an open end."""
    return None if day == FAR_FUTURE else day


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the errors of a route."""
    from api.problems import MEDIA_TYPE, TITLES

    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {
        status: {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }
