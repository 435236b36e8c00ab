"""A real service: what it was asked is on record when it has stopped, its own warming up is not."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kb.answer.callbacks import FOLDER, KEY_FILE
from kb.answer.desk import AnswerDesk
from kb.cli.desk import open_auditor
from kb.clock import utc_now
from kb.settings import Settings
from kb.store.answers import list_uses
from kb.store.database import Database
from kb.store.feedback import list_feedback, list_questions
from tests.answer.small_answers import make_bundles
from tests.answer.umbrellas import ASKED, PLAIN
from tests.cli.installation import NO_ENCODER, RunningService, lawkb, running, wait_for
from tests.conftest import build_index
from tests.desk.test_workflow import publish, signed_answer
from tests.feedback.conftest import PHONE, ask_all, everything_kept
from tests.small_corpus import describe_installed_source, fill_store


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small installation by words only, with one published answer and a question of long ago."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("recording") / "data")
    source = describe_installed_source().id
    database = fill_store(settings, [replace(one, source_id=source) for one in make_bundles()])
    publish(AnswerDesk(database, open_auditor(settings, database)), signed_answer())
    ask_all(database, "很久以前的事", at=utc_now().replace(year=2020))
    build_index(settings, database, None)
    database.close()
    return settings.data_dir


def post(service: RunningService, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        f"{service.url}/api/v1/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.slow
def test_a_service_keeps_what_it_was_asked_and_forgets_in_time(data_dir: Path) -> None:
    with running(data_dir, "serve", encoder=NO_ENCODER) as service:
        service.wait_until_ready()
        body = {"q": f"{ASKED[PLAIN]}我电话{PHONE}", "call": "c-1", "channel": "hotline"}
        asked: list[str] = []

        def answered() -> bool:
            status, answer = post(service, "ask", body)
            if status == 200:
                asked.append(answer["answer_id"])
            return status == 200

        wait_for(answered, "the answer door")
        said = {"verdict": "adopted", "answer_id": PLAIN, "revision": 1, "call": "c-1"}
        assert post(service, "feedback", said)[0] == 201
        assert post(service, "feedback", {**said, "answer_id": "nobody"})[1]["code"] == "answer_not_found"
        assert post(service, "callbacks", {"contact": PHONE, "consent": True})[0] == 201
        through = lawkb(data_dir, "ask", ASKED[PLAIN], "--call", "c-2", "--json")
        assert json.loads(through.stdout)["answer_id"] == PLAIN
        database = Database(Settings(data_dir=data_dir).resolved_database_url)
        wait_for(lambda: "很久以前的事" not in everything_kept(database), "the daily chores")
        assert service.stop() == 0
    here = lawkb(data_dir, "ask", ASKED[PLAIN], "--call", "c-3", "--json", encoder=NO_ENCODER)
    assert json.loads(here.stdout)["answer_id"] == PLAIN
    with database.reading() as connection:
        questions = list_questions(connection)
        calls = [use.reference for use in list_uses(connection, PLAIN, [1])]
        (opinion,) = list_feedback(connection)
    assert len(questions) == 3
    assert "[手机号]" in questions[0].question
    assert asked == [questions[0].answer_id]
    assert calls == (["c-1"] if asked == [PLAIN] else []) + ["c-2", "c-3"]
    assert (opinion.answer_id, opinion.reference) == (PLAIN, "c-1")
    assert (data_dir / FOLDER / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert PHONE not in everything_kept(database)
    assert not any(PHONE.encode() in path.read_bytes() for path in data_dir.rglob("*") if path.is_file())
    database.close()
