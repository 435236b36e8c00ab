"""A question put to the service and its reply: the types of the one answer door.

A reply is made of segments, each with the keys of the citations that it rests on. The same text, day,
choices, conversation, generation and answers give an equal ``AskReply``; what differs from call to call
(conversation token, trace id, time taken) stands beside it in ``Asked``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

MAX_CHOICES_SENT = 12
"""Choices that one request may carry: gates have at most three, and a conversation few turns."""
DISCLAIMER = "以上是法律信息，不是法律意见。"
SAMPLE_NOTICE = "示例答复，未经执业律师审核。"


class Channel(StrEnum):
    """For whom the reply is worded."""

    CITIZEN = "citizen"
    HOTLINE = "hotline"
    """The script that a 12348 agent reads out stands first in ``AskReply.rendering``."""
    EDUCATION = "education"
    """普法."""


class Origin(StrEnum):
    """Where the reply comes from, which is also how much it may be relied on."""

    STANDARD = "standard"
    GATE = "gate"
    """A standard answer that turns on a fact: what holds in every case, and the fact is asked."""
    CLARIFY = "clarify"
    COMPOSED = "composed"
    """Quoted provisions, steps of guides and gists of cases."""
    REFERRED = "referred"
    SAFETY = "safety"
    """Somebody may be in danger and nothing else was asked."""


ORIGIN_LABELS = {
    Origin.STANDARD: "标准答复",
    Origin.GATE: "需要先问一个事实",
    Origin.CLARIFY: "需要确认问的是哪件事",
    Origin.COMPOSED: "由条文、指引和案例摘出，不是标准答复",
    Origin.REFERRED: "没有可靠的答复，告诉您可以找谁",
    Origin.SAFETY: "先保证安全",
}


class SegmentKind(StrEnum):
    """What a segment says."""

    SAFETY = "safety"
    URGENT = "urgent"
    DEADLINE = "deadline"
    """The last day, reckoned from a date that the question states."""
    LIMIT = "limit"
    """A limit within which a right must be used."""
    CONCLUSION = "conclusion"
    CONDITION = "condition"
    STEP = "step"
    TIME_LIMIT = "time_limit"
    """Any other time limit, such as how long an office takes."""
    AMOUNT = "amount"
    EVIDENCE = "evidence"
    MATERIAL = "material"
    COMPETENT = "competent"
    ROUTE = "route"
    EXCEPTION = "exception"
    WHERE = "where"
    QUOTE = "quote"
    """Whole sentences of a provision."""
    GIST = "gist"
    """A case: for reference, no ground of a judgment."""
    REFERRAL = "referral"
    NOTE = "note"


SEGMENT_LABELS = {
    SegmentKind.SAFETY: "先保证安全",
    SegmentKind.URGENT: "请先看",
    SegmentKind.DEADLINE: "最后一天",
    SegmentKind.LIMIT: "期限",
    SegmentKind.CONCLUSION: "结论",
    SegmentKind.CONDITION: "适用条件",
    SegmentKind.STEP: "怎么做",
    SegmentKind.TIME_LIMIT: "多长时间",
    SegmentKind.AMOUNT: "多少钱",
    SegmentKind.EVIDENCE: "准备什么证据",
    SegmentKind.MATERIAL: "准备什么材料",
    SegmentKind.COMPETENT: "归谁管",
    SegmentKind.ROUTE: "可以走的途径",
    SegmentKind.EXCEPTION: "例外",
    SegmentKind.WHERE: "找谁、去哪里",
    SegmentKind.QUOTE: "法律条文",
    SegmentKind.GIST: "参考案例（供参考，非裁判依据）",
    SegmentKind.REFERRAL: "可以找谁",
    SegmentKind.NOTE: "说明",
}


@dataclass(frozen=True)
class Segment:
    """One statement; ``sources`` are keys of ``AskReply.citations`` (b1, c2 …), empty for plain advice."""

    kind: SegmentKind
    text: str
    sources: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Heading under which it stands."""
        return SEGMENT_LABELS[self.kind]


