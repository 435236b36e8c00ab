"""Values of a record in JSON or YAML as text; nested ones stay JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from ingest.readers.rows import clean_value

MAX_DEPTH = 32
"""Levels inside one record; registers and cases need four or five."""

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class RecordError(Exception):
    """What is wrong with a value; whoever knows the place makes the person's error of it."""

    def __init__(self, code: str, message: str) -> None:  # noqa: D107 - the class docstring says it
        super().__init__(code)
        self.code = code
        self.message = message


class NumberText(str):
    """A number of JSON as written, so that a field shows each of its digits; nested it is a number again."""


def make_values(record: dict[str, Any]) -> dict[str, str]:
    """Field names to values as text, both normalised.

    Raises RecordError ``text_invalid``, ``too_deep``, ``duplicate_key`` (names equal once normalised).
    """
    values: dict[str, str] = {}
    for key, value in record.items():
        name = _checked(key)
        if not name:
            raise RecordError("text_invalid", "有一个字段没有名称")
        if name in values:
            raise RecordError("duplicate_key", f"字段重复：{name[:60]}")
        values[name] = _text_of(value, name)
    return values


def _text_of(value: Any, name: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(_clean(value, name, 1), ensure_ascii=False)
    return _checked(str(value))


def _clean(value: Any, name: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise RecordError("too_deep", f"字段“{name[:40]}”嵌套超过 {MAX_DEPTH} 层")
    if isinstance(value, dict):
        return {_checked(key): _clean(item, name, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, name, depth + 1) for item in value]
    if isinstance(value, NumberText):
        return float(value) if "." in value or "e" in value.lower() else int(value)
    return _checked(value) if isinstance(value, str) else value


def _checked(text: str) -> str:
    if "\0" in text:
        raise RecordError("text_invalid", "文字里有空字符（NUL）")
    if _HALF_CHARACTER.search(text):
        raise RecordError("text_invalid", "文字里有半个字符（未配对的代理码）")
    return clean_value(text)
