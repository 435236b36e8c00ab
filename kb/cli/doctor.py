"""``lawkb doctor``: what is wrong with an installation, what waits for what, and the way out of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from kb.answer.impact import find_impacts
from kb.answer.pinning import CHANGE_LABELS, Change
from kb.answer.shelf import StoreShelf
from kb.cli import compose
from kb.cli.answering import open_watch
from kb.cli.desk import open_auditor
from kb.clock import today
from kb.encode.dense import DenseEncoder
from kb.errors import LawkbError
from kb.settings import Settings, get_settings
from kb.store.answers import list_tasks
from kb.store.database import Database
from kb.store.provisions import corpus_digest


class Grade(StrEnum):
    """How bad a finding is."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


GRADE_MARKS = {Grade.GOOD: "正常", Grade.NOTE: "提示", Grade.BAD: "错误"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at; all but ``grade`` and ``code`` are Chinese. ``items`` are the single cases."""

    code: str
    grade: Grade
    told: str
    way_out: str = ""
    items: tuple[str, ...] = ()


def examine() -> tuple[Finding, ...]:
    """Every finding about this installation, in the order in which things depend on one another."""
    settings = get_settings()
    compose.prepare_paths(settings)
    try:
        database = compose.open_database(settings)
    except LawkbError as error:
        return (_from_error("store", error),)
    try:
        day = today()
        return (
            *_examine_index(settings, database),
            *_examine_answers(settings, database, day),
            *_examine_audit(settings, database),
        )
    finally:
        database.close()


def as_json(findings: tuple[Finding, ...]) -> dict[str, object]:
    """What ``--json`` prints."""
    return {"sound": is_sound(findings), "findings": [asdict(one) for one in findings]}


def is_sound(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing is bad."""
    return all(one.grade is not Grade.BAD for one in findings)


def _from_error(code: str, error: LawkbError) -> Finding:
    return Finding(code, Grade.BAD, f"[{error.code}] {error.message}", error.way_out or "")


def _examine_index(settings: Settings, database: Database) -> Iterator[Finding]:
    encoder: DenseEncoder | None = None
    try:
        encoder = compose.open_encoder(settings)
        yield Finding("encoder", Grade.GOOD, f"编码器 {encoder.id}")
        watch = open_watch(settings, encoder)
        if not watch.with_meaning:
            yield Finding(
                "danger_model",
                Grade.NOTE,
                "人身安全模型是为另一个编码器做的，只按字词判断",
                "运行 lawkb answers calibrate 并用 --danger 重新生成",
            )
    except LawkbError as error:
        yield _from_error("encoder", error)
    try:
        manifest = compose.open_generations(settings).current()
    except LawkbError as error:
        yield _from_error("index", error)
        return
    if manifest is None:
        yield Finding("index", Grade.BAD, "还没有建立索引", "运行 lawkb index build")
        return
    with database.reading() as connection:
        digest = corpus_digest(connection)
    if manifest.corpus_digest != digest:
        yield Finding("index", Grade.NOTE, "数据库里有改动还没有进入索引", "运行 lawkb index build")
    elif encoder is not None and manifest.encoder_id not in (None, encoder.id):
        yield Finding("index", Grade.BAD, "索引是用另一个编码器建的", "运行 lawkb index build")
    else:
        yield Finding("index", Grade.GOOD, f"索引 {manifest.id}，{manifest.points} 个点，与数据库一致")


def _examine_answers(settings: Settings, database: Database, day: dt.date) -> Iterator[Finding]:
    shelved = StoreShelf(database, serve_samples=settings.serve_samples).published(day)
    if not shelved:
        yield Finding("answers", Grade.NOTE, "没有已发布的标准答问", "运行 lawkb ingest 装入随附的示例")
        return
    given = [one for one in shelved if one.servable]
    yield Finding("answers", Grade.GOOD, f"已发布 {len(shelved)} 个标准答问，今天能提供 {len(given)} 个")
    unreviewed = [one for one in given if not one.reviewed]
    if unreviewed:
        yield Finding(
            "samples",
            Grade.NOTE,
            f"其中 {len(unreviewed)} 个是未经执业律师审核的示例",
            "正式使用时设 LAWKB_SERVE_SAMPLES=false，请律师审核后发布",
        )
    waiting: dict[str, list[str]] = {}
    for one in shelved:
        for title in one.waiting_for:
            waiting.setdefault(title, []).append(one.answer.id)
    if waiting:
        yield Finding(
            "waiting",
            Grade.NOTE,
            f"{len({id_ for ids in waiting.values() for id_ in ids})} 个答问在等"
            f" {len(waiting)} 部还没有收录的文件",
            "用 lawkb ingest 导入这些文件",
            tuple(
                f"《{title}》：{'、'.join(ids)}"
                for title, ids in sorted(waiting.items(), key=lambda one: (-len(one[1]), one[0]))
            ),
        )
    kept_back = [one for one in shelved if not one.servable]
    if kept_back:
        yield Finding(
            "withdrawn",
            Grade.NOTE,
            f"{len(kept_back)} 个已发布的答问今天不能提供",
            items=tuple(f"{one.answer.id}：{one.withdrawn}" for one in kept_back),
        )
    impacts = [one for one in find_impacts(database, day) if any(_is_change(c.change) for c in one.changes)]
    with database.reading() as connection:
        tasks = list_tasks(connection)
    known = {task.answer_id for task in tasks}
    new = [one for one in impacts if one.entry.id not in known]
    if new:
        yield Finding(
            "impact",
            Grade.BAD,
            f"{len(new)} 个答问的依据变了，还没有开复审任务",
            "运行 lawkb answers impact --open-tasks",
            tuple(f"{one.entry.id}：{CHANGE_LABELS[one.changes[0].change]}" for one in new),
        )
    if tasks:
        yield Finding("tasks", Grade.NOTE, f"有 {len(tasks)} 个复审任务没有办完", "运行 lawkb answers tasks")


def _is_change(change: Change) -> bool:
    return change is not Change.ARRIVED


def _examine_audit(settings: Settings, database: Database) -> Iterator[Finding]:
    try:
        report = open_auditor(settings, database).verify(repair=False)
    except LawkbError as error:
        yield _from_error("audit", error)
        return
    if report.sound:
        yield Finding("audit", Grade.GOOD, f"审计链完整，{report.entries} 条", items=report.notes)
    else:
        yield Finding("audit", Grade.BAD, "审计链不完整", "不要继续写入，从备份恢复后再核对", report.problems)
