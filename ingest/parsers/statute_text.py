"""Cleaning one article's text: headings and annexes that stick to its end, leftovers of conversion."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMERAL = "[一二三四五六七八九十百]{1,6}"
_BOOK = re.compile(rf"第{_NUMERAL}编(?: (.{{1,40}}))")
_SUBBOOK = re.compile(rf"第{_NUMERAL}分编(?: (.{{1,40}}))")
_CLOSING_PART = re.compile(r"附 ?则")
_ANNEX = re.compile(r"(附[件表]?[一二三四五六七八九十]{0,2})([：:]?)(.{0,60})")
_ANNEX_TITLE = re.compile(r"[\u4e00-\u9fff、]{2,30}")
_TAX_TABLE = re.compile(r"个人所得税税率表[一二三四五].{0,40}")
_IMAGE = re.compile(r"!([^{}\n]{0,40})\{width=\"[0-9.]{1,24}in\"\nheight=\"[0-9.]{1,24}in\"\}")
_TABLE_RULE = re.compile(r"[-+| ]*(?:--|\|)[-+| ]*")
_ESCAPED_BRACKETS = str.maketrans({"<": "〈", ">": "〉"})
_CJK = "\u4e00-\u9fff"
_MARKS = "，。；：、（）《》”“"
_STRAY_BLANK = re.compile(rf"(?<=[{_CJK}{_MARKS}])[ \u2009\u3000]+(?=[{_CJK}{_MARKS}])")
_STRAY_BLANK_AT_DIGIT = re.compile(rf"(?<=[{_CJK}{_MARKS}]) (?=\d)|(?<=\d) (?=[{_CJK}{_MARKS}])")
_SENTENCE_ENDS = '。；：！？”"'
_NEW_LINE = re.compile(rf"（{_NUMERAL}）|第{_NUMERAL}[编章节条]|[一二三四五六七八九十]{{1,3}}、|附")


@dataclass(frozen=True)
class Headings:
    """Headings of the outer divisions that begin after an article; empty where nothing begins."""

    book: str = ""
    subbook: str = ""
    closing: bool = False


@dataclass(frozen=True)
class Annex:
    """An annex behind the last article: its label (附件一, 附) and its text."""

    label: str
    text: str


def take_trailing_headings(text: str) -> tuple[str, Headings]:
    """Split 编, 分编 and 附则 headings off the end of an article, where the source left them."""
    lines = text.split("\n")
    book = subbook = ""
    closing = False
    while len(lines) > 1:
        line = lines[-1].strip()
        if _BOOK.fullmatch(line) and not book:
            book = tidy_heading(line)
        elif _SUBBOOK.fullmatch(line) and not (subbook or book):
            subbook = tidy_heading(line)
        elif _CLOSING_PART.fullmatch(line) and not (closing or book or subbook):
            closing = True
        else:
            break
        lines.pop()
    return "\n".join(lines), Headings(book, subbook, closing)


def tidy_heading(heading: str) -> str:
    """``第二编 物 权`` -> ``第二编 物权``: one blank after the number, none elsewhere."""
    number, _, name = heading.strip().partition(" ")
    return f"{number} {''.join(name.split())}".strip()


def take_annexes(text: str) -> tuple[str, tuple[Annex, ...]]:
    """Split annexes off the last article of a text.

    An annex begins at a line that is only 附件一, 附表一：, 附： and the like (or 附：title), or at the rate
    tables of 个人所得税法, which carry no such mark.
    """
    lines = text.split("\n")
    starts = [index for index, line in enumerate(lines) if index and read_annex_label(line)]
    if not starts:
        return text, ()
    if all(_TAX_TABLE.fullmatch(lines[index]) for index in starts):
        starts = starts[:1]
    annexes = [
        Annex(name_annex(lines, start), "\n".join(lines[start:end]))
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    return "\n".join(lines[: starts[0]]), tuple(annexes)


def name_annex(lines: list[str], start: int) -> str:
    """The label, with the annex's own title where one stands beside or below it."""
    label = read_annex_label(lines[start])
    beside = lines[start].removeprefix(label).lstrip("：:")
    title = beside or (lines[start + 1] if start + 1 < len(lines) else "")
    title = title.partition("（")[0].strip()
    return f"{label} {title}" if title and _ANNEX_TITLE.fullmatch(title) else label


def read_annex_label(line: str) -> str:
    """附件一, 附表, 附 where ``line`` opens an annex, else empty."""
    if _TAX_TABLE.fullmatch(line):
        return "附表"
    match = _ANNEX.fullmatch(line)
    if match is None or (match[3] and not match[2]):
        return ""
    return match[1]


def drop_conversion_marks(text: str) -> str:
    """Clean leftovers of conversion: images become （图略）; table rules and escapes go."""
    text = _IMAGE.sub("（图略）", text)
    if "\\" in text:
        text = re.sub(r"\\([<>])", lambda match: match[1].translate(_ESCAPED_BRACKETS), text)
        text = re.sub(r"\\(?=\n|$)", "", text)
    if "--" in text or "|" in text:
        text = "\n".join(line for line in text.split("\n") if not _TABLE_RULE.fullmatch(line))
    return text


def mend_broken_lines(text: str) -> str:
    """Join lines that were cut in mid-sentence and drop blanks beside Chinese characters.

    Headings of divisions at the end stay lines of their own.
    """
    joined: list[str] = []
    for line in text.split("\n"):
        if _is_heading(line):
            joined.append(line)
        elif joined and joined[-1][-1:] not in _SENTENCE_ENDS and not _NEW_LINE.match(line):
            joined[-1] = _drop_stray_blanks(joined[-1] + line)
        else:
            joined.append(_drop_stray_blanks(line))
    return "\n".join(joined)


def _is_heading(line: str) -> bool:
    stripped = line.strip()
    return any(pattern.fullmatch(stripped) for pattern in (_BOOK, _SUBBOOK, _CLOSING_PART))


def _drop_stray_blanks(line: str) -> str:
    return _STRAY_BLANK_AT_DIGIT.sub("", _STRAY_BLANK.sub("", line))
