"""How an answer's own words read: scripts that are spoken, wordings that are the same, copied text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kb.answer.verify_quotes import squeeze
from kb.text.catalogue import title_key
from kb.text.citations_articles import read_elements
from kb.text.normalise import HAN_CLASS, normalise
from kb.text.numerals import NUMERAL_CLASS
from kb.text.traditional import simplify

MAX_SENTENCE = 80
"""Characters between two stops of a script; more cannot be spoken in one breath."""
COPIED_RUN = 40
"""Characters in a row that stand in a provision: copied, not told."""

_SPOKEN_MARKS = "，。、；：？！“”‘’《》"
_UNSPOKEN = re.compile(rf"[^{HAN_CLASS}A-Za-z0-9{_SPOKEN_MARKS}.]|(?<![0-9])\.|\.(?![0-9])")
_STOPS = re.compile(r"[。？！；]")
_KEPT = re.compile(rf"[^{HAN_CLASS}a-z0-9]+")
_QUOTED = re.compile(r"“[^“”]{0,400}+”")
_ARTICLE = re.compile(rf"第[{NUMERAL_CLASS}]{{1,12}}+条")
_LAW_NAME = re.compile(
    r"《([^《》]{2,60}(?:法|法典|条例|规定|决定|解释|办法|规则|细则|批复|意见|通知|[（(][^（）()]{1,10}[）)]))》"
)


def unspoken_marks(script: str) -> tuple[str, ...]:
    """Characters that cannot be read aloud: brackets, slashes, percent signs, line breaks …; each once."""
    return tuple(dict.fromkeys(match[0] for match in _UNSPOKEN.finditer(script)))


def longest_sentence(script: str) -> str:
    """The longest piece between two stops."""
    return max(_STOPS.split(script), key=len)


def wording_key(text: str) -> str:
    """Equal for two wordings that differ in marks, blanks, letter case or script only."""
    return _KEPT.sub("", simplify(normalise(text).text).lower())


def copied_run(text: str, provisions: Iterable[str]) -> str:
    """The first run of COPIED_RUN characters of ``text`` outside quotation marks that a provision has.

    Marks and line breaks do not count: changed commas make no words of one's own.
    """
    if len(text) < COPIED_RUN:
        return ""
    plain = "□".join(squeeze(piece) for piece in _QUOTED.split(text))
    pieces = [plain[start : start + COPIED_RUN] for start in range(len(plain) - COPIED_RUN + 1)]
    if not pieces:
        return ""
    whole = "□".join(squeeze(provision) for provision in provisions)
    return next((piece for piece in pieces if piece in whole), "")


def named_articles(text: str) -> tuple[tuple[int, int], ...]:
    """Numbers of the articles that ``text`` names, each once."""
    found: dict[tuple[int, int], None] = {}
    for match in _ARTICLE.finditer(text):
        elements, _ = read_elements(text, match.start())
        found.update((element.number, None) for element in elements)
    return tuple(found)


def short_title(title: str) -> str:
    """The title in one spelling without 中华人民共和国."""
    key = title_key(title)
    return key.removeprefix("中华人民共和国") or key


def named_laws(text: str) -> tuple[str, ...]:
    """Titles in 《》 that read like those of a law or document, each once."""
    return tuple(dict.fromkeys(_LAW_NAME.findall(text)))
