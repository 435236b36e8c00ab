"""Pages of every kind of record, of 新旧对照, of one provision and of checking citations."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.verify import MAX_TEXT, Shown, cut_text
from api.services import Readiness, ReadinessState, Services
from kb.answer.verify import CitationVerifier
from kb.clock import today
from kb.store.database import Database
from tests.api.small_records import (
    CASE,
    FEES,
    GUIDE,
    INSTITUTION,
    ISSUED,
    NEW_PARKING,
    NOTICE,
    OLD_PARKING,
    PARKING,
    PERSON,
    UNDATED,
)
from tests.api.test_pages import PAYLOADS, Tags
from tests.api.test_records import id_of
from tests.api.test_works import CODE

PAGES = [
    f"/works/{GUIDE}",
    f"/works/{PARKING}",
    f"/works/{FEES}?superseded=true",
    f"/works/{PARKING}/compare",
    f"/works/{CODE}/compare",
    f"/provisions/{CODE}:a275",
    f"/provisions/{GUIDE}:b1",
    "/works?kind=guide",
    "/search?q=停车位登记&kind=guide",
    "/verify",
]


def words(page: str) -> str:
    """What a person reads, without blanks."""
    return re.sub(r"<[^>]+>|\s", "", page)


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_plain_html_from_here(client: TestClient, address: str) -> None:
    page = client.get(address).text
    for tag, attributes in Tags(page).found:
        assert tag not in ("script", "iframe", "object", "embed", "base", "style")
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "action"):
            assert re.match(r"(/(?!/)|#|tel:)", attributes.get(name) or "/")


@pytest.mark.parametrize("address", PAGES)
def test_every_id_of_a_page_is_there_once(client: TestClient, address: str) -> None:
    ids = [attributes["id"] for _, attributes in Tags(client.get(address).text).found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_a_guide_shows_every_field_and_what_its_bases_are_worth(client: TestClient) -> None:
    page = words(client.get(f"/works/{GUIDE}").text)
    for shown in (
        "未经执业律师审核",
        "原件1，复印件2",
        "申请人自备",
        "三日内",
        "十五日",
        "承诺时限没有写明（以办理机构公布为准）",
        "东城区示例大厅",
        "到现场次数：1次",
        "示例监督",
        "提起行政诉讼",
        "租来的房子能登记吗？",
        "《中华人民共和国民法典》第二百七十五条现行有效",
        "《中华人民共和国环境保护法》第五条已废止",
        "《示例市不存在的条例》第九条本库未收录，未核对",
    ):
        assert shown in page, shown
    assert "现行有效2026" not in page, "a guide is no law that is in force"
    linked = client.get(f"/works/{GUIDE}").text
    assert f'href="/works/{CODE}#a275"' in linked
    assert 'href="tel:12348"' in linked


def test_a_case_says_how_far_it_binds(client: TestClient) -> None:
    page = words(client.get(f"/works/{id_of(client, CASE)}").text)
    for shown in ("应当参照", "虚构示例", "物业服务合同纠纷", "（2021）示例0001号", "示例法院"):
        assert shown in page
    assert "《中华人民共和国民法典》第二百七十五条现行有效" in page


def test_a_record_without_a_day_shows_none(client: TestClient) -> None:
    page = words(client.get(f"/works/{id_of(client, UNDATED)}").text)
    assert "1949" not in page
    assert "日期未核实" in page
    assert "参照效力未写明" in page


def test_register_entries_are_marked_as_made_up_and_lead_on(client: TestClient) -> None:
    office = id_of(client, INSTITUTION)
    assert "虚构示例" in words(client.get(f"/works/{office}").text)
    assert f'href="/works/{office}"' in client.get(f"/works/{id_of(client, PERSON)}").text


def test_a_notice_and_what_it_issues_lead_to_each_other(client: TestClient) -> None:
    notice, issued = id_of(client, NOTICE), id_of(client, ISSUED)
    assert f'href="/works/{issued}"' in client.get(f"/works/{notice}").text
    page = client.get(f"/works/{issued}").text
    assert f'href="/works/{notice}"' in page
    assert "2028年6月1日" in page
    assert "示司发〔2023〕7号" in page


def test_in_force_is_qualified_by_who_looked(client: TestClient) -> None:
    assert "时效已核对（2026年1月10日）" in client.get(f"/works/{PARKING}").text
    assert "未核对时效" in client.get(f"/works/{CODE}").text
    assert "未核对时效" in client.get("/search?q=离婚登记申请").text


def test_the_law_tells_sources_states_repeals_and_comparison(client: TestClient) -> None:
    page = client.get(f"/works/{PARKING}").text
    for shown in (
        "示例市停车条例(2020-05-06).md",
        "其他文件写明的废止",
        "暂停适用",
        f'href="/works/{PARKING}/compare"',
        f'href="/provisions/{PARKING}:a4"',
        "被引 1",
    ):
        assert shown in page, shown


def test_superseded_readings_are_shown_when_asked_for(client: TestClient) -> None:
    assert "另有 1 份被取代的旧文本" in client.get(f"/works/{FEES}").text
    page = client.get(f"/works/{FEES}?superseded=true").text
    assert "已被同日另一文本取代" in page
    older = re.search(rf"version_id=({FEES}%402021-02-03)\"", page)
    assert older
    text = client.get(f"/works/{FEES}?version_id={older[1]}").text
    assert "在任何一天都不作为有效文本" in text
    assert "可以移走" in text


def test_the_comparison_marks_words_and_folds_the_rest(client: TestClient) -> None:
    page = client.get(f"/works/{PARKING}/compare").text
    assert "<del>十</del>" in page
    assert "<ins>八</ins>" in page
    assert "第一条至第二条，共 2 条，未变" in page
    assert "旧第四条 → 新第五条，文字未变" in page
    assert "旧第三条 → 新第四条" in page
    assert f'<option value="{OLD_PARKING}" selected>2015年3月1日文本（2015年6月1日起施行）' in page
    assert f'<option value="{NEW_PARKING}" selected>' in page


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        (f"?old={OLD_PARKING}&new={OLD_PARKING}", 422, "新旧两个版本是同一个"),
        ("?old=nothing", 404, "没有这个版本"),
        ("?old=%00&new=%F0", 404, "没有这个版本"),
    ],
)
def test_a_wrong_choice_can_be_made_good_on_the_page(
    client: TestClient, query: str, status: int, said: str
) -> None:
    response = client.get(f"/works/{PARKING}/compare{query}")
    assert response.status_code == status
    assert said in response.text
    assert "<select" in response.text


def test_a_provision_shows_where_it_leads_and_comes_from(client: TestClient) -> None:
    page = client.get(f"/provisions/{FEES}:a1").text
    assert f'href="/provisions/{PARKING}:a4"' in page
    assert f'href="/provisions/{CODE}:a275"' in page
    cited = client.get(f"/provisions/{CODE}:a275?as_of=2026-06-01").text
    assert "被引用（3）" in cited
    raw = client.get(f"/provisions/{PARKING}:a4").text
    assert "来源中的原文" in raw
    assert "历次文本（2）" in raw
    assert client.get(f"/provisions/{CODE}:a275?page=9999&all=true&as_of=nonsense").status_code == 422
    assert client.get("/provisions/%00").status_code == 404


def test_kinds_are_tabs_that_filter(client: TestClient) -> None:
    page = client.get("/works?kind=guide").text
    assert "示例停车位登记" in page
    assert "民法典" not in page
    assert re.search(r'href="/works\?kind=guide" aria-current="page"', page)
    assert client.get("/works?kind=nonsense").status_code == 422
    assert client.get("/search?q=停车位&kind=nonsense").status_code == 422
    hits = client.get("/search?q=停车位登记&kind=guide").text
    assert 'name="kind" value="guide"' in hits, "the next question stays within the kind"
    assert "未经执业律师审核" in hits
    assert set(re.findall(r'class="hit-work">([^<]+)<', hits)) == {"示例停车位登记"}


def test_checking_a_text_marks_every_citation(client: TestClient) -> None:
    text = "依据《民法典》第1254、9999条和《环境保护法》第五条。\r\n以及《示例市停车条例》第二条至第四条<b>"
    response = client.post("/verify", data={"text": text, "as_of": "2026-11-22"})
    assert response.status_code == 200
    page = response.text
    assert "&lt;b&gt;" in page
    for verdict in ("现行有效", "不存在", "已废止"):
        assert verdict in page
    assert page.count("由《中华人民共和国生态环境法典》取代") == 1
    rows = [attributes["id"] for tag, attributes in Tags(page).found if tag == "tr" and "id" in attributes]
    assert rows == [f"c{number}" for number in range(1, 7)]
    assert f'href="/works/{CODE}#a1254"' in page


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 422, "没有文字可以核对"),
        ({"text": " \n"}, 422, "没有文字可以核对"),
        ({"text": "第五条", "as_of": "2026-02-30"}, 422, "日历上没有这一天"),
        ({"text": "无" * (MAX_TEXT + 1)}, 422, "文字太长"),
        ({"text": "第1条。" * 1001}, 422, "一次最多核对 1000 处"),
        ({"text": "今天天气不错"}, 200, "文中没有找到法条引用"),
    ],
)
def test_the_form_explains_what_it_cannot_do(
    client: TestClient, form: dict[str, str], status: int, said: str
) -> None:
    response = client.post("/verify", data=form)
    assert response.status_code == status
    assert said in response.text


@pytest.mark.parametrize("body", [b"", b"text", b"text=%ff%00%ed%a0%80&text=2", b"\xff" * 100, b"&" * 9000])
def test_a_broken_form_is_no_fault_of_ours(client: TestClient, body: bytes) -> None:
    response = client.post("/verify", content=body)
    assert response.status_code in (200, 422)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_a_checked_text_becomes_markup(client: TestClient, payload: str) -> None:
    response = client.post("/verify", data={"text": payload + "民法典第一条", "as_of": payload})
    tags = {tag for tag, _ in Tags(response.text).found}
    assert not tags & {"script", "img", "svg", "b"}
    assert not any(name.startswith("on") for _, found in Tags(response.text).found for name in found)


def test_while_the_store_is_filled_nothing_is_judged(services: Services) -> None:
    building = Readiness(ReadinessState.BUILDING, "正在建库", 0.5)
    client = TestClient(create_app(Services(services.door, services.database, lambda: building)))
    response = client.post("/verify", data={"text": "民法典第一条"})
    assert response.status_code == 503
    assert "verdicts" not in response.text


def test_pieces_make_up_the_text(database: Database) -> None:
    text = "见《民法典》第一条至第三条，和《民法典》第四条规定“《民法典》第五条”。"
    checked = CitationVerifier(database).verify(text, today())
    shown = [Shown(number, one, "") for number, one in enumerate(checked, start=1)]
    pieces = cut_text(text, shown)
    assert "".join(piece.text for piece in pieces) == text
    assert [one.number for piece in pieces for one in piece.found] == [one.number for one in shown]
