"""XLSX registers: each visible sheet a table with its header, formulas as their last values."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.lines import Finding, ReadDocument, Row
from ingest.readers.detect import Format
from ingest.readers.rows import clean_header, fit_to_header
from kb.errors import SourceError

_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_RATIO = 200
_MAX_PARTS = 2_000
_MAX_ROWS = 200_000
_MAX_COLUMNS = 300
_EXACT = 10**15
"""Numbers from here on have lost digits in a spreadsheet; codes and card numbers must be text."""


def read_xlsx(content: bytes, name: str) -> ReadDocument:
    """Read a workbook; ``Row.number`` is the sheet's own row, ``Row.sheet`` its name.

    Raises SourceError ``zip_bomb``, ``zip_path_traversal``, ``xlsx_damaged``, ``xlsx_no_rows``,
    ``xlsx_cell_error``, ``xlsx_formula_without_value``, ``table_header_missing``,
    ``table_header_repeated``, ``table_columns_wrong``, ``table_too_large``, each with sheet and row.
    """
    parts = _check_package(content, name)
    findings = []
    if "xl/vbaProject.bin" in parts:
        findings.append(Finding("macros_ignored", "工作簿里有宏，未执行，也未读取"))
    if any(part.startswith("xl/externalLinks/") for part in parts):
        findings.append(Finding("external_links_ignored", "工作簿引用了别的文件，未打开"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            rows, found = _read_sheets(content, name)
        except (SourceError, MemoryError):
            raise
        # openpyxl lets through whatever the broken part of a workbook happens to raise.
        except Exception as error:
            raise _damaged(name, type(error).__name__) from None
    if not rows:
        raise SourceError(
            "xlsx_no_rows",
            "工作簿里没有记录",
            place=name,
            way_out="请确认第一行是字段名，其后每行一条记录，工作表没有隐藏",
        )
    return ReadDocument(
        name,
        Format.XLSX,
        hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        metadata={"sheets": "\t".join(dict.fromkeys(row.sheet for row in rows))},
        findings=(*findings, *found),
    )


def _check_package(content: bytes, name: str) -> set[str]:
    """Names of the parts, after their declared sizes were found harmless.

    A part that declares less than it holds is read no further than declared.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _damaged(name, type(error).__name__) from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > _MAX_PARTS or unpacked > max(_MAX_UNPACKED // 10, _MAX_RATIO * len(content)):
        raise _bomb(name, unpacked)
    if unpacked > _MAX_UNPACKED:
        raise _bomb(name, unpacked)
    if any(".." in entry.filename.split("/") or entry.filename.startswith("/") for entry in entries):
        raise SourceError(
            "zip_path_traversal",
            "文件里的路径指向文件之外，已拒绝",
            place=name,
            way_out="请勿使用来历不明的文件",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise SourceError(
            "office_encrypted", "文件已加密，无法读取", place=name, way_out="请去掉密码后另存再试"
        )
    return {entry.filename for entry in entries}


def _bomb(name: str, unpacked: int) -> SourceError:
    return SourceError(
        "zip_bomb",
        f"文件解开后有 {unpacked // 1048576} MB，超出正常范围，已拒绝",
        place=name,
        way_out="请核对文件来历；确是正常表格的，请删去多余的空行和图片或改存为 CSV",
    )


def _damaged(name: str, kind: str) -> SourceError:
    return SourceError(
        "xlsx_damaged",
        f"工作簿已损坏或不完整，无法读取（{kind}）",
        place=name,
        way_out="请用 Excel 或 WPS 打开，另存为新的 .xlsx 后重试",
    )


def _read_sheets(content: bytes, name: str) -> tuple[list[Row], list[Finding]]:
    from openpyxl import load_workbook

    formulas = _find_formulas(content)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    twin = (
        load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        if formulas
        else None
    )
    rows: list[Row] = []
    findings: list[Finding] = []
    for sheet in book.worksheets:
        title = str(sheet.title)
        if sheet.sheet_state != "visible":
            message = f"工作表“{title[:40]}”是隐藏的，未读取"
            findings.append(Finding("xlsx_hidden_sheet", message, lost=True))
            continue
        written = _cells(twin[title], name) if twin is not None else None
        header: tuple[str, ...] = ()
        for number, cells in _cells(sheet, name):
            place = f"{name} 工作表“{title}”第 {number} 行"
            sources = next(written)[1] if written is not None else ()
            texts = [_text_of(cell, place, column, findings, number) for column, cell in enumerate(cells, 1)]
            _check_formulas(cells, sources, place)
            if not any(text.strip() for text in texts):
                continue
            if header:
                rows.append(Row(number, fit_to_header(texts, header, place), title))
            else:
                header = clean_header(texts, place)
        if not header:
            findings.append(Finding("xlsx_empty_sheet", f"工作表“{title[:40]}”是空的"))
    return rows, findings


def _find_formulas(content: bytes) -> bool:
    """True when any sheet has a formula; only then are the formulas read beside the values."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for entry in package.infolist():
            if not entry.filename.startswith("xl/worksheets/"):
                continue
            with package.open(entry) as part:
                tail = b""
                while chunk := part.read(1 << 20):
                    if b"<f>" in tail + chunk or b"<f " in tail + chunk:
                        return True
                    tail = chunk[-8:]
    return False


def _cells(sheet: Any, name: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Values of each row with its number, at most ``_MAX_ROWS`` and ``_MAX_COLUMNS``."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        too_wide = len(cells) > _MAX_COLUMNS and any(cell is not None for cell in cells[_MAX_COLUMNS:])
        if number > _MAX_ROWS or too_wide:
            raise SourceError(
                "table_too_large",
                f"工作表超过 {_MAX_ROWS} 行或 {_MAX_COLUMNS} 列",
                place=f"{name} 工作表“{sheet.title}”第 {number} 行",
                way_out="请删去数据之外的空行空列，或拆成几个文件后分别导入",
            )
        yield number, cells[:_MAX_COLUMNS]


def _check_formulas(values: tuple[Any, ...], sources: tuple[Any, ...], place: str) -> None:
    for column, (value, source) in enumerate(zip(values, sources, strict=False), 1):
        if value is None and source is not None:
            raise SourceError(
                "xlsx_formula_without_value",
                f"第 {column} 列是公式，文件里没有它的计算结果",
                place=place,
                way_out="请用 Excel 或 WPS 打开并保存一次，或把公式粘贴为数值",
            )


def _text_of(value: Any, place: str, column: int, findings: list[Finding], number: int) -> str:
    """One cell as text: dates ISO, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        if value.startswith("#") and value in (
            "#N/A",
            "#REF!",
            "#VALUE!",
            "#DIV/0!",
            "#NAME?",
            "#NUM!",
            "#NULL!",
        ):
            raise SourceError(
                "xlsx_cell_error",
                f"第 {column} 列的值是错误 {value}",
                place=place,
                way_out="请在 Excel 或 WPS 里改正这一格后保存",
            )
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            message = f"第 {column} 列的数字有 16 位以上，电子表格会丢掉末尾几位，请改为文本格式后核对"
            findings.append(Finding("xlsx_number_precision", message, number, lost=True))
        return str(int(value)) if float(value).is_integer() and abs(value) < 10**20 else repr(value)
    return str(value)
