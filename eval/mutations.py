"""Faults put into answers on purpose, to show that the suites notice each of them.

Every function gives new records (or days of rest) with one fault and leaves what it was given alone. What the
suites hold replies against stays the sound records.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from kb.answer.rest_days import RestDays
from kb.domain.answers import Slots, StandardAnswer

Records = tuple[StandardAnswer, ...]


def swap_answers(records: Sequence[StandardAnswer], first: str, second: str) -> Records:
    """The ways of asking of two answers are exchanged: each question gets the other's answer."""
    by_id = {one.id: one for one in records}
    other = {first: by_id[second], second: by_id[first]}
    return tuple(
        replace(
            one,
            question=other[one.id].question,
            title=other[one.id].title,
            variants=other[one.id].variants,
        )
        if one.id in other
        else one
        for one in records
    )


def drop_basis(records: Sequence[StandardAnswer], answer: str, key: str) -> Records:
    """A basis is gone, and with it every mention in what rests on others too."""

    def without(slots: Slots) -> Slots:
        return replace(slots, support=tuple(one for one in slots.support if one != key))

    return _change(
        records,
        answer,
        lambda one: replace(
            one,
            basis=tuple(basis for basis in one.basis if basis.key != key),
            slots=without(one.slots),
            branches=tuple(replace(branch, slots=without(branch.slots)) for branch in one.branches),
        ),
    )


def lengthen_limit(records: Sequence[StandardAnswer], answer: str) -> Records:
    """The first time limit is one unit longer."""

    def longer(one: StandardAnswer) -> StandardAnswer:
        first, *rest = one.slots.time_limits
        limits = (replace(first, length=first.length + 1), *rest)
        return replace(one, slots=replace(one.slots, time_limits=limits))

    return _change(records, answer, longer)


def lose_gate(records: Sequence[StandardAnswer], answer: str) -> Records:
    """The fact is no longer asked: the answer is what holds in every case."""
    return _change(records, answer, lambda one: replace(one, gates=(), branches=()))


def drop_variants(records: Sequence[StandardAnswer], answer: str) -> Records:
    """All ways of asking but the title are gone."""
    return _change(records, answer, lambda one: replace(one, question=one.title, variants=()))


def break_script(records: Sequence[StandardAnswer], answer: str, sentence: str) -> Records:
    """The hotline's script says a ``sentence`` that nothing else says."""
    return _change(records, answer, lambda one: replace(one, script=one.script + sentence))


def shift_holidays(rest_days: RestDays, days: int = 1) -> RestDays:
    """Every holiday is ``days`` later."""
    off = {day + dt.timedelta(days=days): name for day, name in rest_days.off.items()}
    return replace(rest_days, off=off)


def _change(
    records: Sequence[StandardAnswer], answer: str, change: Callable[[StandardAnswer], StandardAnswer]
) -> Records:
    if all(one.id != answer for one in records):
        raise KeyError(answer)
    return tuple(change(one) if one.id == answer else one for one in records)
