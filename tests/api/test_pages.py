"""Pages as they leave the server; the browser tests look at them as a person does."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.guard import SECURITY_HEADERS
from api.services import Readiness, ReadinessState, Services
from kb.domain.works import WorkKind, work_id
from tests.api.test_works import CODE, TRADE_MARKS

EVERY_PAGE = [
    "/",
    "/search?q=离婚冷静期",
    "/search?q=",
    "/search?q=qqqq",
    "/works",
    "/works?title=劳动",
    f"/works/{CODE}",
    "/works/unknown",
    "/docs",
    "/nothing",
    "/static/site.css",
    "/static/icon.svg",
    "/favicon.ico",
    "/openapi.json",
    "/api/v1/health",
    "/api/v1/search?q=离婚冷静期",
    "/api/v1/search",
]
PAYLOADS = [
    "<script>alert(1)</script>离婚",
    '"><img src=x onerror=alert(1)>离婚',
    "' onfocus=alert(1) autofocus '离婚",
    "</title><svg onload=alert(1)>离婚",
    "{{ 7*7 }}{% raw %}离婚",
    "javascript:alert(1)离婚登记",
]


class Tags(HTMLParser):
    """Collects tags and attributes as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_every_answer_carries_the_security_headers(client: TestClient, address: str) -> None:
    response = client.get(address)
    for name, value in SECURITY_HEADERS.items():
        assert response.headers[name] == value
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "address", [page for page in EVERY_PAGE if not page.startswith(("/api", "/static", "/open", "/fav"))]
)
def test_no_page_needs_script_or_another_host(client: TestClient, address: str) -> None:
    page = client.get(address).text
    assert '<html lang="zh-CN">' in page
    for tag, attributes in Tags(page).found:
        assert tag not in ("script", "iframe", "object", "embed", "base", "style")
        assert "style" not in attributes, "a strict policy drops inline styles"
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "action"):
            target = attributes.get(name) or "/"
            assert re.match(r"(/(?!/)|#|tel:)", target), target


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("page", ["/search", "/works"])
def test_nothing_in_a_question_becomes_markup(client: TestClient, page: str, payload: str) -> None:
    plain = Tags(client.get(page, params={"q": "无此内容", "title": "无此内容"}).text).found
    response = client.get(page, params={"q": payload, "title": payload, "as_of": payload})
    assert {tag for tag, _ in Tags(response.text).found} - {tag for tag, _ in plain} <= {
        "ol", "li", "mark", "article", "time", "strong", "details", "summary", "h1", "h2", "h3", "section",
        "ul", "p", "span", "header", "footer", "code", "div", "a",
    }  # fmt: skip
    for _, attributes in Tags(response.text).found:
        assert not any(name.startswith("on") for name in attributes)
    assert "49" not in re.findall(r'value="([^"]*)"', response.text)


def test_payloads_in_the_path_stay_text(client: TestClient) -> None:
    response = client.get("/works/<script>alert(1)</script>")
    assert response.status_code == 404
    assert "<script" not in response.text


def test_a_hit_links_to_the_article_in_the_whole_law(client: TestClient) -> None:
    page = client.get("/search", params={"q": "离婚登记申请之日起三十日内"}).text
    assert f'href="/works/{CODE}#a1077"' in page
    assert "<mark>" in page
    assert "为什么在这里" in page
    law = client.get(f"/works/{CODE}").text
    assert 'id="a1077"' in law


def test_a_hit_of_another_day_links_to_the_text_it_quotes(client: TestClient) -> None:
    page = client.get(
        "/search",
        params={"q": "商标注册申请", "include_not_in_force": "true", "as_of": "2026-12-31"},
    ).text
    assert f"/works/{TRADE_MARKS}?version_id={TRADE_MARKS}%402026-06-26&amp;as_of=2026-12-31#a" in page
    assert "尚未生效" in page


