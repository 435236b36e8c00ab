"""Headings of a statute's divisions (编, 分编, 章, 节; 一、 in interpretations), by text and level."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.lines import Line
from kb.text.numerals import NUMERAL_CLASS, parse_number

MAX_HEADING = 60
"""Longer lines are no headings, whatever they begin with."""

_BLANKS = re.compile(r"\s++")
_DIVISION = re.compile(rf"[第笫] ?([{NUMERAL_CLASS} ]{{1,12}}?) ?(分编|编|章|节)(.{{0,{MAX_HEADING}}})")
_LISTED = re.compile(rf"([{NUMERAL_CLASS}]{{1,6}}+)、(.{{1,{MAX_HEADING}}})")
_BARE = re.compile(r"(?:总则|分则|附则|序言|前言)")
_PREAMBLE = ("序言", "前言")
_PAGE = re.compile(r"[ .…·．\-—]{0,60}+[0-9]{1,4}$|[.…·．]{2,60}+$")
_SENTENCE = re.compile(r"[。；：:，？！“”]")
_SENTENCE_BEHIND_BLANK = re.compile(r"[。；：:？！“”]")
_SPOKEN_OF = re.compile(r"(?:[和至到及、]|的|中|规定|所|相应|改为)")

DEPTHS = {"编": 1, "分编": 2, "章": 3, "节": 4, "listed": 5}
CLOSING_DEPTH = 1
"""附则 without a number ends every division before it."""
_LEVEL_DEPTH = 5


@dataclass(frozen=True)
class Heading:
    """One heading. ``depth`` from 1 (编) inwards; ``kind`` is 编, 分编, 章, 节, listed (一、), bare (附则) or
    level (only the format marks it); ``number`` is 0 where it bears none; ``text`` with one blank after the
    number and none elsewhere."""

    depth: int
    kind: str
    number: int
    text: str

    @property
    def opens_preamble(self) -> bool:
        """Whether what follows is a preamble."""
        return self.kind == "bare" and self.text in _PREAMBLE

    @property
    def is_nameless(self) -> bool:
        """Whether the name is still to come in the next line."""
        return self.kind in DEPTHS and self.kind != "listed" and " " not in self.text


def read_heading(line: Line) -> Heading | None:
    """The heading that ``line`` is by its text or its level, else None.

    A line without level is no heading when it reads as a sentence, or as a reference (第三章和第四章 …).
    """
    text = line.text
    if not text or len(text) > MAX_HEADING + 16:
        return None
    closed = _BLANKS.sub("", text)
    if match := _DIVISION.fullmatch(text):
        number = parse_number(_BLANKS.sub("", match[1]))
        name = _PAGE.sub("", match[3]).strip() if not line.level else match[3]
        name = _BLANKS.sub("", name).rstrip("。")
        if number is not None and (line.level or _is_name(match[3], _BLANKS.sub("", match[3]))):
            kind = match[2]
            return Heading(DEPTHS[kind], kind, number, f"第{match[1].replace(' ', '')}{kind} {name}".strip())
    if _BARE.fullmatch(closed):
        return Heading(CLOSING_DEPTH, "bare", 0, closed)
    if not line.level:
        return None
    if match := _LISTED.fullmatch(closed):
        return Heading(DEPTHS["listed"], "listed", parse_number(match[1]) or 0, closed)
    return Heading(_LEVEL_DEPTH + line.level, "level", 0, text)


def read_listed_heading(line: Line) -> Heading | None:
    """一、受案范围 without a level: a heading only where an article follows, which the caller sees to."""
    closed = _BLANKS.sub("", _PAGE.sub("", line.text))
    match = _LISTED.fullmatch(closed)
    if match is None or _SENTENCE.search(closed) or len(closed) > MAX_HEADING:
        return None
    return Heading(DEPTHS["listed"], "listed", parse_number(match[1]) or 0, closed)


def deepen(path: tuple[Heading, ...], heading: Heading) -> tuple[Heading, ...]:
    """``path`` after ``heading``: it ends every division of its own depth or deeper."""
    kept = path
    while kept and kept[-1].depth >= heading.depth:
        kept = kept[:-1]
    return (*kept, heading)


def _is_name(after: str, name: str) -> bool:
    if after.startswith(" "):
        return not _SENTENCE_BEHIND_BLANK.search(name) and not name.endswith("，")
    return not _SENTENCE.search(name) and len(name) <= 45 and not _SPOKEN_OF.match(name)
