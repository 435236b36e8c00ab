"""What people send back over HTTP: opinions of answers, and contacts for a call back."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from api.ask_schemas import CallNumber
from api.fields import TEXT_CLASS, check_text, fault
from kb.answer.callbacks import consent_missing, require_contact
from kb.clock import utc_now
from kb.domain.answers import TOPICS
from kb.domain.ask import Channel
from kb.domain.feedback import (
    MAX_CONTACT,
    MAX_FEEDBACK_TEXT,
    MAX_NOTE,
    MAX_QUESTION_KEPT,
    MAX_SATISFIED,
    Feedback,
    Verdict,
)
from kb.errors import BadInputError

MAX_REVISION = 1_000_000
_ANSWER_ID = r"^[a-z0-9-]{0,60}$"


def _at_most(limit: int) -> AfterValidator:
    def check(value: str) -> str:
        if len(value) > limit:
            raise fault("text_too_long", f"文字超过 {limit} 个字", f"请缩短到 {limit} 个字以内")
        return check_text(value)

    return AfterValidator(check)


def _text_schema(limit: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "maxLength": limit, "pattern": f"^{TEXT_CLASS}*$"})


def _between(code: str, low: int, high: int) -> BeforeValidator:
    """A whole number; ``true`` and ``"3"`` are none."""

    def check(value: Any) -> Any:
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise fault(code, "数字不对", f"请填写 {low} 到 {high} 之间的整数")
        return number

    return BeforeValidator(check)


def _number_schema(low: int, high: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})


def _check_contact(value: str) -> str:
    try:
        require_contact(value, "", "")
    except BadInputError as error:
        raise fault(error.code, error.message, error.way_out) from None
    return check_text(value)


def _check_topic(value: str) -> str:
    if value and value not in TOPICS:
        raise fault("topic_unknown", "没有这个主题", f"可用的主题：{'、'.join(TOPICS)}")
    return value


def _check_consent(value: Any) -> bool:
    if value is not True:
        error = consent_missing()
        raise fault(error.code, error.message, error.way_out)
    return True


Satisfied = Annotated[
    int, _between("satisfied_out_of_range", 1, MAX_SATISFIED), _number_schema(1, MAX_SATISFIED)
]
RevisionNumber = Annotated[
    int, _between("revision_out_of_range", 0, MAX_REVISION), _number_schema(0, MAX_REVISION)
]
FeedbackText = Annotated[str, _at_most(MAX_FEEDBACK_TEXT), _text_schema(MAX_FEEDBACK_TEXT)]
AskedText = Annotated[str, _at_most(MAX_QUESTION_KEPT), _text_schema(MAX_QUESTION_KEPT)]
NoteText = Annotated[str, _at_most(MAX_NOTE), _text_schema(MAX_NOTE)]
Contact = Annotated[
    str,
    AfterValidator(_check_contact),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_CONTACT,
            "pattern": rf"^{TEXT_CLASS}*[0-9A-Za-z\u4e00-\u9fff]{TEXT_CLASS}*$",
        }
    ),
]
Topic = Annotated[
    str, AfterValidator(_check_topic), WithJsonSchema({"type": "string", "enum": ["", *TOPICS]})
]
Consent = Annotated[bool, BeforeValidator(_check_consent), WithJsonSchema({"type": "boolean", "const": True})]


class FeedbackBody(BaseModel):
    """对一个答复的意见。"""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"verdict": "missing", "satisfied": 3, "text": "没有写去哪里办"}]},
    )

    verdict: Verdict = Field(
        description="意见：adopted 采用、wrong 有误、missing 缺内容、none_fits 没有我要的"
    )
    satisfied: Satisfied | None = Field(None, description="满意程度，1 到 5；没有则为 null")
    text: FeedbackText = Field("", description="说明，最多 1000 字；保存前去掉个人信息")
    q: AskedText = Field("", description="当时的问题，最多 500 字；保存前去掉个人信息")
    answer_id: Annotated[str, Field(pattern=_ANSWER_ID)] = Field("", description="标准答复的编号；没有则为空")
    revision: RevisionNumber = Field(0, description="标准答复的修订号；没有则为 0")
    channel: Channel = Field(Channel.CITIZEN, description="用途，同 /ask")
    call: CallNumber = Field("", description="来电编号；没有则为空")

    def as_feedback(self) -> Feedback:
        """The same opinion for the box."""
        return Feedback(
            at=utc_now(),
            channel=self.channel,
            verdict=self.verdict,
            satisfied=self.satisfied,
            text=self.text,
            question=self.q,
            answer_id=self.answer_id,
            revision=self.revision,
            reference=self.call,
        )


class FeedbackTaken(BaseModel):
    """意见已收下。"""

    id: int = Field(description="编号")


class CallbackBody(BaseModel):
    """请人回电。"""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"contact": "010-12345678", "topic": "劳动", "consent": True}]},
    )

    contact: Contact = Field(description="联系方式，最多 100 字；加密保存，到期删除")
    topic: Topic = Field("", description="主题，取自标准答复的主题；不清楚则为空")
    note: NoteText = Field("", description="备注，最多 300 字；加密保存")
    consent: Consent = Field(description="本人同意为回电保存联系方式，必须为 true")

    @model_validator(mode="before")
    @classmethod
    def _say_consent(cls, values: Any) -> Any:
        """Consent that is not given at all is no consent, which is told in those words."""
        return {"consent": False, **values} if isinstance(values, dict) else values


class CallbackTaken(BaseModel):
    """已登记。"""

    id: int = Field(description="编号")
    kept_until: dt.datetime = Field(description="联系方式保留到什么时候，到期删除")
