"""Checked values that come from a caller: question, day, filters, ids; each with its OpenAPI schema.

What the schema says and what the check does are the same rule, so a request that fits the published schema is
never refused for its shape.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from kb.domain.search import MAX_QUERY_CHARS, MAX_TOP_K, SearchRequest
from kb.errors import BadInputError
from kb.search.request import EARLIEST_DAY, LATEST_DAY, read_question

MAX_FILTER_CHARS = 60
MAX_FILTER_VALUES = 20

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DAY_PATTERN = (
    r"^(1949-1[0-2]|19[5-9][0-9]-(0[1-9]|1[0-2])|2[01][0-9]{2}-(0[1-9]|1[0-2]))-(0[1-9]|[12][0-9]|3[01])$"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
TEXT_CLASS = "[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\ufffd]"
_LETTER = r"[\p{L}\p{N}]"
QUESTION_PATTERN = f"^{TEXT_CLASS}*{_LETTER}{TEXT_CLASS}*{_LETTER}{TEXT_CLASS}*$"

WORK_ID = r"w[0-9a-f]{12}"
PROVISION_ID = WORK_ID + r":(a[1-9][0-9]{0,4}(-[1-9][0-9]{0,2})?|b[0-9]{1,5})"
VERSION_ID = WORK_ID + r"@[0-9]{4}-[0-9]{2}-[0-9]{2}(~[0-9a-f]{8,64})?"


def fault(code: str, message: str, way_out: str) -> PydanticCustomError:
    """A validation error that carries our code, sentence and way out."""
    return PydanticCustomError(code, "{message}", {"message": message, "way_out": way_out})


def check_text(value: str) -> str:
    """Refuse control characters, lone surrogates and bytes that were not UTF-8 (they arrive as U+FFFD)."""
    if _CONTROL.search(value):
        raise fault("text_malformed", "文字中含有无效字符", "请以 UTF-8 编码重新输入，不要包含控制字符")
    return value


def printable(value: str) -> str:
    """``value`` without the characters that check_text refuses, to be shown again in a form."""
    return _CONTROL.sub("", value)


def check_question(value: str) -> str:
    """The question as asked; raises for one that the search door would refuse, with the door's code."""
    check_text(value[: MAX_QUERY_CHARS + 1])
    try:
        read_question(SearchRequest(value))
    except BadInputError as error:
        raise fault(error.code, error.message, error.way_out) from None
    return value


def check_filter(value: str) -> str:
    """A region, topic or part of a title."""
    if len(value) > MAX_FILTER_CHARS:
        raise fault("filter_too_long", f"筛选条件超过 {MAX_FILTER_CHARS} 个字", "请缩短筛选条件")
    return check_text(value)


def check_day(value: Any) -> Any:
    """A calendar day written YYYY-MM-DD from EARLIEST_DAY to LATEST_DAY."""
    if isinstance(value, dt.date) or value is None:
        return value
    written = _DAY.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if written is None:
        raise fault("date_malformed", "日期的写法不对", "请写成 YYYY-MM-DD，例如 2026-01-31")
    try:
        day = dt.date(*map(int, written.groups()))
    except ValueError:
        raise fault("date_impossible", "日历上没有这一天", "请检查年、月、日") from None
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise fault("as_of_out_of_range", "日期超出范围", f"请填写 {EARLIEST_DAY} 到 {LATEST_DAY} 之间的日期")
    return day


def check_top_k(value: Any) -> Any:
    """A whole number from 1 to MAX_TOP_K, as a number or as ASCII digits."""
    number = value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        number = int(value)
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_TOP_K:
        raise fault("top_k_out_of_range", "返回条数不对", f"请填写 1 到 {MAX_TOP_K} 之间的整数")
    return number


def check_per_work(value: Any) -> Any:
    """A whole number from 0 to MAX_TOP_K; 0 is no bound."""
    if value in (0, "0") and not isinstance(value, bool):
        return 0
    try:
        return check_top_k(value)
    except ValueError:
        raise fault(
            "per_work_out_of_range", "每部文件的条数不对", f"请填写 0（不限）到 {MAX_TOP_K} 之间的整数"
        ) from None


def check_flag(value: Any) -> Any:
    """true or false, as JSON or as a word."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise fault("flag_malformed", "取值应为 true 或 false", "请写 true 或 false")


QuestionText = Annotated[
    str,
    AfterValidator(check_question),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 2,
            "maxLength": MAX_QUERY_CHARS,
            "pattern": QUESTION_PATTERN,
        }
    ),
]
FilterText = Annotated[
    str,
    AfterValidator(check_filter),
    WithJsonSchema({"type": "string", "maxLength": MAX_FILTER_CHARS, "pattern": f"^{TEXT_CLASS}*$"}),
]
_DAY_SCHEMA = {"type": "string", "format": "date", "pattern": _DAY_PATTERN}
Day = Annotated[dt.date, BeforeValidator(check_day), WithJsonSchema(_DAY_SCHEMA)]
# A parameter of an address is there or not there; it is never null.
DayParameter = Annotated[dt.date | None, BeforeValidator(check_day), WithJsonSchema(_DAY_SCHEMA)]
VersionParameter = Annotated[str | None, WithJsonSchema({"type": "string", "pattern": f"^{VERSION_ID}$"})]
TopK = Annotated[
    int,
    BeforeValidator(check_top_k),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_TOP_K}),
]
PerWork = Annotated[
    int,
    BeforeValidator(check_per_work),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_TOP_K}),
]
Flag = Annotated[bool, BeforeValidator(check_flag), WithJsonSchema({"type": "boolean"})]
