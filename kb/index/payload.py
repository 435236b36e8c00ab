"""How a point's payload is stored and filtered: days as integers, keys as plain strings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from sys import intern
from typing import Any, NamedTuple

from kb.index.protocol import IndexFilter, PointPayload

KEYWORD_FIELDS = ("kind", "region", "topic", "work_id")
"""Fields that a filter matches by equality; each gets a keyword index."""

DAY_FIELDS = ("effective_from", "effective_to")
"""Fields that a filter compares as ``yyyymmdd``; each gets a range index."""

RESULT_FIELDS = ("provision_id", "version_id", "work_id")
"""What a hit carries."""


class PointKeys(NamedTuple):
    """A payload as stored; the two days are integers ``yyyymmdd``."""

    provision_id: str
    version_id: str
    work_id: str
    kind: str
    region: str
    topic: str
    effective_from: int
    effective_to: int


def day_number(day: dt.date) -> int:
    """``date(2021, 1, 1)`` -> ``20210101``: orders like the calendar and needs no parsing."""
    return day.year * 10_000 + day.month * 100 + day.day


def pack_payload(payload: PointPayload) -> PointKeys:
    """The stored form of a payload; strings that repeat over many points are shared."""
    return PointKeys(
        provision_id=payload.provision_id,
        version_id=intern(payload.version_id),
        work_id=intern(payload.work_id),
        kind=intern(payload.kind),
        region=intern(payload.region),
        topic=intern(payload.topic),
        effective_from=day_number(payload.effective_from),
        effective_to=day_number(payload.effective_to),
    )


def unpack_keys(stored: Mapping[str, Any]) -> PointKeys:
    """A stored payload read back. Raises KeyError or ValueError when it is not one of ours."""
    return PointKeys(
        provision_id=str(stored["provision_id"]),
        version_id=intern(str(stored["version_id"])),
        work_id=intern(str(stored["work_id"])),
        kind=intern(str(stored["kind"])),
        region=intern(str(stored["region"])),
        topic=intern(str(stored["topic"])),
        effective_from=int(stored["effective_from"]),
        effective_to=int(stored["effective_to"]),
    )


def keyword_conditions(condition: IndexFilter) -> list[tuple[str, tuple[str, ...]]]:
    """``(field, accepted values)`` for each keyword field that the filter binds."""
    bound = zip(
        KEYWORD_FIELDS,
        (condition.kinds, condition.regions, condition.topics, condition.work_ids),
        strict=True,
    )
    return [(field, values) for field, values in bound if values]


def compile_condition(condition: IndexFilter) -> Callable[[PointKeys], bool] | None:
    """The filter as a test on stored keys, or None when it lets every point through."""
    keywords = [(field, frozenset(values)) for field, values in keyword_conditions(condition)]
    if condition.as_of is None:
        if not keywords:
            return None
        return lambda keys: all(getattr(keys, field) in accepted for field, accepted in keywords)
    day = day_number(condition.as_of)

    def holds(keys: PointKeys) -> bool:
        if not keys.effective_from <= day < keys.effective_to:
            return False
        return all(getattr(keys, field) in accepted for field, accepted in keywords)

    return holds
