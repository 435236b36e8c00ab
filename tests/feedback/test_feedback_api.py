"""Opinions and contacts over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.services import Readiness, ReadinessState, Services
from kb.answer.callbacks import CallbackDesk
from kb.answer.desk import AnswerDesk
from kb.answer.feedback_box import FeedbackBox
from kb.answer.recording import UseRecorder
from kb.domain.feedback import Verdict
from kb.store.answers import list_uses
from kb.store.database import Database
from kb.store.feedback import list_feedback, list_questions
from tests.answer.conftest import world
from tests.answer.small_answers import make_answer
from tests.answer.small_ask import open_small_ask
from tests.answer.umbrellas import ASKED, PLAIN, SmallWorld, make_all
from tests.desk.conftest import EDITOR
from tests.feedback.conftest import CALLER, IDENTITY, NAME, PERSONAL, PHONE, everything_kept

__all__ = ["world"]

READY = Readiness(ReadinessState.READY)


@pytest.fixture
def client(
    database: Database, callback_desk: CallbackDesk, recorder: UseRecorder, world: SmallWorld
) -> Iterator[TestClient]:
    asker = open_small_ask(world.database, world.door, make_all(), record=recorder.record)
    services = Services(
        door=world.door,
        database=database,
        readiness=lambda: READY,
        asker=asker,
        feedback=FeedbackBox(database, keep_days=30),
        callbacks=callback_desk,
    )
    with TestClient(create_app(services)) as client:
        yield client


def test_an_answer_its_use_and_an_opinion_of_it(
    client: TestClient, database: Database, desk: AnswerDesk, recorder: UseRecorder
) -> None:
    desk.create(make_answer(), EDITOR)
    asked = client.post("/api/v1/ask", json={"q": ASKED[PLAIN], "channel": "hotline", "call": "c-20261122-1"})
    answer = asked.json()
    assert (asked.status_code, answer["answer_id"]) == (200, PLAIN)
    given = client.post(
        "/api/v1/feedback",
        json={
            "verdict": "wrong",
            "satisfied": 2,
            "text": f"第一步不对。{PERSONAL}",
            "q": ASKED[PLAIN],
            "answer_id": PLAIN,
            "revision": 1,
            "channel": "hotline",
            "call": "c-20261122-1",
        },
    )
    assert given.status_code == 201
    recorder.close()
    with database.reading() as connection:
        (use,) = list_uses(connection, PLAIN, [answer["revision"]])
        (question,) = list_questions(connection)
        (opinion,) = list_feedback(connection)
    assert (use.reference, question.answer_id) == ("c-20261122-1", PLAIN)
    assert given.json() == {"id": opinion.position}
    assert (opinion.verdict, opinion.satisfied, opinion.revision) == (Verdict.WRONG, 2, 1)
    assert opinion.text.startswith("第一步不对")
    assert not any(secret in everything_kept(database) for secret in (PHONE, IDENTITY, NAME))


def test_a_contact_reaches_whoever_calls_back(
    client: TestClient, database: Database, callback_desk: CallbackDesk
) -> None:
    left = client.post(
        "/api/v1/callbacks", json={"contact": PHONE, "topic": "劳动", "note": "下午打", "consent": True}
    )
    assert left.status_code == 201
    (one,) = callback_desk.list_open(CALLER)
    assert (one.id, one.contact, one.note) == (left.json()["id"], PHONE, "下午打")
    assert left.json()["kept_until"].startswith(one.due_until.strftime("%Y-%m-%dT%H:%M:%S"))
    assert PHONE not in everything_kept(database)
    assert client.get("/api/v1/callbacks").status_code == 405


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("callbacks", {"contact": PHONE}, 422, "consent_missing"),
        ("callbacks", {"contact": PHONE, "consent": False}, 422, "consent_missing"),
        ("callbacks", {"contact": PHONE, "consent": "true"}, 422, "consent_missing"),
        ("callbacks", {"contact": " ", "consent": True}, 422, "contact_empty"),
        ("callbacks", {"contact": "1" * 101, "consent": True}, 422, "contact_too_long"),
        ("callbacks", {"contact": PHONE, "consent": True, "topic": "天气"}, 422, "topic_unknown"),
        ("callbacks", {"contact": PHONE, "consent": True, "note": "长" * 301}, 422, "text_too_long"),
        ("callbacks", {"contact": f"{PHONE}\u0000", "consent": True}, 422, "text_malformed"),
        ("callbacks", {"contact": PHONE, "consent": True, "name": NAME}, 422, "field_unknown"),
        ("callbacks", [], 422, "body_malformed"),
        ("feedback", {}, 422, "field_missing"),
        ("feedback", {"verdict": "good"}, 422, "value_not_allowed"),
        ("feedback", {"verdict": "wrong", "satisfied": 0}, 422, "satisfied_out_of_range"),
        ("feedback", {"verdict": "wrong", "satisfied": True}, 422, "satisfied_out_of_range"),
        ("feedback", {"verdict": "wrong", "text": "长" * 1001}, 422, "text_too_long"),
        ("feedback", {"verdict": "wrong", "q": "长" * 501}, 422, "text_too_long"),
        ("feedback", {"verdict": "wrong", "revision": -1}, 422, "revision_out_of_range"),
        ("feedback", {"verdict": "wrong", "call": PHONE}, 422, "reference_malformed"),
        ("feedback", {"verdict": "wrong", "answer_id": "nobody-knows-it"}, 404, "answer_not_found"),
        ("ask", {"q": "欠薪怎么办", "call": "来电1"}, 422, "reference_malformed"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(
    client: TestClient, database: Database, path: str, body: Any, status: int, code: str
) -> None:
    reply = client.post(f"/api/v1/{path}", json=body)
    problem = reply.json()
    assert (reply.status_code, problem["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert PHONE not in reply.text
    assert problem["detail"]
    assert everything_kept(database) == ""


def test_where_nothing_is_taken_that_is_told(database: Database, world: SmallWorld) -> None:
    app = create_app(Services(world.door, database, lambda: READY))
    with TestClient(app) as client:
        for path, body in (
            ("feedback", {"verdict": "wrong"}),
            ("callbacks", {"contact": "1", "consent": True}),
        ):
            reply = client.post(f"/api/v1/{path}", json=body)
            assert (reply.status_code, reply.json()["code"]) == (503, "not_ready")
            assert "12348" in reply.json()["way_out"]
