"""A person at a browser: ask, find the article, read the law; on a phone, in the dark, without JavaScript."""

from __future__ import annotations

import pytest

from api.services import Readiness, ReadinessState
from kb.domain.works import WorkKind, work_id
from tests.api.small_records import FEES, GUIDE, PARKING

pytestmark = pytest.mark.browser

QUESTION = "离婚登记申请之日起三十日内"
CODE = work_id(WorkKind.STATUTE, "中华人民共和国民法典")
TRADE_MARKS = work_id(WorkKind.STATUTE, "中华人民共和国商标法")
PAGES = {
    "home": "/",
    "hits": f"/search?q={QUESTION}",
    "hits-all": "/search?q=商标注册申请&include_not_in_force=true",
    "no-hits": "/search?q=qqqq",
    "works": "/works",
    "law": f"/works/{CODE}#a1077",
    "law-future": f"/works/{TRADE_MARKS}?version_id={TRADE_MARKS}@2026-06-26",
    "docs": "/docs",
    "guide": f"/works/{GUIDE}",
    "guides": "/works?kind=guide",
    "law-small": f"/works/{PARKING}#a4",
    "compare": f"/works/{PARKING}/compare",
    "provision": f"/provisions/{FEES}:a1",
    "verify": "/verify",
}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_a_question_to_the_article_in_the_law(site, visit, script: bool) -> None:
    window = visit(script=script)
    page = window.page
    page.goto(site.address)
    page.get_by_label("要查的问题或法条").fill(QUESTION)
    page.keyboard.press("Enter")
    first = page.locator(".hit").first
    assert "第一千零七十七条" in first.inner_text()
    assert first.locator("mark").count() > 0
    first.get_by_role("link", name="第一千零七十七条").first.click()
    page.wait_for_url(f"**/works/{CODE}#a1077")
    article = page.locator("#a1077")
    assert "三十日内" in article.inner_text()
    top = article.bounding_box()["y"]
    bar = page.locator(".reader-bar").bounding_box()
    assert bar["y"] + bar["height"] <= top < 800, "the article stands below the bar, within the window"
    assert all(url.startswith(site.address) for url in window.requests)
    assert window.complaints == []


def test_the_whole_way_by_keyboard(site, visit) -> None:
    page = visit().page
    page.goto(site.address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".hit")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.hit-title') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/works/{CODE}#a1077")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_page_scrolls_sideways_or_complains(site, visit, name: str, width: int) -> None:
    window = visit(width, dark=width == 360)
    window.page.goto(site.address + PAGES[name])
    assert window.page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.complaints == []
    assert all(url.startswith(site.address) for url in window.requests)
    window.shoot(f"{name}-{width}")


# Links inside running text are as tall as their line (WCAG 2.5.8 exempts them); all else is for a thumb.
RUNNING_TEXT = "p a:not(.urgent a), .box a, .skip, .operation a"
SMALL_TARGETS = """running => [...document.querySelectorAll(
        'a, button, summary, input:not([type=hidden]), select, textarea')]
    .filter(e => e.checkVisibility() && !e.matches(running))
    .map(e => [e, (e.closest('label') || e).getBoundingClientRect().height])
    .filter(([e, height]) => height > 0 && height < 43.5)
    .map(([e, height]) => `${e.outerHTML.slice(0, 80)} ${height}`)"""


@pytest.mark.parametrize("name", PAGES)
def test_targets_are_large_enough_for_a_thumb(site, visit, name: str) -> None:
    page = visit(360).page
    page.goto(site.address + PAGES[name].partition("#")[0])
    assert page.evaluate(SMALL_TARGETS, RUNNING_TEXT) == []


def test_a_hostile_question_is_only_text(site, visit) -> None:
    window = visit()
    payload = '"><script>alert(1)</script><img src=x onerror=alert(2)>离婚登记'
    window.page.goto(site.address)
    window.page.get_by_label("要查的问题或法条").fill(payload)
    window.page.keyboard.press("Enter")
    window.page.wait_for_url("**/search?**")
    assert window.page.get_by_label("要查的问题或法条").input_value() == payload
    assert window.page.locator("main script, main img").count() == 0
    assert window.complaints == []
    assert all(url.startswith(site.address) for url in window.requests)


def test_the_policy_stops_a_script_that_got_in(site, visit) -> None:
    page = visit().page
    page.goto(site.address)
    page.evaluate(
        """() => { const s = document.createElement('script'); s.textContent = 'window.ran = true';
            document.body.append(s); }"""
    )
    assert page.evaluate("window.ran === undefined")


def test_a_question_asked_too_early_is_answered_when_ready(site, visit) -> None:
    site.readiness = Readiness(ReadinessState.BUILDING, "正在为条文计算向量", 0.43)
    window = visit(script=False)
    window.page.goto(f"{site.address}/search?q={QUESTION}")
    assert "43%" in window.page.locator("main").inner_text()
    window.shoot("building-1280")
    site.readiness = Readiness(ReadinessState.READY)
    window.page.wait_for_selector(".hit", timeout=20_000)


def test_contents_and_jump_lead_to_their_place(site, visit) -> None:
    page = visit(script=False).page
    page.goto(f"{site.address}/works/{CODE}")
    page.get_by_label("跳到第几条").fill("1254")
    page.get_by_role("button", name="跳转").click()
    page.wait_for_url("**#a1254")
    page.get_by_role("link", name="第四章 离婚").click()
    heading = page.locator("h2", has_text="第四章 离婚")
    assert 0 <= heading.bounding_box()["y"] < 800


def test_print_leaves_the_text_and_nothing_to_click(site, visit) -> None:
    page = visit().page
    page.goto(f"{site.address}/works/{CODE}")
    page.emulate_media(media="print")
    assert not page.locator(".reader-side").is_visible()
    assert page.locator("#a1").is_visible()
