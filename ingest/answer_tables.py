"""Standard answers as tables and lines: CSV, XLSX and JSONL, out and in again without loss.

One row is one answer. Plain fields stand as they are, lists of sentences one a line in their cell, everything
with parts of its own (slots, basis, gates, branches) as JSON. A file is taken whole or not at all.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.lines import ReadDocument
from ingest.readers.csv_table import read_csv
from ingest.readers.json_records import read_jsonl
from ingest.readers.xlsx import read_xlsx
from kb.domain.answers import StandardAnswer
from kb.domain.plain import from_plain, to_plain
from kb.errors import BadInputError, LawkbError

COLUMNS = {
    "id": "编号",
    "topic": "主题",
    "category": "分类",
    "title": "标题",
    "question": "标准问法",
    "variants": "口语问法",
    "risk": "风险",
    "slots": "要点",
    "script": "话术",
    "basis": "依据",
    "gates": "门槛问题",
    "branches": "分支",
    "urgent": "先说的话",
    "education": "普法文字",
    "guides": "相关指引",
    "cases": "相关案例",
    "transfer": "转接",
    "audience": "人群",
    "region": "地区",
    "valid_from": "有效期自",
    "valid_until": "有效期至",
    "next_review": "下次复审",
    "owner": "责任单位",
    "reviewed_by": "审核人",
}
"""Field -> heading of its column, in the order of a table."""
_LISTS = frozenset(("category", "variants", "guides", "cases", "audience"))
_JSON = frozenset(("slots", "basis", "gates", "branches"))
_FIELDS = {heading: name for name, heading in COLUMNS.items()}
_DEFAULTS = {entry.name: entry.default for entry in dataclasses.fields(StandardAnswer)}


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row; ``place`` names file, row and column."""

    place: str
    code: str
    message: str


class TableRefusedError(BadInputError):
    """A file that is not taken because of some of its rows; ``problems`` are all of them."""

    def __init__(self, name: str, rows: int, problems: Sequence[RowProblem]) -> None:
        """``rows`` is how many there were in all."""
        first = problems[0]
        bad = len({one.place.split("：")[0] for one in problems})
        super().__init__(
            "answers_refused",
            f"{rows} 行中有 {bad} 行不能导入，整个文件都没有写入：{first.place}：{first.message}",
            place=name,
            way_out="按报告逐行改正后重新导入",
        )
        self.problems = tuple(problems)


def write_table(records: Sequence[StandardAnswer], path: Path) -> None:
    """Write ``records`` as the ending of ``path`` says: .jsonl, .csv or .xlsx.

    Raises BadInputError ``format_unknown``.
    """
    ending = path.suffix.lower()
    if ending == ".jsonl":
        lines = (json.dumps(to_plain(one), ensure_ascii=False, sort_keys=True) for one in records)
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return
    rows = [list(COLUMNS.values()), *([_cell(one, name) for name in COLUMNS] for one in records)]
    if ending == ".csv":
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows(rows)
        path.write_bytes(b"\xef\xbb\xbf" + buffer.getvalue().encode())  # so that Excel reads it as UTF-8
    elif ending == ".xlsx":
        _write_xlsx(rows, path)
    else:
        raise _unknown(path)


def _write_xlsx(rows: Sequence[Sequence[str]], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("标准答问")
    for row in rows:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=text or None)
            cell.data_type = "s" if text else "n"  # a text that begins with = is no formula
            cells.append(cell)
        sheet.append(cells)
    book.save(path)


def _cell(record: StandardAnswer, name: str) -> str:
    plain = to_plain(record).get(name)
    if plain is None or plain == _DEFAULTS[name]:
        return "" if name != "region" else record.region
    if name in _JSON:
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)
    if name in _LISTS:
        return "\n".join(plain)
    return str(plain)


def read_table(path: Path) -> list[StandardAnswer]:
    """Every answer of a file.

    Raises TableRefusedError naming each bad row, BadInputError ``format_unknown``, and as the readers do.
    """
    content = path.read_bytes()
    ending = path.suffix.lower()
    if ending == ".jsonl":
        rows = _jsonl_rows(content, path.name)
    elif ending == ".csv":
        rows = _table_rows(read_csv(content, path.name), path.name)
    elif ending == ".xlsx":
        rows = _table_rows(read_xlsx(content, path.name), path.name)
    else:
        raise _unknown(path)
    records: list[StandardAnswer] = []
    problems: list[RowProblem] = []
    seen: dict[str, str] = {}
    for place, values in rows:
        try:
            record = from_plain(StandardAnswer, _plain(values), place, code="answer_invalid")
        except LawkbError as error:
            within = error.place if error.place.startswith(place) else f"{place}：{error.place}"
            problems.append(RowProblem(within, error.code, error.message))
            continue
        for name, text in (("编号", record.id), ("标题", record.title)):
            key = f"{name}{text}"
            if key in seen:
                problems.append(RowProblem(place, "row_repeated", f"{name}“{text}”与{seen[key]}相同"))
            seen.setdefault(key, place)
        records.append(record)
    if problems:
        raise TableRefusedError(path.name, len(rows), problems)
    return records


def _jsonl_rows(content: bytes, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    read_jsonl(content, name)  # its checks: encoding, duplicate keys, NaN, depth
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), start=1):
        if line.strip():
            rows.append((f"{name}:{number}", json.loads(line)))
    return rows


def _table_rows(document: ReadDocument, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for row in document.rows:
        values: dict[str, Any] = {}
        for heading, text in row.values.items():
            field = _FIELDS.get(heading, heading)
            if text != "":
                values[field] = text
        rows.append((f"{name} 第 {row.number} 行", values))
    return rows


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, str) and name in _LISTS:
            plain[name] = value.split("\n")
        elif isinstance(value, str) and name in _JSON:
            try:
                plain[name] = json.loads(value)
            except ValueError as error:
                raise BadInputError(
                    "cell_not_json", f"“{COLUMNS[name]}”一格不是 JSON：{error}", place=COLUMNS[name]
                ) from error
        else:
            plain[name] = value
    return plain


def _unknown(path: Path) -> BadInputError:
    return BadInputError(
        "format_unknown",
        f"不认识的格式：{path.suffix or path.name}",
        place=path.name,
        way_out="可用 .jsonl、.csv、.xlsx",
    )
