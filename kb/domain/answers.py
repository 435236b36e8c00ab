"""Standard answers (标准答问): what is said once, in slots, and how it depends on facts that must be asked.

Conclusion, time limits, amounts and legal basis stand in slots and nowhere else; the citizen's text, the
hotline script and the 普法 text are renderings of them. Where an answer turns on a fact, a gate asks it and
each branch has slots of its own. A time limit and an amount name the basis that states them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

SCRIPT_MAX = 240
"""Characters of a hotline script: read aloud in a minute."""
MIN_VARIANTS = 8

TOPICS = (
    *("婚姻家庭", "继承", "劳动", "工伤社保", "借贷", "房屋买卖租赁", "物业", "交通事故", "消费", "医疗"),
    *("侵权", "合同", "公司", "知识产权", "行政", "刑事", "法律援助", "公证", "仲裁调解", "执行", "诉讼"),
)
"""Topics of questions, answers and guides; one word each, as a caller is routed."""

TOPIC_FOLDERS = {
    "婚姻家庭": "family",
    "继承": "inheritance",
    "劳动": "labour",
    "工伤社保": "injury-insurance",
    "借贷": "loans",
    "房屋买卖租赁": "housing",
    "物业": "property-management",
    "交通事故": "traffic",
    "消费": "consumers",
    "医疗": "medical",
    "侵权": "torts",
    "合同": "contracts",
    "公司": "companies",
    "知识产权": "intellectual-property",
    "行政": "administration",
    "刑事": "criminal",
    "法律援助": "legal-aid",
    "公证": "notary",
    "仲裁调解": "arbitration-mediation",
    "执行": "enforcement",
    "诉讼": "litigation",
}
"""Topic -> folder under ``corpora/answers`` in which its answers lie."""


class RiskClass(StrEnum):
    """What a wrong or late answer costs the person."""

    ORDINARY = "ordinary"
    TIME_CRITICAL = "time_critical"
    """A right is lost when a day passes: limitation, appeal, arbitration, defence."""
    PERSONAL_SAFETY = "personal_safety"
    LIBERTY = "liberty"
    """Criminal matters: nothing is predicted."""


class LimitKind(StrEnum):
    """What ends with a time limit."""

    LIMITATION = "limitation"
    """诉讼时效: may be interrupted and suspended."""
    PRECLUSION = "preclusion"
    """除斥期间: the right itself goes, no interruption."""
    ARBITRATION = "arbitration"
    """仲裁时效."""
    APPLICATION = "application"
    """申请期限 (工伤认定, 复议, 再审 …)."""
    SUIT = "suit"
    """起诉期限."""
    APPEAL = "appeal"
    """上诉期."""
    DEFENCE = "defence"
    """答辩期."""
    HANDLING = "handling"
    """The authority's or the other party's own limit (受理, 作出决定, 支付 …)."""


class LimitUnit(StrEnum):
    """Unit of a time limit."""

    HOUR = "hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class AnswerBasis:
    """A provision that an answer rests on: full title without 《》, label such as 第三十八条第一款第（二）项.

    ``key`` is how slots of the same answer refer to it (b1, b2 …); ``says`` tells what it carries.
    ``held`` is False for a work outside the default corpus (行政法规, 司法解释, Beijing's own): the answer
    waits until that work is ingested.
    """

    key: str
    title: str
    label: str
    says: str
    held: bool = True


@dataclass(frozen=True)
class TimeLimit:
    """``length`` units of ``kind`` from ``start`` (起算点) on; ``interruption`` says what stops the clock."""

    kind: LimitKind
    length: int
    unit: LimitUnit
    start: str
    what: str
    basis: str
    interruption: str = ""


@dataclass(frozen=True)
class Amount:
    """A sum, share or multiple as the law or a dated source states it.

    ``value`` is as in the cited text (二倍, 百分之八十, 五千元). A figure that changes by year has ``year``,
    ``source`` and ``usable_until``; one that the law itself fixes has only its ``basis``.
    """

    what: str
    value: str
    basis: str
    year: int | None = None
    source: str = ""
    usable_until: dt.date | None = None


@dataclass(frozen=True)
class Slots:
    """What an answer says; every text in plain words, one statement an entry.

    ``support`` names the keys of the basis on which conclusion, conditions, steps and exceptions rest;
    time limits and amounts name their own.
    """

    conclusion: str
    support: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    time_limits: tuple[TimeLimit, ...] = ()
    amounts: tuple[Amount, ...] = ()
    evidence: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    competent: str = ""
    """管辖: which court, commission or office."""
    routes: tuple[str, ...] = ()
    """途径: 协商, 调解, 投诉, 仲裁, 复议, 诉讼."""
    exceptions: tuple[str, ...] = ()
    where: str = ""
    """去哪里办; 以办理机构公布为准 where no more is certain."""


@dataclass(frozen=True)
class Choice:
    """One answer to a gate's question, in the caller's words."""

    id: str
    label: str


@dataclass(frozen=True)
class Gate:
    """A fact without which no answer is right, as a question with its possible answers (two to four)."""

    id: str
    ask: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Branch:
    """What holds when the gates were answered so: ``when`` maps gate id to choice id.

    A gate that ``when`` does not name does not matter to this branch. Every combination of choices leads to
    exactly one branch.
    """

    when: dict[str, str]
    slots: Slots
    script: str


@dataclass(frozen=True)
class StandardAnswer:
    """One approved question with its answer; see DOMAIN terms in the module's first lines.

    Without ``gates`` the answer is ``slots`` and ``script``; with gates these say what holds in every case
    and the script asks the gate's question, and ``branches`` cover every combination of choices.
    ``urgent`` is said before all else, whatever the gates: the danger and whom to call, the day that must
    not pass. ``transfer`` is where a caller is handed on (12345, 12333, 法律援助 …). ``guides`` are titles of
    service guides. ``education`` is the 普法 text. ``reviewed_by`` stays None until a lawyer has read the
    answer.
    """

    id: str
    topic: str
    category: tuple[str, ...]
    title: str
    question: str
    variants: tuple[str, ...]
    risk: RiskClass
    slots: Slots
    script: str
    basis: tuple[AnswerBasis, ...]
    gates: tuple[Gate, ...] = ()
    branches: tuple[Branch, ...] = ()
    urgent: str = ""
    education: str = ""
    guides: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    transfer: str = ""
    audience: tuple[str, ...] = ()
    region: str = "全国"
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    next_review: dt.date | None = None
    owner: str = ""
    reviewed_by: str | None = None
