"""新旧对照, checking citations, a guide and the kinds, as a person uses them on a desk and on a phone."""

from __future__ import annotations

import pytest

from tests.api.small_records import GUIDE, NEW_PARKING, OLD_PARKING, PARKING
from tests.browser.test_citizen_pages import CODE

pytestmark = pytest.mark.browser

CHECKED = "物业说依据民法典第1254、9999条和《环境保护法》第五条可以罚款。"


def test_old_and_new_stand_beside_each_other_on_a_desk_and_below_on_a_phone(site, visit) -> None:
    boxes = {}
    for width in (1280, 390):
        window = visit(width, script=False)
        window.page.goto(f"{site.address}/works/{PARKING}/compare")
        old, new = (window.page.locator(".change .side").nth(i).bounding_box() for i in (0, 1))
        boxes[width] = old, new
        assert window.page.locator(".change-renumbered del").first.inner_text() == "十"
        assert window.complaints == []
        window.shoot(f"compare-{width}")
    old, new = boxes[1280]
    assert old["y"] == new["y"]
    assert old["x"] + old["width"] <= new["x"]
    old, new = boxes[390]
    assert old["x"] == new["x"]
    assert old["y"] + old["height"] <= new["y"]


def test_what_changed_is_told_without_colour(site, visit) -> None:
    page = visit().page
    page.goto(f"{site.address}/works/{PARKING}/compare")
    style = "(e) => getComputedStyle(e).textDecorationLine"
    assert page.locator(".change del").first.evaluate(style) == "line-through"
    assert page.locator(".change ins").first.evaluate(style) == "underline"
    told = "(e) => getComputedStyle(e, '::before').content"
    assert "删去" in page.locator(".change del").first.evaluate(told)
    assert "增加" in page.locator(".change ins").first.evaluate(told)


def test_from_the_law_to_the_comparison_and_another_choice(site, visit) -> None:
    page = visit(script=False).page
    page.goto(f"{site.address}/works/{PARKING}")
    page.get_by_role("link", name="新旧对照").click()
    page.wait_for_url("**/compare")
    same = page.locator("details.same").first
    assert not same.get_by_text("为了规范停车秩序").is_visible()
    same.locator("summary").click()
    assert same.get_by_text("为了规范停车秩序").is_visible()
    page.get_by_label("旧文本").select_option(NEW_PARKING)
    page.get_by_role("button", name="对照").click()
    assert "同一个" in page.locator(".box-problem").inner_text()
    page.get_by_label("旧文本").select_option(OLD_PARKING)
    page.get_by_label("新文本").select_option(NEW_PARKING)
    page.get_by_role("button", name="对照").click()
    assert page.locator(".tally").is_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_text_is_checked_without_script(site, visit, width: int) -> None:
    window = visit(width, dark=width == 390, script=False)
    page = window.page
    page.goto(site.address)
    page.get_by_role("link", name="核对引用").click()
    page.get_by_label("要核对的文字").fill(CHECKED)
    page.get_by_label("按哪一天的法律").fill("2026-11-22")
    page.get_by_role("button", name="核对").click()
    page.wait_for_selector(".verdicts")
    verdicts = page.locator(".verdicts .verdict").all_inner_texts()
    assert verdicts == ["现行有效", "不存在", "已废止"]
    marked = page.locator(".checked-text .cited").nth(1)
    assert "9999条" in marked.inner_text()
    assert "不存在" in marked.inner_text()
    marked.click()
    page.wait_for_url("**#c2")
    assert page.get_by_label("要核对的文字").input_value() == CHECKED
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.complaints == []
    window.shoot(f"verify-done-{width}")


def test_a_guide_on_a_phone_names_each_cell_of_its_table(site, visit) -> None:
    window = visit(390)
    page = window.page
    page.goto(f"{site.address}/works/{GUIDE}")
    cell = page.locator("table.stack td").first
    assert cell.evaluate("(e) => getComputedStyle(e, '::before').content") == '"份数"'
    assert page.locator("table.stack thead").bounding_box()["height"] <= 1
    page.get_by_text("租来的房子能登记吗？").click()
    assert page.get_by_text("示例答复。").is_visible()
    page.get_by_role("link", name="《中华人民共和国民法典》第二百七十五条").click()
    page.wait_for_url(f"**/works/{CODE}#a275")


def test_a_guide_is_printed_whole(site, visit) -> None:
    page = visit().page
    page.goto(f"{site.address}/works/{GUIDE}")
    page.emulate_media(media="print")
    for words in ("身份证明", "示例答复。", "未经执业律师审核", "提起行政诉讼"):
        assert page.get_by_text(words).first.is_visible(), words
    assert not page.locator(".reader-side").is_visible()


def test_kinds_narrow_the_catalogue_and_the_search(site, visit) -> None:
    page = visit(script=False).page
    page.goto(f"{site.address}/works")
    page.get_by_role("navigation", name="资料类型").get_by_role("link", name="办事指引").click()
    assert page.locator(".works li").count() == 1
    page.goto(f"{site.address}/search?q=停车位登记")
    page.get_by_role("navigation", name="资料类型").get_by_role("link", name="办事指引").click()
    page.wait_for_selector(".hit")
    assert set(page.locator(".hit-work").all_inner_texts()) == {"示例停车位登记"}
    page.get_by_label("要查的问题或法条").fill("车位的身份证明")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hit")
    assert set(page.locator(".hit-work").all_inner_texts()) == {"示例停车位登记"}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_stand_out_from_their_ground(site, visit, dark: bool) -> None:
    """WCAG 1.4.3: 4.5 to 1 for every verdict, chip and mark of change."""
    page = visit(dark=dark).page
    for address in (
        f"/works/{GUIDE}",
        f"/works/{PARKING}",
        f"/works/{PARKING}/compare",
        "/search?q=停车位登记",
    ):
        page.goto(site.address + address)
        assert page.evaluate(FAINT) == [], address


FAINT = """() => {
  const parse = c => { const p = c.match(/[\\d.]+/g).map(Number); return p.length > 3 ? p : [...p, 1]; };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c[3] > 0.99) return c;
    }
    return [255, 255, 255, 1]; };
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92
    : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  return [...document.querySelectorAll('.chip, .verdict, .badge, .tag, del, ins, .small, .tabs a')]
    .filter(e => e.checkVisibility() && e.textContent.trim())
    .map(e => { const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))];
      return [e.outerHTML.slice(0, 60), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; })
    .filter(([, ratio]) => ratio < 4.5); }"""
