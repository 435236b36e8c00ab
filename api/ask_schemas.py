"""The request and the reply of the answer door over HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from api.fields import TEXT_CLASS, Day, FilterText, check_text, fault
from kb.answer.ask_reading import MAX_LONG_QUESTION, REFERENCE, read_ask, require_reference
from kb.domain.ask import (
    MAX_CHOICES_SENT,
    ORIGIN_LABELS,
    AskReply,
    AskRequest,
    Channel,
    Origin,
    ReplyCitation,
    Segment,
    SegmentKind,
)
from kb.errors import BadInputError

CHOICE = r"^(answer:[a-z0-9-]{1,60}|gate:[a-z0-9-]{1,60}:[a-z0-9_-]{1,40}:[a-z0-9_-]{1,40})$"
MAX_TOKEN = 8_000
_PATTERN = rf"^{TEXT_CLASS}*[\p{{L}}\p{{N}}]{TEXT_CLASS}*$"


def check_long_question(value: str) -> str:
    """The question as asked; raises for one that the answer door would refuse, with the door's code."""
    check_text(value[: MAX_LONG_QUESTION + 1])
    try:
        read_ask(AskRequest(value))
    except BadInputError as error:
        raise fault(error.code, error.message, error.way_out) from None
    return value


LongQuestion = Annotated[
    str,
    AfterValidator(check_long_question),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_LONG_QUESTION, "pattern": _PATTERN}),
]
Token = Annotated[
    str,
    AfterValidator(check_text),
    WithJsonSchema({"type": "string", "maxLength": MAX_TOKEN, "pattern": f"^{TEXT_CLASS}*$"}),
]
Choice = Annotated[str, Field(pattern=CHOICE)]


def check_call(value: str) -> str:
    """A call number; raises for one that the answer door would refuse, with the door's code."""
    try:
        require_reference(value)
    except BadInputError as error:
        raise fault(error.code, error.message, error.way_out) from None
    return value


CallNumber = Annotated[
    str, AfterValidator(check_call), WithJsonSchema({"type": "string", "pattern": f"^{REFERENCE}$"})
]


class AskBody(BaseModel):
    """一个问题。"""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"q": "单位拖欠工资怎么办", "channel": "citizen"}]}
    )

    q: LongQuestion = Field(
        description="问题，最多 10000 字；选了选项的，把原来的问题一并送回",
        examples=["单位拖欠工资怎么办"],
    )
    as_of: Day | None = Field(None, description="按哪一天的法律回答（北京时间，默认或 null 为今天）")
    channel: Channel = Field(
        Channel.CITIZEN, description="用途：citizen 群众、hotline 热线话术、education 普法"
    )
    conversation: Token = Field(
        "", max_length=MAX_TOKEN, description="上一次回答的响应头 X-Conversation；没有则为空"
    )
    choices: list[Choice] = Field(
        [], max_length=MAX_CHOICES_SENT, description="选中的选项编号，取自 ask_back 或 next_answers"
    )
    region: FilterText = Field("北京市", description="所在地区")
    call: CallNumber = Field(
        "", description="来电编号，更正答复时据此找到这一通来电；不要填电话号码。没有则为空"
    )

    def as_request(self) -> AskRequest:
        """The same question for the answer door."""
        return AskRequest(
            text=self.q,
            as_of=self.as_of,
            channel=self.channel,
            conversation=self.conversation,
            choices=tuple(self.choices),
            region=self.region,
            reference=self.call,
        )


class SegmentOut(BaseModel):
    """回答中的一句。"""

    kind: SegmentKind = Field(description="种类")
    label: str = Field(description="种类的中文名称")
    text: str
    sources: list[str] = Field(description="依据的编号，见 citations 的 key；没有则为空")

    @classmethod
    def of(cls, one: Segment) -> SegmentOut:
        """The segment as published."""
        return cls(kind=one.kind, label=one.label, text=one.text, sources=list(one.sources))


