"""Frozen dataclasses to plain JSON values and back, strictly: unknown fields and wrong types are told.

Understood: text, whole numbers, floats, truth values, dates, enums by value, tuples, dictionaries of text,
nested dataclasses, and each of these or None.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from kb.errors import BadInputError

Record = TypeVar("Record")

MAX_FLOAT = 1e6


def to_plain(record: Any) -> dict[str, Any]:
    """Field names to plain values; fields at their default are left out."""
    out: dict[str, Any] = {}
    for entry in dataclasses.fields(record):
        value = getattr(record, entry.name)
        if entry.default is not dataclasses.MISSING and value == entry.default:
            continue
        out[entry.name] = _plain_value(value)
    return out


def from_plain(cls: type[Record], values: Any, place: str, *, code: str = "record_invalid") -> Record:
    """The reverse of ``to_plain``; ``place`` names the record in errors.

    Raises BadInputError with ``code`` naming the field: unknown, missing, or of the wrong type.
    """
    if not isinstance(values, Mapping):
        raise _invalid(code, place, "应为字段与值")
    hints = typing.get_type_hints(cls)
    unknown = sorted(str(name) for name in values if name not in hints)
    if unknown:
        raise _invalid(code, place, f"有不认识的字段：{'、'.join(unknown)}")
    needed = [
        entry.name
        for entry in dataclasses.fields(cls)  # type: ignore[arg-type]
        if entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING
    ]
    missing = [name for name in needed if name not in values]
    if missing:
        raise _invalid(code, place, f"缺少字段：{'、'.join(missing)}")
    built = {
        name: _build_value(hints[name], value, f"{place}.{name}", code) for name, value in values.items()
    }
    return cls(**built)


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain_value(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return to_plain(value)
    return value


def _build_value(hint: Any, value: Any, place: str, code: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is types.UnionType:
        if value is None:
            return None
        return _build_value(typing.get_args(hint)[0], value, place, code)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise _invalid(code, place, "应为列表")
        inner = typing.get_args(hint)[0]
        return tuple(_build_value(inner, item, f"{place}[{i}]", code) for i, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, Mapping) or not all(
            isinstance(part, str) for pair in value.items() for part in pair
        ):
            raise _invalid(code, place, "应为文字对文字")
        return dict(value)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        try:
            return hint(value)
        except ValueError:
            known = "、".join(str(member.value) for member in hint)
            raise _invalid(code, place, f"应为以下之一：{known}") from None
    if dataclasses.is_dataclass(hint):
        return from_plain(typing.cast(type[Any], hint), value, place, code=code)
    if hint is dt.date:
        try:
            return value if type(value) is dt.date else dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            raise _invalid(code, place, "应为 YYYY-MM-DD 形式的日期") from None
    if hint is float and type(value) in (int, float) and -MAX_FLOAT < value < MAX_FLOAT:
        return float(value)
    if type(value) is not hint:
        raise _invalid(code, place, f"值的类型不对，应为 {hint.__name__}")
    return value


def _invalid(code: str, place: str, message: str) -> BadInputError:
    return BadInputError(code, message, place=place, way_out="请按模板填写这一栏")
