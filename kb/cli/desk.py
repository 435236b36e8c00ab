"""``lawkb answers …``: the desk of standard answers at the command line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kb.cli import compose
from kb.clock import today
from kb.domain.editing import STATE_LABELS, Actor, AnswerEntry, AnswerState, Role
from kb.errors import BadInputError
from kb.settings import Settings, get_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.answer.audit import Auditor
    from kb.answer.desk import AnswerDesk
    from kb.domain.answers import StandardAnswer
    from kb.store.database import Database


@dataclass(frozen=True)
class OpenedDesk:
    """The desk with what it works on."""

    database: Database
    auditor: Auditor
    desk: AnswerDesk


def open_auditor(settings: Settings, database: Database) -> Auditor:
    """The audit trail of an installation; each database has its head in the data directory."""
    from kb.answer.audit import Auditor

    return Auditor(database, settings.data_dir / "audit" / database.fingerprint)


@contextmanager
def open_desk() -> Iterator[OpenedDesk]:
    """The desk of this installation."""
    from kb.answer.desk import AnswerDesk

    settings = get_settings()
    compose.prepare_paths(settings)
    database = compose.open_database(settings)
    try:
        auditor = open_auditor(settings, database)
        yield OpenedDesk(database, auditor, AnswerDesk(database, auditor))
    finally:
        database.close()


def read_actor(name: str, roles: Sequence[str]) -> Actor:
    """Whoever sits at this computer. Raises BadInputError ``actor_missing``, ``role_unknown``."""
    if not name.strip():
        raise BadInputError("actor_missing", "没有写明是谁", place="--as", way_out="加上 --as 姓名")
    try:
        chosen = frozenset(Role(role) for role in roles)
    except ValueError as error:
        raise BadInputError(
            "role_unknown",
            f"没有这个角色：{'、'.join(roles)}",
            place="--role",
            way_out=f"可用：{'、'.join(role.value for role in Role)}",
        ) from error
    return Actor(name.strip(), name.strip(), chosen)


def list_answers(state: str, topic: str, *, as_json: bool) -> None:
    """Answers on the desk, and whether each can be given today."""
    from kb.answer.shelf import StoreShelf
    from kb.store import answers as store

    chosen = _read_state(state)
    with open_desk() as opened:
        with opened.database.reading() as connection:
            entries = store.list_entries(connection, state=chosen, topic=topic)
            reviewed = {
                one.id: revision.record.reviewed_by for one, revision in store.list_published(connection)
            }
        shelf = StoreShelf(opened.database, serve_samples=get_settings().serve_samples)
        shelved = {one.answer.id: one for one in shelf.published(today())}
    rows = []
    for entry in entries:
        given = shelved.get(entry.id)
        rows.append(
            {
                "id": entry.id,
                "title": entry.title,
                "topic": entry.topic,
                "state": entry.state.value,
                "revision": entry.head,
                "published_revision": entry.published,
                "lock": entry.lock,
                "origin": entry.origin.value,
                "owner": entry.owner,
                "reviewed_by": reviewed.get(entry.id),
                "next_review": entry.next_review.isoformat() if entry.next_review else None,
                "servable": bool(given and given.servable),
                "withdrawn": given.withdrawn if given else "",
                "waiting_for": list(given.waiting_for) if given else [],
            }
        )
    if as_json:
        typer.echo(json.dumps({"answers": rows}, ensure_ascii=False, indent=1))
        return
    for row in rows:
        mark = "" if row["servable"] else f"  不提供：{row['withdrawn'] or '未发布'}"
        label = STATE_LABELS[AnswerState(str(row["state"]))]
        typer.echo(
            f"{row['id']}  [{label}] {row['title']}（第 {row['revision']} 稿，锁 {row['lock']}）{mark}"
        )
    typer.echo(f"共 {len(rows)} 个。")


def _read_state(state: str) -> AnswerState | None:
    if not state:
        return None
    try:
        return AnswerState(state)
    except ValueError as error:
        raise BadInputError(
            "state_unknown",
            f"没有这个状态：{state}",
            place="--state",
            way_out=f"可用：{'、'.join(one.value for one in AnswerState)}",
        ) from error


def print_history(answer_id: str) -> None:
    """Revisions and everything done to an answer."""
    from kb.answer.workflow import ACTION_LABELS, Action
    from kb.store import answers as store

    with open_desk() as opened, opened.database.reading() as connection:
        entry = store.get_entry(connection, answer_id)
        revisions = store.list_revisions(connection, answer_id)
        events = store.list_events(connection, answer_id)
    typer.echo(
        f"{entry.title}  [{STATE_LABELS[entry.state]}]  锁 {entry.lock}，已发布第 {entry.published or '—'} 稿"
    )
    for revision in revisions:
        typer.echo(
            f"第 {revision.number} 稿  {revision.created_at:%Y-%m-%d %H:%M}"
            f"  {revision.author}  {revision.note}"
        )
    for event in events:
        what = ACTION_LABELS[Action(event.action)] if event.action in set(Action) else event.action
        typer.echo(
            f"  {event.at:%Y-%m-%d %H:%M}  {event.actor}  {what}（第 {event.revision} 稿） {event.comment}"
        )


def print_diff(answer_id: str, old: int, new: int) -> None:
    """Two revisions line by line."""
    from kb.store import answers as store

    with open_desk() as opened, opened.database.reading() as connection:
        texts = [store.get_revision(connection, answer_id, number).record for number in (old, new)]
    before, after = (_as_lines(record) for record in texts)
    for line in difflib.unified_diff(before, after, f"第 {old} 稿", f"第 {new} 稿", lineterm=""):
        typer.echo(line)


def _as_lines(record: StandardAnswer) -> list[str]:
    import yaml

    from kb.domain.plain import to_plain

    plain = json.loads(json.dumps(to_plain(record), ensure_ascii=False))
    return str(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100)).splitlines()


def save_file(path: Path, lock: int | None, actor: Actor, note: str) -> None:
    """A new answer, or a new revision of one, from a YAML file."""
    from kb.answer.reading import list_files, read_answer
    from kb.store import answers as store

    (file,) = list_files([path])
    record = read_answer(file)
    with open_desk() as opened:
        with opened.database.reading() as connection:
            held = store.find_entry(connection, record.id)
        if held is None:
            entry = opened.desk.create(record, actor, note)
        else:
            entry = opened.desk.save(record, held.lock if lock is None else lock, actor, note)
        problems = opened.desk.problems(record)
    _tell(entry)
    for problem in problems:
        typer.echo(f"  {problem.place} [{problem.code}] {problem.message}")


def take_step(action: str, answer_id: str, lock: int | None, actor: Actor, comment: str, **more: Any) -> None:
    """One step of the workflow; without ``lock`` on the state as it is now."""
    with open_desk() as opened:
        held = opened.desk.entry(answer_id).lock if lock is None else lock
        step = getattr(opened.desk, action)
        entry = step(answer_id, held, actor, **({"comment": comment} | more))
    _tell(entry)


def roll_back(answer_id: str, number: int, lock: int | None, actor: Actor) -> None:
    """A new draft with an old text."""
    with open_desk() as opened:
        held = opened.desk.entry(answer_id).lock if lock is None else lock
        _tell(opened.desk.roll_back(answer_id, number, held, actor))


def _tell(entry: AnswerEntry) -> None:
    typer.echo(f"{entry.id}：{STATE_LABELS[entry.state]}，第 {entry.head} 稿，锁 {entry.lock}")


def import_file(path: Path, actor: Actor, *, dry_run: bool, report: Path | None) -> None:
    """Answers of a table or of lines, as drafts; the file is taken whole or not at all."""
    from ingest.answer_tables import TableRefusedError, read_table
    from kb.store import answers as store

    try:
        records = read_table(path)
    except TableRefusedError as error:
        for problem in error.problems:
            typer.echo(f"{problem.place} [{problem.code}] {problem.message}", err=True)
        if report is not None:
            rows = [vars(problem) for problem in error.problems]
            report.write_text(json.dumps({"problems": rows}, ensure_ascii=False, indent=1), encoding="utf-8")
        raise
    with open_desk() as opened:
        with opened.database.reading() as connection:
            held = {one.id: one for one in store.list_entries(connection)}
            old = {
                one: store.get_revision(connection, one, held[one].head).record
                for one in (record.id for record in records)
                if one in held
            }
        new = [one for one in records if one.id not in held]
        changed = [one for one in records if one.id in held and old[one.id] != one]
        for record in new:
            typer.echo(f"新增 {record.id} {record.title}")
        for record in changed:
            typer.echo(f"修改 {record.id} {record.title}")
            before, after = _as_lines(old[record.id]), _as_lines(record)
            for line in difflib.unified_diff(before, after, lineterm="", n=0):
                if not line.startswith(("---", "+++", "@@")):
                    typer.echo(f"    {line}")
        same = len(records) - len(new) - len(changed)
        typer.echo(f"新增 {len(new)}，修改 {len(changed)}，没有变化 {same}。")
        if dry_run:
            typer.echo("试运行，没有写入。")
            return
        opened.desk.take_in(records, actor, f"导入 {path.name}")


def export_file(path: Path, state: str) -> None:
    """The newest revisions as a table or as lines."""
    from ingest.answer_tables import write_table
    from kb.store import answers as store

    chosen = _read_state(state)
    with open_desk() as opened, opened.database.reading() as connection:
        records = [
            store.get_revision(connection, one.id, one.head).record
            for one in store.list_entries(connection, state=chosen)
        ]
    write_table(records, path)
    typer.echo(f"已写出 {len(records)} 个：{path}")


def print_impact(as_of: str | None, *, open_tasks: bool) -> None:
    """Published answers whose basis changed by a day; with ``open_tasks`` they go back on the desk."""
    from kb.answer.impact import find_impacts, open_review_tasks
    from kb.answer.pinning import CHANGE_LABELS

    day = compose.parse_day(as_of) or today()
    with open_desk() as opened:
        impacts = find_impacts(opened.database, day)
        for impact in impacts:
            typer.echo(f"{impact.entry.id} {impact.entry.title}")
            for change in impact.changes:
                basis = change.pinned
                typer.echo(
                    f"    {CHANGE_LABELS[change.change]}：《{basis.title}》{basis.label} {change.found.why}"
                )
        typer.echo(f"{len(impacts)} 个答案受影响。")
        if open_tasks:
            typer.echo(f"新开复审任务 {open_review_tasks(opened.database, opened.auditor, day)} 个。")


def print_tasks(*, as_json: bool) -> None:
    """Open review tasks, of the most used answer first."""
    from kb.answer.pinning import CHANGE_LABELS, Change
    from kb.store import answers as store

    with open_desk() as opened, opened.database.reading() as connection:
        tasks = store.list_tasks(connection)
    if as_json:
        rows = [
            {**{name: str(getattr(one, name) or "") for name in one.__dataclass_fields__}, "uses": one.uses}
            for one in tasks
        ]
        typer.echo(json.dumps({"tasks": rows}, ensure_ascii=False, indent=1))
        return
    for task in tasks:
        label = CHANGE_LABELS[Change(task.reason)] if task.reason in set(Change) else task.reason
        typer.echo(
            f"#{task.id} {task.answer_id}（给出过 {task.uses} 次）{label}：《{task.title}》{task.label}"
        )
        typer.echo(f"    原文：{task.old_text[:80]}")
        typer.echo(f"    现在：{task.new_text[:80]}")
    typer.echo(f"共 {len(tasks)} 个。")


def print_recall(answer_id: str, revision: int, *, as_json: bool) -> None:
    """Who was given this revision, and what is right now."""
    from kb.answer.shelf import StoreShelf
    from kb.store import answers as store

    with open_desk() as opened:
        with opened.database.reading() as connection:
            entry = store.get_entry(connection, answer_id)
            uses = store.list_uses(connection, answer_id, [revision])
            events = [one for one in store.list_events(connection, answer_id) if one.revision >= revision]
        shelf = StoreShelf(opened.database, serve_samples=get_settings().serve_samples)
        now = shelf.get(answer_id, today())
    reason = next((one.comment for one in reversed(events) if one.comment), "")
    corrected = now.answer.slots.conclusion if now and now.revision != revision else ""
    if as_json:
        rows = [
            {"channel": one.channel, "reference": one.reference, "at": one.at.isoformat()} for one in uses
        ]
        told = {
            "answer": answer_id,
            "revision": revision,
            "reason": reason,
            "corrected": corrected,
            "uses": rows,
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    typer.echo(f"{entry.title}，第 {revision} 稿给出过 {len(uses)} 次。")
    for use in uses:
        typer.echo(f"  {use.at:%Y-%m-%d %H:%M}  {use.channel}  {use.reference}")
    typer.echo(f"原因：{reason or '（没有写）'}")
    typer.echo(f"现在的结论：{corrected or '还没有更正的文本'}")


def verify_audit() -> bool:
    """Check the audit trail and tell; whether it is whole."""
    with open_desk() as opened:
        report = opened.auditor.verify()
    for note in report.notes:
        typer.echo(f"提示：{note}")
    for problem in report.problems:
        typer.echo(f"错误：{problem}", err=True)
    typer.echo(f"{report.entries} 条，{'完整' if report.sound else '不完整'}。")
    return report.sound
