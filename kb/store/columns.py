"""Column types that read and write the same on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from kb.domain.works import WorkKind
from kb.errors import BadInputError


def require_storable(text: str, place: str = "") -> str:
    """``text`` itself, or BadInputError where a database could not give it back as it was.

    PostgreSQL keeps no NUL and neither database keeps half of a surrogate pair; SQLite would take
    the NUL and cut the text there in places, so both are refused for both databases.
    """
    if "\x00" in text:
        raise BadInputError(
            "text_not_storable",
            "文字里含有空字符（NUL），无法保存或查找",
            place=_printable(place),
            way_out="请删去空字符后重试",
        )
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadInputError(
                "text_not_storable",
                f"第 {error.start + 1} 个字符是残缺的编码（单独的代理码位），无法保存或查找",
                place=_printable(place),
                way_out="请检查文字的来源和编码后重试",
            ) from None
    return text


def _printable(text: str) -> str:
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


class StorableText(sa.types.TypeDecorator[str]):
    """Text of any length, compared by code point on both databases.

    PostgreSQL would otherwise sort by the locale of its cluster, and two databases with the same
    rows would give two corpus digests.
    """

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """``TEXT COLLATE "C"`` on PostgreSQL, plain TEXT elsewhere."""
        return postgresql.TEXT(collation="C") if dialect.name == "postgresql" else sa.Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse what cannot be stored."""
        return None if value is None else require_storable(value)


class KindText(StorableText):
    """A WorkKind by its value."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> WorkKind | None:
        """The enum member."""
        return None if value is None else WorkKind(value)


class TextTuple(sa.types.TypeDecorator[tuple[str, ...]]):
    """An ordered list of texts as a JSON array."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> Any:
        """A list of storable texts."""
        return None if value is None else [require_storable(item) for item in value]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        """The tuple."""
        return None if value is None else tuple(value)


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """A moment with its zone, kept in UTC; a moment without zone is refused."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """``TIMESTAMP WITH TIME ZONE`` on PostgreSQL; SQLite has text without zone."""
        return sa.DateTime(timezone=dialect.name == "postgresql")

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """UTC, without the zone where the database has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = value.astimezone(dt.UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """UTC with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
