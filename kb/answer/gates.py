"""Facts on which an answer turns: which of them the person has stated, and which must be asked.

Nothing is inferred: a choice counts as stated when its own words, or a way of saying it that ships in
``corpora/gates``, stand in the text and nothing just before takes them back; a number counts when the gate
asks for an age or a span. Two choices stated mean that the gate is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Any

from kb.answer.numbers import Measure, find_quantities
from kb.domain.answers import Branch, Choice, Gate, StandardAnswer
from kb.errors import SourceError
from kb.text.strict_yaml import parse_strict_yaml

PLACE = "corpora/gates/stated_facts.yaml"
MIN_PHRASE = 2
_TAKES_BACK = re.compile(
    r"(?:没有?|未|不是?|别|无|想|要|准备|打算|希望|怎么才能|能不能|会不会|是不是|是否|还没|尚未|算不算|才能)"
    r"(?:[我你他她被给把再去也都就过]|已经)?\Z"
)
_SPLIT = re.compile(r"[，、,；;。（）()]|或者|比如|以及")
_DAYS = {Measure.DAY: 1, Measure.WEEK: 7, Measure.MONTH: 30, Measure.YEAR: 365}
_BEFORE = 6
_NEAR = 8
"""Characters between a word such as 干了 and the number that it counts."""
_CHILD = re.compile(r"(?:孩子|小孩|娃|儿子|女儿|闺女|未成年|外甥|侄|孙|弟弟|妹妹|学生|岁)")


@dataclass(frozen=True)
class Span:
    """Numbers of ``first`` and more, and of less than ``end``; None is unbounded."""

    first: int | None
    end: int | None

    def holds(self, value: Fraction) -> bool:
        """Whether the number lies inside."""
        return (self.first is None or value >= self.first) and (self.end is None or value < self.end)


@dataclass(frozen=True)
class GateWords:
    """How people state the choices of one gate; ``after`` are words before a number that counts days."""

    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ages: Mapping[str, Span] = field(default_factory=dict)
    spans: Mapping[str, Span] = field(default_factory=dict)
    after: tuple[str, ...] = ()


NO_WORDS = GateWords()


@dataclass(frozen=True)
class Opened:
    """The state of an answer's gates: ``facts`` (gate id -> choice id) are known.

    ``branch`` is set when they decide; else ``ask`` is the gate to ask next. Both are None for an answer
    without gates.
    """

    facts: Mapping[str, str]
    branch: Branch | None = None
    ask: Gate | None = None


def open_gates(answer: StandardAnswer, known: Mapping[str, str]) -> Opened:
    """The branch that ``known`` facts lead to, or the next gate on which the branches that remain differ."""
    if not answer.gates:
        return Opened({})
    facts = {
        gate.id: known[gate.id]
        for gate in answer.gates
        if known.get(gate.id) in {choice.id for choice in gate.choices}
    }
    left = [branch for branch in answer.branches if _agrees(branch, facts)]
    if len(left) == 1:
        return Opened(facts, branch=left[0])
    for gate in answer.gates:
        if gate.id not in facts and any(gate.id in branch.when for branch in left):
            return Opened(facts, ask=gate)
    # Only answers whose branches overlap come here; the check of answers refuses those.
    return Opened(facts, branch=left[0] if left else None, ask=None if left else answer.gates[0])


def read_facts(answer: StandardAnswer, texts: Sequence[str]) -> dict[str, str]:
    """Facts (gate id -> choice id) that ``texts`` state; what a later text states replaces an earlier one."""
    facts: dict[str, str] = {}
    for text in texts:
        for gate in answer.gates:
            stated = read_choice(gate, load_gate_words().get(f"{answer.id}/{gate.id}", NO_WORDS), text)
            if stated is not None:
                facts[gate.id] = stated
    return facts


def read_choice(gate: Gate, words: GateWords, text: str) -> str | None:
    """Id of the one choice that ``text`` states; None when it states none or several."""
    by_number = _read_number(words, text)
    if by_number is not None:
        return by_number
    hits = {
        choice.id: spans
        for choice in gate.choices
        if (spans := _spans_of((*words.said.get(choice.id, ()), *_label_phrases(choice)), text))
    }
    # 没领养老金 holds 领养老金: what lies inside a longer hit of another choice is no hit.
    stated = [
        id_ for id_, spans in hits.items() if any(not _inside_another(span, id_, hits) for span in spans)
    ]
    return stated[0] if len(stated) == 1 else None


def read_reply(gate: Gate, words: GateWords, text: str) -> str | None:
    """The choice that a reply to the gate's question names: its number, its label, or by what it says."""
    plain = text.strip(" 。.，,！!")
    ordinal = re.fullmatch(r"(?:第|选)?([1-4一二三四ABCDabcd])(?:个|项|种|条)?", plain)
    if ordinal:
        place = "1234".find(ordinal[1])
        place = place if place >= 0 else "一二三四".find(ordinal[1])
        place = place if place >= 0 else "abcd".find(ordinal[1].lower())
        return gate.choices[place].id if place < len(gate.choices) else None
    for choice in gate.choices:
        if plain == choice.label:
            return choice.id
    return read_choice(gate, words, text) or _read_yes_no(gate, plain)


