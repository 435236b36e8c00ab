"""The answer door over HTTP, with five invented answers over a small law."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.app import create_app
from api.problems import MEDIA_TYPE
from api.services import Readiness, ReadinessState, Services
from kb.domain.ask import DISCLAIMER, SAMPLE_NOTICE
from kb.settings import Settings
from kb.store.database import Database
from tests.answer.small_answers import LAW, make_answer, make_bundles
from tests.answer.small_ask import GENERATION, open_small_ask
from tests.answer.umbrellas import ASKED, LATE, PLAIN, REVIEW, WAITING, make_all
from tests.api.conftest import READY
from tests.api.small_library import LetterDoor
from tests.api.test_bad_input import MEMBERS
from tests.small_corpus import describe_installed_source, fill_store

ADDRESS = "/api/v1/ask"
DAY = "2026-11-22"
FIELDS = {
    *("origin", "origin_label", "channel", "safety", "segments", "rendering", "citations", "answer_id"),
    *("revision", "title", "topic", "risk", "confidence", "ask_back", "facts", "understood_as"),
    *("next_answers", "transfer", "guides", "cases", "reviewed", "ai_worded", "notices", "disclaimer"),
    *("as_of", "generation"),
}
CITATION_FIELDS = {
    *("key", "kind", "title", "label", "verdict", "verdict_label", "verified", "text", "says", "work_id"),
    *("provision_id", "version_id", "version_date", "effective_from", "changes_on"),
}


@pytest.fixture(scope="module")
def umbrellas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("umbrellas"))
    source = describe_installed_source().id
    database: Database = fill_store(settings, [replace(one, source_id=source) for one in make_bundles()])
    door = LetterDoor(database)
    asker = open_small_ask(database, door, make_all())
    yield Services(door=door, database=database, readiness=lambda: READY, asker=asker)
    database.close()


@pytest.fixture(scope="module")
def asking(umbrellas: Services) -> Iterator[TestClient]:
    with TestClient(create_app(umbrellas)) as client:
        yield client


def post(client: TestClient, q: str, **more: Any) -> Response:
    return client.post(ADDRESS, json={"q": q, "as_of": DAY, **more})


def ask(client: TestClient, q: str, **more: Any) -> dict[str, Any]:
    response = post(client, q, **more)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def assert_problem(response: Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    problem: dict[str, Any] = response.json()
    assert set(problem) >= MEMBERS
    assert (problem["status"], problem["code"]) == (status, code)
    assert re.search("[\u4e00-\u9fff]", problem["detail"])
    assert re.search("[\u4e00-\u9fff]", problem["way_out"])
    return problem


# -- the body ------------------------------------------------------------------------------------------


def test_an_answer_has_all_that_a_channel_needs(asking: TestClient) -> None:
    answer = ask(asking, ASKED[PLAIN])
    assert set(answer) >= FIELDS
    assert (answer["origin"], answer["origin_label"], answer["answer_id"]) == ("standard", "标准答复", PLAIN)
    assert (answer["as_of"], answer["generation"], answer["channel"]) == (DAY, GENERATION, "citizen")
    assert (answer["safety"], answer["reviewed"], answer["ai_worded"]) == (False, False, False)
    assert (answer["revision"], answer["risk"], answer["topic"]) == (1, "ordinary", "合同")
    assert 0 < answer["confidence"] <= 1
    assert answer["disclaimer"] == DISCLAIMER
    assert SAMPLE_NOTICE in answer["notices"]
    assert answer["segments"][0] == {
        "kind": "conclusion",
        "label": "结论",
        "text": make_answer().slots.conclusion,
        "sources": ["b1", "b2"],
    }
    first, second = answer["citations"]
    assert set(first) == CITATION_FIELDS
    assert (first["key"], first["title"], first["label"]) == ("b1", LAW, "第一条")
    assert (first["verdict"], first["verdict_label"], first["verified"]) == ("in_force", "现行有效", True)
    assert first["text"].startswith("借用人应当在借用之日起十五日内归还雨伞。")
    assert (first["version_date"], first["effective_from"], first["changes_on"]) == (
        "2020-01-01",
        "2020-01-01",
        "2027-03-01",
    )
    assert second["text"] == "（二）借用人不满八周岁。"
    assert all(one["provision_id"].startswith(one["work_id"]) for one in answer["citations"])


def test_a_citation_of_what_is_not_held_says_so(asking: TestClient) -> None:
    held, waiting = ask(asking, ASKED[WAITING])["citations"]
    assert held["verified"]
    assert (waiting["verified"], waiting["verdict"], waiting["verdict_label"], waiting["text"]) == (
        False,
        "outside_holdings",
        "本库未收录原文，未核验",
        "",
    )
    assert waiting["work_id"] is waiting["provision_id"] is waiting["effective_from"] is None


def test_the_provision_of_a_citation_can_be_read_at_its_address(asking: TestClient) -> None:
    for one in ask(asking, ASKED[PLAIN])["citations"]:
        work = asking.get(f"/api/v1/works/{one['work_id']}")
        assert work.status_code == 200
        assert one["title"] in json.dumps(work.json(), ensure_ascii=False)


def test_a_channel_changes_the_wording_only(asking: TestClient) -> None:
    answers = {
        channel: ask(asking, ASKED[PLAIN], channel=channel) for channel in ("citizen", "hotline", "education")
    }
    assert answers["hotline"]["rendering"] == make_answer().script
    bare = [{**one, "rendering": "", "channel": ""} for one in answers.values()]
    assert bare[0] == bare[1] == bare[2]
    assert len({one["rendering"] for one in answers.values()}) == 3


def test_danger_first(asking: TestClient) -> None:
    response = post(asking, "我不想活了")
    answer = response.json()
    assert (answer["origin"], answer["safety"], answer["confidence"]) == ("safety", True, None)
    assert "12356" in answer["rendering"]
    assert "X-Conversation" not in response.headers


# -- what differs from call to call stands in the headers ----------------------------------------------


def test_headers_name_the_call_its_time_and_its_conversation(asking: TestClient) -> None:
    headers = [post(asking, ASKED[PLAIN]).headers for _ in range(3)]
    assert len({one["X-Trace-Id"] for one in headers}) == 3
    for one in headers:
        assert re.fullmatch("[0-9a-f]{16}", one["X-Trace-Id"])
        assert re.fullmatch(r"ask;dur=[0-9]+(\.[0-9]+)?", one["Server-Timing"])
        assert re.fullmatch(r"[A-Za-z0-9_.-]+", one["X-Conversation"])
        assert one["content-type"] == "application/json"


@pytest.mark.parametrize("q", [*ASKED.values(), "雨伞逾期补偿多少", "我不想活了", "今天天气不错", "第一条"])
def test_the_same_request_gets_the_same_bytes(asking: TestClient, q: str) -> None:
    bodies = {post(asking, q).content for _ in range(3)}
    assert len(bodies) == 1
    assert not re.search("trace|took|dur", bodies.pop().decode(), re.IGNORECASE)


def test_the_same_request_gets_the_same_bytes_at_the_same_time(asking: TestClient) -> None:
    wanted = {q: post(asking, q).content for q in ASKED.values()}

    def run(_: int) -> bool:
        return all(post(asking, q).content == wanted[q] for q in ASKED.values())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(run, range(8)))


# -- going on ------------------------------------------------------------------------------------------


def test_a_gate_is_asked_and_answered_by_its_choice_or_in_words(asking: TestClient) -> None:
    response = post(asking, ASKED[LATE])
    answer = response.json()
    assert answer["origin"] == "gate"
    assert answer["ask_back"] == {
        "question": "过了归还的日子没有？",
        "choices": [
            {"id": f"gate:{LATE}:overdue:late", "label": "已经过了归还的日子"},
            {"id": f"gate:{LATE}:overdue:early", "label": "还没到归还的日子"},
        ],
    }
    token = response.headers["X-Conversation"]
    chosen = ask(asking, ASKED[LATE], choices=[answer["ask_back"]["choices"][0]["id"]], conversation=token)
    worded = ask(asking, "已经过了归还的日子", conversation=token)
    numbered = ask(asking, "1", conversation=token)
    for one in (chosen, worded, numbered):
        assert (one["origin"], one["facts"], one["ask_back"]) == ("standard", ["已经过了归还的日子"], None)
        assert one["segments"][0]["text"].startswith("已经逾期")


def test_a_conversation_goes_on_with_its_token(asking: TestClient) -> None:
    first = post(asking, ASKED[REVIEW])
    answer = ask(asking, "那要多久", conversation=first.headers["X-Conversation"])
    assert (answer["answer_id"], answer["understood_as"]) == (
        REVIEW,
        "对出借人的决定不服，请求复核：那要多久",
    )
    assert ask(asking, "那要多久")["answer_id"] == ""


def test_a_next_answer_is_asked_for_by_its_choice(asking: TestClient) -> None:
    near = ask(asking, ASKED[PLAIN])["next_answers"]
    for one in near:
        assert one["choice"] == f"answer:{one['id']}"
        assert ask(asking, ASKED[PLAIN], choices=[one["choice"]])["title"] == one["title"]


# -- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "field_missing"),
        ({"q": ""}, "query_empty"),
        ({"q": "  "}, "query_empty"),
        ({"q": "，。？"}, "query_empty"),
        ({"q": "伞" * 10_001}, "query_too_long"),
        ({"q": None}, "value_invalid"),
        ({"q": 5}, "value_invalid"),
        ({"q": ["雨伞不还"]}, "value_invalid"),
        ({"q": "雨伞\0不还"}, "text_malformed"),
        ({"q": "雨伞\ud800不还"}, "text_malformed"),
        ({"q": "雨伞不还", "as_of": "2026-02-30"}, "date_impossible"),
        ({"q": "雨伞不还", "as_of": "morgen"}, "date_malformed"),
        ({"q": "雨伞不还", "as_of": 20261122}, "date_malformed"),
        ({"q": "雨伞不还", "as_of": "1900-01-01"}, "as_of_out_of_range"),
        ({"q": "雨伞不还", "as_of": "9999-12-31"}, "as_of_out_of_range"),
        ({"q": "雨伞不还", "channel": "radio"}, "value_not_allowed"),
        ({"q": "雨伞不还", "channel": ""}, "value_not_allowed"),
        ({"q": "雨伞不还", "surprise": 1}, "field_unknown"),
        ({"q": "雨伞不还", "choices": [f"answer:{PLAIN}"] * 13}, "value_out_of_range"),
        ({"q": "雨伞不还", "region": "京" * 200}, "filter_too_long"),
    ],
)
def test_a_bad_body_is_explained(asking: TestClient, body: dict[str, Any], code: str) -> None:
    response = asking.post(ADDRESS, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert_problem(response, 422, code)


@pytest.mark.parametrize(
    "choice", ["rubbish", "", "answer:", "answer:../x", "ANSWER:a", "gate:a:b", "answer:a\n"]
)
def test_a_choice_that_is_none_is_explained(asking: TestClient, choice: str) -> None:
    response = post(asking, ASKED[PLAIN], choices=[choice])
    assert response.status_code == 422
    assert response.headers["content-type"] == MEDIA_TYPE
    problem = response.json()
    assert set(problem) >= MEMBERS
    assert problem["way_out"]


@pytest.mark.parametrize("choice", ["answer:unknown", f"gate:{LATE}:overdue:never", f"gate:{PLAIN}:x:y"])
def test_an_unknown_choice_is_told(asking: TestClient, choice: str) -> None:
    problem = assert_problem(post(asking, ASKED[LATE], choices=[choice]), 404, "choice_unknown")
    assert problem["place"] == "choices"


@pytest.mark.parametrize("token", ["x", "a.b", "A" * 8_000, "令牌"])
def test_a_token_that_is_none_is_told(asking: TestClient, token: str) -> None:
    problem = assert_problem(post(asking, ASKED[LATE], conversation=token), 404, "conversation_invalid")
    assert problem["place"] == "conversation"


def test_a_tampered_token_is_told(asking: TestClient) -> None:
    token = post(asking, ASKED[LATE]).headers["X-Conversation"]
    for place in range(0, len(token), 9):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert_problem(post(asking, "1", conversation=changed), 404, "conversation_invalid")


def test_a_token_past_all_bounds_is_refused(asking: TestClient) -> None:
    response = post(asking, ASKED[LATE], conversation="A" * 8_001)
    assert response.status_code == 422
    assert response.json()["way_out"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"q"', b"\xff\xfe", b'{"q": "a", "q": '])
def test_a_body_that_is_no_json_object_is_refused(asking: TestClient, content: bytes) -> None:
    response = asking.post(ADDRESS, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == MEDIA_TYPE
    assert set(response.json()) >= MEMBERS


def test_nobody_in_danger_is_refused_for_a_bad_token_or_choice(asking: TestClient) -> None:
    for more in ({"conversation": "x"}, {"choices": ["answer:unknown"]}):
        assert ask(asking, "我不想活了", **more)["safety"]


def test_a_question_with_mark_up_comes_back_as_none(asking: TestClient) -> None:
    response = post(asking, "<script>alert(1)</script>雨伞不还怎么办")
    assert response.json()["origin"] == "referred"
    assert "<script" not in response.text


# -- readiness and schema ------------------------------------------------------------------------------


def test_before_it_is_ready_the_service_says_so(umbrellas: Services) -> None:
    starting = Readiness(ReadinessState.STARTING, "正在建立索引")
    with TestClient(create_app(replace(umbrellas, readiness=lambda: starting))) as client:
        assert_problem(post(client, ASKED[PLAIN]), 503, "not_ready")
    with TestClient(create_app(replace(umbrellas, asker=None))) as client:
        assert_problem(post(client, ASKED[PLAIN]), 503, "not_ready")
        # What is wrong with a request is told all the same.
        assert_problem(post(client, ""), 422, "query_empty")


def test_the_published_schema_shows_how_to_ask(asking: TestClient) -> None:
    document = asking.get("/openapi.json").json()
    operation = document["paths"][ADDRESS]["post"]
    assert {"200", "400", "404", "413", "422", "503"} <= set(operation["responses"])
    told = operation["responses"]["200"]["headers"]
    assert {"X-Trace-Id", "Server-Timing", "X-Conversation"} <= set(told)
    assert all(one["description"] for one in told.values())
    body = document["components"]["schemas"]["AskBody"]
    assert body["additionalProperties"] is False
    (example,) = body["examples"]
    assert asking.post(ADDRESS, json=example).status_code == 200
    answer = document["components"]["schemas"]["AskAnswer"]["properties"]
    assert set(answer) >= FIELDS


def test_a_schema_reader_may_take_every_answer(asking: TestClient) -> None:
    """Whatever comes out has the published fields and no other."""
    published = asking.get("/openapi.json").json()["components"]["schemas"]["AskAnswer"]
    for q in (*ASKED.values(), "我不想活了", "雨伞逾期补偿多少", "写一首诗"):
        answer = ask(asking, q)
        assert set(answer) == set(published["properties"])
        assert set(published["required"]) <= set(answer)


def test_the_shipped_answers_serve_over_a_real_library(client: TestClient) -> None:
    """Whatever of the shipped answers this small library carries, it carries with citations in force."""
    origins = set()
    for q in ("试用期最长多久", "离婚冷静期是多少天", "高空抛物砸伤人谁赔", "商标注册要多久", "今天天气不错"):
        answer = ask(client, q)
        origins.add(answer["origin"])
        for one in answer["citations"]:
            assert (one["verdict"] == "in_force") == one["verified"] == bool(one["text"])
        if answer["origin"] in ("standard", "gate"):
            assert any(one["verified"] for one in answer["citations"])
    assert "referred" in origins
