"""A standard answer as a reply: its gates, its last days, the parts that were asked for."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kb.answer.ask_reading import gate_choice, unknown_choice
from kb.answer.ask_shelf import PublishedAnswer
from kb.answer.basis import BasisState
from kb.answer.gates import Opened, open_gates, read_facts
from kb.answer.reckoned import reckon_limits, say_reckoned
from kb.answer.rendering import RenderingError, render
from kb.answer.rest_days import RestDays
from kb.answer.segments import cite_basis, say_answer, slots_of
from kb.domain.answers import Branch, Gate, RiskClass, StandardAnswer
from kb.domain.ask import AskBack, Channel, OfferedChoice, Origin, ReplyCitation, Segment, SegmentKind
from kb.text.tokenise import LegalTokeniser

log = logging.getLogger(__name__)

UNVERIFIED_NOTICE = "标明“本库未收录原文，未核验”的依据没有核对过原文，请以公布的文本为准。"
MAX_QUOTED_BASIS = 300
MAX_ABOUT = 3
MOST_WORDS = 0.6
"""Share of a condition's words that a statement must have to be told first."""
_NEGATED = re.compile(r"没|不|未|无")
_CONDITIONAL = frozenset((SegmentKind.CONDITION, SegmentKind.EXCEPTION, SegmentKind.CONCLUSION))
_ALWAYS = frozenset((SegmentKind.URGENT, SegmentKind.DEADLINE))
_ABSENT = "这个答复里没有写到这一点，请以办理机构的答复为准，也可以拨打12348咨询。"


@dataclass(frozen=True)
class Draft:
    """A reply before it is checked and worded; ``sources`` are texts in which its numbers may stand."""

    origin: Origin
    segments: tuple[Segment, ...]
    citations: tuple[ReplyCitation, ...] = ()
    sources: tuple[str, ...] = ()
    ask_back: AskBack | None = None
    retold: str = ""
    notices: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    fact_labels: tuple[str, ...] = ()
    gate: str = ""
    offered: tuple[str, ...] = ()


def draft_answer(
    published: PublishedAnswer,
    facts: Mapping[str, str],
    texts: Sequence[str],
    as_of: dt.date,
    channel: Channel,
    rest_days: RestDays,
) -> Draft:
    """The answer as far as the facts go; chosen ``facts`` come before what ``texts`` state.

    Facts that the answer does not ask, or asks no more, count for nothing.
    """
    answer = published.answer
    opened = open_gates(answer, {**read_facts(answer, texts), **facts})
    branch = opened.branch
    slots = slots_of(answer, branch)
    reckoned = reckon_limits(slots.time_limits, texts, as_of, rest_days, answer.topic)
    segments = say_answer(answer, branch, [say_reckoned(one, as_of) for one in reckoned])
    waiting = frozenset(one.basis.key for one in published.basis if one.state is BasisState.WAITING)
    citations = cite_basis(answer, branch, published.basis)
    return Draft(
        origin=Origin.GATE if opened.ask is not None else Origin.STANDARD,
        segments=segments,
        citations=citations,
        sources=(*(one.text for one in published.basis), *_own_figures(answer, branch)),
        ask_back=ask_gate(answer, opened.ask) if opened.ask is not None else None,
        retold=_retell(answer, opened, channel, waiting),
        notices=(
            *published.notices,
            *([UNVERIFIED_NOTICE] if any(not one.verified for one in citations) else ()),
        ),
        facts=opened.facts,
        fact_labels=_label_facts(answer, opened.facts),
        gate=opened.ask.id if opened.ask is not None else "",
    )


def keep_slots(draft: Draft, kinds: Sequence[SegmentKind], published: PublishedAnswer) -> Draft:
    """Only the parts that were asked for, and what must be said whatever is asked."""
    wanted = _ALWAYS | set(kinds)
    if published.answer.risk is RiskClass.TIME_CRITICAL:
        wanted = wanted | {SegmentKind.LIMIT}
    segments = [one for one in draft.segments if one.kind in wanted]
    if SegmentKind.QUOTE in kinds:
        segments += quote_basis(draft.citations)
    if not any(one.kind in kinds for one in segments):
        segments.append(Segment(SegmentKind.NOTE, _ABSENT))
        segments += [one for one in draft.segments if one.kind is SegmentKind.WHERE]
    used = {key for one in segments for key in one.sources}
    return _narrow(draft, segments, used)


