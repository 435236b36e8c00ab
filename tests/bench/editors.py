"""Many editors and approvers on one desk at once: is an update lost, is the audit chain whole?

``python -m tests.bench.editors --seconds 300`` on a fresh SQLite file, ``--postgres`` on a server of its own.
Prints counts; the exit code is 1 when something was lost.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kb.answer.audit import Auditor
from kb.answer.desk import AnswerDesk
from kb.domain.editing import Actor, AnswerState, Role
from kb.errors import ConflictError, ForbiddenError, StoreError
from kb.store import answers as store
from kb.store.database import Database
from tests.answer.small_answers import make_answer
from tests.desk.conftest import small_holdings
from tests.store.postgres import find_binaries, run_postgres

ROLES = frozenset((Role.EDITOR, Role.REVIEWER))
ANSWERS = 10


@dataclass
class Tally:
    """What the workers did; ``saved`` holds the mark of every revision that was acknowledged."""

    done: Counter[str] = field(default_factory=Counter)
    saved: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(
    database: Database, folder: Path, workers: int, seconds: float, most: float = 0.0
) -> tuple[Tally, list[str]]:
    """Let ``workers`` edit for ``seconds``; returns what was done and what is wrong afterwards.

    On a slow machine they go on up to ``most`` seconds, until something has been published.
    """
    auditor = Auditor(database, folder)
    desk = AnswerDesk(database, auditor, open_holdings=small_holdings)
    first = Actor("first", "甲", ROLES)
    for number in range(ANSWERS):
        record = make_answer(
            id=f"contracts-a{number}", title=f"第{number}题怎么办", reviewed_by="李律师", owner="示例"
        )
        desk.create(record, first)
    tally, start = Tally(), time.monotonic()

    def over() -> bool:
        gone = time.monotonic() - start
        return gone >= seconds and (tally.done["publish"] > 0 or gone >= most)

    threads = [threading.Thread(target=_work, args=(desk, tally, over, one)) for one in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally, check(database, auditor, tally)


def check(database: Database, auditor: Auditor, tally: Tally) -> list[str]:
    """Acknowledged revisions that are not there, gaps in the numbers, a broken chain."""
    wrong = list(tally.failures)
    report = auditor.verify()
    wrong += report.problems
    with database.reading() as connection:
        for entry in store.list_entries(connection):
            revisions = store.list_revisions(connection, entry.id)
            if [one.number for one in revisions] != list(range(1, entry.head + 1)):
                wrong.append(f"{entry.id}: revisions are not 1 to {entry.head}")
            held = {one.note for one in revisions}
            wrong += [
                f"{id_}: lost {mark}" for id_, mark in tally.saved if id_ == entry.id and mark not in held
            ]
    return wrong


def _work(desk: AnswerDesk, tally: Tally, over: Callable[[], bool], number: int) -> None:
    draw = random.Random(number)
    actor = Actor(f"person-{number}", f"第{number}人", ROLES)
    turn = 0
    while not over():
        turn += 1
        answer_id = f"contracts-a{draw.randrange(ANSWERS)}"
        try:
            did = _step(desk, actor, answer_id, f"{number}.{turn}", draw, tally)
        except (ConflictError, ForbiddenError) as error:
            did = error.code
        except StoreError as error:
            did = error.code
            if error.code != "store_locked":
                with tally.lock:
                    tally.failures.append(f"{actor.id}: {error}")
        with tally.lock:
            tally.done[did] += 1


def _step(
    desk: AnswerDesk, actor: Actor, answer_id: str, mark: str, draw: random.Random, tally: Tally
) -> str:
    entry = desk.entry(answer_id)
    if entry.state is AnswerState.IN_REVIEW:
        desk.approve(answer_id, entry.lock, actor)
        return "approve"
    if entry.state is AnswerState.APPROVED:
        desk.publish(answer_id, entry.lock, actor)
        return "publish"
    if entry.state is AnswerState.DRAFT and draw.random() < 0.5:
        desk.submit(answer_id, entry.lock, actor)
        return "submit"
    record = make_answer(
        id=answer_id,
        title=f"第{answer_id[11:]}题怎么办",
        reviewed_by="李律师",
        owner="示例",
    )
    desk.save(record, entry.lock, actor, mark)
    with tally.lock:
        tally.saved.append((answer_id, mark))
    return "save"


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--workers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{Path(folder) / 'lawkb.db'}"
        if given.postgres:
            binaries = find_binaries()
            if binaries is None:
                sys.exit("没有找到 PostgreSQL 的 initdb 与 postgres")
            url = stack.enter_context(run_postgres(binaries)).new_database()
        database = Database(url, wait_s=60)
        database.migrate()
        tally, wrong = run(database, Path(folder) / "audit", given.workers, given.seconds)
        database.close()
    sys.stdout.write(f"{dict(tally.done.most_common())}\n保存 {len(tally.saved)} 稿，问题 {len(wrong)} 个\n")
    sys.stdout.writelines(f"{one}\n" for one in wrong[:20])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
