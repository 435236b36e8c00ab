"""Cells of registers: dates, phones, credit codes, coordinates, districts, yes and no, lists.

Every reader takes the normalised text of a filled cell and raises CellError with a Chinese message.
"""

from __future__ import annotations

import datetime as dt
import re

from ingest.parsers.normative_days import parse_day
from ingest.parsers.registers import CellError

DISTRICTS = (
    *("东城区", "西城区", "朝阳区", "海淀区", "丰台区", "石景山区", "门头沟区", "房山区", "通州区", "顺义区"),
    *("昌平区", "大兴区", "怀柔区", "平谷区", "密云区", "延庆区", "经济技术开发区"),
)
"""The sixteen districts of Beijing and the development area that has its own judicial bureau."""
CITY_WIDE = frozenset(("北京市", "全市", "市级", "市本级", "市属"))

LONGITUDES = (115.4, 117.6)
LATITUDES = (39.4, 41.1)
"""Beijing lies within these degrees (WGS 84)."""

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_CREDIT_CODE = re.compile(rf"[{_CREDIT_ALPHABET}]{{18}}")
_PHONE = re.compile(
    r"(?:(?:\+?86[- ]?)?(?:\(0\d{2,3}\)|（0\d{2,3}）|0\d{2,3})[- ]?)?[2-9]\d{6,7}(?:[- ]\d{1,6}|转\d{1,6})?"
    r"|(?:\+?86[- ]?)?1[3-9]\d{9}|[48]00[- ]?\d{3}[- ]?\d{4}|1\d{2}|1[12]\d{3}|9\d{4,5}"
)
_PHONE_BREAK = re.compile(r"[、，,;；/\n]")
_LIST_BREAK = re.compile(r"[、，,;；/\n]")
_IDENTITY_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[0-9Xx](?![0-9A-Za-z])"
)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_YES = frozenset(("是", "有", "true", "yes", "1", "y"))
_NO = frozenset(("否", "无", "false", "no", "0", "n"))


def read_date(text: str) -> dt.date:
    """2025-03-01, 2025/3/1, 2025年3月1日, 20250301."""
    day = parse_day(text)
    if day is None:
        raise CellError(f"“{text[:20]}”不是日期，应为 2025-03-01 这样的形式")
    return day


def read_bool(text: str) -> bool:
    """是 or 否."""
    lowered = text.lower()
    if lowered in _YES:
        return True
    if lowered in _NO:
        return False
    raise CellError(f"“{text[:20]}”应填“是”或“否”")


def read_list(text: str) -> tuple[str, ...]:
    """Short words parted by 、，；, / or line breaks, each once."""
    return tuple(dict.fromkeys(part.strip() for part in _LIST_BREAK.split(text) if part.strip()))


def read_phone(text: str) -> str:
    """Public telephones: fixed lines with or without area code and extension, mobile, 400, 12348 and 110."""
    phones = [part.strip() for part in _PHONE_BREAK.split(text) if part.strip()]
    for phone in phones:
        if not _PHONE.fullmatch(phone):
            raise CellError(
                f"“{phone[:30]}”不是电话号码，应为 010-12345678、12348 这样的形式，多个用顿号分开"
            )
    return "、".join(phones)


def read_credit_code(text: str) -> str:
    """统一社会信用代码 with its check character by GB 32100-2015."""
    code = "".join(text.split()).upper()
    if not _CREDIT_CODE.fullmatch(code):
        raise CellError(f"“{text[:30]}”不是统一社会信用代码，应为 18 位数字和大写字母（不含 I、O、S、V、Z）")
    if code[17] != credit_check_character(code[:17]):
        raise CellError(f"统一社会信用代码“{code}”的校验位不对，请核对")
    return code


def credit_check_character(first: str) -> str:
    """Check character of the first 17 characters: 31 minus the weighted sum modulo 31 (GB 32100-2015)."""
    total = sum(
        _CREDIT_ALPHABET.index(char) * weight for char, weight in zip(first, _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def read_longitude(text: str) -> float:
    """Degrees east within Beijing."""
    return _read_degrees(text, "经度", LONGITUDES, LATITUDES)


def read_latitude(text: str) -> float:
    """Degrees north within Beijing."""
    return _read_degrees(text, "纬度", LATITUDES, LONGITUDES)


def _read_degrees(text: str, what: str, bounds: tuple[float, float], other: tuple[float, float]) -> float:
    if not re.fullmatch(r"-?\d{1,3}(?:\.\d{1,12})?", text):
        raise CellError(f"“{text[:20]}”不是{what}，应为小数形式的度数")
    degrees = float(text)
    if bounds[0] <= degrees <= bounds[1]:
        return degrees
    if other[0] <= degrees <= other[1]:
        raise CellError(f"{what} {text} 像是另一列的值，经度和纬度可能填反了")
    raise CellError(f"{what} {text} 不在北京市范围内（{bounds[0]} 到 {bounds[1]}）")


def read_district(text: str) -> str:
    """One of Beijing's districts, 北京市 before it allowed; empty for a city-wide body."""
    name = text.removeprefix("北京市").removeprefix("北京") or text
    if text in CITY_WIDE:
        return ""
    if name in ("亦庄", "开发区", "北京经济技术开发区", "经开区"):
        name = "经济技术开发区"
    if name not in DISTRICTS and f"{name}区" in DISTRICTS:
        name = f"{name}区"
    if name not in DISTRICTS:
        raise CellError(f"“{text[:20]}”不是北京市的区，应为{'、'.join(DISTRICTS)}之一")
    return name


def refuse_private_values(text: str) -> None:
    """Raise CellError for an identity number or a private mobile number in a cell of a person's record."""
    if _IDENTITY_NUMBER.search(text):
        raise CellError("像是身份证号码，不应收入")
    if _MOBILE.search(text):
        raise CellError("像是手机号码，不应收入")
