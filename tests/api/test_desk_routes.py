"""The answers desk over HTTP: from draft to published and on, by people who are signed in."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from api.desk_schemas import plain_record
from api.problems import MEDIA_TYPE
from kb.answer.impact import open_review_tasks
from kb.answer.workflow import RESULTS, ROLES, Action
from kb.clock import today
from kb.domain.editing import AnswerState, Role
from kb.store.database import Database
from tests.api.staff_pages import Browser, Office, open_office
from tests.desk.test_workflow import signed_answer

DESK = "/api/v1/desk/answers"
ID = "contracts-umbrella"
ONE = f"{DESK}/{ID}"
ADDRESSES = {
    Action.SUBMIT: "submit",
    Action.RETURN: "return",
    Action.APPROVE: "approve",
    Action.PUBLISH: "publish",
    Action.MARK_DUE: "mark-due",
    Action.CONFIRM: "confirm",
    Action.RETIRE: "retire",
}
LATER = dt.date(2027, 3, 1)
"""From then on the invented law has another text."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = open_office(tmp_path)
    yield office
    office.staff.database.close()


@pytest.fixture
def editor(office: Office) -> Browser:
    return office.browser(Role.EDITOR, name="王编辑")


@pytest.fixture
def reviewer(office: Office) -> Browser:
    return office.browser(Role.REVIEWER, name="李律师")


def record(**changes: object) -> dict[str, Any]:
    return plain_record(signed_answer(**changes))


def create(browser: Browser, **changes: object) -> dict[str, Any]:
    response = browser.call("POST", DESK, {"record": record(**changes), "note": "第一稿"})
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def step(browser: Browser, address: str, lock: int, comment: str = "", **more: object) -> Response:
    return browser.call("POST", f"{ONE}/{address}", {"lock": lock, "comment": comment, **more})


def publish(editor: Browser, reviewer: Browser) -> int:
    """Bring the answer to published; returns its lock."""
    create(editor)
    assert step(editor, "submit", 1).json()["state"] == "in_review"
    assert step(reviewer, "approve", 2).json()["state"] == "approved"
    done = step(reviewer, "publish", 3)
    assert done.json()["state"] == "published", done.text
    return int(done.json()["lock"])


def refused(response: Response, status: int, code: str) -> dict[str, Any]:
    """The problem; fails when it is another one."""
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["code"]) == (status, code), response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    assert problem["detail"]
    return problem


def test_from_draft_to_published_and_its_history(editor: Browser, reviewer: Browser) -> None:
    publish(editor, reviewer)
    answer = editor.call("GET", ONE).json()
    assert answer["entry"]["state"] == "published"
    assert answer["entry"]["state_label"] == "已发布"
    assert [one["author"] for one in answer["revisions"]] == ["王编辑"]
    assert [(one["action"], one["actor"]) for one in answer["events"]] == [
        ("save", "王编辑"),
        ("submit", "王编辑"),
        ("approve", "李律师"),
        ("publish", "李律师"),
    ]
    assert answer["revisions"][0]["record"] == record()
    assert not [one for one in answer["problems"] if one["level"] == "error"]
    listed = reviewer.call("GET", f"{DESK}?state=published").json()["answers"]
    assert [one["id"] for one in listed] == [ID]
    assert reviewer.call("GET", f"{DESK}?state=draft").json()["answers"] == []
    assert reviewer.call("GET", f"{DESK}?due=true").json()["answers"] == []


def test_who_acts_is_the_account_and_never_a_name_from_the_request(editor: Browser) -> None:
    body = {"record": record(), "note": "", "actor": "李律师"}
    refused(editor.call("POST", DESK, body), 422, "field_unknown")
    create(editor)
    for extra in ({"actor": "李律师"}, {"as": "x"}, {"roles": ["reviewer"]}):
        refused(
            editor.call("POST", f"{ONE}/submit", {"lock": 1, "comment": "", **extra}), 422, "field_unknown"
        )
    claims = {"X-Actor": "li", "X-Forwarded-User": "li", "Remote-User": "li"}
    headers = {**editor.headers, **claims, "X-CSRF-Token": editor.csrf}
    editor.client.post(f"{ONE}/submit", json={"lock": 1}, headers=headers)
    (_, event) = editor.call("GET", ONE).json()["events"]
    assert (event["action"], event["actor"]) == ("submit", "王编辑")


def test_nobody_approves_or_confirms_what_they_wrote(office: Office, reviewer: Browser) -> None:
    both = office.browser(Role.EDITOR, Role.REVIEWER, name="赵主任")
    create(both)
    step(both, "submit", 1)
    refused(step(both, "approve", 2), 403, "own_text")
    assert step(reviewer, "approve", 2).status_code == 200
    assert step(both, "publish", 3).status_code == 200
    assert step(both, "mark-due", 4, "再看看").json()["state"] == "due_for_review"
    refused(step(both, "confirm", 5), 403, "own_text")
    assert step(reviewer, "confirm", 5).json()["state"] == "published"


