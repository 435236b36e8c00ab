"""The last day of a limit, when a question states the day on which it began to run.

A date counts as the beginning only when its clause says what happened, and that is what starts the limit:
收到判决书 for an appeal, 离职 for arbitration about wages, 受伤 for recognition of a work injury.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.answer.deadlines import Deadline, DeadlineQuery, reckon_deadline
from kb.answer.parts import limit_words
from kb.answer.rest_days import RestDays
from kb.answer.segments import LOSING
from kb.answer.stated_dates import StatedDate, find_dates
from kb.domain.answers import LimitUnit, TimeLimit
from kb.domain.ask import Segment, SegmentKind

RECEIVED = re.compile(r"收到|送达|签收|接到|拿到|领到|寄到|寄来|送来|发给我|下来|判了|刚判|知道")
_EVENTS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"辞退通知|解除通知"), re.compile(r"辞退|开除|解除|通知|炒")),
    (re.compile(r"收到商品"), re.compile(r"收到|签收|到货|拿到|送到")),
    (re.compile(r"送达|收到|接到|通知之日"), RECEIVED),
    (
        re.compile(r"劳动关系终止|劳动合同解除|合同终止"),
        re.compile(r"离职|辞退|辞职|解除|开除|裁|走人|不干|终止|劝退|离开"),
    ),
    (re.compile(r"事故发生"), re.compile(r"受伤|出事|摔|砸|撞|轧|压|伤|事故|掉下来")),
    (re.compile(r"付款之日"), re.compile(r"付|交了?钱|办的?卡|充|买|报名")),
    (
        re.compile(r"处罚|行政行为|该行为|该决定|作出决定"),
        re.compile(r"收到|罚|决定|处罚|拘留|接到|送达|拿到|知道"),
    ),
    (re.compile(r"受伤害|受损害"), re.compile(r"受伤|被打|被撞|出事|车祸|摔|撞|打伤|事故")),
    (re.compile(r"患者死亡"), re.compile(r"去世|死|走了|没了")),
    (re.compile(r"孩子出生"), re.compile(r"出生|生的|生了")),
    (re.compile(r"签协议之日"), re.compile(r"签")),
    (re.compile(r"公告之日"), re.compile(r"公告")),
    (re.compile(r"调解协议生效"), re.compile(r"签|调解|达成")),
    (re.compile(r"登记|注册之日"), re.compile(r"注册|登记")),
    (re.compile(r"冷静期届满"), re.compile(r"(?!)")),
)
_CLAUSE = re.compile(r"[。！？!?；;\n]")
_FILLER = re.compile(r"[是就在我的那天早晚上中下午吧呢啊了号，。,. ]{0,8}")
_CRIMINAL_TOPIC = "刑事"


@dataclass(frozen=True)
class Reckoned:
    """A limit with the date that starts it and the last day that follows."""

    limit: TimeLimit
    start: StatedDate
    deadline: Deadline


def reckon_limits(
    limits: Sequence[TimeLimit], texts: Iterable[str], as_of: dt.date, rest_days: RestDays, topic: str = ""
) -> tuple[Reckoned, ...]:
    """Last days of those ``limits`` whose beginning one of ``texts`` (normalised) states, in their order."""
    texts = tuple(texts)
    found = []
    for limit in limits:
        if limit.kind not in LOSING or limit.unit is LimitUnit.HOUR:
            continue
        start = _find_start(limit, texts, as_of)
        if start is None:
            continue
        query = DeadlineQuery(
            limit.kind, start.day, limit.length, limit.unit, criminal=topic == _CRIMINAL_TOPIC
        )
        found.append(Reckoned(limit, start, reckon_deadline(query, rest_days)))
    return tuple(found)


def say_reckoned(one: Reckoned, as_of: dt.date) -> Segment:
    """``从2026年3月5日（您说的“昨天”）起算……最后一天是……，还有3天。``"""
    limit, deadline = one.limit, one.deadline
    said = f"（您说的“{one.start.written}”" + ("，按最近的这一天算" if one.start.assumed else "") + "）"
    left = deadline.days_left(as_of)
    if left < 0:
        rest = f"按这一天算已经过了{-left}天，请马上拿着材料去咨询，看有没有中断、顺延的情形。"
    elif left == 0:
        rest = "就是今天，请马上办。"
    else:
        rest = f"从{say_day(as_of)}算还有{left}天。"
    moved = ""
    if deadline.last_day != deadline.reckoned:
        moved = f"（{say_day(deadline.reckoned)}休息，顺延）"
    text = (
        f"{limit.what}：{limit_words(limit)}，以{say_day(one.start.day)}{said}作为{limit.start}计算，"
        f"最后一天是{say_day(deadline.last_day)}{moved}，{rest}起算的这一天请对照文书和签收记录核对。"
    )
    return Segment(SegmentKind.DEADLINE, text, (limit.basis,))


def say_day(day: dt.date) -> str:
    """2026年3月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _find_start(limit: TimeLimit, texts: Sequence[str], as_of: dt.date) -> StatedDate | None:
    event = next((said for starts, said in _EVENTS if starts.search(limit.start)), None)
    if event is None:
        return None
    for place, text in reversed(tuple(enumerate(texts))):
        dates = find_dates(text, as_of)
        if place and len(dates) == 1 and _says_no_more(text, dates[0].span):
            return dates[0]
        fitting = [one for one in dates if event.search(_clause_of(text, one.span))]
        if len({one.day for one in fitting}) == 1:
            return fitting[0]
        if fitting:
            return None
    return None


def _says_no_more(text: str, span: tuple[int, int]) -> bool:
    """Whether a later message is a date and nothing else: the reply to what was asked."""
    return _FILLER.fullmatch(text[: span[0]] + text[span[1] :]) is not None


def _clause_of(text: str, span: tuple[int, int]) -> str:
    """The sentence around a date."""
    start = max((match.end() for match in _CLAUSE.finditer(text, 0, span[0])), default=0)
    end = _CLAUSE.search(text, span[1])
    return text[start : end.start() if end else len(text)]
