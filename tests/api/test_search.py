"""Searching over HTTP."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.services import Readiness, ReadinessState, Services
from kb.domain.search import SearchRequest

HIT = {
    "currency", "kind_label",
    "kind", "work_id", "work_title", "provision_id", "version_id", "label", "path", "text", "status",
    "status_label", "effective_from", "effective_from_certain", "effective_to", "effective_to_certain",
    "score", "reasons",
}  # fmt: skip


def test_a_hit_carries_everything_that_a_caller_may_show(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"q": "离婚登记申请之日起三十日内", "top_k": 3}).json()
    assert set(answer) == {"about", "hits", "as_of", "generation", "took_ms", "notices"}
    first = answer["hits"][0]
    assert set(first) == HIT
    assert (first["work_title"], first["label"]) == ("中华人民共和国民法典", "第一千零七十七条")
    assert first["status"] == "in_force"
    assert first["status_label"] == "现行有效"
    assert first["effective_from"] == "2021-01-01"
    assert first["effective_to"] is None
    assert set(first["reasons"][0]) == {"signal", "rank", "score", "detail"}


def test_get_and_post_answer_alike(client: TestClient) -> None:
    asked = {"q": "商标注册申请", "top_k": 7, "as_of": "2027-02-01", "topic": ["民法商法"]}
    got = client.get("/api/v1/search", params=asked).json()
    posted = client.post("/api/v1/search", json=asked).json()
    assert got["hits"] == posted["hits"]
    assert got["as_of"] == posted["as_of"] == "2027-02-01"


def test_the_day_decides_which_text_is_found(client: TestClient) -> None:
    def versions(day: str) -> set[str]:
        found = client.get("/api/v1/search", params={"q": "商标注册申请", "as_of": day, "top_k": 5}).json()
        return {hit["version_id"].partition("@")[2] for hit in found["hits"]}

    assert versions("2026-12-31") == {"2019-04-23"}
    assert versions("2027-01-01") == {"2026-06-26"}


def test_every_parameter_reaches_the_door(services: Services) -> None:
    asked: list[SearchRequest] = []

    class Listener:
        def search(self, request: SearchRequest):
            asked.append(request)
            return services.door.search(request)

    app = create_app(Services(Listener(), services.database, services.readiness))
    address = (
        "/api/v1/search?q=食品安全&top_k=3&as_of=2026-01-31&kind=statute&kind=guide"
        "&region=全国&topic=行政法&topic=社会法&include_not_in_force=true"
    )
    assert TestClient(app).get(address).status_code == 200
    (request,) = asked
    assert request.text == "食品安全"
    assert request.top_k == 3
    assert request.as_of is not None
    assert request.as_of.isoformat() == "2026-01-31"
    assert request.kinds == ("statute", "guide")
    assert request.regions == ("全国",)
    assert request.topics == ("行政法", "社会法")
    assert request.include_not_in_force


@pytest.mark.parametrize("state", [ReadinessState.STARTING, ReadinessState.BUILDING])
def test_before_the_warm_up_search_and_ready_say_wait(services: Services, state: ReadinessState) -> None:
    waiting = Readiness(state, "正在为条文计算向量", 0.43)
    client = TestClient(create_app(Services(services.door, services.database, lambda: waiting)))
    for address in ("/api/v1/search?q=离婚冷静期", "/api/v1/ready"):
        response = client.get(address)
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert response.json()["code"] == "not_ready"
        assert response.json()["progress"] == 0.43
    assert client.get("/api/v1/health").status_code == 200


def test_a_degraded_service_answers_and_says_so(services: Services) -> None:
    degraded = Readiness(ReadinessState.DEGRADED, "语义检索暂不可用，仅按词语检索")
    client = TestClient(create_app(Services(services.door, services.database, lambda: degraded)))
    assert client.get("/api/v1/ready").json() == {
        "state": "degraded",
        "detail": "语义检索暂不可用，仅按词语检索",
        "progress": 1.0,
    }
    assert client.get("/api/v1/search?q=离婚冷静期").status_code == 200