def test_two_editors_at_one_text_and_both_texts_are_shown(office: Office, editor: Browser) -> None:
    create(editor)
    other = office.browser(Role.EDITOR, name="孙编辑")
    first, second = record(title="伞借走了不还怎么办"), record(title="别人借伞不还怎么办")
    assert editor.call("PUT", ONE, {"record": first, "lock": 1}).json()["lock"] == 2
    problem = refused(other.call("PUT", ONE, {"record": second, "lock": 1}), 409, "answer_stale")
    assert problem["yours"] == second
    assert problem["current"]["record"] == first
    assert (problem["current"]["lock"], problem["current"]["author"]) == (2, "王编辑")
    saved = other.call("PUT", ONE, {"record": second, "lock": problem["current"]["lock"], "note": "合并"})
    assert saved.json()["head"] == 3
    lines = editor.call("GET", f"{ONE}/diff?old=2&new=3").json()["lines"]
    assert "-title: 伞借走了不还怎么办" in lines
    assert "+title: 别人借伞不还怎么办" in lines
    assert editor.call("GET", f"{ONE}/diff?old=2&new=2").json()["lines"] == []
    refused(editor.call("GET", f"{ONE}/diff?old=2&new=9"), 404, "revision_not_found")


def test_a_button_that_is_pressed_twice_does_its_work_once(editor: Browser, reviewer: Browser) -> None:
    create(editor)
    refused(editor.call("POST", DESK, {"record": record()}), 409, "answer_exists")
    assert step(editor, "submit", 1).status_code == 200
    problem = refused(step(editor, "submit", 1), 409, "answer_stale")
    assert (problem["current"]["state"], problem["current"]["lock"]) == ("in_review", 2)
    assert "yours" not in problem
    assert step(reviewer, "approve", 2).status_code == 200
    refused(step(reviewer, "approve", 2), 409, "answer_stale")
    assert len(editor.call("GET", ONE).json()["events"]) == 3


def test_return_roll_back_retire_and_comments(office: Office, editor: Browser, reviewer: Browser) -> None:
    lock = publish(editor, reviewer)
    agent = office.browser(Role.AGENT, name="话务员")
    assert agent.call("POST", f"{ONE}/comments", {"text": "来电人说没听懂"}).status_code == 201
    refused(agent.call("POST", f"{ONE}/comments", {"text": " "}), 422, "comment_missing")
    saved = editor.call("PUT", ONE, {"record": record(title="伞借走了不还怎么办"), "lock": lock}).json()
    assert (saved["state"], saved["published"], saved["head"]) == ("draft", 1, 2)
    step(editor, "submit", saved["lock"])
    refused(step(reviewer, "return", saved["lock"] + 1), 422, "comment_missing")
    returned = step(reviewer, "return", saved["lock"] + 1, "第二步没写清").json()
    assert returned["state"] == "draft"
    back = editor.call("POST", f"{ONE}/roll-back", {"lock": returned["lock"], "revision": 1}).json()
    assert (back["head"], back["title"]) == (3, record()["title"])
    refused(
        editor.call("POST", f"{ONE}/roll-back", {"lock": back["lock"], "revision": 99}),
        404,
        "revision_not_found",
    )
    refused(step(reviewer, "retire", back["lock"]), 422, "comment_missing")
    retired = step(reviewer, "retire", back["lock"], "不再需要").json()
    assert (retired["state"], retired["published"]) == ("retired", None)
    comments = [one["comment"] for one in editor.call("GET", ONE).json()["events"]]
    assert "来电人说没听懂" in comments
    assert "恢复第 1 稿" in comments


def test_publication_on_a_later_day(editor: Browser, reviewer: Browser) -> None:
    create(editor)
    step(editor, "submit", 1)
    step(reviewer, "approve", 2)
    day = today() + dt.timedelta(days=7)
    planned = step(reviewer, "publish", 3, on=day.isoformat()).json()
    assert (planned["state"], planned["publish_on"]) == ("approved", day.isoformat())
    refused(step(reviewer, "publish", 4, on="2027-02-30"), 422, "date_impossible")


def test_the_impact_queue(office: Office, editor: Browser, reviewer: Browser) -> None:
    publish(editor, reviewer)
    queue = f"/api/v1/desk/impact?as_of={LATER}"
    assert editor.call("GET", "/api/v1/desk/impact").json() == {"tasks": [], "affected": []}
    (affected,) = editor.call("GET", queue).json()["affected"]
    assert affected["entry"]["id"] == ID
    assert open_review_tasks(office.staff.database, office.staff.auditor, LATER) == 1
    (task,) = editor.call("GET", queue).json()["tasks"]
    assert (task["answer_id"], task["label"]) == (ID, "第一条")
    assert "十五日" in task["old_text"]
    assert "十日" in task["new_text"]
    assert [one["id"] for one in editor.call("GET", f"{DESK}?due=true").json()["answers"]] == [ID]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"unknown": 1}, "answer_invalid"),
        ({"title": None}, "answer_invalid"),
        ({"title": "伞\u0000"}, "text_malformed"),
        ({"slots": []}, "answer_invalid"),
        ({"risk": "none"}, "answer_invalid"),
    ],
)
def test_a_text_that_is_no_answer_is_told_with_its_place(
    editor: Browser, spoil: dict[str, Any], code: str
) -> None:
    refused(editor.call("POST", DESK, {"record": {**record(), **spoil}}), 422, code)
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    refused(editor.call("POST", DESK, {"record": {**record(), "category": deep}}), 422, "record_too_deep")


