"""What a message means in its conversation: the answer it is about, facts that it adds, parts it asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kb.answer.ask_reading import Chosen
from kb.answer.conversation import Conversation, Turn
from kb.answer.followups import LIMITS, Meaning, join_questions, read_follow_up
from kb.answer.gates import NO_WORDS, load_gate_words, read_facts, read_reply
from kb.answer.matching import Decision, Match
from kb.answer.parts import all_slots
from kb.answer.segments import LOSING
from kb.answer.stated_dates import find_dates
from kb.domain.answers import StandardAnswer
from kb.domain.ask import SegmentKind

MAX_REPLY = 40
"""Characters of a message that may be nothing but the reply to what was asked back."""
_ORDINALS = {
    "1": 0,
    "一": 0,
    "a": 0,
    "2": 1,
    "二": 1,
    "b": 1,
    "3": 2,
    "三": 2,
    "c": 2,
    "4": 3,
    "四": 3,
    "d": 3,
}

MatchQuestion = Callable[[str], Match]


@dataclass(frozen=True)
class Understood:
    """``question`` is what is matched, composed and shown.

    ``answer`` is the id of the standard answer that the message is about, where that is known, with the
    ``facts`` (gate id -> choice id) chosen so far. ``texts`` may state more facts and dates. ``slots`` are
    the parts asked for, ``about`` a condition whose statements are wanted. ``note`` tells how a follow-up was
    read.
    """

    question: str
    texts: tuple[str, ...]
    answer: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    slots: tuple[SegmentKind, ...] = ()
    about: str = ""
    note: str = ""
    match: Match | None = None
    base: str = ""
    """Question that a later follow-up is read with; empty means ``question``."""


def understand(
    question: str,
    chosen: Chosen,
    conversation: Conversation,
    answers: Mapping[str, StandardAnswer],
    match: MatchQuestion,
    as_of: dt.date,
) -> Understood:
    """The meaning of ``question`` after the turns of ``conversation``; pure but for ``match``."""
    last = conversation.last
    if chosen.answer:
        return _of_choice(question, chosen, conversation)
    if last is None:
        return Understood(question, (question,))
    return (
        _of_reply(question, last, conversation, answers)
        or _of_offer(question, last, answers, match)
        or _of_date(question, last, conversation, answers, as_of)
        or _of_follow_up(question, last, conversation, answers, match)
        or Understood(question, (question,))
    )


def _of_choice(question: str, chosen: Chosen, conversation: Conversation) -> Understood:
    last = conversation.last
    before = last.facts if last is not None and last.answer == chosen.answer else {}
    texts = tuple(text for text in (*conversation.texts_about(chosen.answer), question) if text)
    shown = question or (last.text if last is not None else "")
    return Understood(shown, texts, chosen.answer, {**before, **chosen.facts})


def _of_reply(
    question: str, last: Turn, conversation: Conversation, answers: Mapping[str, StandardAnswer]
) -> Understood | None:
    """A reply to the gate that was asked."""
    answer = answers.get(last.answer)
    if answer is None or not last.gate or len(question) > MAX_REPLY:
        return None
    gate = next((one for one in answer.gates if one.id == last.gate), None)
    if gate is None:
        return None
    choice = read_reply(gate, load_gate_words().get(f"{answer.id}/{gate.id}", NO_WORDS), question)
    if choice is None:
        return None
    label = next(one.label for one in gate.choices if one.id == choice)
    return Understood(
        last.text,
        (*conversation.texts_about(answer.id), question),
        answer.id,
        {**last.facts, gate.id: choice},
        note=f"{last.text}（{label}）",
    )


def _of_offer(
    question: str, last: Turn, answers: Mapping[str, StandardAnswer], match: MatchQuestion
) -> Understood | None:
    """A choice among the answers that were offered: by number, by title, or by what it adds."""
    offered = [answers[id_] for id_ in last.offered if id_ in answers]
    if not offered or len(question) > MAX_REPLY:
        return None
    plain = question.strip(" 。.，,！!").lower().removeprefix("第").removesuffix("个")
    place = _ORDINALS.get(plain)
    if place is not None:
        return _pick(offered[place], last, question) if place < len(offered) else None
    for answer in offered:
        if question.strip(" 。？?！!") in (answer.title, answer.question.strip("？?")):
            return _pick(answer, last, question)
    stated = [(answer, facts) for answer in offered if (facts := read_facts(answer, [question]))]
    if len(stated) == 1:
        answer, facts = stated[0]
        note = f"{last.text}（{answer.title}，{question}）"
        return Understood(last.text, (last.text, question), answer.id, facts, note=note)
    joined = join_questions(last.text, question)
    found = match(joined)
    if found.decision is Decision.GIVE and found.best is not None and found.best.id in last.offered:
        return Understood(joined, (last.text, question), note=joined, match=found)
    return None


def _pick(answer: StandardAnswer, last: Turn, question: str) -> Understood:
    return Understood(last.text, (last.text, question), answer.id, note=f"{last.text}（{answer.title}）")


def _of_date(
    question: str,
    last: Turn,
    conversation: Conversation,
    answers: Mapping[str, StandardAnswer],
    as_of: dt.date,
) -> Understood | None:
    """The day on which a limit of the last answer began."""
    answer = answers.get(last.answer)
    if answer is None or len(question) > MAX_REPLY or not find_dates(question, as_of):
        return None
    limits = [limit for _, slots in all_slots(answer) for limit in slots.time_limits]
    if not any(limit.kind in LOSING for limit in limits):
        return None
    texts = (*conversation.texts_about(answer.id), question)
    note = f"{answer.title}：{question}"
    facts = {**last.facts, **read_facts(answer, [question])}
    return Understood(last.text, texts, answer.id, facts, slots=LIMITS, note=note)


def _of_follow_up(
    question: str,
    last: Turn,
    conversation: Conversation,
    answers: Mapping[str, StandardAnswer],
    match: MatchQuestion,
) -> Understood | None:
    follow = read_follow_up(question)
    if follow.meaning is Meaning.OWN or not last.text:
        return None
    answer = answers.get(last.answer)
    joined = join_questions(last.text, follow.text)
    if answer is None:
        return Understood(joined, (last.text, question), note=joined, base=last.text)
    texts = (*conversation.texts_about(answer.id), question)
    if follow.meaning is Meaning.SLOT:
        return Understood(
            last.text, texts, answer.id, last.facts, slots=follow.slots, note=f"{answer.title}：{question}"
        )
    stated = read_facts(answer, [follow.text])
    if stated:
        return Understood(last.text, texts, answer.id, {**last.facts, **stated}, note=joined)
    alone = match(question)
    if alone.decision is Decision.GIVE:
        return Understood(question, (question,), match=alone)
    both = match(joined)
    if both.decision is Decision.GIVE and both.best is not None and both.best.id != answer.id:
        return Understood(joined, texts, note=joined, match=both)
    return Understood(
        joined, texts, answer.id, last.facts, about=follow.text, note=joined, match=both, base=last.text
    )
