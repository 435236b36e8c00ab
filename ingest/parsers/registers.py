"""Rows of a register to checked fields: columns by their Chinese names, every bad cell with row and column.

One bad record rejects the whole file: a register that is half taken in is worse than none. The error
names the first twenty bad cells.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.drafts import Draft
from ingest.lines import ReadDocument, Row
from kb.errors import SourceError
from kb.text.normalise import normalise

MAX_NAMED = 20
"""Bad cells that an error names."""
_TEMPLATES = "请对照 corpora/templates 中的模板和说明改正后重新导入"


class CellError(ValueError):
    """A cell that cannot be what its column means; the message is Chinese and names no place."""


@dataclass(frozen=True)
class Column:
    """A column: its Chinese name, the field that it fills, other names that people give it.

    ``read`` turns the cell's text into the field's value and raises CellError; it is never given an
    empty cell. The English field name is always understood too.
    """

    name: str
    field: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    read: Callable[[str], Any] = str

    @property
    def names(self) -> tuple[str, ...]:
        """All headers that mean this column."""
        return (self.name, self.field, *self.aliases)


@dataclass(frozen=True)
class Record:
    """One row with its fields read; a field whose cell is empty is absent."""

    row: Row
    values: dict[str, Any]


class Problems:
    """Bad cells of one file, in order; ``refuse`` raises when there are any."""

    def __init__(self, document: ReadDocument) -> None:
        """``document`` gives the name that the error bears."""
        self._document = document
        self._found: list[str] = []

    def add(self, row: Row, column: str, message: str) -> None:
        """Remember a bad cell; ``column`` may be empty when the row as a whole is meant."""
        sheet = f"工作表“{row.sheet}”" if row.sheet else ""
        where = f"“{column}”" if column else ""
        self._found.append(f"{sheet}第 {row.number} 行{where}：{message}")

    def refuse(self) -> None:
        """Raise SourceError ``register_invalid`` naming up to twenty bad cells."""
        if not self._found:
            return
        named = "；".join(self._found[:MAX_NAMED])
        more = f"；另有 {len(self._found) - MAX_NAMED} 处" if len(self._found) > MAX_NAMED else ""
        raise SourceError(
            "register_invalid",
            f"有 {len(self._found)} 处填写不合要求，整份文件没有收入。{named}{more}。",
            place=self._document.name,
            way_out=f"{_TEMPLATES}。",
        )


def index_columns(columns: Sequence[Column]) -> dict[str, Column]:
    """Columns by every header that means them."""
    return {_header_key(name): column for column in columns for name in column.names}


def count_known(headers: Sequence[str], columns: Sequence[Column]) -> int:
    """How many of ``headers`` name a column; -1 when a required column is missing."""
    known = index_columns(columns)
    found = {known[key].field for header in headers if (key := _header_key(header)) in known}
    if any(column.required and column.field not in found for column in columns):
        return -1
    return len(found)


def read_register(
    document: ReadDocument,
    columns: Sequence[Column],
    problems: Problems,
    private: Mapping[str, str] | None = None,
) -> list[Record]:
    """Rows of ``document`` as records; bad cells go to ``problems``.

    ``private`` maps headers that must not be there at all to the reason. Raises SourceError
    ``register_empty``, ``columns_private``, ``columns_unknown``, ``columns_repeated`` or ``columns_missing``.
    """
    if not document.rows:
        raise SourceError(
            "register_empty",
            "表格里没有一条记录。",
            place=document.name,
            way_out="请在表头之下填写记录后重新导入。",
        )
    known = index_columns(columns)
    checked: dict[tuple[str, ...], dict[str, Column]] = {}
    records = []
    for row in document.rows:
        headers = tuple(row.values)
        if headers not in checked:
            checked[headers] = _check_headers(document, row, known, columns, private or {})
        records.append(_read_row(row, checked[headers], columns, problems))
    return records


def _check_headers(
    document: ReadDocument,
    row: Row,
    known: Mapping[str, Column],
    columns: Sequence[Column],
    private: Mapping[str, str],
) -> dict[str, Column]:
    place = f"{document.name} 工作表“{row.sheet}”" if row.sheet else document.name
    refused = [header for header in row.values if any(word in header for word in private)]
    if refused:
        reason = next(why for word, why in private.items() if word in refused[0])
        raise SourceError(
            "columns_private",
            f"表里有不应收集的个人信息：{_name(refused)}。{reason}",
            place=place,
            way_out="请删去这些列后重新导入。",
        )
    unknown = [header for header in row.values if _header_key(header) not in known]
    if unknown:
        raise SourceError(
            "columns_unknown",
            f"有不认识的列：{_name(unknown)}。",
            place=place,
            way_out=f"可用的列：{'、'.join(column.name for column in columns)}；请改名或删去后重新导入。",
        )
    found: dict[str, Column] = {header: known[_header_key(header)] for header in row.values}
    fields = [column.field for column in found.values()]
    repeated = [header for header, column in found.items() if fields.count(column.field) > 1]
    if repeated:
        raise SourceError(
            "columns_repeated",
            f"有几列是同一个意思：{_name(repeated)}。",
            place=place,
            way_out="请只留一列后重新导入。",
        )
    missing = [column.name for column in columns if column.required and column.field not in fields]
    if missing:
        raise SourceError(
            "columns_missing", f"缺少必需的列：{_name(missing)}。", place=place, way_out=f"{_TEMPLATES}。"
        )
    return found


def _read_row(row: Row, found: Mapping[str, Column], columns: Sequence[Column], problems: Problems) -> Record:
    values: dict[str, Any] = {}
    for header, column in found.items():
        text = normalise(row.values[header]).text.strip()
        if text:
            try:
                values[column.field] = column.read(text)
            except CellError as error:
                problems.add(row, column.name, str(error))
        elif column.required:
            problems.add(row, column.name, "不能为空")
    return Record(row, values)


def find_repeats(records: Sequence[Record], fields: Sequence[str], problems: Problems, what: str) -> None:
    """Report every record whose ``fields`` are those of an earlier one."""
    seen: dict[tuple[Any, ...], Row] = {}
    for record in records:
        key = tuple(record.values.get(name) for name in fields)
        if not any(key):
            continue
        earlier = seen.setdefault(key, record.row)
        if earlier is not record.row:
            problems.add(record.row, what, f"与第 {earlier.number} 行重复")


def _header_key(header: str) -> str:
    return "".join(normalise(header).text.split()).strip("*").lower()


def _name(headers: Sequence[str]) -> str:
    shown = "、".join(f"“{header[:20]}”" for header in headers[:MAX_NAMED])
    return shown + (f" 等 {len(headers)} 列" if len(headers) > MAX_NAMED else "")


def describe_record(title: str, pairs: Sequence[tuple[str, Any]]) -> str:
    """Readable text of a record: its title, then ``name：value`` lines; empty values are left out."""
    lines = [title]
    for name, value in pairs:
        if isinstance(value, tuple):
            value = "、".join(map(str, value))
        elif isinstance(value, dt.date):
            value = value.isoformat()
        if value not in ("", None):
            lines.append(f"{name}：{value}")
    return "\n".join(lines)


def add_file_findings(document: ReadDocument, drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """The drafts of a file, what its reader found told once, with the first of them."""
    made = tuple(drafts)
    if not made or not document.findings:
        return made
    first = dataclasses.replace(made[0], findings=(*document.findings, *made[0].findings))
    return (first, *made[1:])