def test_a_faulty_answer_may_be_saved_and_not_submitted(editor: Browser) -> None:
    create(editor, variants=())
    assert editor.call("GET", ONE).json()["problems"]
    refused(step(editor, "submit", 1), 422, "answer_faulty")


def test_what_is_not_there(editor: Browser) -> None:
    refused(editor.call("GET", f"{DESK}/nobody-wrote-it"), 404, "answer_not_found")
    refused(editor.call("GET", f"{DESK}/Bad_Id"), 422, "value_invalid")
    refused(step(editor, "submit", 1), 404, "answer_not_found")
    refused(editor.call("PUT", f"{DESK}/another", {"record": record(), "lock": 1}), 422, "answer_id_differs")
    refused(editor.call("GET", f"{DESK}?state=open"), 422, "value_not_allowed")


@pytest.mark.parametrize("lock", [0, -1, "1", 1.5, True, None, 2**40])
def test_a_lock_is_a_number_that_was_seen(editor: Browser, lock: object) -> None:
    create(editor)
    response = editor.call("POST", f"{ONE}/submit", {"lock": lock})
    assert response.status_code == 422
    refused(step(editor, "submit", 7), 409, "answer_stale")


def test_every_action_in_every_state_by_every_role(office: Office, tmp_path: Path) -> None:
    """Over HTTP exactly what the workflow allows: 8 steps x 6 states x 5 roles."""
    author = office.browser(Role.EDITOR, Role.ADMINISTRATOR, name="作者")
    judge = office.browser(Role.REVIEWER, name="审者")
    browsers = {role: office.browser(role, name=f"某{role.value}") for role in Role}
    ways: dict[AnswerState, list[tuple[Browser, str]]] = {
        AnswerState.DRAFT: [],
        AnswerState.IN_REVIEW: [(author, "submit")],
        AnswerState.APPROVED: [(author, "submit"), (judge, "approve")],
        AnswerState.PUBLISHED: [(author, "submit"), (judge, "approve"), (judge, "publish")],
        AnswerState.DUE: [
            (author, "submit"),
            (judge, "approve"),
            (judge, "publish"),
            (judge, "mark-due"),
        ],
        AnswerState.RETIRED: [(judge, "retire")],
    }
    number = itertools.count()
    for state, way in ways.items():
        lock, made = 1, 0
        path = ""
        for action, role in itertools.product(ADDRESSES, Role):
            if lock != made or not path:
                answer_id = f"umbrella-{next(number)}"
                path = f"{DESK}/{answer_id}"
                created = author.call(
                    "POST", DESK, {"record": record(id=answer_id, title=f"借伞不还怎么办之{answer_id}")}
                )
                lock = created.json()["lock"]
                for browser, address in way:
                    done = browser.call("POST", f"{path}/{address}", {"lock": lock, "comment": "走一步"})
                    assert done.status_code == 200, (state, address, done.text)
                    lock = done.json()["lock"]
                made = lock
            response = browsers[role].call(
                "POST", f"{path}/{ADDRESSES[action]}", {"lock": lock, "comment": "试一试"}
            )
            if role not in ROLES[action]:
                refused(response, 403, "role_missing")
            elif state not in RESULTS[action]:
                refused(response, 409, "state_unfit")
            else:
                assert response.status_code == 200, (state, action, role, response.text)
                assert response.json()["state"] == RESULTS[action][state]
                lock = response.json()["lock"]
    assert office.staff.auditor.verify().sound


def test_a_text_in_an_answer_stays_text(office: Office, editor: Browser) -> None:
    hostile = "<script>alert(1)</script>借伞"
    create(editor, title=hostile)
    response = editor.call("GET", ONE)
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert json.loads(response.text)["entry"]["title"] == hostile


def test_the_session_tells_a_program_its_token(editor: Browser) -> None:
    told = editor.call("GET", "/api/v1/desk/session").json()
    assert told == {"name": "王编辑", "roles": ["editor"], "csrf": editor.csrf}


def test_deeds_are_on_record_under_the_account(office: Office, editor: Browser, reviewer: Browser) -> None:
    publish(editor, reviewer)
    database: Database = office.staff.database
    import sqlalchemy as sa

    with database.reading() as connection:
        rows = connection.execute(
            sa.text("SELECT actor, action FROM audit_entries WHERE subject = :id ORDER BY position"),
            {"id": ID},
        ).all()
    assert [tuple(row) for row in rows] == [
        ("王编辑", "save"),
        ("王编辑", "submit"),
        ("李律师", "approve"),
        ("李律师", "publish"),
    ]
    assert office.staff.auditor.verify().sound
