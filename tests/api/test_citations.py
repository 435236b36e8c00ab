"""Checking citations over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.citation_schemas import MAX_TEXT
from tests.api.test_bad_input import MEMBERS

ADDRESS = "/api/v1/citations/verify"


def assert_problem(response: Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    problem = response.json()
    assert set(problem) >= MEMBERS
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["way_out"]


def verify(client: TestClient, text: str, as_of: str | None = "2026-11-22") -> list[dict[str, Any]]:
    response = client.post(ADDRESS, json={"text": text, "as_of": as_of})
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["as_of"] == as_of or as_of is None
    citations: list[dict[str, Any]] = answer["citations"]
    for one in citations:
        assert text[slice(*one["span"])] == one["text"]
    return citations


def test_a_list_is_one_citation_per_article(client: TestClient) -> None:
    first, second = verify(client, "物业说依据民法典第1254、9999条。")
    assert (first["verdict"], first["label"]) == ("in_force", "第一千二百五十四条")
    assert first["provision_id"].endswith(":a1254")
    assert "抛掷物品" in first["provision_text"]
    assert (second["verdict"], second["text"], second["provision_id"]) == ("never_existed", "9999条", None)


def test_a_repealed_law_names_its_successor(client: TestClient) -> None:
    (one,) = verify(client, "《环境保护法》第五条")
    assert (one["verdict"], one["verdict_label"], one["applies"]) == ("repealed", "已废止", False)
    assert one["successor"]
    assert one["effective_to"] == "2026-08-15"


def test_a_day_before_the_repeal_it_was_law(client: TestClient) -> None:
    (one,) = verify(client, "《环境保护法》第五条", "2026-08-14")
    assert one["verdict"] == "in_force"


def test_text_without_citations_gives_an_empty_list(client: TestClient) -> None:
    assert verify(client, "今天天气不错") == []


@pytest.mark.parametrize(
    "text", ["\0", "民法典\0第1254条", "\ud800", "第\udfff1254条", "第" * 5000, "《" * 5000, "\x1c"]
)
def test_odd_characters_are_no_error(client: TestClient, text: str) -> None:
    response = client.post(
        ADDRESS, content=json.dumps({"text": text}), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 200, response.text


def test_a_lone_surrogate_shifts_no_place(client: TestClient) -> None:
    body = json.dumps({"text": "\ud800《民法典》第五条"})
    response = client.post(ADDRESS, content=body, headers={"Content-Type": "application/json"})
    assert response.json()["citations"][0]["span"] == [1, 9]


def test_the_longest_text_is_answered_and_a_longer_one_refused(client: TestClient) -> None:
    filler = "无" * (MAX_TEXT - 8)
    (one,) = verify(client, filler + "民法典第188条")
    assert one["span"] == [MAX_TEXT - 8, MAX_TEXT]
    assert_problem(client.post(ADDRESS, json={"text": filler + "民法典第1888条"}), 422, "value_out_of_range")


def test_too_many_citations_are_refused(client: TestClient) -> None:
    assert_problem(client.post(ADDRESS, json={"text": "第1条。" * 5001}), 422, "too_many_citations")


def test_a_body_past_the_limit_is_refused(client: TestClient) -> None:
    response = client.post(ADDRESS, content=b'{"text": "' + b"x" * (2 * 1024 * 1024) + b'"}')
    assert_problem(response, 413, "body_too_large")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "field_missing"),
        ({"text": ""}, "value_out_of_range"),
        ({"text": 5}, "value_invalid"),
        ({"text": "第五条", "as_of": "2026-02-30"}, "date_impossible"),
        ({"text": "第五条", "asof": "2026-02-03"}, "field_unknown"),
    ],
)
def test_bad_bodies_are_explained(client: TestClient, body: dict[str, Any], code: str) -> None:
    assert_problem(client.post(ADDRESS, json=body), 422, code)
