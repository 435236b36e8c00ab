"""The texts of an answer one by one, each with the name of its field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from kb.domain.answers import Branch, LimitUnit, Slots, StandardAnswer, TimeLimit

UNIT_WORDS = {
    LimitUnit.HOUR: "小时",
    LimitUnit.DAY: "日",
    LimitUnit.WORKING_DAY: "个工作日",
    LimitUnit.MONTH: "个月",
    LimitUnit.YEAR: "年",
}

Placed = tuple[str, str]
"""(name of the field, its text)."""


def limit_words(limit: TimeLimit) -> str:
    """``15日``, ``6个月``."""
    return f"{limit.length}{UNIT_WORDS[limit.unit]}"


def slot_texts(slots: Slots, place: str) -> Iterator[Placed]:
    """Every text of ``slots`` that a person reads; limits and amounts with their words and values."""
    for entry in fields(slots):
        value = getattr(slots, entry.name)
        if entry.name in ("support", "time_limits", "amounts"):
            continue
        if isinstance(value, str):
            if value:
                yield f"{place}.{entry.name}", value
        else:
            for i, text in enumerate(value):
                yield f"{place}.{entry.name}[{i}]", text
    for i, limit in enumerate(slots.time_limits):
        for name in ("start", "what", "interruption"):
            if text := getattr(limit, name):
                yield f"{place}.time_limits[{i}].{name}", text
    for i, amount in enumerate(slots.amounts):
        yield f"{place}.amounts[{i}].what", amount.what


def all_slots(answer: StandardAnswer) -> Iterator[tuple[str, Slots]]:
    """The common slots, then those of the branches, each with the name of its field."""
    yield "slots", answer.slots
    for i, branch in enumerate(answer.branches):
        yield f"branches[{i}].slots", branch.slots


def stated_texts(answer: StandardAnswer) -> Iterator[Placed]:
    """Every text that states something of its own: slots, urgent words, gates, where a caller is sent."""
    for place, slots in all_slots(answer):
        yield from slot_texts(slots, place)
    if answer.urgent:
        yield "urgent", answer.urgent
    for i, gate in enumerate(answer.gates):
        yield f"gates[{i}].ask", gate.ask
        for j, choice in enumerate(gate.choices):
            yield f"gates[{i}].choices[{j}].label", choice.label
    if answer.transfer:
        yield "transfer", answer.transfer


def retold_texts(answer: StandardAnswer) -> Iterator[tuple[str, str, Slots]]:
    """Texts that only retell slots: scripts and 普法, each with the slots that it may draw on."""
    every = join_slots([slots for _, slots in all_slots(answer)])
    yield "script", answer.script, every
    for i, branch in enumerate(answer.branches):
        yield f"branches[{i}].script", branch.script, branch_slots(answer, branch)
    if answer.education:
        yield "education", answer.education, every


def branch_slots(answer: StandardAnswer, branch: Branch) -> Slots:
    """What holds in a branch: its own slots first, then what holds in every case."""
    own, common = branch.slots, answer.slots
    joined = join_slots([own, replace(common, conclusion="")])
    return replace(
        joined,
        conclusion=own.conclusion,
        competent=own.competent or common.competent,
        where=own.where or common.where,
    )


def join_slots(parts: list[Slots]) -> Slots:
    """Lists one after another without repeats; single texts joined by a line break."""
    values: dict[str, object] = {}
    for entry in fields(Slots):
        found = [getattr(one, entry.name) for one in parts]
        if isinstance(found[0], str):
            values[entry.name] = "\n".join(dict.fromkeys(text for text in found if text))
        else:
            values[entry.name] = tuple(dict.fromkeys(item for one in found for item in one))
    return Slots(**values)  # type: ignore[arg-type]


def slot_sources(slots: Slots) -> tuple[str, ...]:
    """Texts in which the numbers of ``slots`` stand: limits and amounts written out, and all statements."""
    texts = [text for _, text in slot_texts(slots, "")]
    texts += [limit_words(limit) for limit in slots.time_limits]
    for amount in slots.amounts:
        texts.append(amount.value)
        if amount.year:
            texts.append(f"{amount.year}年")
    return tuple(texts)
