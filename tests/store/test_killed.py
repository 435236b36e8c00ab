"""A process killed in the middle leaves nothing half there."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from kb.store import outbox
from kb.store.database import Database
from kb.store.works import counts, iter_provisions, list_provisions, save_bundle
from tests.store.records import numbered_bundle

ROOT = Path(__file__).parents[2]

SAVE_ALL_AT_ONCE = """
with database.writing() as connection:
    for number in range(1000):
        save_bundle(connection, numbered_bundle(number))
        print(number, flush=True)
"""

SAVE_ONE_BY_ONE = """
for number in range(10000):
    with database.writing() as connection:
        save_bundle(connection, numbered_bundle(number))
    print(number, flush=True)
"""

KILLED_WHILE_MIGRATING = """
import os, signal
import sqlalchemy as sa
made = []
@sa.event.listens_for(sa.Engine, "after_cursor_execute")
def kill_at_the_fourth_table(connection, cursor, statement, *rest):
    if "CREATE TABLE" in statement:
        made.append(statement)
        if len(made) == 4:
            print(len(made), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
database.migrate()
"""


def run_until(url: str, script: str, line: str) -> list[str]:
    """Run ``script`` on the database in a process of its own, kill it after ``line``, return its lines."""
    opening = (
        "import sys\n"
        "from kb.store.database import Database\n"
        "from kb.store.works import save_bundle\n"
        "from tests.store.records import numbered_bundle\n"
        "database = Database(sys.argv[1])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", opening + script, url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    lines: list[str] = []
    for printed in process.stdout:
        lines.append(printed.strip())
        if lines[-1] == line:
            process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=60) == -signal.SIGKILL
    process.stdout.close()
    return lines


def full_url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def test_killed_inside_one_transaction(database: Database) -> None:
    run_until(full_url(database), SAVE_ALL_AT_ONCE, "30")
    with database.reading() as connection:
        held = counts(connection)
        assert (held.sources, held.works, held.provisions, held.outbox) == (1, 0, 0, 0)
    with database.writing() as connection:
        assert save_bundle(connection, numbered_bundle(0)).provisions.added == 20


def test_killed_between_transactions_keeps_what_was_confirmed(database: Database) -> None:
    confirmed = {int(line) for line in run_until(full_url(database), SAVE_ONE_BY_ONE, "25")}
    with database.reading() as connection:
        held = {item.work.title for batch in iter_provisions(connection) for item in batch}
        everything = [numbered_bundle(number) for number in range(max(confirmed) + 2)]
        whole = [bundle for bundle in everything if bundle.work.title in held]
        assert {numbered_bundle(number).work.title for number in confirmed} <= held
        assert len(whole) == len(held)
        for bundle in whole:
            text = bundle.versions[0]
            assert list_provisions(connection, text.version.id) == text.provisions
        # The outbox holds each of them, and nothing of what was not committed.
        entries = outbox.pending(connection, 0, limit=100_000)
        assert len(entries) == 20 * len(held) == counts(connection).provisions
    if database.is_sqlite:
        with database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_killed_while_migrating(database_url: str) -> None:
    assert run_until(database_url, KILLED_WHILE_MIGRATING, "") == ["4"]
    database = Database(database_url)
    database.migrate()
    database.check_ready()
    with database.reading() as connection:
        assert counts(connection).works == 0
    database.close()
