"""Standard answers in the store: entries, append-only revisions, events, uses and review tasks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from kb.clock import utc_now
from kb.domain.answers import StandardAnswer
from kb.domain.editing import (
    AnswerEntry,
    AnswerState,
    AnswerUse,
    Event,
    Origin,
    PinnedBasis,
    ReviewTask,
    Revision,
    Severity,
)
from kb.domain.plain import from_plain, to_plain
from kb.errors import ConflictError, NotFoundError
from kb.store.tables import answer_events, answer_revisions, answer_uses, answers, review_tasks

IDS_AT_ONCE = 500


def digest_record(record: StandardAnswer) -> str:
    """SHA-256 of the record's canonical JSON."""
    plain = json.dumps(to_plain(record), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def add_answer(connection: sa.Connection, entry: AnswerEntry) -> None:
    """Write a new answer's entry. Raises ConflictError ``answer_exists``, ``title_taken``."""
    _require_free(connection, entry.id, entry.title)
    held = connection.execute(sa.select(answers.c.id).where(answers.c.id == entry.id)).first()
    if held is not None:
        raise ConflictError(
            "answer_exists", f"编号 {entry.id} 已经有了", place="id", way_out="换一个编号，或修改原有的答案"
        )
    connection.execute(sa.insert(answers).values(_columns(entry) | {"id": entry.id}))


def change_answer(connection: sa.Connection, entry: AnswerEntry, expected_lock: int) -> None:
    """Replace an entry that still has ``expected_lock``; ``entry.lock`` must be greater.

    Raises ConflictError ``answer_stale`` when somebody else changed it, ``title_taken``.
    """
    _require_free(connection, entry.id, entry.title)
    done = connection.execute(
        sa.update(answers)
        .where(answers.c.id == entry.id, answers.c.lock == expected_lock)
        .values(_columns(entry))
    )
    if done.rowcount != 1:
        raise stale(entry.id)


def stale(answer_id: str) -> ConflictError:
    """The error of a change that rests on an older state."""
    return ConflictError(
        "answer_stale",
        "这个答案在您打开之后被别人改过",
        place=answer_id,
        way_out="重新打开最新的文本，比较两份文字后再保存",
    )


def _require_free(connection: sa.Connection, answer_id: str, title: str) -> None:
    other = connection.execute(
        sa.select(answers.c.id).where(answers.c.title == title, answers.c.id != answer_id)
    ).scalar_one_or_none()
    if other is not None:
        raise ConflictError(
            "title_taken",
            f"标题“{title}”已经被 {other} 用了",
            place="title",
            way_out="换一个标题，或修改原有的答案",
        )


def _columns(entry: AnswerEntry) -> dict[str, Any]:
    return {
        "origin": entry.origin.value,
        "state": entry.state.value,
        "lock": entry.lock,
        "head": entry.head,
        "published": entry.published,
        "title": entry.title,
        "topic": entry.topic,
        "risk": entry.risk,
        "owner": entry.owner,
        "next_review": entry.next_review,
        "publish_on": entry.publish_on,
        "updated_at": entry.updated_at,
    }


def get_entry(connection: sa.Connection, answer_id: str) -> AnswerEntry:
    """One entry. Raises NotFoundError ``answer_not_found``."""
    row = connection.execute(sa.select(answers).where(answers.c.id == answer_id)).mappings().first()
    if row is None:
        raise NotFoundError("answer_not_found", f"没有编号为 {answer_id} 的答案", place=answer_id)
    return _entry(row)


def find_entry(connection: sa.Connection, answer_id: str) -> AnswerEntry | None:
    """One entry, None when there is none."""
    row = connection.execute(sa.select(answers).where(answers.c.id == answer_id)).mappings().first()
    return None if row is None else _entry(row)


def list_entries(
    connection: sa.Connection, *, state: AnswerState | None = None, topic: str = ""
) -> tuple[AnswerEntry, ...]:
    """Entries by id."""
    query = sa.select(answers).order_by(answers.c.id)
    if state is not None:
        query = query.where(answers.c.state == state.value)
    if topic:
        query = query.where(answers.c.topic == topic)
    return tuple(_entry(row) for row in connection.execute(query).mappings())


def list_published(connection: sa.Connection) -> tuple[tuple[AnswerEntry, Revision], ...]:
    """Entries with their published revision, by id."""
    entries = [one for one in list_entries(connection) if one.published is not None]
    wanted = {one.id: one.published for one in entries}
    rows = connection.execute(
        sa.select(answer_revisions)
        .join(answers, answers.c.id == answer_revisions.c.answer_id)
        .where(answers.c.published == answer_revisions.c.number)
    ).mappings()
    found = {row["answer_id"]: _revision(row) for row in rows}
    return tuple((one, found[one.id]) for one in entries if one.id in found and wanted[one.id])


def answers_revision(connection: sa.Connection) -> tuple[int, int, int]:
    """Another value whenever an answer or a task that touches what is served has changed."""
    count, locks = connection.execute(sa.select(sa.func.count(), sa.func.sum(answers.c.lock))).one()
    tasks = connection.execute(
        sa.select(
            sa.func.coalesce(sa.func.max(review_tasks.c.id), 0) * 2 + sa.func.count(review_tasks.c.closed_at)
        )
    ).scalar_one()
    return int(count), int(locks or 0), int(tasks)


def add_revision(connection: sa.Connection, revision: Revision) -> None:
    """Append a revision."""
    connection.execute(
        sa.insert(answer_revisions).values(
            answer_id=revision.answer_id,
            number=revision.number,
            record=json.loads(json.dumps(to_plain(revision.record), ensure_ascii=False)),
            pinned=[
                [one.key, one.title, one.label, one.provision_id, one.version_id, one.text_sha256]
                for one in revision.pinned
            ],
            author=revision.author,
            note=revision.note,
            created_at=revision.created_at,
            digest=revision.digest,
        )
    )


def get_revision(connection: sa.Connection, answer_id: str, number: int) -> Revision:
    """One revision. Raises NotFoundError ``revision_not_found``."""
    row = (
        connection.execute(
            sa.select(answer_revisions).where(
                answer_revisions.c.answer_id == answer_id, answer_revisions.c.number == number
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        raise NotFoundError("revision_not_found", f"{answer_id} 没有第 {number} 稿", place=answer_id)
    return _revision(row)


def list_revisions(connection: sa.Connection, answer_id: str) -> tuple[Revision, ...]:
    """All revisions, oldest first."""
    rows = connection.execute(
        sa.select(answer_revisions)
        .where(answer_revisions.c.answer_id == answer_id)
        .order_by(answer_revisions.c.number)
    ).mappings()
    return tuple(_revision(row) for row in rows)


def add_event(connection: sa.Connection, event: Event) -> None:
    """Append an event."""
    connection.execute(
        sa.insert(answer_events).values(
            answer_id=event.answer_id,
            revision=event.revision,
            action=event.action,
            actor=event.actor,
            comment=event.comment,
            from_state=event.from_state,
            to_state=event.to_state,
            at=event.at,
        )
    )


def list_events(connection: sa.Connection, answer_id: str) -> tuple[Event, ...]:
    """Everything done to an answer, oldest first."""
    rows = connection.execute(
        sa.select(answer_events)
        .where(answer_events.c.answer_id == answer_id)
        .order_by(answer_events.c.position)
    ).mappings()
    return tuple(Event(**{name: row[name] for name in Event.__dataclass_fields__}) for row in rows)


def add_use(connection: sa.Connection, use: AnswerUse) -> None:
    """Record that an answer was given."""
    connection.execute(
        sa.insert(answer_uses).values(
            answer_id=use.answer_id,
            revision=use.revision,
            channel=use.channel,
            reference=use.reference,
            at=use.at,
        )
    )


def list_uses(connection: sa.Connection, answer_id: str, revisions: Iterable[int]) -> tuple[AnswerUse, ...]:
    """Uses of these revisions, oldest first."""
    rows = connection.execute(
        sa.select(answer_uses)
        .where(answer_uses.c.answer_id == answer_id, answer_uses.c.revision.in_(list(revisions)))
        .order_by(answer_uses.c.position)
    ).mappings()
    return tuple(AnswerUse(**{name: row[name] for name in AnswerUse.__dataclass_fields__}) for row in rows)


def open_task(connection: sa.Connection, task: ReviewTask) -> bool:
    """Open a task unless the same one is open already (answer, basis, new text); whether it was new."""
    same = connection.execute(
        sa.select(review_tasks.c.id).where(
            review_tasks.c.answer_id == task.answer_id,
            review_tasks.c.title == task.title,
            review_tasks.c.label == task.label,
            review_tasks.c.reason == task.reason,
            review_tasks.c.new_text == task.new_text,
            review_tasks.c.closed_at.is_(None),
        )
    ).first()
    if same is not None:
        return False
    connection.execute(
        sa.insert(review_tasks).values(
            answer_id=task.answer_id,
            revision=task.revision,
            reason=task.reason,
            severity=task.severity.value,
            title=task.title,
            label=task.label,
            old_text=task.old_text,
            new_text=task.new_text,
            opened_at=task.opened_at,
            closed_by="",
        )
    )
    return True


def close_tasks(connection: sa.Connection, answer_id: str, actor: str) -> int:
    """Close every open task of an answer; returns how many."""
    done = connection.execute(
        sa.update(review_tasks)
        .where(review_tasks.c.answer_id == answer_id, review_tasks.c.closed_at.is_(None))
        .values(closed_at=utc_now(), closed_by=actor)
    )
    return int(done.rowcount)


def list_tasks(connection: sa.Connection, *, include_closed: bool = False) -> tuple[ReviewTask, ...]:
    """Tasks, of the most used answer first, then by age."""
    uses = (
        sa.select(answer_uses.c.answer_id, sa.func.count().label("uses"))
        .group_by(answer_uses.c.answer_id)
        .subquery()
    )
    query = (
        sa.select(review_tasks, sa.func.coalesce(uses.c.uses, 0).label("uses"))
        .select_from(review_tasks.outerjoin(uses, uses.c.answer_id == review_tasks.c.answer_id))
        .order_by(sa.desc("uses"), review_tasks.c.id)
    )
    if not include_closed:
        query = query.where(review_tasks.c.closed_at.is_(None))
    return tuple(
        ReviewTask(
            **{
                name: row[name]
                for name in ReviewTask.__dataclass_fields__
                if name not in ("severity", "uses")
            },
            severity=Severity(row["severity"]),
            uses=int(row["uses"]),
        )
        for row in connection.execute(query).mappings()
    )


def open_severities(connection: sa.Connection) -> dict[str, Sequence[tuple[Severity, str, str, str]]]:
    """Open tasks of each answer as (severity, reason, title, label)."""
    found: dict[str, list[tuple[Severity, str, str, str]]] = {}
    rows = connection.execute(
        sa.select(
            review_tasks.c.answer_id,
            review_tasks.c.severity,
            review_tasks.c.reason,
            review_tasks.c.title,
            review_tasks.c.label,
        )
        .where(review_tasks.c.closed_at.is_(None))
        .order_by(review_tasks.c.id)
    )
    for answer_id, severity, reason, title, label in rows:
        found.setdefault(answer_id, []).append((Severity(severity), reason, title, label))
    return dict(found)


def _entry(row: sa.RowMapping) -> AnswerEntry:
    return AnswerEntry(
        id=row["id"],
        origin=Origin(row["origin"]),
        state=AnswerState(row["state"]),
        lock=row["lock"],
        head=row["head"],
        published=row["published"],
        title=row["title"],
        topic=row["topic"],
        risk=row["risk"],
        owner=row["owner"],
        next_review=row["next_review"],
        publish_on=row["publish_on"],
        updated_at=row["updated_at"],
    )


def _revision(row: sa.RowMapping) -> Revision:
    return Revision(
        answer_id=row["answer_id"],
        number=row["number"],
        record=from_plain(StandardAnswer, row["record"], row["answer_id"], code="answer_invalid"),
        pinned=tuple(PinnedBasis(*one) for one in row["pinned"]),
        author=row["author"],
        note=row["note"],
        created_at=row["created_at"],
        digest=row["digest"],
    )
