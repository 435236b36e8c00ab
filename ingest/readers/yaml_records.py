"""YAML registers, strictly: from the events of the parser, every value as the text that was written.

Nothing is guessed: no dates, no yes and no, no tags, no aliases, no merging of keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ingest.lines import ReadDocument, Row
from ingest.readers.detect import Format
from ingest.readers.encoding import decode, refuse_nul
from ingest.readers.records import MAX_DEPTH, RecordError, make_values
from kb.errors import SourceError

MAX_YAML_CHARACTERS = 8_000_000
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_NOT_FINITE = frozenset((".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF", "+.inf"))
_PLAIN_TAGS = frozenset(("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"))
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WAY_OUT = "请改正这一处后重新导入；整个文件未导入"


@dataclass
class _Open:
    """A mapping or list that has not ended yet."""

    made: dict[str, Any] | list[Any]
    line: int
    key: str | None = None
    lines: list[int] = field(default_factory=list)


def read_yaml(content: bytes, name: str) -> ReadDocument:
    """Read a list of records, a mapping that holds one such list, or one record for each document.

    ``Row.number`` counts records from 1. Raises SourceError ``yaml_invalid``, ``yaml_alias``,
    ``yaml_tag``, ``yaml_duplicate_key``, ``yaml_key_invalid``, ``yaml_not_finite``, ``yaml_too_deep``,
    ``yaml_text_invalid``, ``yaml_not_records``, ``yaml_too_large``, ``text_nul`` and those of ``decode``.
    """
    decoded = decode(content, name)
    refuse_nul(decoded.text, name)
    if len(decoded.text) > MAX_YAML_CHARACTERS:
        way_out = "请拆成几个文件，或改用 JSONL 或 CSV"
        raise SourceError("yaml_too_large", "YAML 文件过大", place=name, way_out=way_out)
    rows: list[Row] = []
    for value, line, item_lines in _documents(decoded.text, name):
        sheet, records = "", [(line, value)]
        if isinstance(value, list):
            records = list(zip(item_lines, value, strict=True))
        elif isinstance(value, dict) and len(value) == 1 and _is_records(only := next(iter(value.values()))):
            sheet, records = next(iter(value)), [(line, record) for record in only]
        for record_line, record in records:
            number = len(rows) + 1
            rows.append(Row(number, _values(record, name, number, record_line), sheet))
    if not rows:
        raise _error("yaml_not_records", "文件里没有记录", name)
    return ReadDocument(
        name,
        Format.YAML,
        hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        metadata={"encoding": decoded.encoding},
        findings=decoded.findings,
    )


def _values(record: Any, name: str, number: int, line: int) -> dict[str, str]:
    place = f"{name} 第 {line} 行（第 {number} 条记录）"
    if not isinstance(record, dict):
        raise _error("yaml_not_records", "这一条不是由字段组成的记录", place)
    try:
        return make_values(record)
    except RecordError as problem:
        raise _error(f"yaml_{problem.code}", problem.message, place) from None


def _error(code: str, message: str, place: str) -> SourceError:
    return SourceError(code, message, place=place, way_out=_WAY_OUT)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _documents(text: str, name: str) -> Iterator[tuple[Any, int, list[int]]]:
    """Each document's value, its line, and for a list the lines of its items."""
    stack: list[_Open] = []
    for event in _events(text, name):
        line = _line_of(event)
        place = f"{name} 第 {line} 行"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _error("yaml_alias", "不允许使用锚点和别名（& 和 *）", place)
        tag = getattr(event, "tag", None)
        if tag and tag not in _PLAIN_TAGS:
            raise _error("yaml_tag", f"不允许使用标签 {tag[:60]}", place)
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(stack) > MAX_DEPTH:
                raise _error("yaml_too_deep", f"嵌套超过 {MAX_DEPTH} 层", place)
            if stack and isinstance(stack[-1].made, dict) and stack[-1].key is None:
                raise _error("yaml_key_invalid", "键必须是文字", place)
            stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], line))
            continue
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            ended = stack.pop()
            if not stack:
                yield ended.made, ended.line, ended.lines
                continue
            _put(stack[-1], ended.made, ended.line)
        elif isinstance(event, yaml.ScalarEvent):
            if not stack:
                raise _error("yaml_not_records", "文件里不是由字段组成的记录", place)
            _put_scalar(stack[-1], event, place)


def _put_scalar(target: _Open, event: yaml.ScalarEvent, place: str) -> None:
    written = event.value
    plain = event.style in (None, "")
    if isinstance(target.made, dict) and target.key is None:
        if plain and written == "<<":
            raise _error("yaml_alias", "不允许使用合并键（<<）", place)
        if written in target.made:
            raise _error("yaml_duplicate_key", f"键重复：{written[:60]}", place)
        target.key = written
        return
    if plain and written in _NOT_FINITE:
        raise _error("yaml_not_finite", f"值 {written} 不是数字", place)
    _put(target, None if plain and written in _NULLS else written, _line_of(event))


def _put(target: _Open, value: Any, line: int) -> None:
    if isinstance(target.made, dict):
        assert target.key is not None
        target.made[target.key] = value
        target.key = None
    else:
        target.made.append(value)
        target.lines.append(line)


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _events(text: str, name: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name} 第 {mark.line + 1} 行" if mark else name
        raise _error("yaml_invalid", f"写法不对（{error.problem or error.context}）", place) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _error("yaml_invalid", f"无法读取（{str(error)[:80]}）", name) from None
