"""Find articles and parts named from where the reader stands: 本条第二款, 前条, 前两款, 该条."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.text.citations_articles import read_units
from kb.text.citations_types import CitedUnit, Place, PlaceBase, PlaceLevel
from kb.text.numerals import parse_number

MAX_COUNT = 20

_MODELS = "手机|机型|车型|耳机|电脑|平板|相机|游戏|皮肤|口红|鞋|裙|裤"
"""前款手机, 该款车型: what comes in models."""

# The character behind and the one before keep 本条例, 前条件, 目前款项, 不同条款 out.
_PLACE = re.compile(
    r"(?:(?P<here>(?<![基根样版文原资成日])本)"
    r"|(?P<before>(?<![目之提先生婚此日月年当从向眼跟])前|(?<![以之向])上(?:述)?)(?P<count>[一二两三四五六七八九十]{1,2}|[0-9]{1,2})?"
    r"|(?P<after>(?<![以之如])下)(?P<after_one>一)?"
    r"|(?P<cited>(?<!应)该|(?<![合不相共])同))"
    rf"(?P<level>条(?![例款件约目理文令纹线码框])|款(?![项式物额待没退]|共计|已[付退]|{_MODELS})|项(?![目链圈]))"
)
_LEVELS = {"条": PlaceLevel.ARTICLE, "款": PlaceLevel.PARAGRAPH, "项": PlaceLevel.ITEM}


@dataclass(frozen=True)
class FoundPlace:
    """``text[start:end]`` with the parts that are named after it."""

    start: int
    end: int
    place: Place
    units: tuple[CitedUnit, ...]


def find_places(text: str) -> list[FoundPlace]:
    """Every place in order; a count above 20 (前五十条) is none."""
    found = []
    for match in _PLACE.finditer(text):
        place = _read_place(match)
        if place is None:
            continue
        units, end = read_units(text, match.end())
        found.append(FoundPlace(match.start(), end, place, units))
    return found


def _read_place(match: re.Match[str]) -> Place | None:
    level = _LEVELS[match["level"]]
    if match["here"]:
        return Place(PlaceBase.HERE, level)
    if match["cited"]:
        return Place(PlaceBase.CITED, level)
    if match["after"]:
        return Place(PlaceBase.AFTER, level)
    count = parse_number(match["count"]) if match["count"] else 1
    if not count or count > MAX_COUNT:
        return None
    return Place(PlaceBase.BEFORE, level, count)
