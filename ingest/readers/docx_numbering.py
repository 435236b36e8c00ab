"""The automatic numbers of a Word file: 第一条, （一）, 1. as Word would show them.

A law typed with automatic numbering holds none of its article numbers as text; they follow from
numbering.xml (ECMA-376 part 1, 17.9) and the order of the paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ingest.readers.docx_package import WORD
from ingest.readers.docx_styles import Styles, int_of, value_of
from kb.text.numerals import MAX_NUMBER, format_number

LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_HEAD = re.compile(r"第.{1,20}(?:条(?:之.{1,4})?|编|章|节|部分)")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_LEGAL_DIGITS = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
_COUNTING = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
        "japaneseCounting",
        "koreanCounting",
    }
)
_DIGITAL = frozenset({"ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand", "koreanDigital2"})
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)


@dataclass(frozen=True)
class Level:
    """One level of a list: how its number is written and where it starts.

    ``restart`` is w:lvlRestart: None restarts after any higher level, 0 never, n after level n.
    """

    format: str = "decimal"
    text: str = ""
    start: int = 0
    restart: int | None = None
    all_decimal: bool = False
    style: str = ""


@dataclass(frozen=True)
class _List:
    abstract: int
    levels: dict[int, Level]
    starts: dict[int, int]


class Numbering:
    """Counts the numbered paragraphs of one document in their order."""

    def __init__(self, root: Any | None, styles: Styles) -> None:  # noqa: D107 - root of numbering.xml or None
        self._lists: dict[int, _List] = {}
        self._counters: dict[int, list[int | None]] = {}
        self._started: set[tuple[int, int]] = set()
        if root is not None:
            self._read(root, styles)

    def _read(self, root: Any, styles: Styles) -> None:
        abstracts: dict[int, dict[int, Level]] = {}
        links: dict[int, str] = {}
        for item in root.iterfind(f"{WORD}abstractNum"):
            key = _attribute(item, "abstractNumId")
            abstracts[key] = _read_levels(item)
            link = value_of(item.find(f"{WORD}numStyleLink"))
            if link:
                links[key] = link
        nums = {
            _attribute(item, "numId"): (int_of(item.find(f"{WORD}abstractNumId")), item)
            for item in root.iterfind(f"{WORD}num")
        }
        for num_id, (abstract, item) in nums.items():
            if abstract is None:
                continue
            if abstract in links:  # the list belongs to a numbering style, which names another list
                linked = nums.get(styles.look(links[abstract]).num_id or 0)
                abstract = linked[0] if linked and linked[0] is not None else abstract
            levels = dict(abstracts.get(abstract, {}))
            starts: dict[int, int] = {}
            for override in item.iterfind(f"{WORD}lvlOverride"):
                index = _attribute(override, "ilvl")
                own = override.find(f"{WORD}lvl")
                if own is not None:
                    levels[index] = _read_level(own)
                start = int_of(override.find(f"{WORD}startOverride"))
                if start is not None:
                    starts[index] = start
                    levels[index] = replace(levels.get(index, Level()), start=start)
            self._lists[num_id] = _List(abstract, levels, starts)

    def level_of_style(self, num_id: int, style: str) -> int | None:
        """The level of a list that is bound to a paragraph style."""
        found = self._lists.get(num_id)
        if found is None or not style:
            return None
        return next((index for index, level in found.levels.items() if level.style == style), None)

    def is_bullet(self, num_id: int, index: int) -> bool:
        """True when the level is marked by a sign that counts nothing."""
        found = self._lists.get(num_id)
        return found is not None and found.levels.get(index, Level()).format == "bullet"

    def next_number(self, num_id: int, index: int) -> str:
        """Count one paragraph and give its number as it stands before the text, ``""`` for none.

        A number such as 第三条 comes with a blank behind it, others with nothing: （一）, 1., 一、.
        """
        found = self._lists.get(num_id)
        if found is None or not 0 <= index < LEVELS or index not in found.levels:
            return ""
        counters = self._counters.setdefault(found.abstract, [None] * LEVELS)
        level = found.levels[index]
        current = counters[index]
        if index in found.starts and (num_id, index) not in self._started:
            self._started.add((num_id, index))
            current = None
        counters[index] = level.start if current is None else current + 1
        for deeper in range(index + 1, LEVELS):
            restart = found.levels.get(deeper, Level()).restart
            if restart is None or index < restart:
                counters[deeper] = None
        return _write(found.levels, level, counters)


def _write(levels: dict[int, Level], level: Level, counters: list[int | None]) -> str:
    if level.format == "bullet":
        return ""

    def number(match: re.Match[str]) -> str:
        place = int(match[1]) - 1
        below = levels.get(place, Level())
        value = counters[place]
        form = "decimal" if level.all_decimal else below.format
        return format_counter(below.start if value is None else value, form)

    text = _PLACE.sub(number, level.text)
    return f"{text.rstrip()} " if _HEAD.fullmatch(text.strip()) else text.strip()


def format_counter(value: int, form: str) -> str:
    """A number in one of Word's formats (w:numFmt); unknown formats and values become Arabic digits."""
    if not 0 <= value <= MAX_NUMBER:
        return str(value)
    if form in _COUNTING:
        return format_number(value)
    if form in _DIGITAL:
        return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(value))
    if form in ("chineseLegalSimplified", "ideographLegalTraditional"):
        return format_number(value).translate(_LEGAL_DIGITS)
    if form in ("decimalZero",):
        return f"{value:02d}"
    if form == "none":
        return ""
    if form == "numberInDash":
        return f"- {value} -"
    if form in ("ideographTraditional", "ideographZodiac"):
        signs = _STEMS if form == "ideographTraditional" else _BRANCHES
        return signs[value - 1] if 1 <= value <= len(signs) else str(value)
    if form.startswith("decimalEnclosed") and 1 <= value <= 20:
        first = {"decimalEnclosedCircle": 0x2460, "decimalEnclosedParen": 0x2474}.get(form, 0x2488)
        return chr(first + value - 1)
    if form in ("decimalEnclosedCircleChinese",) and 1 <= value <= 20:
        return chr(0x2460 + value - 1)
    if form.endswith("Roman") and 1 <= value <= 3999:
        return _roman(value).upper() if form.startswith("upper") else _roman(value)
    if form.endswith("Letter") and 1 <= value <= 780:
        letter = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter.upper() if form.startswith("upper") else letter
    return str(value)


def _roman(value: int) -> str:
    written = ""
    for worth, sign in _ROMAN:
        count, value = divmod(value, worth)
        written += sign * count
    return written


def _read_levels(abstract: Any) -> dict[int, Level]:
    return {_attribute(item, "ilvl"): _read_level(item) for item in abstract.iterfind(f"{WORD}lvl")}


def _read_level(item: Any) -> Level:
    start = int_of(item.find(f"{WORD}start"))
    legal = item.find(f"{WORD}isLgl")
    return Level(
        format=value_of(item.find(f"{WORD}numFmt")) or "decimal",
        text=value_of(item.find(f"{WORD}lvlText"))[:100],
        start=0 if start is None else start,
        restart=int_of(item.find(f"{WORD}lvlRestart")),
        all_decimal=legal is not None and value_of(legal).lower() not in ("0", "false", "off"),
        style=value_of(item.find(f"{WORD}pStyle")),
    )


def _attribute(item: Any, name: str) -> int:
    value = item.get(f"{WORD}{name}", "")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else -1
