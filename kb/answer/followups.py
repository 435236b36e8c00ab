"""What a message means after the turns before it: an answer to what was asked, a part of the last answer,
another condition, a correction, or a question of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kb.domain.ask import SegmentKind

MAX_SLOT = 18
"""Characters of a message that asks for a part of the last answer; longer ones ask something of their own."""
MAX_CONDITION = 40

_LEAD = (
    r"(?:(?:那么?|然后|还有|另外|请问|麻烦问下|想问下|再问下?|对了|好的?|嗯+|哦|知道了|明白了|可是|但是|这个|这种情况|这样的话|"
    r"具体|一般|大概|到底|我|要是这样|接下来|申请|办|办理|走这个)[，,。 ]?){0,4}"
)
_TAIL = r"(?:[啊呀呢吧嘛吗么呐哈]|的话|[？?。！!，, ]){0,4}"


class Meaning(StrEnum):
    """How a message stands to the turn before."""

    OWN = "own"
    SLOT = "slot"
    CONDITION = "condition"
    CORRECTION = "correction"


@dataclass(frozen=True)
class FollowUp:
    """``slots`` are the kinds of segment asked for; ``text`` is the message without its opening words."""

    meaning: Meaning
    slots: tuple[SegmentKind, ...] = ()
    text: str = ""


def _slot(pattern: str, *kinds: SegmentKind) -> tuple[re.Pattern[str], tuple[SegmentKind, ...]]:
    return re.compile(f"{_LEAD}(?:{pattern}){_TAIL}"), kinds


LIMITS = (SegmentKind.DEADLINE, SegmentKind.LIMIT, SegmentKind.TIME_LIMIT)
_PLACES = (SegmentKind.COMPETENT, SegmentKind.WHERE)
_SLOTS = (
    _slot(
        r"(?:要|需要|得|会|能|最多|最长|最晚)?(?:多久|多长时间|几天|多少天|几个月|多少时间|啥时候|什么时候)"
        r"(?:能?(?:有结果|出结果|办好|办完|办下来|下来|完|批下来|拿到|到账|之内|以内|内)?)?(?:申请|办|提|去|起诉|提出)?"
        r"|(?:有)?(?:时间限制|期限|时效)(?:是)?(?:多久|多长|几天|多少)?|来得及|还来得及|会不会过期|最后(?:期限|一天)(?:是)?(?:哪天|什么时候)?",
        *LIMITS,
    ),
    _slot(
        r"(?:要|需要|得|应该|该)?(?:带|准备|交|提交|拿|提供)(?:些)?(?:什么|啥|哪些)(?:东西|材料|资料|手续|证件|证据|文件)?"
        r"|(?:要|需要)?(?:什么|啥|哪些)(?:材料|资料|手续|证件|证据|文件)|(?:材料|证据)(?:有哪些|都?要什么|清单)",
        SegmentKind.MATERIAL,
        SegmentKind.EVIDENCE,
    ),
    _slot(
        r"(?:要|应该|该|得|需要)?(?:去|到|上|在|找|向|跟|跑)(?:哪里|哪儿|哪|哪个(?:地方|部门|法院|单位|机构|窗口)|什么(?:地方|部门|单位)|谁|啥地方)"
        r"(?:办|申请|告|投诉|起诉|提交|去办|去|解决|办理|问|咨询|要|立案|交)?|(?:哪个|什么|啥)(?:法院|部门|单位|机构|地方)(?:管|受理|办|负责|去办|能办)?|归谁管|谁管|(?:地址|电话)(?:是)?(?:多少|在哪|什么)?|打什么电话|打哪个电话",
        *_PLACES,
    ),
    _slot(
        r"(?:要|需要|得|能|会|可以|大概|一共)?(?:赔|花|交|收|给|拿|要|补|付|收费)?(?:我)?(?:多少钱|多少|几个钱|什么费用|多少费用|费用)"
        r"(?:是)?(?:多少|怎么算|钱)?|(?:怎么|咋)(?:算|收费|计算)(?:钱)?(?:的)?|收费(?:吗|不)?|(?:要|收)钱(?:吗|不)?|贵不贵",
        SegmentKind.AMOUNT,
    ),
    _slot(
        r"(?:该|要|应该)?(?:怎么|咋|如何|怎样)(?:办|弄|做|搞|申请|操作|走|去办|办理|开始|整)|(?:第一步|先)(?:做|干|该做|要做)(?:什么|啥)|(?:流程|步骤|程序)(?:是)?(?:什么|啥|怎样|怎么样|咋样)?|下一步(?:呢|怎么办|做什么|干啥)?",
        SegmentKind.STEP,
        SegmentKind.ROUTE,
    ),
    _slot(r"(?:有)?(?:什么|啥|哪些|没有)?(?:例外|特殊情况|不行的情况)(?:有哪些|吗)?", SegmentKind.EXCEPTION),
    _slot(
        r"(?:有)?(?:什么|啥|哪些|要什么)?条件(?:有哪些|是什么|吗)?|要符合什么(?:条件)?|什么情况(?:下)?(?:可以|才行|能)",
        SegmentKind.CONDITION,
    ),
    _slot(
        r"(?:有)?(?:什么|啥|哪条|哪个|哪部)?(?:法律|法条|法律依据|依据|条文|规定)(?:依据)?"
        r"(?:是)?(?:什么|哪条|哪一条|第几条|吗)?"
        r"|(?:哪|第几)条(?:法律|规定)?|(?:这是)?哪条法(?:律)?(?:规定)?(?:的)?",
        SegmentKind.QUOTE,
    ),
)
# 不是已经过期了 denies, 不是，已经过期了 corrects.
_CORRECTION = re.compile(
    r"^(?:不对|不是(?=[，,。！! ：:])|错了|说错了|我说错了|不是这个意思|不是这样|你理解错了|更正一下|我是说)"
    r"[，,。！! ：:]{0,2}(?:应该是|而是|是)?"
)
_CONDITION = re.compile(
    r"^(?:那|那么|可是|可|但是|但|不过|还有|另外|对了)?[，,]?(?:如果|要是|假如|万一|假设|比如|例如|碰上|遇到|换成)"
    r"|^(?:那|那么|可是|可|但是|但|不过)[，,]?(?:我|他|她|他们|单位|公司|老板|对方|房东|孩子|没|是|不|已经|现在)"
    r"|^(?:我是|我没|我不是|我已经|他是|她是|没有?|已经|可他|可我|但他|但我)"
)
_HOW_ABOUT = re.compile(r"呢[？?。！!]?$")


def read_follow_up(text: str) -> FollowUp:
    """How ``text`` (normalised, simplified) stands to an answer given just before."""
    if len(text) <= MAX_SLOT:
        kinds = tuple(
            dict.fromkeys(kind for pattern, found in _SLOTS if pattern.fullmatch(text) for kind in found)
        )
        if kinds:
            return FollowUp(Meaning.SLOT, kinds, text)
    corrected = _CORRECTION.match(text)
    if corrected and len(text) <= 2 * MAX_CONDITION:
        return FollowUp(Meaning.CORRECTION, (), text[corrected.end() :] or text)
    if len(text) <= MAX_CONDITION and (_CONDITION.match(text) or _HOW_ABOUT.search(text)):
        return FollowUp(Meaning.CONDITION, (), text)
    return FollowUp(Meaning.OWN, (), text)


def join_questions(before: str, now: str) -> str:
    """The earlier question with what is added, as one question."""
    return f"{before.rstrip('。！？!?，, ')}，{now}"