def keep_about(draft: Draft, condition: str, tokeniser: LegalTokeniser) -> Draft | None:
    """The statements that bear on a condition first; None when none has most of its words."""
    words = _content_words(condition, tokeniser)
    negated = _NEGATED.search(condition) is not None
    ranked = []
    for place, segment in enumerate(draft.segments):
        if segment.kind in _ALWAYS or not words:
            continue
        shared = words & _content_words(segment.text, tokeniser)
        if len(shared) < MOST_WORDS * len(words):
            continue
        same = negated == (_NEGATED.search(segment.text) is not None)
        ranked.append((segment.kind not in _CONDITIONAL, not same, -len(shared), place))
    if not ranked:
        return None
    first = [draft.segments[place] for *_, place in sorted(ranked)[:MAX_ABOUT]]
    urgent = [one for one in draft.segments if one.kind in _ALWAYS]
    conclusion = [one for one in draft.segments if one.kind is SegmentKind.CONCLUSION and one not in first]
    segments = [*urgent, *first, *conclusion]
    used = {key for one in segments for key in one.sources}
    return _narrow(draft, segments, used)


def _content_words(text: str, tokeniser: LegalTokeniser) -> set[str]:
    return {word for word in tokeniser.split(text)[0] if len(word) > 1}


def quote_basis(citations: Sequence[ReplyCitation]) -> list[Segment]:
    """The provisions themselves, whole, where they are short enough to read."""
    return [
        Segment(SegmentKind.QUOTE, f"《{one.title}》{one.label}：“{one.text}”", (one.key,))
        for one in citations
        if one.verified and len(one.text) <= MAX_QUOTED_BASIS
    ]


def ask_gate(answer: StandardAnswer, gate: Gate) -> AskBack:
    """The gate's question with its choices."""
    choices = tuple(
        OfferedChoice(gate_choice(answer.id, gate.id, choice.id), choice.label) for choice in gate.choices
    )
    return AskBack(gate.ask, choices)


def _narrow(draft: Draft, segments: Sequence[Segment], used: set[str]) -> Draft:
    # 请先看 and the like name no source: what cannot be compared of their basis stays beside them.
    if any(not one.sources for one in segments):
        used = used | {one.key for one in draft.citations if not one.verified}
    return Draft(
        origin=draft.origin,
        segments=tuple(segments),
        citations=tuple(one for one in draft.citations if one.key in used),
        sources=draft.sources,
        ask_back=draft.ask_back,
        notices=draft.notices,
        facts=draft.facts,
        fact_labels=draft.fact_labels,
        gate=draft.gate,
    )


def require_known(answer: StandardAnswer, facts: Mapping[str, str]) -> None:
    """Raise NotFoundError ``choice_unknown`` for a fact or a choice that the answer does not have."""
    known = {gate.id: {choice.id for choice in gate.choices} for gate in answer.gates}
    if any(choice not in known.get(gate, ()) for gate, choice in facts.items()):
        raise unknown_choice()


def _label_facts(answer: StandardAnswer, facts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        choice.label for gate in answer.gates for choice in gate.choices if facts.get(gate.id) == choice.id
    )


def _own_figures(answer: StandardAnswer, branch: Branch | None) -> tuple[str, ...]:
    """Dated amounts: they have a source of their own, which is no provision."""
    slots = slots_of(answer, branch)
    dated = [one for one in slots.amounts if one.source]
    texts = [
        text for one in dated for text in (one.value, f"{one.year}年", str(one.usable_until), one.source)
    ]
    return tuple(texts) if dated else ()


def _retell(answer: StandardAnswer, opened: Opened, channel: Channel, waiting: frozenset[str]) -> str:
    """The author's script or 普法 text where the reply is all of it, else nothing."""
    if channel is Channel.CITIZEN:
        return ""
    try:
        done = render(answer, opened.branch, unverified=waiting)
    except RenderingError as error:
        log.error("a rendering of %s differs from its slots: %s", answer.id, error.message)
        return ""
    if channel is Channel.EDUCATION:
        return done.education
    return done.script if opened.ask is None or not opened.facts else ""