@dataclass(frozen=True)
class ReplyCitation:
    """A source of the reply as it stands on the day asked about.

    ``kind`` is that of the work (statute, guide, case …). ``verdict`` is one of ``kb.answer.verify_types``.
    ``text`` is the cited part and empty where the work is not held; then ``verified`` is False and
    ``verdict_label`` says so. ``says`` is what the answer takes from it, in its author's words.
    """

    key: str
    kind: str
    title: str
    label: str
    verdict: str
    verdict_label: str
    verified: bool
    text: str = ""
    says: str = ""
    work_id: str | None = None
    provision_id: str | None = None
    version_id: str | None = None
    version_date: dt.date | None = None
    effective_from: dt.date | None = None
    changes_on: dt.date | None = None
    """Day on which another text takes over, where one is known."""


@dataclass(frozen=True)
class OfferedChoice:
    """One possible answer to what is asked back; its id goes back in ``AskRequest.choices``."""

    id: str
    label: str


@dataclass(frozen=True)
class AskBack:
    """A question to the caller with its possible answers (two to four)."""

    question: str
    choices: tuple[OfferedChoice, ...]


@dataclass(frozen=True)
class NextAnswer:
    """Another standard answer that may be wanted next; ``choice`` asks for it."""

    id: str
    title: str
    choice: str


@dataclass(frozen=True)
class NamedLink:
    """A guide or a case with the work that holds it, where it is held."""

    title: str
    work_id: str | None = None


@dataclass(frozen=True)
class AskRequest:
    """One question.

    ``as_of`` None means today in Asia/Shanghai. ``choices`` are ids that earlier replies offered; with one of
    them ``text`` may be empty. ``conversation`` is the token of the turn before. ``reference`` is the number
    of the call in which it is asked, never a number of a person.
    """

    text: str
    as_of: dt.date | None = None
    channel: Channel = Channel.CITIZEN
    conversation: str = ""
    choices: tuple[str, ...] = ()
    region: str = "北京市"
    reference: str = ""


@dataclass(frozen=True)
class AskReply:
    """What is said.

    ``confidence`` is a calibrated probability that the standard answer given fits (0 to 1), or that the
    best of the choices offered does; None where nothing was judged. ``understood_as`` is how a follow-up was
    read. ``rendering`` is the reply as one text for the channel. ``ai_worded`` marks a text that a language
    model worded and the verifier passed.
    """

    origin: Origin
    channel: Channel
    as_of: dt.date
    generation: str
    segments: tuple[Segment, ...]
    rendering: str
    citations: tuple[ReplyCitation, ...] = ()
    safety: bool = False
    answer_id: str = ""
    revision: int = 0
    title: str = ""
    topic: str = ""
    risk: str = ""
    confidence: float | None = None
    ask_back: AskBack | None = None
    facts: tuple[str, ...] = ()
    """Choices of gates that were taken as stated, as Chinese labels."""
    understood_as: str = ""
    next_answers: tuple[NextAnswer, ...] = ()
    transfer: str = ""
    guides: tuple[NamedLink, ...] = ()
    cases: tuple[NamedLink, ...] = ()
    reviewed: bool = False
    ai_worded: bool = False
    notices: tuple[str, ...] = field(default=())
    disclaimer: str = DISCLAIMER


@dataclass(frozen=True)
class Asked:
    """A reply and what belongs to this one call; ``conversation`` is empty where no history is kept.

    ``private`` marks a message that shows danger, or sounds like it: nothing of it may be put on record.
    """

    reply: AskReply
    conversation: str
    took_ms: float
    private: bool = False


class AskDoor(Protocol):
    """What every channel calls; ``kb.answer.ask`` implements it."""

    def ask(self, request: AskRequest) -> Asked:
        """Answer. Raises BadInputError for a question out of bounds or a token that is no longer good."""
        ...
