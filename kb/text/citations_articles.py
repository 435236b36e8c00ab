"""Read article expressions: 第三十八条第一款第（二）项, 第1254、1255条, 第十条至第十二条, 之一."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from kb.text.citations_types import CitedUnit
from kb.text.numerals import MAX_NUMERAL_CHARS, NUMERAL_CLASS, parse_number

MAX_RANGE = 300
"""A longer range (第一条至第九百条) gives its two ends only: nobody means each article of it."""
MAX_EXPANDED = 20_000
"""Articles that the ranges of one text may add in all, so that a hostile text stays cheap."""
MAX_ARTICLE = 9_999
MAX_UNIT = 99
MAX_FILLED_UNITS = 60
"""Parts that ranges of one article may add."""

_NUMBER = rf"[{NUMERAL_CLASS}]{{1,{MAX_NUMERAL_CHARS}}}+(?![{NUMERAL_CLASS}])"
_GAP = r"[ \u3000]{0,2}+"
START = re.compile(rf"第{_GAP}(?={_NUMBER})|(?<![{NUMERAL_CLASS}第])(?={_NUMBER})")
"""Where an article expression may begin."""
_NOT_INSERTED = "般些切致定时方旦经律样种个项款"
# A whole small number: in 第二百八十六条之一三条 the article is 之一, and 三条 counts something.
_INSERTED = (
    r"之(?P<inserted>(?>[二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九]|[壹贰叁肆伍陆柒捌玖拾]"
    rf"|[0-9]{{1,3}}))(?![{_NOT_INSERTED}])"
)
_ELEMENT = re.compile(
    rf"(?P<ordinal>第{_GAP})?(?P<number>{_NUMBER})(?:之(?P<early>[{NUMERAL_CLASS}]{{1,4}}+)(?={_GAP}条))?"
    rf"{_GAP}(?P<article>条(?!款))?(?(article)(?:{_INSERTED})?)"
)
_MORE_INSERTED = re.compile(rf"(?P<separator>[、和及与至到]){_INSERTED}")
_SEPARATOR = re.compile(
    rf"{_GAP}(?:(?P<range>至|到|[-－–—~～]{{1,2}}+)|(?P<comma>[，,])|、|或者|以及|并|[和及与或]){_GAP}"
)
# 第二百六十三条（抢劫罪）、第二百六十四条: a remark in the middle of a list.
_REMARK = re.compile(
    rf"[（(][^（()）\n《》]{{1,30}}[)）](?={_GAP}(?:、|或者|以及|[，,和及与或至到]){_GAP}第)"
)
_UNIT = re.compile(
    rf"(?P<ordinal>第{_GAP})?(?P<open>[（(]{_GAP})?(?P<number>{_NUMBER}){_GAP}(?P<close>[）)]{_GAP})?"
    r"(?P<level>款|项|目)?"
)
_LOOSE_UNIT = re.compile(r"[0-9]")
# 第三条道路, 第五条街: things that are counted with 条, when no work is named.
_COUNTED = re.compile(
    "(?:[路线街河腿船鱼龙狗裤裙烟沟渠坝巷]|道路|索道|赛道|车道|隧道|通道|渠道|战线|跑道|铁路|高速|地铁|公路|胡同|弄堂|走廊|巷子|毛巾|项链|围巾|丝巾|床单|尾巴|领带|被子|绳|皮带|"
    "未读|已读|消息|信息|短信|微信|微博|语音|视频|弹幕|动态|朋友圈|帖子|新闻|热搜|通知短信|横幅|标语|留言|评论|回复|差评|好评|推送|记录|流水|"
    "聊天|通话|推文|口号|规矩|诉求|建议|意见|理由|原因|证据|线索|经验|教训|措施|生产线|流水线|路径|注释|备注)"
)
_COUNTING = re.compile(rf"(?<![{NUMERAL_CLASS}第])(?P<count>{_NUMBER})条(?={_COUNTED.pattern})")
_COUNTING_REACH = 60
_PAGE = re.compile("[页行列表楼层栋]\\Z")
_MOST_ITEMS = 20
_ITEM_OPENS = re.compile("[：:](?![“「\"'‘])")
_ITEM_LEADS = re.compile("(?:\\A|[，。；？！：、,;?!:\n]|[先再又还][问说讲看查记])\\Z")


@dataclass(frozen=True)
class Element:
    """One article of an expression, with the place where it stands."""

    number: tuple[int, int]
    start: int
    end: int
    units: tuple[CitedUnit, ...]
    is_range_end: bool
    has_ordinal: bool


def read_elements(text: str, start: int) -> tuple[list[Element], int]:
    """Articles of one expression from ``start`` on, and where reading stopped for good.

    Numbers of a list without 条 of their own (第1254、1255条) wait for the one that has it.
    """
    done: list[Element] = []
    waiting: list[Element] = []
    position, is_range_end, comma = start, False, False
    while match := _ELEMENT.match(text, position):
        position = match.end()
        number = _number_of(match["number"], match["early"] or match["inserted"])
        if number is None:
            break
        if (waiting or done) and _counts_in_list(text, match, (waiting or done)[-1], comma):
            break
        units: tuple[CitedUnit, ...] = ()
        if match["article"]:
            units, position = read_units(text, position)
        has_ordinal = match["ordinal"] is not None
        waiting.append(Element(number, match.start(), position, units, is_range_end, has_ordinal))
        if match["article"]:
            done += waiting
            waiting = []
            while match["inserted"] and (more := _MORE_INSERTED.match(text, position)):
                following = _number_of(match["number"], more["inserted"])
                if following is None:
                    break
                is_last = more["separator"] in "至到"
                done.append(Element(following, more.start() + 1, more.end(), (), is_last, False))
                position = more.end()
        remark = _REMARK.match(text, position) if match["article"] else None
        separator = _SEPARATOR.match(text, remark.end() if remark else position)
        if separator is None:
            break
        comma = separator["comma"] is not None
        if comma:
            waiting = []  # 第一，第五条……: the first is an ordinal of the sentence, no article
        is_range_end = separator["range"] is not None and bool(done or waiting)
        position = separator.end()
    return done, done[-1].end if done else position


def counts_things(text: str, start: int, end: int) -> bool:
    """True for 第三条道路 and 第12页第5条: what stands at ``text[start:end]`` is no article of a text."""
    return _COUNTED.match(text, end) is not None or _PAGE.search(text, max(start - 1, 0), start) is not None


def find_counts(text: str) -> list[tuple[int, int]]:
    """Where a text says how many there are of a thing counted with 条 (写了十条理由), and how many."""
    numbers = ((match.end(), parse_number(match["count"])) for match in _COUNTING.finditer(text))
    return [(end, number) for end, number in numbers if number]


def is_counted_before(counts: list[tuple[int, int]], element: Element) -> bool:
    """True for 第十条最重要 shortly behind 十条理由: one of the things counted there."""
    after = bisect_left(counts, (element.start, 0))
    before = bisect_left(counts, (element.start - _COUNTING_REACH, 0))
    article, inserted = element.number
    return not inserted and any(article <= number for _, number in counts[before:after])


def opens_item(text: str, element: Element) -> bool:
    """True for 第一条：先断电: the head of an item in a list that somebody says or writes, no citation."""
    article, inserted = element.number
    if inserted or article > _MOST_ITEMS or not _ITEM_OPENS.match(text, element.end):
        return False
    # 增加一条作为第三条：… cites an article
    return _ITEM_LEADS.search(text, max(element.start - 2, 0), element.start) is not None


def _counts_in_list(text: str, match: re.Match[str], last: Element, comma: bool) -> bool:
    """True for 第二十八条，两条腿 and 第七条，一条一条读: without 第, counting goes on and not the list."""
    if match["ordinal"] or not match["article"]:
        return False
    number = parse_number(match["number"]) or 0
    backwards = comma and last.has_ordinal and number <= last.number[0]
    return match["number"] == "两" or backwards or _COUNTED.match(text, match.end("article")) is not None


def _number_of(article_text: str, inserted_text: str | None) -> tuple[int, int] | None:
    article = parse_number(article_text)
    inserted = parse_number(inserted_text) if inserted_text else 0
    if not article or article > MAX_ARTICLE or inserted is None or (inserted_text and not inserted):
        return None
    return article, inserted


def read_units(text: str, start: int) -> tuple[tuple[CitedUnit, ...], int]:
    """款, 项 and 目 named from ``start`` on, ranges filled in, and where they end."""
    units: list[CitedUnit] = []
    waiting: list[int] = []
    position = end = start
    listed = waiting_is_listed = ranged = False
    while match := _UNIT.match(text, position):
        number = parse_number(match["number"])
        loose = bool(units and match["level"] and not listed and _LOOSE_UNIT.match(match["number"]))
        marked = match["ordinal"] or match["open"] or match["level"] == "款" or listed or loose
        if not number or number > MAX_UNIT or not marked or bool(match["open"]) != bool(match["close"]):
            break
        if not waiting:
            waiting_is_listed = listed
        first = waiting[-1] if waiting else _last_number(units, match["level"])
        if ranged and first is not None and number - first + len(waiting) + len(units) <= MAX_FILLED_UNITS:
            waiting += range(first + 1, number)
        waiting.append(number)
        position = match.end()
        if match["level"]:
            _add_units(units, waiting, match["level"], waiting_is_listed)
            waiting, end = [], position
        separator = _SEPARATOR.match(text, position)
        listed, ranged = separator is not None, separator is not None and separator["range"] is not None
        if (
            separator is None
            and match["close"]
            and not match["level"]
            and text.startswith(("（", "("), position)
        ):
            listed = True  # 第（一）（三）项
        elif separator is not None:
            position = separator.end()
        elif waiting:
            break
    return tuple(units), end


def _last_number(units: list[CitedUnit], level: str | None) -> int | None:
    """The number at ``level`` of the part named last: where a range to the next one begins."""
    if not units:
        return None
    last = units[-1]
    return {"款": last.paragraph, "项": last.item, "目": last.point}.get(level or "")


def _add_units(units: list[CitedUnit], numbers: list[int], level: str, listed: bool) -> None:
    """Append numbered parts; straight after another part (第一款第（二）项) they narrow that part."""
    last = units[-1] if units else CitedUnit()
    if units and not listed:
        units.pop()
    for number in numbers:
        if level == "款":
            units.append(CitedUnit(number))
        elif level == "项":
            units.append(CitedUnit(last.paragraph, number))
        else:
            units.append(CitedUnit(last.paragraph, last.item, number))


def fill_range(first: tuple[int, int], last: tuple[int, int], budget: int) -> Iterator[tuple[int, int]]:
    """Articles strictly inside a range, when it is short enough to mean each of them."""
    (low, low_inserted), (high, high_inserted) = first, last
    if low == high:
        inner = [(low, n) for n in range(low_inserted + 1, high_inserted)]
    else:
        inner = [(n, 0) for n in range(low + 1, min(high, low + MAX_RANGE + 2))]
    if len(inner) <= min(MAX_RANGE, budget):
        yield from inner
