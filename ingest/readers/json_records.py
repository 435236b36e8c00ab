"""JSON and JSONL registers, strictly: no duplicate keys, no NaN, nothing nested beyond reason."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from ingest.lines import ReadDocument, Row
from ingest.readers.detect import Format
from ingest.readers.encoding import decode, refuse_nul
from ingest.readers.records import MAX_DEPTH, NumberText, RecordError, make_values
from kb.errors import SourceError

_BLANK = re.compile(r"[ \t\r\n]*+")
_LINE_END = re.compile(r"\r\n|\n|\r")
_WAY_OUT = "请改正这一处后重新导入；整个文件未导入"


def read_json(content: bytes, name: str) -> ReadDocument:
    """Read a list of records, an object that holds one such list, or one record.

    ``Row.number`` counts records from 1. Raises SourceError ``json_invalid``, ``json_duplicate_key``,
    ``json_not_finite``, ``json_too_deep``, ``json_text_invalid`` (NUL or half a character),
    ``json_not_records``, ``text_nul`` and those of ``decode``, with line and record.
    """
    decoded = decode(content, name)
    refuse_nul(decoded.text, name)
    sheet, records = _Parser(decoded.text, name).parse()
    rows = tuple(
        Row(number, _values(record, name, number, line), sheet)
        for number, (line, record) in enumerate(records, 1)
    )
    if not rows:
        raise _error("json_not_records", "文件里没有记录", name)
    return ReadDocument(
        name,
        Format.JSON,
        hashlib.sha256(content).hexdigest(),
        rows=rows,
        metadata={"encoding": decoded.encoding},
        findings=decoded.findings,
    )


def read_jsonl(content: bytes, name: str) -> ReadDocument:
    """Read a record from each line; ``Row.number`` is the line. Errors as ``read_json``."""
    decoded = decode(content, name)
    refuse_nul(decoded.text, name)
    rows = []
    for number, line in enumerate(_LINE_END.split(decoded.text), 1):
        if line.strip():
            record = _Parser(line, name, first_line=number).parse_one()
            rows.append(Row(number, _values(record, name, 0, number)))
    if not rows:
        raise _error("json_not_records", "文件里没有记录", name)
    return ReadDocument(
        name,
        Format.JSONL,
        hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        metadata={"encoding": decoded.encoding},
        findings=decoded.findings,
    )


def _values(record: Any, name: str, number: int, line: int) -> dict[str, str]:
    place = _place(name, line, number)
    if not isinstance(record, dict):
        raise _error("json_not_records", "这一条不是由字段组成的记录（{…}）", place)
    try:
        return make_values(record)
    except RecordError as problem:
        raise _error(f"json_{problem.code}", problem.message, place) from None


def _place(name: str, line: int, number: int) -> str:
    record = f"（第 {number} 条记录）" if number else ""
    return f"{name} 第 {line} 行{record}" if line else name


def _error(code: str, message: str, place: str) -> SourceError:
    return SourceError(code, message, place=place, way_out=_WAY_OUT)


class _Parser:
    """Decodes record by record, so that each error has its record and line."""

    def __init__(self, text: str, name: str, first_line: int = 1) -> None:
        self._text = text
        self._name = name
        self._line = first_line
        self._counted = 0
        self._record = 0
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._make_object,
            parse_constant=self._refuse_constant,
            parse_float=self._parse_float,
            parse_int=self._parse_int,
        )

    def parse(self) -> tuple[str, list[tuple[int, Any]]]:
        """The name of the list (empty when it has none) and its records with their lines."""
        start = self._skip(0)
        if self._text[start : start + 1] == "[":
            return "", self._parse_array(start)
        line = self._line_of(start)
        value, end = self._decode(start)
        self._finish(end)
        if isinstance(value, dict):
            lists = [key for key, item in value.items() if _is_records(item)]
            if len(lists) == 1 and len(value) == 1:
                return lists[0], [(0, record) for record in value[lists[0]]]
        return "", [(line, value)]

    def parse_one(self) -> Any:
        """The one value that the text holds."""
        value, end = self._decode(self._skip(0))
        self._finish(end)
        return value

    def _parse_array(self, start: int) -> list[tuple[int, Any]]:
        records: list[tuple[int, Any]] = []
        position = self._skip(start + 1)
        if self._text[position : position + 1] == "]":
            self._finish(position + 1)
            return records
        while True:
            self._record += 1
            line = self._line_of(position)
            value, end = self._decode(position)
            records.append((line, value))
            position = self._skip(end)
            mark = self._text[position : position + 1]
            if mark == "]":
                self._finish(position + 1)
                return records
            if mark != ",":
                what = "缺少逗号或括号" if mark else "文件不完整，列表没有结束"
                raise self._fail("json_invalid", what, position)
            position = self._skip(position + 1)

    def _skip(self, position: int) -> int:
        match = _BLANK.match(self._text, position)
        return match.end() if match else position

    def _line_of(self, position: int) -> int:
        """Line of a place that lies behind all asked for before."""
        if position > self._counted:
            self._line += sum(1 for _ in _LINE_END.finditer(self._text, self._counted, position))
            self._counted = position
        return self._line

    def _decode(self, position: int) -> tuple[Any, int]:
        try:
            return self._decoder.raw_decode(self._text, position)
        except json.JSONDecodeError as error:
            truncated = error.pos >= len(self._text.rstrip()) or "Unterminated" in error.msg
            what = "文件不完整，值没有结束" if truncated else f"写法不对（{error.msg}）"
            raise self._fail("json_invalid", what, error.pos) from None
        except RecursionError:
            raise self._fail("json_too_deep", f"嵌套过深（超过 {MAX_DEPTH} 层）", position) from None
        except RecordError as problem:
            raise self._fail(f"json_{problem.code}", problem.message, position) from None

    def _finish(self, position: int) -> None:
        end = self._skip(position)
        if end < len(self._text):
            what = "后面还有多余的内容；一行一条记录的文件请用后缀 .jsonl"
            raise self._fail("json_invalid", what, end)

    def _fail(self, code: str, message: str, position: int) -> SourceError:
        return _error(code, message, _place(self._name, self._line_of(position), self._record))

    def _make_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                raise RecordError("duplicate_key", f"字段重复：{key[:60]}")
            made[key] = value
        return made

    def _refuse_constant(self, constant: str) -> Any:
        raise RecordError("not_finite", f"值 {constant} 不是数字")

    def _parse_float(self, text: str) -> str:
        if float(text) in (float("inf"), float("-inf")):
            raise RecordError("not_finite", f"数字过大：{text[:40]}")
        return NumberText(text)

    def _parse_int(self, text: str) -> str:
        if len(text) > 100:
            raise RecordError("not_finite", f"数字过长：{text[:40]}…")
        return NumberText(text)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
