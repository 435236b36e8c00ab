"""From when until when each held text of a work is in force: one rule, over what the sources state.

Texts follow one another in the order of their adoption. A text ends on the first of: the start of a text
adopted later, the end that a source states of it, a repeal of the work. Two things are never certain:

- An uncertain start is the day of adoption, before which the text cannot have been in force. The text
  before it is closed on that day, but that closing is marked uncertain: the true change came then or later.
- An uncertain start that is not after the certain start of a text adopted earlier says nothing about when
  the change came. What is certain then stands: the uncertain text gets no interval, and the end of
  the certain one is marked uncertain until a later certain start ends it.

An uncertain stated end (over by the day on which the source stops) counts only while nothing else ends
the text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.domain.works import FAR_FUTURE


@dataclass(frozen=True)
class StatedInterval:
    """What the sources together state of one text; ``end`` is FAR_FUTURE where none states one."""

    version_id: str
    version_date: dt.date
    start: dt.date
    start_certain: bool
    end: dt.date = FAR_FUTURE
    end_certain: bool = True


@dataclass(frozen=True)
class StatedEnd:
    """A repeal of the whole work on ``day``: it ends the texts adopted before ``adopted_before``."""

    day: dt.date
    certain: bool
    adopted_before: dt.date


@dataclass(frozen=True)
class Ending:
    """First day no longer in force, FAR_FUTURE while open."""

    day: dt.date
    certain: bool


def derive_endings(texts: Iterable[StatedInterval], repeals: Sequence[StatedEnd]) -> dict[str, Ending]:
    """The end of each text by version id, never before its start; equal to it where it has no interval."""
    in_order = sorted(texts, key=lambda text: (text.version_date, text.start, text.version_id))
    silent = _silent_texts(in_order)
    endings: dict[str, Ending] = {}
    following: list[StatedInterval] = []
    doubted = False
    for text in reversed(in_order):
        if text.version_id in silent:
            endings[text.version_id] = Ending(text.start, False)
            doubted = True
            continue
        endings[text.version_id] = _end_of(text, following, repeals, doubted)
        following.append(text)
        doubted = False
    return endings


def _silent_texts(in_order: Sequence[StatedInterval]) -> set[str]:
    """Texts of uncertain start that lies at or before the certain start of a text adopted earlier."""
    silent: set[str] = set()
    latest_certain = dt.date.min
    for text in in_order:
        if text.start_certain:
            latest_certain = max(latest_certain, text.start)
        elif text.start <= latest_certain:
            silent.add(text.version_id)
    return silent


def _end_of(
    text: StatedInterval, following: Sequence[StatedInterval], repeals: Sequence[StatedEnd], doubted: bool
) -> Ending:
    ends = [Ending(later.start, later.start_certain) for later in following]
    ends += [
        Ending(repeal.day, repeal.certain)
        for repeal in repeals
        if text.version_date < repeal.adopted_before and (repeal.certain or not following)
    ]
    if text.end < FAR_FUTURE and (text.end_certain or not ends):
        ends.append(Ending(text.end, text.end_certain))
    if not ends:
        return Ending(FAR_FUTURE, not doubted)
    # Of two ends on one day the certain one tells more.
    first = min(ends, key=lambda end: (end.day, not end.certain))
    return Ending(max(first.day, text.start), first.certain and not doubted)