class ReplyCitationOut(BaseModel):
    """一处依据。"""

    key: str
    kind: str = Field(description="资料类型：statute、normative、guide、case")
    title: str = Field(description="全名")
    label: str = Field(description="条、款、项或栏目")
    verdict: str = Field(description="核对结论，同 /citations/verify")
    verdict_label: str = Field(description="核对结论的中文")
    verified: bool = Field(description="是否与本库原文核对过")
    text: str = Field(description="所引部分的原文；没有收录则为空")
    says: str = Field(description="这一条管什么，用答复作者的话")
    work_id: str | None
    provision_id: str | None
    version_id: str | None
    version_date: dt.date | None
    effective_from: dt.date | None
    changes_on: dt.date | None = Field(description="已公布的新文本从哪天起施行；没有则为 null")

    @classmethod
    def of(cls, one: ReplyCitation) -> ReplyCitationOut:
        """The citation as published."""
        return cls.model_validate(one, from_attributes=True)


class ChoiceOut(BaseModel):
    """一个选项。"""

    id: str = Field(description="选项编号，原样放进下一次请求的 choices")
    label: str


class AskBackOut(BaseModel):
    """反问。"""

    question: str
    choices: list[ChoiceOut]


class NextAnswerOut(BaseModel):
    """可能还想问的另一个标准答复。"""

    id: str
    title: str
    choice: str = Field(description="选项编号")


class NamedLinkOut(BaseModel):
    """办事指引或案例。"""

    title: str
    work_id: str | None


class AskAnswer(BaseModel):
    """一个回答。同样的问题、日期、选项、对话、索引和答复，正文逐字节相同。"""

    origin: Origin = Field(
        description="来源：standard 标准答复、gate 先问事实、clarify 先确认问哪件事、composed 由条文等摘出、"
        "referred 转介、safety 先保证安全"
    )
    origin_label: str
    channel: Channel
    safety: bool = Field(description="有人可能有危险：先说的是求助电话")
    segments: list[SegmentOut]
    rendering: str = Field(description="按用途写成的一段文字；热线为话术")
    citations: list[ReplyCitationOut]
    answer_id: str = Field(description="标准答复的编号；没有则为空")
    revision: int = Field(description="标准答复的修订号；没有则为 0")
    title: str
    topic: str
    risk: str
    confidence: float | None = Field(description="答复合适的概率，经过校准；没有判断则为 null")
    ask_back: AskBackOut | None = Field(description="需要先问的；没有则为 null")
    facts: list[str] = Field(description="从问题里读出、作为前提的事实")
    understood_as: str = Field(description="接着问的话怎样理解；没有则为空")
    next_answers: list[NextAnswerOut]
    transfer: str = Field(description="转接到哪里")
    guides: list[NamedLinkOut]
    cases: list[NamedLinkOut]
    reviewed: bool = Field(description="是否由执业律师审核")
    ai_worded: bool = Field(description="是否经人工智能改写文字（依据与数字经核对未变）")
    notices: list[str]
    disclaimer: str
    as_of: dt.date
    generation: str = Field(description="索引的代号")

    @classmethod
    def of(cls, reply: AskReply) -> AskAnswer:
        """The reply as published."""
        return cls(
            origin=reply.origin,
            origin_label=ORIGIN_LABELS[reply.origin],
            channel=reply.channel,
            safety=reply.safety,
            segments=[SegmentOut.of(one) for one in reply.segments],
            rendering=reply.rendering,
            citations=[ReplyCitationOut.of(one) for one in reply.citations],
            answer_id=reply.answer_id,
            revision=reply.revision,
            title=reply.title,
            topic=reply.topic,
            risk=reply.risk,
            confidence=reply.confidence,
            ask_back=AskBackOut.model_validate(reply.ask_back, from_attributes=True)
            if reply.ask_back
            else None,
            facts=list(reply.facts),
            understood_as=reply.understood_as,
            next_answers=[
                NextAnswerOut(id=one.id, title=one.title, choice=one.choice) for one in reply.next_answers
            ],
            transfer=reply.transfer,
            guides=[NamedLinkOut(title=one.title, work_id=one.work_id) for one in reply.guides],
            cases=[NamedLinkOut(title=one.title, work_id=one.work_id) for one in reply.cases],
            reviewed=reply.reviewed,
            ai_worded=reply.ai_worded,
            notices=list(reply.notices),
            disclaimer=reply.disclaimer,
            as_of=reply.as_of,
            generation=reply.generation,
        )
