"""Records of every kind over HTTP: their fields, sources, comparison, citations both ways, original lines."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.detail_schemas import OUT_TYPES
from kb.domain.records import DETAIL_TYPES
from tests.api.small_records import (
    CASE,
    FEES,
    FILES,
    GUIDE,
    INSTITUTION,
    ISSUED,
    NEW_PARKING,
    NOTICE,
    OLD_PARKING,
    PARKING,
    PERSON,
)
from tests.api.test_citations import assert_problem
from tests.api.test_works import CODE, TRADE_MARKS

API = "/api/v1"


def get(client: TestClient, address: str, **parameters: Any) -> Any:
    response = client.get(f"{API}{address}", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def id_of(client: TestClient, title: str) -> str:
    """Id of the one work with exactly this title."""
    (found,) = (one for one in get(client, "/works", title=title)["works"] if one["title"] == title)
    return str(found["id"])


def test_every_field_of_every_kind_is_published() -> None:
    assert set(OUT_TYPES) == set(DETAIL_TYPES.values())
    for kind, published in OUT_TYPES.items():
        fields = {field.name for field in dataclasses.fields(kind)}
        assert set(published.model_fields) - {"kind"} == fields
        assert all(field.description for field in published.model_fields.values())


@pytest.mark.parametrize(
    ("title", "kind", "fields"),
    [
        (NOTICE, "normative", {"document_number": "示司发〔2023〕7号", "issues": ISSUED}),
        (ISSUED, "normative", {"issued_by": NOTICE, "expires_on": "2028-06-01"}),
        (CASE, "case", {"force": "应当参照", "court": "示例法院", "fictional": True}),
        (INSTITUTION, "institution", {"phone": "12348", "district": "西城区", "longitude": None}),
        (PERSON, "person", {"institution": INSTITUTION, "specialties": ["继承公证"]}),
        ("示例停车位登记", "guide", {"fee": "免费", "visits": 1, "reviewed_by": ""}),
    ],
)
def test_a_record_tells_its_fields(client: TestClient, title: str, kind: str, fields: dict[str, Any]) -> None:
    work = get(client, f"/works/{id_of(client, title)}")
    assert work["work"]["kind"] == work["details"]["kind"] == kind
    assert {name: work["details"][name] for name in fields} == fields
    text = get(client, f"/works/{work['work']['id']}/provisions", version_id=work["current"]["id"])
    assert text["details"] == work["details"]


def test_a_statute_has_no_fields_of_its_own(client: TestClient) -> None:
    assert get(client, f"/works/{CODE}")["details"] is None


def test_works_are_filtered_by_kind(client: TestClient) -> None:
    guides = get(client, "/works", kind="guide")
    assert [work["title"] for work in guides["works"]] == ["示例停车位登记"]
    hits = get(client, "/search", q="停车位登记", kind="guide")["hits"]
    assert {hit["kind_label"] for hit in hits} == {"办事指引"}
    assert "事项说明" in {hit["label"] for hit in hits}


def test_two_versions_side_by_side(client: TestClient) -> None:
    answer = get(client, f"/works/{PARKING}/compare")
    assert (answer["old"]["id"], answer["new"]["id"]) == (OLD_PARKING, NEW_PARKING)
    assert answer["counts"] == {
        "added": 1, "removed": 0, "renumbered": 3, "changed": 0, "moved": 0, "unchanged": 2,
    }  # fmt: skip
    labels = [
        (one["kind_label"], one["old"] and one["old"]["label"], one["new"]["label"])
        for one in answer["changes"]
    ]
    assert labels[2:5] == [
        ("新增", None, "第三条"),
        ("条序变化", "第三条", "第四条"),
        ("条序变化", "第四条", "第五条"),
    ]
    fee = answer["changes"][3]
    kept = {"equal", "delete"}
    assert "".join(s["text"] for s in fee["segments"] if s["kind"] in kept) == fee["old"]["text"]
    assert [s["text"] for s in fee["segments"] if s["kind"] == "insert"] == ["八"]


def test_the_order_of_the_versions_does_not_matter(client: TestClient) -> None:
    turned = get(client, f"/works/{PARKING}/compare", old=NEW_PARKING, new=OLD_PARKING)
    assert turned["old"]["id"] == OLD_PARKING
    assert get(client, f"/works/{PARKING}/compare", old=NEW_PARKING)["new"]["id"] == NEW_PARKING
    assert get(client, f"/works/{PARKING}/compare", new=OLD_PARKING)["old"]["id"] == OLD_PARKING


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        (f"/works/{CODE}/compare", 404, "one_version_only"),
        (f"/works/{PARKING}/compare?old={OLD_PARKING}&new={OLD_PARKING}", 422, "versions_same"),
        (f"/works/{PARKING}/compare?old={TRADE_MARKS}@2019-04-23", 404, "version_not_found"),
        (f"/works/{PARKING}/compare?old=%00", 404, "version_not_found"),
        (f"/works/{PARKING}/compare?before=1", 422, "field_unknown"),
        ("/works/w000000000000/compare", 404, "work_not_found"),
        ("/works/w000000000000/sources", 404, "work_not_found"),
        (f"/provisions/{PARKING}:a99/cited-by", 404, "provision_not_found"),
        (f"/provisions/{PARKING}:a99/cites", 404, "provision_not_found"),
        ("/provisions/nonsense/source", 404, "provision_not_found"),
        (f"/provisions/{PARKING}:a1/cited-by?limit=0", 422, "top_k_out_of_range"),
    ],
)
def test_what_cannot_be_told_is_explained(client: TestClient, address: str, status: int, code: str) -> None:
    response = client.get(f"{API}{address}")
    if code == "top_k_out_of_range":
        assert (response.status_code, response.json()["code"]) == (status, code)
    else:
        assert_problem(response, status, code)


def test_citations_lead_both_ways(client: TestClient) -> None:
    cites = get(client, f"/provisions/{FEES}:a1/cites")["citations"]
    assert [(one["title"], one["label"], one["provision_id"]) for one in cites] == [
        ("示例市停车条例", "第四条", f"{PARKING}:a4"),
        ("中华人民共和国民法典", "第二百七十五条", f"{CODE}:a275"),
    ]
    unknown = get(client, f"/provisions/{FEES}:a3/cites")["citations"]
    assert [(one["work_id"], one["provision_id"]) for one in unknown] == [(None, None)]
    page = get(client, f"/provisions/{CODE}:a275/cited-by", as_of="2026-06-01")
    assert page["total"] == 3
    assert {(one["work_title"], one["label"]) for one in page["citations"]} == {
        ("示例市停车收费规定", "第一条"), ("示例停车位登记", "设定依据"), (CASE, "相关法条"),
    }  # fmt: skip


def test_citations_are_those_of_the_day_and_come_in_pages(client: TestClient) -> None:
    before = get(client, f"/provisions/{CODE}:a275/cited-by", as_of="2021-02-01")
    assert before["total"] == 0
    every = get(client, f"/provisions/{CODE}:a275/cited-by", as_of="2021-02-01", include_not_in_force=True)
    assert every["total"] == 3
    pages = [
        get(client, f"/provisions/{CODE}:a275/cited-by", as_of="2026-06-01", limit=2, offset=offset)
        for offset in (0, 2)
    ]
    assert [len(page["citations"]) for page in pages] == [2, 1]


def test_original_lines_are_those_of_the_file(client: TestClient) -> None:
    answer = get(client, f"/provisions/{PARKING}:a4/source")
    assert answer["document"]["name"] == "示例市停车条例(2020-05-06).md"
    assert answer["unit"] == "line"
    file = FILES["示例市停车条例(2020-05-06).md"].split("\n")
    assert [line["text"] for line in answer["lines"]] == file[answer["first"] - 1 : answer["last"]]
    assert answer["lines"][0]["text"].startswith("第四条 停车位")
    older = get(client, f"/provisions/{PARKING}:a4/source", version_id=OLD_PARKING)
    assert older["document"]["name"] == "示例市停车条例(2015-03-01).md"


def test_a_row_of_a_register_stands_under_its_header(client: TestClient) -> None:
    answer = get(client, f"/provisions/{id_of(client, INSTITUTION)}:b1/source")
    assert (answer["unit"], answer["first"]) == ("row", 2)
    assert [line["number"] for line in answer["lines"]] == [1, 2]


def test_without_a_kept_file_the_answer_says_so(client: TestClient) -> None:
    answer = get(client, f"/provisions/{CODE}:a1/source")
    assert answer["document"] is None
    assert answer["lines"] is None
    assert answer["note"]
    record = get(client, f"/provisions/{GUIDE}:b1/source")
    assert (record["unit"], record["lines"]) == ("record", None)


def test_nothing_claims_more_than_was_checked(client: TestClient) -> None:
    checked = get(client, f"/works/{PARKING}")["currency"]
    assert (checked["state_label"], checked["official_status"], checked["source"]) == (
        "已核对", "有效", "示例市人大网站",
    )  # fmt: skip
    assert get(client, f"/works/{FEES}")["currency"]["state"] == "unchecked"
    hits = get(client, "/search", q="占用消防通道停车", kind="statute")["hits"]
    assert {hit["currency"] for hit in hits if hit["work_id"] == PARKING} == {"checked"}
    assert {hit["currency"] for hit in hits if hit["work_id"] == CODE} <= {"unchecked"}


def test_sources_files_and_stated_repeals_stand_behind_a_text(client: TestClient) -> None:
    answer = get(client, f"/works/{PARKING}/sources")
    assert [source["id"] for source in answer["sources"]] == ["local_files"]
    assert answer["sources"][0]["retrieved_on"] is None, "nobody stated a day"
    assert [one["name"] for one in answer["documents"]] == ["示例市停车条例(2020-05-06).md"]
    (repeal,) = answer["repeals"]
    assert (repeal["label"], repeal["day"], repeal["by_label"]) == ("第三条", "2021-03-01", "第四条")


def test_a_part_of_an_article_that_is_suspended_says_so(client: TestClient) -> None:
    now = get(client, f"/provisions/{PARKING}:a4", as_of="2023-01-01")["provision"]
    assert [(one["state_label"], one["paragraph"]) for one in now["states"]] == [("暂停适用", 2)]
    before = get(client, f"/provisions/{PARKING}:a4", as_of="2021-12-31")["provision"]
    assert before["states"] == []


def test_a_superseded_reading_is_hidden_and_still_reads(client: TestClient) -> None:
    (served,) = get(client, f"/works/{FEES}/versions")["versions"]
    held = get(client, f"/works/{FEES}/versions", superseded=True)["versions"]
    assert len(held) == 2
    (older,) = (one for one in held if one["superseded_by"])
    assert older["superseded_by"] == served["id"]
    assert "应当移走" in get(client, f"/provisions/{FEES}:a2")["provision"]["text"]
    assert "可以移走" in get(client, f"/provisions/{FEES}:a2", version_id=older["id"])["provision"]["text"]
    compared = get(client, f"/works/{FEES}/compare", old=older["id"], new=served["id"])
    assert compared["counts"]["changed"] == 1
