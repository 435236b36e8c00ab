"""Questions asked, feedback and requests to be called back, in the store; each is kept for a time only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from kb.domain.ask import Channel, Origin
from kb.domain.feedback import AskedQuestion, Feedback, SealedCallback, Verdict
from kb.errors import ConflictError, NotFoundError
from kb.store.tables import asked_questions, callbacks, feedback

IDS_AT_ONCE = 500


def add_questions(connection: sa.Connection, questions: Sequence[AskedQuestion]) -> None:
    """Keep questions, already masked."""
    if not questions:
        return
    connection.execute(
        sa.insert(asked_questions),
        [
            {
                "at": one.at,
                "channel": one.channel.value,
                "question": one.question,
                "origin": one.origin.value,
                "answer_id": one.answer_id,
                "revision": one.revision,
                "topic": one.topic,
                "confidence": one.confidence,
                "gap_closed_at": one.gap_closed_at,
            }
            for one in questions
        ],
    )


def list_questions(
    connection: sa.Connection,
    *,
    since: dt.datetime | None = None,
    origins: Collection[Origin] = (),
    open_only: bool = False,
) -> tuple[AskedQuestion, ...]:
    """Questions in the order in which they were kept; ``open_only`` leaves out those of closed gaps."""
    query = sa.select(asked_questions).order_by(asked_questions.c.position)
    if since is not None:
        query = query.where(asked_questions.c.at >= since)
    if origins:
        query = query.where(asked_questions.c.origin.in_(sorted(one.value for one in origins)))
    if open_only:
        query = query.where(asked_questions.c.gap_closed_at.is_(None))
    return tuple(_question(row) for row in connection.execute(query).mappings())


def close_questions(connection: sa.Connection, positions: Sequence[int], now: dt.datetime) -> int:
    """Mark questions as answered by a draft; returns how many were open."""
    closed = 0
    for start in range(0, len(positions), IDS_AT_ONCE):
        done = connection.execute(
            sa.update(asked_questions)
            .where(
                asked_questions.c.position.in_(positions[start : start + IDS_AT_ONCE]),
                asked_questions.c.gap_closed_at.is_(None),
            )
            .values(gap_closed_at=now)
        )
        closed += int(done.rowcount)
    return closed


def add_feedback(connection: sa.Connection, one: Feedback) -> int:
    """Keep an opinion, already masked; returns its number."""
    done = connection.execute(
        sa.insert(feedback)
        .values(
            at=one.at,
            channel=one.channel.value,
            verdict=one.verdict.value,
            satisfied=one.satisfied,
            text=one.text,
            question=one.question,
            answer_id=one.answer_id,
            revision=one.revision,
            reference=one.reference,
        )
        .returning(feedback.c.position)
    )
    return int(done.scalar_one())


def list_feedback(connection: sa.Connection, *, verdict: Verdict | None = None) -> tuple[Feedback, ...]:
    """Opinions, newest first."""
    query = sa.select(feedback).order_by(feedback.c.position.desc())
    if verdict is not None:
        query = query.where(feedback.c.verdict == verdict.value)
    return tuple(_feedback(row) for row in connection.execute(query).mappings())


def add_callback(connection: sa.Connection, one: SealedCallback) -> int:
    """Keep a request, already encrypted; returns its id."""
    done = connection.execute(
        sa.insert(callbacks)
        .values(
            at=one.at,
            topic=one.topic,
            contact_encrypted=one.contact_encrypted,
            note_encrypted=one.note_encrypted,
            due_until=one.due_until,
            handled_at=one.handled_at,
            handled_by=one.handled_by,
        )
        .returning(callbacks.c.id)
    )
    return int(done.scalar_one())


def list_callbacks(
    connection: sa.Connection, *, now: dt.datetime, include_closed: bool = False
) -> tuple[SealedCallback, ...]:
    """Requests, oldest first; what is past its time is not given out even before it is purged."""
    query = sa.select(callbacks).where(callbacks.c.due_until > now).order_by(callbacks.c.id)
    if not include_closed:
        query = query.where(callbacks.c.handled_at.is_(None))
    return tuple(_callback(row) for row in connection.execute(query).mappings())


def close_callback(connection: sa.Connection, callback_id: int, actor: str, now: dt.datetime) -> None:
    """Mark a request as handled and forget its contact and note.

    Raises NotFoundError ``callback_not_found`` and ConflictError ``callback_closed``.
    """
    held = connection.execute(
        sa.select(callbacks.c.handled_at).where(callbacks.c.id == callback_id)
    ).one_or_none()
    if held is None:
        raise NotFoundError(
            "callback_not_found",
            f"没有编号为 {callback_id} 的回电登记",
            place=str(callback_id),
            way_out="编号见 lawkb callbacks list；保存期已过的登记已经删除",
        )
    done = connection.execute(
        sa.update(callbacks)
        .where(callbacks.c.id == callback_id, callbacks.c.handled_at.is_(None))
        .values(handled_at=now, handled_by=actor, contact_encrypted="", note_encrypted="")
    )
    if done.rowcount != 1:
        raise ConflictError(
            "callback_closed",
            f"编号 {callback_id} 的回电登记已经办结",
            place=str(callback_id),
            way_out="用 lawkb callbacks list 看还没有办的",
        )


def count_past(
    connection: sa.Connection,
    *,
    questions: dt.datetime,
    opinions: dt.datetime,
    calls: dt.datetime,
    now: dt.datetime,
) -> tuple[int, int, int]:
    """How many questions, opinions and requests ``purge_past`` would delete."""
    counted = [
        connection.execute(sa.select(sa.func.count()).select_from(table).where(past)).scalar_one()
        for table, past in _past(questions, opinions, calls, now)
    ]
    return int(counted[0]), int(counted[1]), int(counted[2])


def purge_past(
    connection: sa.Connection,
    *,
    questions: dt.datetime,
    opinions: dt.datetime,
    calls: dt.datetime,
    now: dt.datetime,
) -> tuple[int, int, int]:
    """Delete what was kept at these moments or before, and requests whose own time has passed ``now``.

    Returns how many of each.
    """
    deleted = [
        connection.execute(sa.delete(table).where(past)).rowcount
        for table, past in _past(questions, opinions, calls, now)
    ]
    return int(deleted[0]), int(deleted[1]), int(deleted[2])


def _past(
    questions: dt.datetime, opinions: dt.datetime, calls: dt.datetime, now: dt.datetime
) -> Iterable[tuple[sa.Table, sa.ColumnElement[bool]]]:
    return (
        (asked_questions, asked_questions.c.at <= questions),
        (feedback, feedback.c.at <= opinions),
        (callbacks, sa.or_(callbacks.c.due_until <= now, callbacks.c.at <= calls)),
    )


def _question(row: sa.RowMapping) -> AskedQuestion:
    return AskedQuestion(
        at=row["at"],
        channel=Channel(row["channel"]),
        question=row["question"],
        origin=Origin(row["origin"]),
        answer_id=row["answer_id"],
        revision=row["revision"],
        topic=row["topic"],
        confidence=row["confidence"],
        gap_closed_at=row["gap_closed_at"],
        position=row["position"],
    )


def _feedback(row: sa.RowMapping) -> Feedback:
    return Feedback(
        at=row["at"],
        channel=Channel(row["channel"]),
        verdict=Verdict(row["verdict"]),
        satisfied=row["satisfied"],
        text=row["text"],
        question=row["question"],
        answer_id=row["answer_id"],
        revision=row["revision"],
        reference=row["reference"],
        position=row["position"],
    )


def _callback(row: sa.RowMapping) -> SealedCallback:
    return SealedCallback(**{name: row[name] for name in SealedCallback.__dataclass_fields__})
