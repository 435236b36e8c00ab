"""Find the words that a text puts in quotation marks and says that an article holds."""

from __future__ import annotations

import re
from bisect import bisect_left

from kb.text.citations_types import FoundQuote

MAX_QUOTE_CHARS = 8_000
LONG_QUOTE = 15
"""Characters from which quoted words are taken for the text of the article without 规定 and a colon."""

_PAIRS = {"“": "”", "「": "」", "『": "』", "〝": "〞"}
_MARK = re.compile('[“”「」『』〝〞"\n]')
_INTRODUCTION = re.compile(
    r"[）)]?[^。；;！？!?“”「」『』〝〞\"《》\n第]{0,24}?(?P<colon>[:：，,])?\s{0,4}(?=[“「『〝\"])"
)
_AFTER = re.compile(r"\s{0,2}[（(](?:见|参见|详见|摘自|引自|出自|语出|源自|根据|依据)?[:：]?\s{0,2}\Z")


class Quotes:
    """The outermost quotations of a text; one pass, whatever is left open."""

    def __init__(self, text: str) -> None:
        """Read all of ``text``."""
        self._text = text
        self._closed_by: dict[int, int] = {}
        self._opened_by: dict[int, int] = {}
        stack: list[tuple[str, int]] = []
        straight: int | None = None
        for mark in _MARK.finditer(text):
            char, place = mark[0], mark.start()
            if char == "\n":
                straight = None
            elif char == '"':
                if straight is None:
                    straight = place
                else:
                    self._pair(straight, place)
                    straight = None
            elif char in _PAIRS:
                stack.append((_PAIRS[char], place))
            else:
                while stack and stack[-1][0] != char:
                    stack.pop()
                if stack:
                    self._pair(stack.pop()[1], place)
        self._starts = sorted(self._closed_by)

    def _pair(self, start: int, end: int) -> None:
        if 1 < end - start <= MAX_QUOTE_CHARS:
            self._closed_by[start] = end
            self._opened_by[end] = start

    def after(self, end: int) -> FoundQuote | None:
        """The quotation that follows a citation ending at ``end``: 第X条规定：“……”."""
        if not self._starts:
            return None
        match = _INTRODUCTION.match(self._text, end)
        if match is None or (close := self._closed_by.get(match.end())) is None:
            return None
        quote = self._between(match.end(), close)
        return quote if match["colon"] or len(quote.text) >= LONG_QUOTE else None

    def before(self, start: int) -> FoundQuote | None:
        """The quotation that a citation in brackets follows: “……”（《劳动法》第五十条）."""
        bracket = _AFTER.search(self._text, max(start - 8, 0), start)
        if bracket is None or bracket.start() == 0:
            return None
        close = bracket.start() - 1
        opened = self._opened_by.get(close)
        if opened is None:
            return None
        quote = self._between(opened, close)
        return quote if len(quote.text) >= LONG_QUOTE else None

    def around(self, place: int, quotes: list[FoundQuote]) -> int | None:
        """Index of the one of ``quotes`` (in order) that ``place`` lies in."""
        i = bisect_left(quotes, place + 1, key=lambda quote: quote.span[0]) - 1
        return i if i >= 0 and place < quotes[i].span[1] else None

    def _between(self, start: int, end: int) -> FoundQuote:
        return FoundQuote(self._text[start + 1 : end], (start + 1, end))
