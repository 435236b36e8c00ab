"""The answers desk for whoever is signed in; who acts is the session's account, never what a request says."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api import problems
from api.access.gate import CurrentActor, CurrentSession
from api.desk_schemas import (
    ANSWER_ID,
    MAX_LOCK,
    AffectedOut,
    AnswerOut,
    AnswerProblemOut,
    CommentBody,
    CreateBody,
    DiffOut,
    EntriesOut,
    EntryOut,
    EventOut,
    ImpactOut,
    PublishBody,
    RevisionOut,
    RollBackBody,
    SaveBody,
    SessionOut,
    StepBody,
    TaskOut,
    plain_record,
)
from api.fields import DayParameter, Flag
from api.schemas import problem_responses
from api.services import Services
from kb.answer.desk import AnswerDesk
from kb.answer.impact import find_impacts
from kb.clock import today
from kb.domain.answers import StandardAnswer
from kb.domain.editing import Actor, AnswerEntry, AnswerState
from kb.errors import BadInputError, ConflictError, ServiceError
from kb.store import answers as store

AnswerId = Annotated[str, Path(description="答案编号", pattern=ANSWER_ID)]
RevisionNumber = Annotated[int, Query(description="第几稿", ge=1, le=MAX_LOCK)]

STEPS = (
    ("submit", "submit", "提交审核", "核对有错误时不能提交。"),
    ("return", "send_back", "退回修改", "要写明原因。"),
    ("approve", "approve", "审核通过", "写稿的人不能审核自己的稿子。"),
    ("mark-due", "mark_due", "要求复审", "要写明原因。"),
    ("confirm", "confirm", "复审无误", "写稿的人不能复审自己的稿子。"),
    ("retire", "retire", "停用", "要写明原因。"),
)
"""Address, method of the desk, summary, what else."""


def desk_router(services: Services) -> APIRouter:
    """Routes under ``/desk``."""
    router = APIRouter(
        prefix="/desk",
        tags=["答案工作台（须登录）"],
        responses=problem_responses(400, 401, 403, 404, 409, 422, 503),
    )

    @router.get("/session", summary="我是谁")
    def read_session(signed: CurrentSession) -> SessionOut:
        return SessionOut.of(signed)

    @router.get("/impact", summary="等待复审的答案")
    def read_impact(
        as_of: Annotated[DayParameter, Query(description="按哪一天的法律，默认今天")] = None,
    ) -> ImpactOut:
        _need_desk(services)
        impacts = find_impacts(services.database, as_of or today())
        with services.database.reading() as connection:
            tasks = store.list_tasks(connection)
        return ImpactOut(
            tasks=[TaskOut.of(task) for task in tasks], affected=[AffectedOut.of(one) for one in impacts]
        )

    @router.get("/answers", summary="列出答案")
    def list_answers(
        state: Annotated[AnswerState | None, Query(description="状态；不填为全部")] = None,
        due: Annotated[Flag, Query(description="只列待复审和已到复审日期的")] = False,
    ) -> EntriesOut:
        _need_desk(services)
        with services.database.reading() as connection:
            entries = store.list_entries(connection, state=state)
        if due:
            entries = tuple(one for one in entries if _is_due(one, today()))
        return EntriesOut(answers=[EntryOut.of(one) for one in entries])

    @router.post("/answers", summary="新建答案", status_code=201)
    def create_answer(body: CreateBody, actor: CurrentActor) -> EntryOut:
        return EntryOut.of(_need_desk(services).create(body.answer(), actor, body.note))

    @router.get("/answers/{answer_id}", summary="一个答案和它的经过")
    def read_answer(answer_id: AnswerId) -> AnswerOut:
        desk = _need_desk(services)
        with services.database.reading() as connection:
            entry = store.get_entry(connection, answer_id)
            revisions = store.list_revisions(connection, answer_id)
            events = store.list_events(connection, answer_id)
        return AnswerOut(
            entry=EntryOut.of(entry),
            revisions=[RevisionOut.of(one) for one in revisions],
            events=[EventOut.of(one) for one in events],
            problems=[AnswerProblemOut.of(one) for one in desk.problems(revisions[-1].record)],
        )

    @router.get("/answers/{answer_id}/diff", summary="比较两稿")
    def compare_revisions(answer_id: AnswerId, old: RevisionNumber, new: RevisionNumber) -> DiffOut:
        _need_desk(services)
        with services.database.reading() as connection:
            before, after = (
                _as_lines(store.get_revision(connection, answer_id, number).record) for number in (old, new)
            )
        lines = difflib.unified_diff(before, after, f"第 {old} 稿", f"第 {new} 稿", lineterm="")
        return DiffOut(old=old, new=new, lines=list(lines))

    @router.put("/answers/{answer_id}", summary="保存新的一稿", response_model=EntryOut)
    def save_answer(answer_id: AnswerId, body: SaveBody, actor: CurrentActor) -> Any:
        desk, record = _need_desk(services), body.answer()
        if record.id != answer_id:
            raise BadInputError(
                "answer_id_differs",
                "正文里的编号和网址里的不一样",
                place="record.id",
                way_out="编号不能改；要换编号请新建一个答案",
            )
        return _guarded(
            services, answer_id, lambda: desk.save(record, body.lock, actor, body.note), yours=record
        )

    for address, method, summary, more in STEPS:
        router.post(
            f"/answers/{{answer_id}}/{address}", summary=summary, description=more, response_model=EntryOut
        )(_make_step(services, method))

    @router.post("/answers/{answer_id}/publish", summary="发布", response_model=EntryOut)
    def publish_answer(answer_id: AnswerId, body: PublishBody, actor: CurrentActor) -> Any:
        desk = _need_desk(services)
        return _guarded(
            services,
            answer_id,
            lambda: desk.publish(answer_id, body.lock, actor, on=body.on, comment=body.comment),
        )

    @router.post("/answers/{answer_id}/roll-back", summary="恢复旧稿", response_model=EntryOut)
    def roll_back_answer(answer_id: AnswerId, body: RollBackBody, actor: CurrentActor) -> Any:
        desk = _need_desk(services)
        return _guarded(
            services, answer_id, lambda: desk.roll_back(answer_id, body.revision, body.lock, actor)
        )

    @router.post("/answers/{answer_id}/comments", summary="留言", status_code=201)
    def add_comment(answer_id: AnswerId, body: CommentBody, actor: CurrentActor) -> EntryOut:
        desk = _need_desk(services)
        desk.comment(answer_id, actor, body.text)
        return EntryOut.of(desk.entry(answer_id))

    return router


def _make_step(services: Services, method: str) -> Callable[..., Any]:
    def take_step(answer_id: AnswerId, body: StepBody, actor: CurrentActor) -> Any:
        step: Callable[[str, int, Actor, str], AnswerEntry] = getattr(_need_desk(services), method)
        return _guarded(services, answer_id, lambda: step(answer_id, body.lock, actor, body.comment))

    take_step.__name__ = method
    return take_step


def _need_desk(services: Services) -> AnswerDesk:
    if services.desk is None:
        raise ServiceError("desk_off", "这里不能编辑答案", way_out="用 lawkb run 或 lawkb serve 启动")
    return services.desk


def _guarded(
    services: Services,
    answer_id: str,
    deed: Callable[[], AnswerEntry],
    *,
    yours: StandardAnswer | None = None,
) -> EntryOut | Response:
    """The changed entry; for a stale lock a problem with the text as it is now, beside the caller's own."""
    try:
        return EntryOut.of(deed())
    except ConflictError as error:
        if error.code != "answer_stale":
            raise
        problem = problems.from_lawkb_error(error)
    with services.database.reading() as connection:
        entry = store.get_entry(connection, answer_id)
        revision = store.get_revision(connection, answer_id, entry.head)
    current = {
        "lock": entry.lock,
        "state": entry.state.value,
        "revision": revision.number,
        "author": revision.author,
        "record": plain_record(revision.record),
    }
    extra: dict[str, Any] = {"current": current}
    if yours is not None:
        extra["yours"] = plain_record(yours)
    return replace(problem, extra=extra).as_response()


def _is_due(entry: AnswerEntry, day: dt.date) -> bool:
    if entry.state is AnswerState.DUE:
        return True
    return entry.published is not None and entry.next_review is not None and entry.next_review <= day


def _as_lines(record: StandardAnswer) -> list[str]:
    import yaml

    plain = plain_record(record)
    return str(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100)).splitlines()
