"""The foot of a notice and what it issues: signature with 成文日期, title of the document behind it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.lines import Line
from ingest.parsers.normative_days import find_days
from ingest.parsers.normative_fields import split_bodies
from ingest.parsers.normative_head import read_title, tidy_title

_ISSUES = re.compile(
    r"(?:印发|发布|公布|转发|批转|颁布|下发)(?P<what>.{2,180}?)(?:等(?:[0-9一二三四五六七八九十两]{1,3}[个项件部]?[^的]{0,8})?)?的(?:通知|公告|通告|函|决定|令)"
)
_QUOTED = re.compile(r"《([^《》]{2,120})》")


@dataclass(frozen=True)
class Signature:
    """Bodies and day under a text; ``start`` and ``end`` bound its lines."""

    bodies: tuple[str, ...]
    day: dt.date | None
    start: int
    end: int


def name_issued(title: str) -> tuple[str, ...]:
    """Titles that a notice says it issues: 关于印发《A》《B》的通知; without 《》 the words themselves."""
    match = _ISSUES.search(title)
    if match is None:
        return ()
    quoted = tuple(tidy_title(name) for name in _QUOTED.findall(match["what"]))
    if quoted:
        return quoted
    return (tidy_title(match["what"].strip("《》")),)


def find_issued(title: str, body: Sequence[Line]) -> list[tuple[str, int, int]]:
    """Issued documents as (title, index of the first title line, number of title lines)."""
    named = name_issued(title)
    signature = find_signature(body, first=True)
    low = signature.end if signature else 1
    found: list[tuple[str, int, int]] = []
    wanted = {_key(name): name for name in named}
    for index in range(low, len(body)):
        text = ""
        for used, line in enumerate(body[index : index + 4], start=1):
            text += _key(line.text)
            if text in wanted and index + used < len(body):
                found.append((wanted.pop(text), index, used))
                break
            if not text or not any(key.startswith(text) for key in wanted):
                break
        if not wanted:
            break
    if named and not found and signature:
        found = _find_by_shape(named, body, signature.end)
    return found


def _find_by_shape(named: tuple[str, ...], body: Sequence[Line], low: int) -> list[tuple[str, int, int]]:
    """The first line behind the signature that has the shape of a title: a notice may shorten the name."""
    for index in range(low, min(low + 6, len(body) - 1)):
        title, used = read_title(body, index, "")
        if title and len(named) == 1:
            return [(title, index, used)]
    return []


def _key(text: str) -> str:
    return re.sub(r"[\s（()）《》〈〉“”]", "", text)


def find_signature(lines: Sequence[Line], first: bool = False) -> Signature | None:
    """Bodies and the day under them; the first such place or the last."""
    places = range(len(lines)) if first else range(len(lines) - 1, -1, -1)
    for index in places:
        line = lines[index]
        if line.cells or len(line.text) > 60:
            continue
        days = find_days(line.text)
        if len(days) != 1 or line.text[days[0].end :].strip():
            continue
        before = line.raw[: max(line.raw.find(line.text[days[0].start]), 0)] if days[0].start else ""
        bodies = list(split_bodies(before)) if before.strip() else []
        if before.strip() and not bodies:
            continue
        start = index
        while start > 0 and index - start < 12 and not lines[start - 1].cells:
            above = split_bodies(lines[start - 1].raw)
            if not above:
                break
            bodies = [*above, *bodies]
            start -= 1
        if bodies or (not first and index >= len(lines) - 3):
            return Signature(tuple(dict.fromkeys(bodies)), days[0].day, start, index + 1)
    return None
