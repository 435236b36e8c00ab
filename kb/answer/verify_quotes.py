"""Compare quoted words with a text of law: characters and numbers count, marks and blanks do not."""

from __future__ import annotations

import re

from kb.text.normalise import HAN_CLASS, normalise
from kb.text.traditional import simplify

MIN_PIECE = 2
_ELLIPSIS = re.compile(r"…+|\.{3,}|⋯+|[（(](?:略|节选|省略)[）)]|\*{3,}")
_MARKS = re.compile(rf"[^{HAN_CLASS}A-Za-z0-9%]+")
_LABEL = re.compile(r"\s{0,4}第[0-9零〇一二三四五六七八九十百千]{1,12}条(?:之[一二三四五六七八九十]{1,3})?")


def squeeze(text: str) -> str:
    """``text`` in one spelling without marks and blanks."""
    return _MARKS.sub("", simplify(normalise(text).text))


def split_quote(quote: str) -> list[str]:
    """The pieces of a quotation between ellipses, squeezed; without the label 第X条 at its head."""
    label = _LABEL.match(quote)
    pieces = [squeeze(piece) for piece in _ELLIPSIS.split(quote[label.end() :] if label else quote)]
    return [piece for piece in pieces if len(piece) >= MIN_PIECE]


def holds_quote(text: str, quote: str) -> bool:
    """True when every piece of ``quote`` stands in ``text``, in order; an empty quotation stands anywhere."""
    return holds_pieces(squeeze(text), split_quote(quote))


def holds_pieces(squeezed: str, pieces: list[str]) -> bool:
    """As ``holds_quote`` for a text and a quotation that are already prepared."""
    position = 0
    for piece in pieces:
        position = squeezed.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return True
