"""CSV, XLSX, JSON, JSONL and YAML: rows with places, and one bad record that stops the file."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

import openpyxl
import pytest

from ingest.lines import ReadDocument, Row
from ingest.readers.dispatch import read_bytes
from kb.errors import SourceError


def read(content: str | bytes, name: str) -> ReadDocument:
    return read_bytes(content.encode() if isinstance(content, str) else content, name)


def refused(content: str | bytes, name: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(content, name)
    assert caught.value.place.startswith(name)
    assert caught.value.way_out
    return caught.value


def workbook(*rows: tuple[Any, ...], hidden: tuple[tuple[Any, ...], ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "机构"
    for row in rows:
        sheet.append(row)
    if hidden:
        other = book.create_sheet("内部")
        for row in hidden:
            other.append(row)
        other.sheet_state = "hidden"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_what_offices_export(encoding: str, delimiter: str) -> None:
    text = '名称,地址\r\n样例公证处,"一层\r\n二层"\r\n\r\n⽇新律师事务所,\r\n'.replace(",", delimiter)
    document = read(text.encode(encoding), "机构.csv")
    assert document.rows == (
        Row(2, {"名称": "样例公证处", "地址": "一层\n二层"}),
        Row(4, {"名称": "日新律师事务所", "地址": ""}),
    )


def test_csv_keeps_delimiters_inside_quotes() -> None:
    assert read('名称,说明\n甲,"一,二"\n', "a.csv").rows[0].values["说明"] == "一,二"


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("名称,地址\n甲,一\n乙,二,三\n", "table_columns_wrong", "a.csv 第 3 行"),
        ('名称,地址\n甲,"一\n乙,二\n', "csv_invalid", "a.csv 第 2 行"),
        ('名称,地址\n甲,"一"二\n', "csv_invalid", "a.csv 第 2 行"),
        ("名称,名称\n甲,乙\n", "table_header_repeated", "a.csv 第 1 行"),
        ("名称,,地址\n甲,乙,丙\n", "table_header_missing", "a.csv 第 1 行"),
        ("名称,地址\n", "csv_no_rows", "a.csv"),
        ("名称,地址\n甲,乙\0\n", "text_nul", "a.csv 第 2 行"),
    ],
)
def test_csv_refuses(content: str, code: str, place: str) -> None:
    error = refused(content, "a.csv")
    assert error.code == code
    assert error.place.startswith(place)


def test_xlsx_values_as_a_reader_of_the_sheet_sees_them() -> None:
    content = workbook(
        ("名称", "成立日期", "人数", "面积", "无障碍", None),
        ("甲", dt.date(2024, 2, 29), 3.0, 12.5, True, None),
        (None, None, None, None, None, None),
        ("乙", dt.datetime(2024, 2, 29, 9, 30), "０１０", None, False),
    )
    document = read(content, "机构.xlsx")
    assert [(row.number, row.sheet, *row.values.values()) for row in document.rows] == [
        (2, "机构", "甲", "2024-02-29", "3", "12.5", "true"),
        (4, "机构", "乙", "2024-02-29 09:30:00", "010", "", "false"),
    ]
    assert list(document.rows[0].values) == ["名称", "成立日期", "人数", "面积", "无障碍"]


def test_xlsx_reports_hidden_sheets_and_numbers_that_lost_digits() -> None:
    document = read(workbook(("名称", "代码"), ("甲", 91110000123456789), hidden=(("a",), ("b",))), "a.xlsx")
    assert [(finding.code, finding.lost) for finding in document.findings] == [
        ("xlsx_number_precision", True),
        ("xlsx_hidden_sheet", True),
    ]


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ([("名称", "数"), ("甲", "=1+1")], "xlsx_formula_without_value", "第 2 行"),
        ([("名称", "数"), ("甲", 1), ("乙", "#REF!")], "xlsx_cell_error", "第 3 行"),
        ([("名称",), ("甲", "乙")], "table_columns_wrong", "第 2 行"),
        ([("名称", "名称")], "table_header_repeated", "第 1 行"),
        ([("名称", "数")], "xlsx_no_rows", ""),
        ([], "xlsx_no_rows", ""),
        ([("名称",), ("甲", *[None] * 400, "远")], "table_too_large", "第 2 行"),
    ],
)
def test_xlsx_refuses(rows: list[tuple[Any, ...]], code: str, place: str) -> None:
    error = refused(workbook(*rows), "a.xlsx")
    assert error.code == code
    assert place in error.place


def repack(content: bytes, part: str, replacement: bytes) -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, replacement if entry.filename == part else old.read(entry))
        if part not in old.namelist():
            new.writestr(part, replacement)
    return packed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
FAR_ROW = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="99999999"><c r="A99999999"><v>1</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("part", "replacement", "code"),
    [
        (SHEET, b" " * 50_000_000, "zip_bomb"),
        (SHEET, ENTITIES, "xlsx_damaged"),
        (SHEET, b"<worksheet", "xlsx_damaged"),
        (SHEET, FAR_ROW, "table_too_large"),
        ("xl/workbook.xml", b"", "xlsx_damaged"),
        ("../evil.txt", b"x", "zip_path_traversal"),
    ],
)
def test_xlsx_made_to_hurt(part: str, replacement: bytes, code: str) -> None:
    content = repack(workbook(("名称",), ("甲",)), part, replacement)
    assert refused(content, "a.xlsx").code == code


def test_xlsx_cut_off() -> None:
    content = workbook(("名称",), ("甲",))
    assert refused(content[: len(content) // 2], "a.xlsx").code == "zip_truncated"


def test_json_list_of_records() -> None:
    text = '[{"名称": "甲⽇", "数": 1.10, "材料": [{"名": "一", "份": 2}], "空": null},\n'
    text += '{"名称": "乙", "真": true}]'
    assert read(text, "a.json").rows == (
        Row(1, {"名称": "甲日", "数": "1.10", "材料": '[{"名": "一", "份": 2}]', "空": ""}),
        Row(2, {"名称": "乙", "真": "true"}),
    )


def test_json_object_around_a_list_or_one_record() -> None:
    assert read('{"机构": [{"名称": "甲"}]}', "a.json").rows == (Row(1, {"名称": "甲"}, "机构"),)
    assert read('{"名称": "甲", "材料": [{"名": "一"}]}', "a.json").rows == (
        Row(1, {"名称": "甲", "材料": '[{"名": "一"}]'}),
    )


def test_jsonl_numbers_are_lines() -> None:
    assert [row.number for row in read('{"a":1}\n\n{"a":2}\n', "a.jsonl").rows] == [1, 3]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"a": 1}, {"a": 1, "a": 2}', "json_duplicate_key"),
        ('{"a": 1}, {"b": {"c": 1, "c": 2}}', "json_duplicate_key"),
        ('{"a": 1}, {"ａ": 1, "a": 2}', "json_duplicate_key"),
        ('{"a": 1}, {"a": NaN}', "json_not_finite"),
        ('{"a": 1}, {"a": -Infinity}', "json_not_finite"),
        ('{"a": 1}, {"a": 1e999}', "json_not_finite"),
        ('{"a": 1}, {"a": ' + "9" * 5000 + "}", "json_not_finite"),
        ('{"a": 1}, {"a": "\\u0000"}', "json_text_invalid"),
        ('{"a": 1}, {"a": "\\ud800"}', "json_text_invalid"),
        ('{"a": 1}, {"a": ' + "[" * 40 + "]" * 40 + "}", "json_too_deep"),
        ('{"a": 1}, {"a": ' + "[" * 100_000, "json_too_deep"),
        ('{"a": 1}, 3', "json_not_records"),
        ('{"a": 1}, {"": 3}', "json_text_invalid"),
        ('{"a": 1}, {"a" 1}', "json_invalid"),
    ],
)
def test_json_names_the_bad_record_among_many(content: str, code: str) -> None:
    error = refused(f"[{content}]", "a.json")
    assert error.code == code
    assert "第 2 条记录" in error.place
    lines = content.split(", ", 1)
    assert refused("\n".join(lines), "a.jsonl").place.startswith("a.jsonl 第 2 行")


@pytest.mark.parametrize(
    "content", ["[]", "1", "[1]", '[{"a": 1}', '{"a": 1}\n{"a": 2}', '{"a": "', "[,]", "nul"]
)
def test_json_that_holds_no_records(content: str) -> None:
    assert refused(content, "a.json").code in ("json_not_records", "json_invalid")


def test_yaml_values_are_what_was_written() -> None:
    text = "- 名称: 甲⽇\n  日期: 2023-02-30\n  营业: no\n  电话: 010\n  空: ~\n"
    text += "  材料: [一, {名: 二}]\n- 名称: |\n    多\n    行\n"
    assert read(text, "a.yaml").rows == (
        Row(
            1,
            {
                "名称": "甲日",
                "日期": "2023-02-30",
                "营业": "no",
                "电话": "010",
                "空": "",
                "材料": json.dumps(["一", {"名": "二"}], ensure_ascii=False),
            },
        ),
        Row(2, {"名称": "多\n行"}),
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("- a: 1\n- b: 1\n  b: 2\n", "yaml_duplicate_key"),
        ("- a: &x 1\n- b: *x\n", "yaml_alias"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "yaml_alias"),
        ("- <<: {a: 1}\n", "yaml_alias"),
        ("- a: .nan\n", "yaml_not_finite"),
        ("- a: !!python/object/apply:os.getcwd []\n", "yaml_tag"),
        ("- a: !!binary aGk=\n", "yaml_tag"),
        ("- ? [a]\n  : 1\n", "yaml_key_invalid"),
        ("- a: b: c\n", "yaml_invalid"),
        ("- a: [1\n", "yaml_invalid"),
        ("- 1\n- 2\n", "yaml_not_records"),
        ("甲\n", "yaml_not_records"),
        ("# 只有注释\n", "yaml_not_records"),
        ("[" * 50_000, "yaml_too_deep"),
        ('- a: "\\0"\n', "yaml_text_invalid"),
        ("- a: 1\0\n", "text_nul"),
    ],
)
def test_yaml_refuses(content: str, code: str) -> None:
    assert refused(content, "a.yaml").code == code


def test_yaml_names_the_line() -> None:
    assert refused("- a: 1\n- b: 1\n  b: 2\n", "a.yaml").place == "a.yaml 第 3 行"
