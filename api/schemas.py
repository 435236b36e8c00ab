"""Requests and answers of the HTTP API, with the Chinese descriptions that OpenAPI publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from api.fields import (
    MAX_FILTER_VALUES,
    Day,
    DayParameter,
    FilterText,
    Flag,
    PerWork,
    QuestionText,
    TopK,
)
from kb.domain.currency import CurrencyState
from kb.domain.search import SearchHit, SearchRequest, SearchResult
from kb.domain.topics import QuestionClass
from kb.domain.works import (
    FAR_FUTURE,
    STATUS_LABELS,
    VersionStatus,
    WorkKind,
)

KindParameter = Annotated[WorkKind | None, WithJsonSchema({"type": "string", "enum": list(WorkKind)})]
StatusParameter = Annotated[
    VersionStatus | None, WithJsonSchema({"type": "string", "enum": list(VersionStatus)})
]
KindFilter = Annotated[list[WorkKind], Field(max_length=MAX_FILTER_VALUES)]
TextFilter = Annotated[list[FilterText], Field(max_length=MAX_FILTER_VALUES)]


KIND_LABELS = {
    WorkKind.STATUTE: "法律法规",
    WorkKind.NORMATIVE: "规范性文件",
    WorkKind.CASE: "案例",
    WorkKind.GUIDE: "办事指引",
    WorkKind.INSTITUTION: "机构",
    WorkKind.PERSON: "人员",
}


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
    per_work: PerWork = Field(0, description="同一部文件最多几条，0 为不限")
    rerank: Flag = Field(False, description="是否把前列的条文与问题对照精读一遍再排，较慢")

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
            per_work=self.per_work,
            rerank=self.rerank,
        )


class SearchBody(SearchQuestion):
    """一次检索。"""

    as_of: Day | None = Field(None, description="按哪一天的法律检索（北京时间，默认或 null 为今天）")


class ReasonOut(BaseModel):
    """一条结果出现的理由。"""

    signal: str = Field(
        description="信号：words 词语、meaning 含义、bank 近似问题、rerank 精读、superior 位阶、citation 引用"
    )
    rank: int | None = Field(description="在该信号中的名次，从 1 开始")
    score: float | None = Field(description="该信号的得分（只用于排序）")
    detail: str = Field(description="给人看的说明")


class HitOut(BaseModel):
    """一条检索结果。"""

    kind: WorkKind = Field(description="资料类型")
    kind_label: str = Field(description="资料类型的中文名称")
    work_id: str = Field(description="作品编号")
    work_title: str = Field(description="法律或资料的全名")
    provision_id: str = Field(description="条文编号，修改后不变")
    version_id: str = Field(description="版本编号")
    label: str = Field(description="条号；没有条号的资料为栏目名称")
    path: list[str] = Field(description="编、章、节，从外到内")
    text: str = Field(description="条文原文，每款或每项一行")
    status: VersionStatus = Field(description="在 as_of 这一天的状态")
    status_label: str = Field(description="状态的中文名称")
    currency: CurrencyState | None = Field(
        description="时效核对：unchecked 未核对、due 待复核、checked 已核对；没有查询时为 null"
    )
    effective_from: dt.date = Field(description="施行日期")
    effective_from_certain: bool = Field(description="施行日期是否已经核实")
    effective_to: dt.date | None = Field(description="失效日期（当天起不再有效）；没有则为 null")
    effective_to_certain: bool = Field(description="失效日期是否已经核实")
    score: float = Field(description="融合得分（只用于排序）")
    reasons: list[ReasonOut] = Field(description="为什么在这里")

    @classmethod
    def of(cls, hit: SearchHit, currency: CurrencyState | None = None) -> HitOut:
        """The hit as published; ``currency`` is its work's, None when nobody asked."""
        return cls(
            kind=hit.kind,
            kind_label=KIND_LABELS[hit.kind],
            currency=currency,
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


class GuessOut(BaseModel):
    """一种可能及其概率。"""

    label: str
    confidence: float = Field(ge=0, le=1)


class AboutOut(BaseModel):
    """问题的主题与意图，由编码器判断。"""

    topics: list[GuessOut] = Field(description="主题，最可能的在前")
    intent: GuessOut = Field(
        description="意图：law 法律规定、case 类似案例、how_to 怎么办理、where 去哪里、calculate 算钱算时间"
    )

    @classmethod
    def of(cls, about: QuestionClass | None) -> AboutOut | None:
        """As published; None stays None."""
        if about is None:
            return None
        topics = [GuessOut(label=one.label, confidence=one.confidence) for one in about.topics]
        intent = GuessOut(label=about.intent.label, confidence=about.intent.confidence)
        return cls(topics=topics, intent=intent)


class SearchAnswer(BaseModel):
    """检索结果，最相关的在前。"""

    hits: list[HitOut]
    as_of: dt.date = Field(description="按哪一天的法律检索")
    generation: str = Field(description="索引的代号")
    took_ms: float = Field(description="检索用时，毫秒")
    notices: list[str] = Field(description="需要告诉使用者的话，例如检索已降级、所引条文不存在")
    about: AboutOut | None = Field(description="主题与意图；没有与编码器相配的分类器时为空")

    @classmethod
    def of(cls, result: SearchResult, currency: Mapping[str, CurrencyState] | None = None) -> SearchAnswer:
        """The result as published; ``currency`` by work id, where it was asked for."""
        known = currency or {}
        return cls(
            hits=[HitOut.of(hit, known.get(hit.work_id)) for hit in result.hits],
            as_of=result.as_of,
            generation=result.generation,
            took_ms=round(result.took_ms, 3),
            notices=list(result.notices),
            about=AboutOut.of(result.about),
        )


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
