"""Fields of the records that are no statutes, as the API tells them; pages take their labels from here.

Empty text, an empty list and null mean that the source does not state it.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kb.domain.records import (
    CaseDetails,
    Details,
    GuideDetails,
    InstitutionDetails,
    NormativeDetails,
    PersonDetails,
)


class RecordPart(BaseModel):
    """Reads its values from the domain type of the same fields."""

    model_config = ConfigDict(from_attributes=True)


class LegalBasisOut(RecordPart):
    """一项依据。"""

    title: str = Field(description="文件全名，不带书名号")
    label: str = Field(description="条、款、项")
    about: str = Field(description="用于哪一栏的什么事实")


class NormativeDetailsOut(RecordPart):
    """规范性文件的各栏。"""

    kind: Literal["normative"] = Field("normative", description="资料类型")
    document_number: str = Field(description="发文字号")
    index_number: str = Field(description="索引号")
    subject: str = Field(description="主题分类")
    genre: str = Field(description="体裁")
    adopted_on: dt.date | None = Field(description="通过日期")
    written_on: dt.date | None = Field(description="成文日期")
    issued_on: dt.date | None = Field(description="发布日期")
    expires_on: dt.date | None = Field(description="有效期届满")
    validity_note: str = Field(description="有效期说明")
    joint_bodies: list[str] = Field(description="联合发文机关")
    openness: str = Field(description="公开属性")
    legality_review: str = Field(description="合法性审核")
    filing_number: str = Field(description="备案号")
    filing_body: str = Field(description="备案机关")
    interpreting_body: str = Field(description="解释机关")
    clean_up_result: str = Field(description="清理结论")
    explanation_url: str = Field(description="解读地址")
    explanation_official: bool | None = Field(description="是否官方解读")
    issues: str = Field(description="印发的文件")
    issued_by: str = Field(description="印发通知")


class CaseDetailsOut(RecordPart):
    """案例的各栏。"""

    kind: Literal["case"] = Field("case", description="资料类型")
    case_kind: str = Field(description="案例类别")
    force: str = Field(description="参照效力")
    entry_number: str = Field(description="入库编号")
    guiding_number: str = Field(description="指导案例号")
    batch: str = Field(description="批次")
    subtitle: str = Field(description="副标题")
    keywords: list[str] = Field(description="关键词")
    cause: str = Field(description="案由")
    case_type: str = Field(description="案件类型")
    court: str = Field(description="审理法院")
    court_level: str = Field(description="法院层级")
    procedure: str = Field(description="审理程序")
    case_number: str = Field(description="案号")
    decided_on: dt.date | None = Field(description="裁判日期")
    related_trials: list[str] = Field(description="关联审判")
    cited: list[LegalBasisOut] = Field(description="关联法条")
    state: str = Field(description="状态")
    fictional: bool = Field(description="虚构示例")


class MaterialOut(RecordPart):
    """一份申请材料。"""

    name: str = Field(description="材料名称")
    originals: int = Field(description="原件份数")
    copies: int = Field(description="复印件份数")
    necessity: str = Field(description="必要性")
    source: str = Field(description="来源")
    note: str = Field(description="说明")


class StepOut(RecordPart):
    """办理流程的一步。"""

    name: str = Field(description="环节")
    who: str = Field(description="办理人")
    time_limit: str = Field(description="时限")
    outcome: str = Field(description="结果")


class OfficeOut(RecordPart):
    """一处办理地点。"""

    district: str = Field(description="区")
    name: str = Field(description="名称")
    address: str = Field(description="地址")
    hours: str = Field(description="办理时间")
    phone: str = Field(description="电话")


class QuestionAnswerOut(RecordPart):
    """一个常见问题。"""

    question: str = Field(description="问")
    answer: str = Field(description="答")


class GuideDetailsOut(RecordPart):
    """办事指引的各栏；reviewed_by 为空表示未经执业律师审核。"""

    kind: Literal["guide"] = Field("guide", description="资料类型")
    item_code: str = Field(description="事项编码")
    version: str = Field(description="版本")
    item_type: str = Field(description="事项类型")
    responsible_body: str = Field(description="实施主体")
    audience: str = Field(description="服务对象")
    level: str = Field(description="行使层级")
    basis: list[LegalBasisOut] = Field(description="设定依据")
    conditions: list[str] = Field(description="受理条件")
    materials: list[MaterialOut] = Field(description="申请材料")
    steps: list[StepOut] = Field(description="办理流程")
    legal_time_limit: str = Field(description="法定办结时限")
    legal_time_limit_note: str = Field(description="法定办结时限说明")
    promised_time_limit: str = Field(description="承诺办结时限")
    promised_time_limit_note: str = Field(description="承诺办结时限说明")
    fee: str = Field(description="收费")
    channels: list[str] = Field(description="办理形式")
    visits: int | None = Field(description="到现场次数")
    offices: list[OfficeOut] = Field(description="办理地点和时间")
    phone: str = Field(description="咨询电话")
    supervision: str = Field(description="监督投诉")
    remedies: list[str] = Field(description="救济途径")
    questions: list[QuestionAnswerOut] = Field(description="常见问题")
    region: str = Field(description="适用地区")
    verified_on: dt.date | None = Field(description="核验日期")
    reviewed_by: str = Field(description="审核人")
    fictional: bool = Field(description="虚构示例")


class InstitutionDetailsOut(RecordPart):
    """机构的各栏；经纬度为 WGS 84，单位为度。"""

    kind: Literal["institution"] = Field("institution", description="资料类型")
    institution_type: str = Field(description="机构类型")
    credit_code: str = Field(description="统一社会信用代码")
    licence_number: str = Field(description="执业许可证号")
    competent_authority: str = Field(description="主管机关")
    person_in_charge: str = Field(description="负责人")
    state: str = Field(description="状态")
    business_scope: list[str] = Field(description="业务范围")
    district: str = Field(description="所在区")
    address: str = Field(description="地址")
    longitude: float | None = Field(description="经度")
    latitude: float | None = Field(description="纬度")
    phone: str = Field(description="电话")
    hours: str = Field(description="服务时间")
    accessibility: str = Field(description="无障碍")
    verified_on: dt.date | None = Field(description="核验日期")
    fictional: bool = Field(description="虚构示例")


class PersonDetailsOut(RecordPart):
    """人员的各栏，只有公开名册中的内容。"""

    kind: Literal["person"] = Field("person", description="资料类型")
    person_type: str = Field(description="人员类别")
    licence_number: str = Field(description="执业证号")
    institution: str = Field(description="所在机构")
    competent_authority: str = Field(description="主管机关")
    state: str = Field(description="状态")
    specialties: list[str] = Field(description="专长")
    languages: list[str] = Field(description="语言")
    district: str = Field(description="所在区")
    verified_on: dt.date | None = Field(description="核验日期")
    fictional: bool = Field(description="虚构示例")


DetailsOut = Annotated[
    NormativeDetailsOut | CaseDetailsOut | GuideDetailsOut | InstitutionDetailsOut | PersonDetailsOut,
    Field(discriminator="kind"),
]
AnyDetailsOut = (
    NormativeDetailsOut | CaseDetailsOut | GuideDetailsOut | InstitutionDetailsOut | PersonDetailsOut
)

OUT_TYPES: dict[type[Details], type[AnyDetailsOut]] = {
    NormativeDetails: NormativeDetailsOut,
    CaseDetails: CaseDetailsOut,
    GuideDetails: GuideDetailsOut,
    InstitutionDetails: InstitutionDetailsOut,
    PersonDetails: PersonDetailsOut,
}


def publish_details(details: Details | None) -> AnyDetailsOut | None:
    """The fields as published; None for a statute."""
    return None if details is None else OUT_TYPES[type(details)].model_validate(details)


def label_of(details: Details, name: str) -> str:
    """The Chinese name of a field."""
    return OUT_TYPES[type(details)].model_fields[name].description or name
