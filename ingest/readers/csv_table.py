"""CSV registers: encoding, delimiter and header found out, every row checked against the header."""

from __future__ import annotations

import csv
import hashlib
import io

from ingest.lines import Finding, ReadDocument, Row
from ingest.readers.detect import Format
from ingest.readers.encoding import decode, refuse_nul
from ingest.readers.rows import clean_header, fit_to_header
from kb.errors import SourceError

_DELIMITERS = (",", "\t", ";", "，", "|")
_MAX_FIELD = 1_000_000
_MAX_ROWS = 1_000_000
_WAY_OUT = "请用 Excel 或 WPS 打开核对这一行，另存为“CSV UTF-8”后重试"


def read_csv(content: bytes, name: str) -> ReadDocument:
    """Read a register; ``Row.number`` is the row (header is row 1, a quoted line break opens no row).

    Rows without any text are passed over. Raises SourceError ``csv_invalid`` (unclosed quote, oversized
    field), ``csv_no_rows``, ``table_header_missing``, ``table_header_repeated``, ``table_columns_wrong``,
    ``table_too_large``, ``text_nul`` and those of ``decode``, each with the row.
    """
    decoded = decode(content, name)
    refuse_nul(decoded.text, name)
    text = decoded.text
    first = text.partition("\n")[0].strip().lower()
    stated = first[4:5] if first.startswith("sep=") and len(first) == 5 else ""
    delimiter = stated or _find_delimiter(text)
    findings = list(decoded.findings)
    if delimiter != ",":
        shown = {"\t": "制表符"}.get(delimiter, delimiter)
        findings.append(Finding("csv_delimiter", f"分隔符不是逗号，按“{shown}”读取", 1))
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    blank = 0
    for number, cells in _records(text, delimiter, name):
        place = f"{name} 第 {number} 行"
        if number == 1 and stated:
            continue
        if not any(cell.strip() for cell in cells):
            blank += 1
        elif not header:
            header = clean_header(cells, place)
        else:
            rows.append(Row(number, fit_to_header(cells, header, place)))
    if not rows:
        raise SourceError(
            "csv_no_rows",
            "表格里没有记录" if header else "表格里没有表头",
            place=name,
            way_out="请确认第一行是字段名，其后每行一条记录",
        )
    if blank:
        findings.append(Finding("blank_rows", f"跳过 {blank} 个空行"))
    return ReadDocument(
        name,
        Format.CSV,
        hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        metadata={"encoding": decoded.encoding, "delimiter": delimiter, "header": "\t".join(header)},
        findings=tuple(findings),
    )


def _records(text: str, delimiter: str, name: str) -> list[tuple[int, list[str]]]:
    previous = csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(reader, 1):
            if number > _MAX_ROWS:
                raise SourceError(
                    "table_too_large",
                    f"表格超过 {_MAX_ROWS} 行",
                    place=name,
                    way_out="请拆成几个文件后分别导入",
                )
            records.append((number, cells))
    except csv.Error as error:
        number = len(records) + 1
        raise SourceError(
            "csv_invalid",
            f"表格无法读取：{_explain(error)}",
            place=f"{name} 第 {number} 行（文件第 {reader.line_num} 行附近）",
            way_out=_WAY_OUT,
        ) from None
    finally:
        csv.field_size_limit(previous)
    return records


def _explain(error: csv.Error) -> str:
    text = str(error)
    if "end of data" in text:
        return "引号没有结束，到文件末尾仍未闭合"
    if "field larger" in text:
        return f"一格超过 {_MAX_FIELD} 字，多半是引号没有闭合"
    if "expected after" in text:
        return "引号之后还有文字（引号内的引号须写两遍）"
    return "格式错误"


def _find_delimiter(text: str) -> str:
    """The character that parts the header and most often the next lines into as many fields."""
    sample = [line for line in text[:200_000].split("\n")[:20] if line.strip()]
    if not sample:
        return ","
    scores = []
    for order, delimiter in enumerate(_DELIMITERS):
        expected = _count_outside(sample[0], delimiter)
        alike = sum(1 for line in sample[1:] if _count_outside(line, delimiter) == expected)
        scores.append((expected > 0, alike, expected, -order, delimiter))
    best = max(scores)
    return best[4] if best[0] else ","


def _count_outside(line: str, delimiter: str) -> int:
    """How often ``delimiter`` stands outside of quotes."""
    return sum(part.count(delimiter) for part in line.split('"')[::2])