def test_a_law_not_yet_in_force_says_so_and_points_to_the_one_that_is(client: TestClient) -> None:
    page = client.get(
        f"/works/{TRADE_MARKS}",
        params={"version_id": f"{TRADE_MARKS}@2026-06-26", "as_of": "2026-12-31"},
    ).text
    assert "在所选日期尚未生效" in page
    assert "看所选日期有效的文本" in page


def test_an_unverified_start_is_never_shown_as_a_fact(client: TestClient) -> None:
    ranks = work_id(WorkKind.STATUTE, "中国人民解放军军官军衔条例")
    assert "起始日期未核实" in client.get(f"/works/{ranks}").text
    assert "起始日期未核实" in client.get("/search?q=军官军衔条例").text


def test_a_repealed_law_says_so_and_names_its_successor(client: TestClient) -> None:
    page = client.get(f"/works/{work_id(WorkKind.STATUTE, '中华人民共和国环境保护法')}").text
    assert "本法已经废止，由《中华人民共和国生态环境法典》取代" in page
    unknown = client.get(f"/works/{work_id(WorkKind.STATUTE, '中华人民共和国乡镇企业法')}").text
    assert "本法已经废止，废止日期未核实" in unknown


@pytest.mark.parametrize(
    ("number", "anchor"), [("1077", "#a1077"), ("17-1", "#a17-1"), ("第17条之1", "#a17-1"), ("abc", "")]
)
def test_the_jump_form_leads_to_an_anchor(client: TestClient, number: str, anchor: str) -> None:
    response = client.get(f"/works/{CODE}/article", params={"number": number}, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == f"/works/{CODE}{anchor}"


def test_while_the_index_is_built_the_question_waits_with_the_page(services: Services) -> None:
    building = Readiness(ReadinessState.BUILDING, "正在为条文计算向量", 0.43)
    client = TestClient(create_app(Services(services.door, services.database, lambda: building)))
    page = client.get("/search", params={"q": '漏水"><b>'})
    assert page.status_code == 503
    assert 'http-equiv="refresh"' in page.text
    assert "43%" in page.text
    refresh = next(a for tag, a in Tags(page.text).found if a.get("http-equiv") == "refresh")
    assert refresh["content"] == "3; url=/search?q=%E6%BC%8F%E6%B0%B4%22%3E%3Cb%3E"
    home = client.get("/")
    assert home.status_code == 200
    assert 'http-equiv="refresh"' not in home.text, "a refresh would wipe what somebody is typing"


def test_a_question_leaves_no_copy_in_a_shared_browser(client: TestClient) -> None:
    assert client.get("/search?q=家暴怎么办").headers["cache-control"] == "no-store"


def test_the_style_sheet_may_be_cached_for_ever_only_under_its_digest(client: TestClient) -> None:
    address = re.search(r"/static/site\.css\?v=[0-9a-f]+", client.get("/").text)
    assert address
    assert "immutable" in client.get(address[0]).headers["cache-control"]
    assert "immutable" not in client.get("/static/site.css?v=0").headers["cache-control"]
    assert client.get("/static/..%2Fapp.py").status_code == 404


def test_a_long_law_travels_compressed(client: TestClient) -> None:
    response = client.get(f"/works/{CODE}", headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) < 150 * 1024
    assert "第一千二百六十条" in response.text


def test_head_is_answered_without_a_body(client: TestClient) -> None:
    response = client.head("/works")
    assert response.status_code == 200
    assert response.content == b""


def test_the_docs_page_lists_every_operation(client: TestClient) -> None:
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page


def test_every_signal_of_a_hit_has_its_chinese_name_on_the_page() -> None:
    import re
    from pathlib import Path

    import kb.search.pipeline as pipeline
    from api.pages.render import SIGNAL_LABELS

    source = Path(pipeline.__file__).read_text("utf-8")
    assert set(re.findall(r'Reason\("(\w+)"', source)) == set(SIGNAL_LABELS)
