"""Find titles in 《》 (also typed <<>>), with 〈〉 or 《》 nested inside them."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_TITLE_CHARS = 150
"""Longer stretches between 《 and 》 are text with a forgotten bracket, not a title."""

_BRACKET = re.compile("[《》]|<<|>>")
_SENTENCE_MARKS = ("。", "；", "？", "！")


@dataclass(frozen=True)
class QuotedTitle:
    """``text[start:end]`` with its brackets; ``title`` without them and without line breaks."""

    start: int
    end: int
    title: str


def find_quoted_titles(text: str) -> list[QuotedTitle]:
    """Outermost quoted titles in order of place, in one pass.

    A bracket that is never closed is skipped, and one that would take in a sentence end or more
    than 150 characters too: then the titles inside it count.
    """
    opened: list[tuple[int, int]] = []
    titles: list[QuotedTitle] = []
    for bracket in _BRACKET.finditer(text):
        place = bracket.start()
        if bracket[0] in ("《", "<<"):
            opened.append((place, len(titles)))
            continue
        if not opened:
            continue
        start, inner = opened.pop()
        width = len(bracket[0])
        content = text[start + width : place] if place - start <= MAX_TITLE_CHARS else ""
        if content.strip() and not any(mark in content for mark in _SENTENCE_MARKS):
            del titles[inner:]
            titles.append(QuotedTitle(start, place + width, "".join(content.split("\n")).strip()))
    return titles
