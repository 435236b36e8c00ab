"""Periods, sums, shares, ages and dates in a text, comparable across spellings.

十五日, 15日 and 15天 are one quantity; 二倍, 两倍, 2倍, 双倍 and 百分之二百 too. 一年 and 十二个月, 三十日
and 一个月, 五日 and 五个工作日 are not: law counts them differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from kb.text.normalise import normalise
from kb.text.numerals import parse_number


class Measure(StrEnum):
    """What a number counts; only equal measures compare."""

    HOUR = "小时"
    DAY = "日"
    WORKING_DAY = "个工作日"
    WEEK = "周"
    MONTH = "个月"
    YEAR = "年"
    MONEY = "元"
    RATIO = "倍"
    """Shares and multiples alike: 百分之八十 is 4/5."""
    AGE = "周岁"
    COUNT = "人次等"
    """People, times and sizes, only where they bound something (三人以上, 不超过两次)."""
    DATE = "日期"


QuantityKey = tuple[Measure, Fraction | str, str]


@dataclass(frozen=True)
class Quantity:
    """``written`` at ``span`` of the normalised text; ``value`` None where the numeral has no single reading.

    Of a date ``value`` is year·10000 + month·100 + day with 0 for what is not written; ``unit`` tells what a
    COUNT counts.
    """

    measure: Measure
    value: Fraction | None
    written: str
    span: tuple[int, int]
    unit: str = ""

    @property
    def key(self) -> QuantityKey:
        """Equal for quantities that mean the same."""
        return self.measure, self.written if self.value is None else self.value, self.unit


_CHINESE = "零〇一二三四五六七八九十百千万亿两"
_NUMERAL = (
    r"(?:[0-9]{1,9}+(?:,[0-9]{3}(?![0-9])){0,4}+(?:\.[0-9]{1,4}+)?+[百千万亿]{0,2}+"
    rf"|[{_CHINESE}]{{1,16}}+(?:点[零一二三四五六七八九]{{1,4}}+)?+)"
)
# Not the tail of a numeral, and no ordinal or 每一天, 同一天, 某一年.
_START = rf"(?<![第同某任每这那哪另统之唯{_CHINESE}0-9.])"
_UNITS: tuple[tuple[Measure, str], ...] = (
    (Measure.WORKING_DAY, r"个?工作[日天]"),
    (Measure.HOUR, r"个?(?:小时|钟头)"),
    (Measure.MONTH, r"个月"),
    (Measure.WEEK, r"个?(?:星期|礼拜)|周(?![岁边围转期到末密全年])"),
    (Measure.AGE, r"周?岁"),
    (Measure.MONEY, r"[万亿]?(?:元|块钱?)"),
    (Measure.DAY, r"[日天](?![常报程记用生])"),
    (Measure.YEAR, r"年(?![龄级轻老长迈审检报会货薪休度代])"),
    (Measure.RATIO, r"倍"),
)
_UNIT = "|".join(f"(?P<{measure.name}>{pattern})" for measure, pattern in _UNITS)
_DATE = (
    rf"(?<![0-9{_CHINESE}])(?:(?P<year>[12][0-9]{{3}}|[一二][{_CHINESE}]{{3}})年"
    rf"(?:(?P<month>[0-9{_CHINESE}]{{1,3}}+)月(?:(?P<day>[0-9{_CHINESE}]{{1,3}}+)[日号])?)?"
    rf"|(?P<month_alone>[0-9{_CHINESE}]{{1,3}}+)月(?:(?P<day_alone>[0-9{_CHINESE}]{{1,3}}+)[日号])?(?![经子饼嫂薪]))"
)
_COUNTED = r"(?:个?人|名|次|户|平方米|公里|千克|公斤|毫克|毫升|克|吨|亩|票)"
_QUANTITY = re.compile(
    rf"(?P<date>{_DATE})"
    rf"|{_START}(?P<whole>{_NUMERAL})分之(?P<part>{_NUMERAL})"
    rf"|{_START}(?P<percent>[0-9]{{1,6}}+(?:\.[0-9]{{1,4}}+)?+)(?P<sign>[%％‰])"
    rf"|(?P<half>(?<![大小多])半个?(?:年(?!级)|月|天|小时|钟头)|半日|(?<![大多])一半|半数)"
    rf"|(?P<double>双倍)"
    rf"|{_START}(?P<tenths>[二三四五六七八九两])成(?![年立为员果本功熟交人都分因效绩就品长婚家])"
    rf"|{_START}(?:(?P<low>{_NUMERAL})(?:至|到|[-—~～])(?=[0-9{_CHINESE}]))?"
    rf"(?P<number>{_NUMERAL})(?:(?P<half_month>个半月)|(?P<half_hour>个半小时)|(?:{_UNIT})(?P<and_half>半)?)"
    rf"|(?P<before>超过|不满|未满|不足|至少|不少于|最多|不超过|多于|少于|达到|满)(?P<bounded>{_NUMERAL})(?P<bounded_unit>{_COUNTED})"
    rf"|{_START}(?P<counted>{_NUMERAL})(?P<counted_unit>{_COUNTED})(?:以[上下内外])"
)
# 第三十八条第一款第（二）项, 第二次: an ordinal counts nothing.
_ORDINAL = re.compile(
    rf"第[（(]?[0-9{_CHINESE}]{{1,12}}+[）)]?(?:条之[一二三四五六七八九十]{{1,3}}+|[年月日天周]|个月)?"
)
_HALVES = {"年": Measure.YEAR, "月": Measure.MONTH, "天": Measure.DAY, "日": Measure.DAY}
_POWERS = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_WORKING_DAY_RULE = re.compile(r"(?:是指|按照?|为)工作[日天]|工作[日天]计算")


@lru_cache(maxsize=4096)
def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Every quantity of ``text`` in order; spans are of ``normalise(text).text``."""
    clean = normalise(text).text
    blanked = _ORDINAL.sub(lambda match: "第" + "□" * (len(match[0]) - 1), clean)
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(blanked):
        found += _read(match)
    return tuple(found)


