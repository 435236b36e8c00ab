"""Numbers as Chinese law writes them: 第十七条之一, 第1254条, 一千零七十七, 廿三, 1千2百.

An article number is a pair ``(17, 1)`` for 第十七条之一 and ``(17, 0)`` for 第十七条, never a float.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kb.errors import BadInputError

MAX_NUMERAL_CHARS = 16
"""Longer runs of numerals are no number that law uses; the bound keeps every pattern linear."""
MAX_NUMBER = 99_999_999

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
    "兩": 2,
}
_ARABIC = {chr(base + value): value for base in (ord("0"), ord("０")) for value in range(10)}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_JOINED_TENS = {"廿": 20, "卅": 30}
_CHINESE = "零一二三四五六七八九"

NUMERAL_CLASS = "0-9０-９零〇○一二三四五六七八九十百千万两兩廿卅"
"""Characters of a numeral, for use inside a regular expression's brackets."""

_ARTICLE = re.compile(
    rf"第?\s{{0,2}}+([{NUMERAL_CLASS}]{{1,{MAX_NUMERAL_CHARS}}}+)\s{{0,2}}+"
    rf"(?:条(?:之([{NUMERAL_CLASS}]{{1,4}}+))?|之([{NUMERAL_CLASS}]{{1,4}}+)条)"
)


def parse_number(text: str) -> int | None:
    """Value of a whole numeral in Chinese, Arabic, full-width or mixed digits; None when it is none.

    ``一千零七十七`` 1077, ``一二五四`` 1254, ``廿三`` 23, ``两百`` 200, ``１２`` 12, ``1千2百`` 1200. A form
    with two readings, such as ``一百五``, is refused rather than guessed.
    """
    if not 0 < len(text) <= MAX_NUMERAL_CHARS:
        return None
    if all(char in _ARABIC for char in text):
        return _join(_ARABIC[char] for char in text)
    if len(text) > 1 and all(char in _DIGITS for char in text):
        return _join(_DIGITS[char] for char in text)
    if text.count("万") > 1:
        return None
    high, separator, low = text.rpartition("万")
    if not separator:
        return _parse_below_ten_thousand(text)
    thousands = _parse_below_ten_thousand(high)
    rest = _parse_below_ten_thousand(low) if low else 0
    if not thousands or rest is None or (low and rest < 1000 and low[0] not in "零〇"):
        return None
    return thousands * 10_000 + rest


def format_number(number: int) -> str:
    """Chinese numeral as statutes write it: 10 十, 17 十七, 110 一百一十, 1077 一千零七十七.

    Raises BadInputError (``number_out_of_range``) outside 0..99,999,999.
    """
    if not 0 <= number <= MAX_NUMBER:
        raise BadInputError(
            "number_out_of_range",
            "数字超出可以写成汉字的范围。",
            place=str(number),
            way_out=f"请使用 0 到 {MAX_NUMBER} 之间的整数。",
        )
    high, low = divmod(number, 10_000)
    if not high:
        written = _write_below_ten_thousand(low)
        return written.removeprefix("一") if 10 <= low < 20 else written
    written = _write_below_ten_thousand(high)
    written = (written.removeprefix("一") if 10 <= high < 20 else written) + "万"
    if not low:
        return written
    return written + ("零" if low < 1000 else "") + _write_below_ten_thousand(low)


def parse_article_number(label: str) -> tuple[int, int] | None:
    """``第十七条之一`` -> (17, 1), ``第1254条`` -> (1254, 0), ``十条之二`` -> (10, 2); else None."""
    match = _ARTICLE.fullmatch(label.strip())
    if match is None:
        return None
    article = parse_number(match[1])
    inserted_text = match[2] or match[3]
    inserted = parse_number(inserted_text) if inserted_text else 0
    if not article or inserted is None or (inserted_text and not inserted):
        return None
    return article, inserted


def format_article_label(number: tuple[int, int]) -> str:
    """(17, 1) -> ``第十七条之一``. Raises BadInputError when a part is out of range."""
    article, inserted = number
    return f"第{format_number(article)}条" + (f"之{format_number(inserted)}" if inserted else "")


def _join(digits: Iterable[int]) -> int:
    value = 0
    for digit in digits:
        value = value * 10 + digit
    return value


def _parse_below_ten_thousand(text: str) -> int | None:
    """Value of digits with 十百千 in falling order; a digit without unit only at the end."""
    total = 0
    floor = 10_000
    pending: int | None = None
    after_zero = False
    for char in text:
        if char in _SMALL_UNITS:
            unit = _SMALL_UNITS[char]
            if pending is None:
                if unit != 10:
                    return None
                pending = 1
            if unit >= floor or not 0 < pending < 10:
                return None
            total, floor, pending, after_zero = total + pending * unit, unit, None, False
        elif char in _JOINED_TENS:
            if pending is not None or floor <= 10:
                return None
            total, floor, after_zero = total + _JOINED_TENS[char], 10, False
        elif char in _ARABIC:
            pending = (pending or 0) * 10 + _ARABIC[char]
        elif (digit := _DIGITS.get(char)) is None or pending is not None:
            return None
        elif digit == 0:
            if after_zero:
                return None
            after_zero = True
        else:
            pending = digit
    if pending is None:
        return total if total or text in ("零", "〇", "○") else None
    if pending >= 10 and (total or pending >= 10_000):
        return None
    if 10 < floor < 10_000 and not after_zero:
        return None
    return total + pending


def _write_below_ten_thousand(number: int) -> str:
    """Digits with units, 零 once for any gap; 0 is 零."""
    if number == 0:
        return _CHINESE[0]
    written = ""
    gap = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit == 0:
            gap = bool(written)
            continue
        written += ("零" if gap else "") + _CHINESE[digit] + name
        gap = False
    return written
