"""Works, versions and provisions over HTTP."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.domain.works import WorkKind, work_id
from tests.api.small_library import TITLES
from tests.api.small_records import LAWS

CODE = work_id(WorkKind.STATUTE, "中华人民共和国民法典")
TRADE_MARKS = work_id(WorkKind.STATUTE, "中华人民共和国商标法")


def test_the_catalogue_is_filtered_and_paged(client: TestClient) -> None:
    everything = client.get("/api/v1/works", params={"kind": "statute"}).json()
    assert everything["total"] == len(TITLES) + len(LAWS)
    assert {work["title"] for work in everything["works"]} == {*TITLES, *LAWS}
    labour = client.get("/api/v1/works", params={"title": "劳动"}).json()
    assert [work["title"] for work in labour["works"]] == ["中华人民共和国劳动合同法"]
    pages = [
        client.get("/api/v1/works", params={"kind": "statute", "limit": 5, "offset": offset}).json()["works"]
        for offset in (0, 5, 10)
    ]
    assert [len(page) for page in pages] == [5, 5, 1]
    assert [work for page in pages for work in page] == everything["works"]


def test_a_percent_sign_in_a_title_is_a_percent_sign(client: TestClient) -> None:
    assert client.get("/api/v1/works", params={"title": "%"}).json()["total"] == 0


def test_a_work_names_the_version_of_the_day(client: TestClient) -> None:
    before = client.get(f"/api/v1/works/{TRADE_MARKS}", params={"as_of": "2026-12-31"}).json()
    after = client.get(f"/api/v1/works/{TRADE_MARKS}", params={"as_of": "2027-01-01"}).json()
    assert before["current"]["version_date"] == "2019-04-23"
    assert after["current"]["version_date"] == "2026-06-26"


def test_versions_have_their_status_on_the_day(client: TestClient) -> None:
    answer = client.get(f"/api/v1/works/{TRADE_MARKS}/versions", params={"as_of": "2026-12-31"}).json()
    assert [(v["version_date"], v["status_label"]) for v in answer["versions"]] == [
        ("2019-04-23", "现行有效"),
        ("2026-06-26", "尚未生效"),
    ]


def test_the_whole_text_comes_in_order(client: TestClient) -> None:
    answer = client.get(f"/api/v1/works/{CODE}/provisions").json()
    assert len(answer["provisions"]) == 1260
    assert [provision["ordinal"] for provision in answer["provisions"]] == list(range(1260))
    assert answer["provisions"][1076]["id"] == f"{CODE}:a1077"


def test_a_provision_in_a_named_version_has_that_versions_status(client: TestClient) -> None:
    answer = client.get(
        f"/api/v1/provisions/{TRADE_MARKS}:a1",
        params={"version_id": f"{TRADE_MARKS}@2026-06-26", "as_of": "2026-12-31"},
    ).json()
    assert answer["version"]["status"] == "not_yet_in_force"
    assert answer["provision"]["label"] == "第一条"


def test_a_provision_shows_every_text_it_has_had(client: TestClient) -> None:
    answer = client.get(f"/api/v1/provisions/{TRADE_MARKS}:a1/versions").json()
    assert [text["version"]["version_date"] for text in answer["texts"]] == ["2019-04-23", "2026-06-26"]
    assert len({text["provision"]["text_sha256"] for text in answer["texts"]}) == 2


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/api/v1/works/w000000000000", "work_not_found"),
        ("/api/v1/works/w000000000000/versions", "work_not_found"),
        ("/api/v1/works/%00", "work_not_found"),
        ("/api/v1/works/%F0%9F%98%80%ED%A0%80/provisions", "work_not_found"),
        (f"/api/v1/works/{CODE}/provisions?version_id={CODE}@1900-01-01", "version_not_found"),
        (f"/api/v1/works/{CODE}/provisions?version_id=%00", "version_not_found"),
        (f"/api/v1/works/{CODE}/provisions?as_of=1990-01-01", "no_version_on_date"),
        (f"/api/v1/provisions/{CODE}:a9999", "provision_not_found"),
        (f"/api/v1/provisions/{CODE}:a9999/versions", "provision_not_found"),
        (f"/api/v1/provisions/{CODE}:a١", "provision_not_found"),
        ("/api/v1/provisions/x", "provision_not_found"),
    ],
)
def test_what_we_do_not_hold_is_not_found(client: TestClient, address: str, code: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert response.json()["code"] == code
    assert response.json()["way_out"]
