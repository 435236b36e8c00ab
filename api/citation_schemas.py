"""Request and answer of checking citations, with the Chinese descriptions that OpenAPI publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.fields import Day
from kb.answer.verify import CheckedCitation, Verdict
from kb.text.citations import CitationForm

MAX_TEXT = 200_000


def _replace_surrogates(value: object) -> object:
    """A lone surrogate is no character: it must neither end the check nor shift the places of others."""
    return value.encode("utf-16-le", "replace").decode("utf-16-le") if isinstance(value, str) else value


VerifiedText = Annotated[
    str,
    BeforeValidator(_replace_surrogates),
    Field(min_length=1, max_length=MAX_TEXT),
]


class VerifyBody(BaseModel):
    """要核对的文字。"""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "依据《民法典》第1254、9999条。", "as_of": None}]},
    )

    text: VerifiedText = Field(
        description=f"要核对的文字，最多 {MAX_TEXT} 个字", examples=["依据《民法典》第1254、9999条。"]
    )
    as_of: Day | None = Field(None, description="按哪一天的法律核对（北京时间，默认或 null 为今天）")


class CheckedCitationOut(BaseModel):
    """一处引用和核对的结论。"""

    text: str = Field(description="引用的原文")
    span: tuple[int, int] = Field(description="在所给文字中的位置（按字符计，不含末位）")
    form: CitationForm = Field(
        description="引用的是什么：article 条文、place 前条前款、work 整部文件、document 文号"
    )
    verdict: Verdict = Field(
        description="结论：in_force 现行有效、amended 旧文本、repealed 已废止、not_yet_in_force 尚未生效、"
        "never_existed 不存在、outside_holdings 本库未收录、quote_differs 引文不符"
    )
    verdict_label: str = Field(description="结论（中文）")
    reason: str = Field(description="理由")
    title: str = Field(description="文件全称；本库未收录时为文中的写法，没有写明时为空")
    label: str = Field(description="条、款、项")
    document_number: str = Field(description="文号，没有时为空")
    work_id: str | None = Field(description="作品编号")
    provision_id: str | None = Field(description="条文编号")
    version_id: str | None = Field(description="版本编号")
    provision_text: str = Field(description="条文原文，没有时为空")
    effective_from: dt.date | None = Field(description="该版本自哪一天起施行")
    effective_to: dt.date | None = Field(description="自哪一天起不再有效，没有时为 null")
    successor: str = Field(description="取代它的文件，没有时为空")
    renumbered_to: str = Field(description="旧文本的这一条在现行文本中的条号，没有时为空")
    region: str = Field(description="适用地区")
    applies: bool | None = Field(description="当天在北京是否适用；不能判断时为 null")
    quote: str = Field(description="随引用给出的引文，没有时为空")

    @classmethod
    def of(cls, one: CheckedCitation) -> CheckedCitationOut:
        """As the API tells it."""
        return cls(
            text=one.text,
            span=one.span,
            form=one.form,
            verdict=one.verdict,
            verdict_label=one.verdict_label,
            reason=one.reason,
            title=one.title,
            label=one.label,
            document_number=one.document_number,
            work_id=one.work_id,
            provision_id=one.provision_id,
            version_id=one.version_id,
            provision_text=one.provision_text,
            effective_from=one.effective_from,
            effective_to=one.effective_to,
            successor=one.successor,
            renumbered_to=one.renumbered_to,
            region=one.region,
            applies=one.applies,
            quote=one.quote,
        )


class CitationsAnswer(BaseModel):
    """文中的全部引用，按出现的先后。"""

    citations: list[CheckedCitationOut] = Field(description="每一条一项；列举和区间逐条分开")
    as_of: dt.date = Field(description="按哪一天的法律核对")

    @classmethod
    def of(cls, checked: Sequence[CheckedCitation], day: dt.date) -> CitationsAnswer:
        """As the API tells it."""
        return cls(citations=[CheckedCitationOut.of(one) for one in checked], as_of=day)