@lru_cache(maxsize=1)
def load_gate_words() -> Mapping[str, GateWords]:
    """The shipped ways of saying, by ``answer/gate``. Raises SourceError ``gate_words_invalid``."""
    content = files("corpora").joinpath("gates", "stated_facts.yaml").read_bytes()
    loaded = parse_strict_yaml(content, PLACE)
    try:
        return {str(key): _parse_words(value) for key, value in loaded.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise SourceError(
            "gate_words_invalid",
            f"门槛问题的说法读不懂：{error}",
            place=PLACE,
            way_out="照文件开头的说明改正",
        ) from error


def _parse_words(value: Mapping[str, Any]) -> GateWords:
    said = {str(id_): tuple(map(str, ways)) for id_, ways in value.items() if id_ not in ("ages", "spans")}
    spans = dict(value.get("spans", {}))
    after = tuple(map(str, spans.pop("after", ())))
    return GateWords(said, _parse_spans(value.get("ages", {})), _parse_spans(spans), after)


def _parse_spans(value: Mapping[str, Mapping[str, int]]) -> dict[str, Span]:
    return {str(id_): Span(one.get("from"), one.get("below")) for id_, one in value.items()}


def _agrees(branch: Branch, facts: Mapping[str, str]) -> bool:
    return all(facts.get(gate, choice) == choice for gate, choice in branch.when.items())


def _label_phrases(choice: Choice) -> tuple[str, ...]:
    """The parts of a label that state the choice when they stand in a text as they are."""
    parts = (part.strip() for part in _SPLIT.split(choice.label))
    return tuple(part for part in parts if len(part) >= 3)


def _spans_of(phrases: Sequence[str], text: str) -> list[tuple[int, int]]:
    found = []
    for phrase in phrases:
        start = text.find(phrase) if len(phrase) >= MIN_PHRASE else -1
        while start >= 0:
            if not _TAKES_BACK.search(text[max(0, start - _BEFORE) : start]):
                found.append((start, start + len(phrase)))
            start = text.find(phrase, start + 1)
    return found


def _inside_another(span: tuple[int, int], own: str, hits: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    return any(
        other[0] <= span[0] and span[1] <= other[1] and other != span
        for id_, spans in hits.items()
        if id_ != own
        for other in spans
    )


def _read_number(words: GateWords, text: str) -> str | None:
    if words.ages:
        if not _CHILD.search(text):
            return None
        ages = {one.value for one in find_quantities(text) if one.measure is Measure.AGE}
        if len(ages) == 1 and (age := ages.pop()) is not None:
            return _one_holding(words.ages, age)
    if words.spans:
        counted = set()
        for one in find_quantities(text):
            head = text[max(0, one.span[0] - _NEAR) : one.span[0]]
            if one.measure in _DAYS and one.value is not None and any(word in head for word in words.after):
                counted.add(one.value * _DAYS[one.measure])
        if len(counted) == 1:
            return _one_holding(words.spans, counted.pop())
    return None


def _one_holding(spans: Mapping[str, Span], value: Fraction) -> str | None:
    holding = [id_ for id_, span in spans.items() if span.holds(value)]
    return holding[0] if len(holding) == 1 else None


_YES = re.compile(r"(?:是的?|对的?|嗯+|有的?|有过|是啊|对啊|没错)")
_NO = re.compile(r"(?:不是的?|没有的?|没|不|不对|否|还没有?)")
_NEGATED = re.compile(r"^(?:没|不|未|还没|都没)")


def _read_yes_no(gate: Gate, reply: str) -> str | None:
    """A bare yes or no, for a gate of two choices of which exactly one is worded as a no."""
    negated = [choice.id for choice in gate.choices if _NEGATED.match(choice.label)]
    if (
        len(gate.choices) != 2
        or len(negated) != 1
        or not re.search(r"吗|没有|有没有|是不是|不$|没$", gate.ask)
    ):
        return None
    if _NO.fullmatch(reply):
        return negated[0]
    if _YES.fullmatch(reply):
        return next(choice.id for choice in gate.choices if choice.id != negated[0])
    return None
