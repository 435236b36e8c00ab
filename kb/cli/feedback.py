"""``lawkb feedback`` and ``lawkb callbacks`` at work."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TYPE_CHECKING

import typer

from kb.cli import compose
from kb.cli.desk import open_auditor, open_desk, read_actor
from kb.clock import SHANGHAI, utc_now
from kb.domain.editing import STATE_LABELS, Role
from kb.domain.feedback import VERDICT_LABELS, Gap, Verdict
from kb.errors import BadInputError, ServiceError
from kb.settings import Settings, get_settings

if TYPE_CHECKING:
    from kb.answer.callbacks import CallbackDesk
    from kb.answer.feedback_box import FeedbackBox
    from kb.encode.dense import DenseEncoder
    from kb.store.database import Database

log = logging.getLogger(__name__)

MAX_SHOWN = 5
BY_WORDS = "含义编码器不可用或不是随附的，只按字面归类。"


def open_feedback_box(settings: Settings, database: Database) -> FeedbackBox:
    """Where opinions go in."""
    from kb.answer.feedback_box import FeedbackBox

    return FeedbackBox(database, keep_days=settings.keep_feedback_days)


def open_callback_desk(settings: Settings, database: Database) -> CallbackDesk:
    """Where contacts are left and read; the key lies in the data directory."""
    from kb.answer.callbacks import FOLDER, CallbackDesk

    return CallbackDesk(
        database,
        open_auditor(settings, database),
        settings.data_dir / FOLDER,
        keep_days=settings.keep_callbacks_days,
    )


def print_feedback(verdict: str, *, as_json: bool) -> None:
    """Opinions, newest first. Raises BadInputError ``verdict_unknown``."""
    from kb.store.feedback import list_feedback

    chosen = _read_verdict(verdict)
    with open_desk() as opened, opened.database.reading() as connection:
        found = list_feedback(connection, verdict=chosen)
    if as_json:
        rows = [
            {
                "id": one.position,
                "at": one.at.isoformat(),
                "channel": one.channel.value,
                "verdict": one.verdict.value,
                "satisfied": one.satisfied,
                "text": one.text,
                "question": one.question,
                "answer_id": one.answer_id,
                "revision": one.revision,
                "call": one.reference,
            }
            for one in found
        ]
        typer.echo(json.dumps({"feedback": rows}, ensure_ascii=False, indent=1))
        return
    for one in found:
        score = f"，满意 {one.satisfied}/5" if one.satisfied else ""
        answer = f"  {one.answer_id} 第 {one.revision} 稿" if one.answer_id else ""
        call = f"  来电 {one.reference}" if one.reference else ""
        typer.echo(
            f"{one.position}  {_moment(one.at)}  【{VERDICT_LABELS[one.verdict]}{score}】{answer}{call}"
        )
        for label, text in (("问", one.question), ("说", one.text)):
            if text:
                typer.echo(f"    {label}：{text}")
    typer.echo(f"共 {len(found)} 条。")


def _read_verdict(verdict: str) -> Verdict | None:
    if not verdict:
        return None
    try:
        return Verdict(verdict)
    except ValueError:
        raise BadInputError(
            "verdict_unknown",
            f"没有这种意见：{verdict}",
            place="--verdict",
            way_out=f"可用：{'、'.join(f'{one.value}（{label}）' for one, label in VERDICT_LABELS.items())}",
        ) from None


def print_gaps(days: int, *, as_json: bool) -> None:
    """What is asked and not covered, most frequent first."""
    settings = get_settings()
    with open_desk() as opened:
        gaps, by_meaning = _find_gaps(settings, opened.database, days)
    if as_json:
        rows = [
            {
                "number": gap.number,
                "question": gap.question,
                "count": gap.count,
                "variants": list(gap.variants),
                "topic": gap.topic,
                "newest": gap.newest.isoformat(),
            }
            for gap in gaps
        ]
        typer.echo(json.dumps({"gaps": rows, "by_meaning": by_meaning}, ensure_ascii=False, indent=1))
        return
    for gap in gaps:
        topic = f"【{gap.topic}】" if gap.topic else ""
        typer.echo(f"{gap.number}  {topic}{gap.question}（{gap.count} 次，最近 {_moment(gap.newest)}）")
        for variant in gap.variants[:MAX_SHOWN]:
            typer.echo(f"    {variant}")
        if len(gap.variants) > MAX_SHOWN:
            typer.echo(f"    ……还有 {len(gap.variants) - MAX_SHOWN} 种问法")
    typer.echo(f"共 {len(gaps)} 个缺口。" + ("" if by_meaning else BY_WORDS))


def _find_gaps(settings: Settings, database: Database, days: int) -> tuple[tuple[Gap, ...], bool]:
    """Gaps, and whether they are grouped by meaning."""
    from kb.answer.gaps import BUILTIN_ID, find_gaps

    encoder = _open_encoder(settings)
    now = utc_now()
    gaps = find_gaps(
        database,
        since=now - dt.timedelta(days=days),
        now=now,
        encoder=encoder,
        follow_minutes=settings.conversation_minutes,
    )
    return gaps, encoder is not None and encoder.id.startswith(BUILTIN_ID)


def _open_encoder(settings: Settings) -> DenseEncoder | None:
    try:
        return compose.open_encoder(settings)
    except ServiceError as error:
        log.warning("%s", error.render())
        return None


def draft_answer(number: int, answer_id: str, topic: str, who: str, days: int) -> None:
    """A draft for a gap, whose questions are closed then."""
    from kb.answer.gaps import get_gap, take_up_gap

    actor = read_actor(who, [Role.EDITOR.value])
    with open_desk() as opened:
        gaps, _ = _find_gaps(get_settings(), opened.database, days)
        gap = get_gap(gaps, number)
        entry = take_up_gap(opened.database, opened.desk, gap, answer_id, topic, actor)
    typer.echo(f"{entry.id}：{STATE_LABELS[entry.state]}，第 {entry.head} 稿，锁 {entry.lock}")
    typer.echo(f"填好了问题和 {len(gap.variants)} 种问法；依据、结论、话术等请编辑补齐后提交审核。")


def purge_past(*, dry_run: bool) -> None:
    """Delete what is past its days."""
    from kb.answer.retention import purge

    settings = get_settings()
    compose.prepare_paths(settings)
    database = compose.open_database(settings)
    try:
        found = purge(database, settings, utc_now(), dry_run=dry_run)
    finally:
        database.close()
    did = "试运行，没有删除；超过保留天数的有：" if dry_run else "已删除："
    typer.echo(f"{did}提问 {found.questions} 条，意见 {found.feedback} 条，回电登记 {found.callbacks} 条。")


def print_callbacks(who: str, *, as_json: bool) -> None:
    """Requests to be called back that are open."""
    actor = read_actor(who, [Role.CALLBACK.value])
    settings = get_settings()
    with open_desk() as opened:
        found = open_callback_desk(settings, opened.database).list_open(actor)
    if as_json:
        rows = [
            {
                "id": one.id,
                "at": one.at.isoformat(),
                "topic": one.topic,
                "contact": one.contact,
                "note": one.note,
                "kept_until": one.due_until.isoformat(),
            }
            for one in found
        ]
        typer.echo(json.dumps({"callbacks": rows}, ensure_ascii=False, indent=1))
        return
    for one in found:
        topic = f"【{one.topic}】" if one.topic else ""
        note = f"  {one.note}" if one.note else ""
        typer.echo(
            f"{one.id}  {topic}{one.contact}{note}（{_moment(one.at)} 登记，保留到 {_moment(one.due_until)}）"
        )
    typer.echo(f"共 {len(found)} 条等待回电。")


def close_callback(callback_id: int, who: str) -> None:
    """Done with; the contact is forgotten."""
    actor = read_actor(who, [Role.CALLBACK.value])
    settings = get_settings()
    with open_desk() as opened:
        open_callback_desk(settings, opened.database).close(callback_id, actor)
    typer.echo(f"{callback_id}：已办结，联系方式已删除。")


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