def missing_quantities(text: str, sources: Iterable[str]) -> tuple[Quantity, ...]:
    """Quantities of ``text`` that no source has, each meaning once, in order.

    个工作日 also stand where a source has as many 日 and one of the sources says that its days are working
    days (行政复议法 and 行政许可法 say so in an article of its own).
    """
    known: set[QuantityKey] = set()
    working = False
    for source in sources:
        known |= {quantity.key for quantity in find_quantities(source)}
        working = working or _WORKING_DAY_RULE.search(source) is not None
    if working:
        known |= {
            (Measure.WORKING_DAY, value, unit) for measure, value, unit in known if measure is Measure.DAY
        }
    missing: dict[QuantityKey, Quantity] = {}
    for quantity in find_quantities(text):
        if quantity.key not in known:
            missing.setdefault(quantity.key, quantity)
    return tuple(missing.values())


def leftover_digits(text: str) -> tuple[str, ...]:
    """Runs of Arabic digits that are part of no quantity and no ordinal: phone numbers, sums without 元."""
    clean = normalise(text).text
    covered = [quantity.span for quantity in find_quantities(text)]
    covered += [match.span() for match in _ORDINAL.finditer(clean)]
    return tuple(
        match[0]
        for match in re.finditer(r"[0-9]+(?:[-.][0-9]+)*", clean)
        if not any(start <= match.start() < end for start, end in covered)
    )


def _read(match: re.Match[str]) -> list[Quantity]:
    """The quantities of one match: two of a range (三至六个月)."""
    if match["date"]:
        return [_make(match, Measure.DATE, _date_value(match))]
    if match["whole"]:
        written = match["whole"]
        whole = Fraction(_POWERS[written]) if written in _POWERS else _number(written)
        part = Fraction(_POWERS[match["part"]]) if match["part"] in _POWERS else _number(match["part"])
        return [_make(match, Measure.RATIO, part / whole if whole and part is not None else None)]
    if match["percent"]:
        value = Fraction(match["percent"]) / (1000 if match["sign"] == "‰" else 100)
        return [_make(match, Measure.RATIO, value)]
    if match["half"]:
        return [_make(match, _half_measure(match["half"]), Fraction(1, 2))]
    if match["double"]:
        return [_make(match, Measure.RATIO, Fraction(2))]
    if match["tenths"]:
        digit = _number(match["tenths"])
        return [_make(match, Measure.RATIO, None if digit is None else digit / 10)]
    counted = match["bounded"] or match["counted"]
    if counted:
        count = _number(counted)
        counter = match["bounded_unit"] or match["counted_unit"]
        unit = "人" if counter[-1] in "人名" else counter
        return [] if count == 1 else [replace(_make(match, Measure.COUNT, count), unit=unit)]
    return _read_measured(match)


def _read_measured(match: re.Match[str]) -> list[Quantity]:
    measure = next((one for one, _ in _UNITS if match[one.name]), None)
    if measure is None:
        measure = Measure.MONTH if match["half_month"] else Measure.HOUR
    if all(char in _POWERS for char in match["number"]):
        return []  # 数万元, 上千元: no number
    values = [_number(match[name]) for name in ("low", "number") if match[name]]
    unit = match[measure.name] or ""
    if measure is Measure.MONEY and unit[0] in _POWERS:
        values = [None if value is None else value * _POWERS[unit[0]] for value in values]
    if match["half_month"] or match["half_hour"] or match["and_half"]:
        values[-1] = None if values[-1] is None else values[-1] + Fraction(1, 2)
    return [_make(match, measure, value) for value in values]


def _make(match: re.Match[str], measure: Measure, value: Fraction | None) -> Quantity:
    return Quantity(measure, value, match[0], match.span())


def _half_measure(written: str) -> Measure:
    if written in ("一半", "半数"):
        return Measure.RATIO
    return _HALVES.get(written[-1], Measure.HOUR)


def _date_value(match: re.Match[str]) -> Fraction | None:
    parts = (match["year"], match["month"] or match["month_alone"], match["day"] or match["day_alone"])
    values = [parse_number(part) if part else 0 for part in parts]
    if any(value is None for value in values):
        return None
    year, month, day = (value or 0 for value in values)
    return Fraction(year * 10_000 + month * 100 + day)


def _number(written: str) -> Fraction | None:
    """Value of a numeral of either writing, decimals and 万, 亿 included."""
    plain = written.replace(",", "")
    if plain[0].isdigit():
        digits = plain.rstrip("百千万亿")
        value = Fraction(digits)
        for power in plain[len(digits) :]:
            value *= _POWERS[power]
        return value
    high, hundred_million, low = plain.rpartition("亿")
    if hundred_million:
        head, tail = _number(high) if high else None, _number(low) if low else Fraction(0)
        return None if head is None or tail is None else head * _POWERS["亿"] + tail
    whole, point, decimals = plain.partition("点")
    value_of_whole = parse_number(whole)
    if value_of_whole is None:
        return None
    if not point:
        return Fraction(value_of_whole)
    digits_after = "".join(str(parse_number(char)) for char in decimals)
    return value_of_whole + Fraction(int(digits_after), 10 ** len(decimals))
