"""Numbers of a question as statutes write them: 3万块 -> 三万元, 15天 -> 十五日."""

from __future__ import annotations

import re

from kb.text.numerals import NUMERAL_CLASS, format_number, parse_number

_SCALES = {"": 1, "千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}
_UNITS = {
    "元": "元",
    "块": "元",
    "块钱": "元",
    "天": "日",
    "日": "日",
    "号": "日",
    "个月": "个月",
    "月": "个月",
    "年": "年",
    "岁": "周岁",
    "周岁": "周岁",
    "小时": "小时",
    "倍": "倍",
}
_AMOUNT = re.compile(
    f"(?P<number>[0-9]{{1,9}}(?:,[0-9]{{3}}){{0,3}}|[{NUMERAL_CLASS}]{{1,9}}?)"
    "(?P<scale>百万|千万|[千万亿])?(?P<unit>块钱|块|元|天|日|号|个月|月|年|周岁|岁|小时|倍)"
)
LARGEST = 10**12
CALENDAR_YEARS = range(1900, 2200)


def spell_amounts(question: str) -> tuple[str, ...]:
    """Amounts of ``question`` in the statutes' spelling, in order; those already so are left out.

    ``question`` is normalised. Fractions and numbers of a trillion or more are left alone.
    """
    found = []
    for match in _AMOUNT.finditer(question):
        written = match["number"].replace(",", "")
        number = int(written) if written.isdecimal() and written.isascii() else parse_number(written)
        if number is None or (match.start() and question[match.start() - 1] in ".．点"):
            continue
        if match["unit"] == "年" and number in CALENDAR_YEARS:
            continue
        value = number * _SCALES[match["scale"] or ""]
        if not 0 < value < LARGEST:
            continue
        spelled = format_number(value) + _UNITS[match["unit"]]
        if spelled not in question:
            found.append(spelled)
    return tuple(dict.fromkeys(found))
