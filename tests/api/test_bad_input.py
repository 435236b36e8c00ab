"""Bad input gets a stable code and Chinese advice, never a failure of ours."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.problems import MEDIA_TYPE
from api.services import Services
from kb.domain.search import SearchRequest, SearchResult
from kb.errors import IndexStateError

MEMBERS = {"type", "title", "status", "code", "detail", "place", "way_out"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "field_missing"),
        ("q=", "query_empty"),
        ("q=%20%20", "query_empty"),
        ("q=，。！？", "query_empty"),
        ("q=钱", "query_too_short"),
        ("q=" + "a" * 10_000, "query_too_long"),
        ("q=离婚%00冷静期", "text_malformed"),
        ("q=%C0%EB%BB%E9", "text_malformed"),  # 离婚 in GB18030
        ("q=离婚冷静期&top_k=0", "top_k_out_of_range"),
        ("q=离婚冷静期&top_k=10000", "top_k_out_of_range"),
        ("q=离婚冷静期&top_k=" + "9" * 5000, "top_k_out_of_range"),
        ("q=离婚冷静期&top_k=十", "top_k_out_of_range"),
        ("q=离婚冷静期&top_k=", "top_k_out_of_range"),
        ("q=离婚冷静期&as_of=2026-02-30", "date_impossible"),
        ("q=离婚冷静期&as_of=20260101", "date_malformed"),
        ("q=离婚冷静期&as_of=1767225600", "date_malformed"),
        ("q=离婚冷静期&as_of=1900-01-01", "as_of_out_of_range"),
        ("q=离婚冷静期&as_of=9999-12-31", "as_of_out_of_range"),
        ("q=离婚冷静期&kind=law", "value_not_allowed"),
        ("q=离婚冷静期&region=" + "北" * 100, "filter_too_long"),
        ("q=离婚冷静期" + "&topic=a" * 30, "value_out_of_range"),
        ("q=离婚冷静期&include_not_in_force=perhaps", "flag_malformed"),
        ("q=离婚冷静期&q=抚养权", "parameter_repeated"),
        ("q=离婚冷静期&topk=3", "field_unknown"),
    ],
)
def test_a_bad_address_is_explained(client: TestClient, query: str, code: str) -> None:
    response = client.get(f"/api/v1/search?{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == MEDIA_TYPE
    problem = response.json()
    assert set(problem) >= MEMBERS
    assert problem["status"] == 422
    assert problem["code"] == code
    assert problem["way_out"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "field_missing"),
        (b"{", 422, "body_malformed"),
        (b"[]", 422, "body_malformed"),
        (b"null", 422, "body_malformed"),
        (b'"text"', 422, "body_malformed"),
        (b"\xff\xff", 400, "body_malformed"),
        (b"[" * 60_000, 400, "body_malformed"),
        (b'{"q": "' + "离婚".encode("gb18030") + b'"}', 400, "body_malformed"),
        (b'{"q": "\\ud800\\ud800"}', 422, "text_malformed"),
        (b'{"q": "ab\\u0000cd"}', 422, "text_malformed"),
        (b'{"q": 12}', 422, "value_invalid"),
        (b'{"q": null}', 422, "value_invalid"),
        (b'{"q": ["ab"]}', 422, "value_invalid"),
        (b'{"q": "\xe7\xa6\xbb\xe5\xa9\x9a", "top_k": true}', 422, "top_k_out_of_range"),
        (b'{"q": "\xe7\xa6\xbb\xe5\xa9\x9a", "top_k": 1e400}', 422, "top_k_out_of_range"),
        (b'{"q": "\xe7\xa6\xbb\xe5\xa9\x9a", "top_k": NaN}', 422, "top_k_out_of_range"),
        (b'{"q": "\xe7\xa6\xbb\xe5\xa9\x9a", "top_k": ' + b"9" * 5000 + b"}", 400, "body_malformed"),
        (b'{"q": "\xe7\xa6\xbb\xe5\xa9\x9a", "as_of": 0}', 422, "date_malformed"),
        (b'{"q": "\xe7\xa6\xbb\xe5\xa9\x9a", "kind": "statute"}', 422, "value_invalid"),
        (b'{"q": "\xe7\xa6\xbb\xe5\xa9\x9a", "\\ud800": 1}', 422, "text_malformed"),
        (b'{"q": "' + b"a" * 65_536 + b'"}', 413, "body_too_large"),
    ],
)
def test_a_bad_body_is_explained(client: TestClient, body: bytes, status: int, code: str) -> None:
    response = client.post("/api/v1/search", content=body, headers={"content-type": "application/json"})
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    assert set(response.json()) >= MEMBERS
    assert response.json()["code"] == code


def test_a_body_without_length_is_cut_off_at_the_limit(client: TestClient) -> None:
    def pieces():
        for _ in range(20):
            yield b" " * 8192

    response = client.post("/api/v1/search", content=pieces(), headers={"content-type": "application/json"})
    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_wrong_content_type_says_which_is_right(client: TestClient, media_type: str) -> None:
    response = client.post("/api/v1/search", content=b'{"q": "ab"}', headers={"content-type": media_type})
    assert response.status_code == 422
    assert response.json()["code"] == "body_malformed"
    assert "application/json" in response.json()["way_out"]


def test_null_means_today_in_a_body(client: TestClient) -> None:
    assert client.post("/api/v1/search", json={"q": "离婚登记", "as_of": None}).status_code == 200


def test_all_faults_are_listed_and_none_repeats_the_input(client: TestClient) -> None:
    response = client.get("/api/v1/search?q=秘&top_k=secret1&as_of=secret2&secret=3")
    problem = response.json()
    assert {fault["code"] for fault in problem["errors"]} == {
        "query_too_short", "top_k_out_of_range", "date_malformed", "field_unknown",
    }  # fmt: skip
    assert "secret1" not in response.text
    assert "secret2" not in response.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_a_wrong_method_names_the_right_ones(client: TestClient, method: str) -> None:
    response = client.request(method, "/api/v1/search")
    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
    assert response.headers["allow"]


def test_an_unknown_address_is_a_problem_for_programs_and_a_page_for_people(client: TestClient) -> None:
    assert client.get("/api/v1/nothing").json()["code"] == "page_not_found"
    page = client.get("/nothing")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "没有这个地址" in page.text


class FailingDoor:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def search(self, request: SearchRequest) -> SearchResult:
        raise self.error


def client_with(services: Services, error: Exception) -> TestClient:
    return TestClient(create_app(Services(FailingDoor(error), services.database, services.readiness)))


def test_our_errors_keep_code_message_place_and_way_out(services: Services) -> None:
    error = IndexStateError(
        "generation_missing", "没有可用的索引", place="data/index", way_out="请运行 lawkb build"
    )
    response = client_with(services, error).get("/api/v1/search?q=离婚冷静期")
    assert response.status_code == 503
    assert json.loads(response.text) == {
        "type": "urn:lawkb:problem:generation_missing",
        "title": "服务暂时不可用",
        "status": 503,
        "code": "generation_missing",
        "detail": "没有可用的索引",
        "place": "data/index",
        "way_out": "请运行 lawkb build",
    }


def test_a_fault_of_ours_is_logged_and_shown_without_its_inside(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_with(services, RuntimeError("inside"))
    for address in ("/api/v1/search?q=离婚冷静期", "/search?q=离婚冷静期"):
        response = client.get(address)
        assert response.status_code == 500
        assert "inside" not in response.text
        assert "Traceback" not in response.text
        assert "错误编号" in response.text
        assert "content-security-policy" in response.headers
    number = client.get("/api/v1/search?q=离婚冷静期").json()["place"].removeprefix("错误编号 ")
    assert number in caplog.text
    assert "inside" in caplog.text
