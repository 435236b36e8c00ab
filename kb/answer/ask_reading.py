"""Checking a question before anything is done with it, and reading the choices that come with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kb.domain.ask import MAX_CHOICES_SENT, AskRequest
from kb.domain.search import MAX_QUERY_CHARS, SearchRequest
from kb.errors import BadInputError, NotFoundError
from kb.search.request import read_question
from kb.text.normalise import normalise_query
from kb.text.traditional import simplify

_ANSWER = re.compile(r"answer:(?P<answer>[a-z0-9-]{1,60})")
_GATE = re.compile(
    r"gate:(?P<answer>[a-z0-9-]{1,60}):(?P<gate>[a-z0-9_-]{1,40}):(?P<choice>[a-z0-9_-]{1,40})"
)
_ANY = "任何问题"
REFERENCE = r"(?!1[3-9][0-9]{9}$)[A-Za-z0-9_-]{0,64}"
"""A call number; a mobile number is none, as it would stay on record."""
MAX_LONG_QUESTION = 10_000
"""Characters of a question; what is past ``MAX_QUERY_CHARS`` is read for danger only."""


@dataclass(frozen=True)
class Chosen:
    """The answer that was chosen, and facts (gate id -> choice id) of it; empty when nothing was."""

    answer: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def answer_choice(answer: str) -> str:
    """Id of the choice of an answer."""
    return f"answer:{answer}"


def gate_choice(answer: str, gate: str, choice: str) -> str:
    """Id of a choice at a gate of an answer."""
    return f"gate:{answer}:{gate}:{choice}"


def read_ask(request: AskRequest) -> str:
    """The question normalised and in simplified characters; empty when a choice comes without one.

    Raises BadInputError ``query_empty``, ``query_too_long``, ``as_of_out_of_range``,
    ``choices_too_many``, ``reference_malformed``.
    """
    require_reference(request.reference)
    if len(request.choices) > MAX_CHOICES_SENT:
        raise BadInputError(
            "choices_too_many",
            f"选项太多：{len(request.choices)} 个，最多 {MAX_CHOICES_SENT} 个",
            place="choices",
            way_out="只送回上一次回答里给出的选项",
        )
    if len(request.text) > MAX_LONG_QUESTION:
        raise BadInputError(
            "query_too_long",
            f"问题太长：{len(request.text)} 个字，最多 {MAX_LONG_QUESTION} 个字",
            place="q",
            way_out="请用几句话说明最想知道的事",
        )
    text = request.text[:MAX_QUERY_CHARS]
    if request.choices and not text.strip():
        read_question(SearchRequest(_ANY, as_of=request.as_of))  # the day is checked all the same
        return ""
    question = simplify(normalise_query(text))
    if sum(char.isalnum() for char in question) == 1:  # 是, 2: a reply to what was asked
        read_question(SearchRequest(_ANY, as_of=request.as_of))
        return question
    return read_question(SearchRequest(text, as_of=request.as_of))


def require_reference(reference: str) -> None:
    """Raises BadInputError ``reference_malformed`` for what is no call number; an empty one is none given."""
    if not re.fullmatch(REFERENCE, reference):
        raise BadInputError(
            "reference_malformed",
            "来电编号只能用字母、数字、- 和 _，最多 64 个字符，也不能是手机号",
            place="call",
            way_out="填热线系统里这一通来电的编号；没有就不填",
        )


def read_choices(choices: Sequence[str]) -> Chosen:
    """What was chosen: later choices win; facts of other answers than the last one named are left out.

    Raises NotFoundError ``choice_unknown``.
    """
    answer = ""
    facts: dict[str, dict[str, str]] = {}
    for choice in choices:
        if match := _ANSWER.fullmatch(choice):
            answer = match["answer"]
        elif match := _GATE.fullmatch(choice):
            answer = match["answer"]
            facts.setdefault(answer, {})[match["gate"]] = match["choice"]
        else:
            raise unknown_choice()
    return Chosen(answer, facts.get(answer, {}))


def unknown_choice() -> NotFoundError:
    """The error for a choice that no reply of ours offers."""
    return NotFoundError(
        "choice_unknown",
        "没有这个选项",
        place="choices",
        way_out="请原样送回上一次回答里给出的选项编号；答复可能已经更新，也可以重新提问",
    )
