"""Requests and answers of the answers desk."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from api.fields import TEXT_CLASS, Day, check_text, fault
from kb.access.door import SignedIn
from kb.answer.impact import Impact
from kb.answer.pinning import CHANGE_LABELS, Change
from kb.answer.problems import Problem as AnswerProblem
from kb.answer.workflow import ACTION_LABELS, Action
from kb.domain.answers import StandardAnswer
from kb.domain.editing import STATE_LABELS, AnswerEntry, AnswerState, Event, ReviewTask, Revision, Role
from kb.domain.plain import from_plain, to_plain

MAX_COMMENT = 2_000
MAX_LOCK = 2**31 - 1
MAX_DEPTH = 12
ANSWER_ID = r"^[a-z0-9][a-z0-9-]{0,59}$"


def _check_comment(value: str) -> str:
    if len(value) > MAX_COMMENT:
        raise fault("comment_too_long", f"说明超过 {MAX_COMMENT} 个字", "请缩短说明")
    return check_text(value)


def _check_number(value: Any) -> int:
    """A whole number from 1 on; JSON knows no difference between 2 and 2.0."""
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_LOCK:
        raise fault("number_out_of_range", "应为从 1 起的整数", "填打开时看到的数")
    return number


def _check_record(value: Any, depth: int = 0) -> Any:
    """Texts that can be stored and shown; what the fields must be is checked when the answer is built."""
    if depth > MAX_DEPTH:
        raise fault("record_too_deep", "答案的结构太深", "请按模板填写")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check_record(item, depth + 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            check_text(name)
            _check_record(item, depth + 1)
    return value


CommentText = Annotated[
    str,
    AfterValidator(_check_comment),
    WithJsonSchema({"type": "string", "maxLength": MAX_COMMENT, "pattern": f"^{TEXT_CLASS}*$"}),
]
Number = Annotated[
    int,
    BeforeValidator(_check_number),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_LOCK}),
]
RecordIn = Annotated[dict[str, Any], AfterValidator(_check_record)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CreateBody(_Body):
    """新的标准答案。"""

    record: RecordIn = Field(description="答案的全部字段，同答案文件（YAML）")
    note: CommentText = Field("", description="这一稿的说明")

    def answer(self) -> StandardAnswer:
        """The answer. Raises BadInputError ``answer_invalid`` naming the field."""
        return from_plain(StandardAnswer, self.record, "record", code="answer_invalid")


class SaveBody(CreateBody):
    """新的一稿。"""

    lock: Number = Field(description="打开时看到的锁号")


class StepBody(_Body):
    """一步流程。"""

    lock: Number = Field(description="打开时看到的锁号")
    comment: CommentText = Field("", description="原因或说明；退回、要求复审、停用必填")


class PublishBody(StepBody):
    """发布。"""

    on: Day | None = Field(None, description="定于哪一天发布；不填立即发布")


class RollBackBody(_Body):
    """恢复旧稿。"""

    lock: Number = Field(description="打开时看到的锁号")
    revision: Number = Field(description="恢复第几稿")


class CommentBody(_Body):
    """留言。"""

    text: CommentText = Field(description="留言")


class SessionOut(BaseModel):
    """谁登录了。"""

    name: str = Field(description="账号名")
    roles: list[Role] = Field(description="角色")
    csrf: str = Field(description="写入时放进 X-CSRF-Token 头的值，这次登录内有效")

    @classmethod
    def of(cls, signed: SignedIn) -> SessionOut:
        """The session as published."""
        return cls(name=signed.account.name, roles=sorted(signed.account.roles), csrf=signed.csrf)


class EntryOut(BaseModel):
    """一个答案的现状。"""

    id: str = Field(description="编号")
    title: str = Field(description="标题")
    topic: str = Field(description="主题")
    risk: str = Field(description="风险类别")
    owner: str = Field(description="责任单位")
    origin: str = Field(description="来源：sample 随附示例、edited 编辑")
    state: AnswerState = Field(description="最新一稿的状态")
    state_label: str = Field(description="状态的中文名称")
    lock: int = Field(description="锁号，每次改动加一；写入时要带上")
    head: int = Field(description="最新是第几稿")
    published: int | None = Field(description="正在提供的是第几稿；没有则为 null")
    next_review: dt.date | None = Field(description="下次复审的日期；没有则为 null")
    publish_on: dt.date | None = Field(description="定于哪一天发布；没有则为 null")
    updated_at: dt.datetime = Field(description="最后一次改动的时间")

    @classmethod
    def of(cls, entry: AnswerEntry) -> EntryOut:
        """The entry as published."""
        values = {name: getattr(entry, name) for name in AnswerEntry.__dataclass_fields__}
        return cls(**values | {"origin": entry.origin.value}, state_label=STATE_LABELS[entry.state])


class EntriesOut(BaseModel):
    """答案列表。"""

    answers: list[EntryOut] = Field(description="按编号排列")


class RevisionOut(BaseModel):
    """一稿。"""

    number: int = Field(description="第几稿")
    author: str = Field(description="谁写的")
    note: str = Field(description="说明")
    created_at: dt.datetime = Field(description="保存的时间")
    digest: str = Field(description="全文的 SHA-256")
    record: dict[str, Any] = Field(description="全部字段")

    @classmethod
    def of(cls, revision: Revision) -> RevisionOut:
        """The revision as published."""
        return cls(
            number=revision.number,
            author=revision.author,
            note=revision.note,
            created_at=revision.created_at,
            digest=revision.digest,
            record=plain_record(revision.record),
        )


class EventOut(BaseModel):
    """做过的一件事。"""

    revision: int = Field(description="第几稿")
    action: str = Field(description="做了什么")
    action_label: str = Field(description="中文名称")
    actor: str = Field(description="谁做的")
    comment: str = Field(description="原因或说明")
    from_state: str = Field(description="之前的状态；新建时为空")
    to_state: str = Field(description="之后的状态")
    at: dt.datetime = Field(description="时间")

    @classmethod
    def of(cls, event: Event) -> EventOut:
        """The event as published."""
        known = event.action in set(Action)
        return cls(
            **{name: getattr(event, name) for name in Event.__dataclass_fields__ if name != "answer_id"},
            action_label=ACTION_LABELS[Action(event.action)] if known else event.action,
        )


class AnswerProblemOut(BaseModel):
    """核对发现的一处问题。"""

    level: str = Field(description="error 错误、warning 提醒等")
    code: str = Field(description="代码")
    place: str = Field(description="位置")
    message: str = Field(description="说明")

    @classmethod
    def of(cls, problem: AnswerProblem) -> AnswerProblemOut:
        """The problem as published."""
        return cls(level=problem.level.value, code=problem.code, place=problem.place, message=problem.message)


class AnswerOut(BaseModel):
    """一个答案和它的全部经过。"""

    entry: EntryOut = Field(description="现状")
    revisions: list[RevisionOut] = Field(description="各稿，旧的在前")
    events: list[EventOut] = Field(description="经过，旧的在前")
    problems: list[AnswerProblemOut] = Field(description="按今天的法律核对最新一稿发现的问题")


class DiffOut(BaseModel):
    """两稿的差别。"""

    old: int = Field(description="第几稿")
    new: int = Field(description="第几稿")
    lines: list[str] = Field(description="逐行对照（unified diff）；相同则为空")


class TaskOut(BaseModel):
    """一件复审任务。"""

    id: int = Field(description="编号")
    answer_id: str = Field(description="答案编号")
    revision: int = Field(description="第几稿")
    reason: str = Field(description="原因")
    reason_label: str = Field(description="原因的中文名称")
    severity: str = Field(description="notice 附说明继续提供、withdraw 撤下")
    title: str = Field(description="依据的文件")
    label: str = Field(description="条号")
    old_text: str = Field(description="写稿时的条文")
    new_text: str = Field(description="现在的条文")
    opened_at: dt.datetime = Field(description="什么时候开的")
    uses: int = Field(description="这个答案给出过多少次")

    @classmethod
    def of(cls, task: ReviewTask) -> TaskOut:
        """The task as published."""
        names = [name for name in cls.model_fields if name not in ("reason_label", "severity")]
        known = task.reason in set(Change)
        return cls(
            **{name: getattr(task, name) for name in names},
            severity=task.severity.value,
            reason_label=CHANGE_LABELS[Change(task.reason)] if known else task.reason,
        )


class AffectedOut(BaseModel):
    """一个受法律变动影响的已发布答案。"""

    entry: EntryOut = Field(description="现状")
    revision: int = Field(description="正在提供的是第几稿")
    changes: list[str] = Field(description="依据怎样变了")

    @classmethod
    def of(cls, impact: Impact) -> AffectedOut:
        """The impact as published."""
        changes = [
            f"{CHANGE_LABELS[one.change]}：《{one.pinned.title}》{one.pinned.label}" for one in impact.changes
        ]
        return cls(entry=EntryOut.of(impact.entry), revision=impact.revision.number, changes=changes)


class ImpactOut(BaseModel):
    """等待复审的。"""

    tasks: list[TaskOut] = Field(description="开着的复审任务，用得最多的答案在前")
    affected: list[AffectedOut] = Field(description="按所选日期的法律，依据有变的已发布答案")


def plain_record(record: StandardAnswer) -> dict[str, Any]:
    """All fields as JSON has them."""
    plain: dict[str, Any] = json.loads(json.dumps(to_plain(record), ensure_ascii=False))
    return plain
