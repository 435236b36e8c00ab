"""Numbers that bind in a guide or a provision: periods, ages, money, shares, heads.

十五日 and 15日 and 15天 are one quantity; 十五个工作日 is another. A number without such a unit
(一审, 两份材料) binds nobody and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.text.normalise import normalise
from kb.text.numerals import MAX_NUMERAL_CHARS, NUMERAL_CLASS, parse_number

_UNITS = {"天": "日", "岁": "周岁", "钟头": "小时", "名": "人", "个人": "人"}
_TIME_MONEY_AGE = "工作日|日|天|星期|周(?!围|边|期|转|密|到)|小时|钟头|年|月|季度|分钟|周岁|岁|元|倍"
_HEADS = "个人|人(?!民|身|员|格|事|数|力|社)|名(?!称|字|册|义|誉|单)|次"
_NUMBER = rf"[{NUMERAL_CLASS}]{{1,{MAX_NUMERAL_CHARS}}}+"
_QUANTITY = re.compile(
    rf"(?P<low>{_NUMBER})(?:(?:至|到|-|~|～)(?P<high>{_NUMBER}))?个?(?P<unit>周岁|{_TIME_MONEY_AGE}|{_HEADS})"
)
_SHARE = re.compile(rf"(?P<whole>{_NUMBER})分之(?P<part>{_NUMBER})")
_PERCENT = re.compile(r"(?P<part>[0-9]{1,6}(?:\.[0-9]{1,4})?)[%％]")
_HALF = re.compile(r"半个?(?P<unit>月|年|天|日)")
_WHOLES = {"百": 100, "千": 1000, "万": 10_000}


@dataclass(frozen=True, order=True)
class Quantity:
    """``value`` as text: ``15``, ``2/3``; ``unit``: 日, 工作日, 月, 年, 周岁, 元, 倍, 人, 次 or 分之."""

    unit: str
    value: str

    def describe(self) -> str:
        """For a message: 15日, 2/3."""
        return self.value if self.unit == "分之" else f"{self.value}{self.unit}"


def find_quantities(text: str) -> Iterator[Quantity]:
    """All binding numbers in ``text``; one head, one time (一人, 一次) bind nobody and are not given."""
    plain = normalise(text).text
    for match in _QUANTITY.finditer(plain):
        unit = _UNITS.get(match["unit"], match["unit"])
        for numeral in (match["low"], match["high"]):
            value = parse_number(numeral) if numeral else None
            if value is not None and not (value < 2 and unit in ("人", "次")):
                yield Quantity(unit, str(value))
    for match in _SHARE.finditer(plain):
        whole = _WHOLES.get(match["whole"]) or parse_number(match["whole"])
        part = parse_number(match["part"])
        if whole and part is not None:
            yield Quantity("分之", f"{part}/{whole}")
    for match in _PERCENT.finditer(plain):
        yield Quantity("分之", f"{match['part']}/100")
    for match in _HALF.finditer(plain):
        yield Quantity(_UNITS.get(match["unit"], match["unit"]), "1/2")
