"""A saved page of a guide (tables of 键 and 值, or headings with text under them) to a draft."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from ingest.drafts import Draft, DraftProvision
from ingest.lines import Finding, Line, ReadDocument
from ingest.parsers.guides_draft import COLUMNS, make_draft
from ingest.parsers.registers import CellError, Column, index_columns
from ingest.parsers.registers_cells import read_date
from kb.domain.records import LegalBasis, Material, Office, Step
from kb.errors import SourceError
from kb.text.quoted_titles import find_quoted_titles

OTHER = "其他信息"
_KNOWN = index_columns(COLUMNS)
_FIELD_LINE = re.compile(r"(?P<key>[\u4e00-\u9fff]{2,12}) ?[:：] ?(?P<value>.*)", re.DOTALL)
_NUMBERING = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.、])"
)
_ARTICLE = re.compile(r"第[零〇一二三四五六七八九十百千0-9]{1,10}条(?:之[一二三四五六七八九十]{1,3})?")
_MATERIAL_COLUMNS = {
    **dict.fromkeys(("材料名称", "申请材料", "名称"), "name"),
    **dict.fromkeys(("原件", "原件份数", "原件数量"), "originals"),
    **dict.fromkeys(("复印件", "复印件份数", "复印件数量"), "copies"),
    **dict.fromkeys(("必要性", "材料必要性", "是否必要"), "necessity"),
    **dict.fromkeys(("来源", "来源渠道", "材料来源"), "source"),
    **dict.fromkeys(("备注", "填报须知", "说明", "要求"), "note"),
}
_STEP_COLUMNS = {
    **dict.fromkeys(("步骤", "环节", "办理环节", "环节名称", "办理步骤"), "name"),
    **dict.fromkeys(("办理人", "办理人员", "责任人", "办理机构"), "who"),
    **dict.fromkeys(("时限", "办理时限", "办结时限"), "time_limit"),
    **dict.fromkeys(("结果", "办理结果", "审查结果"), "outcome"),
}
_INDEX_COLUMNS = frozenset(("序号", "编号"))
_DIGITS = re.compile(r"\d{1,3}")


def read_page(document: ReadDocument) -> Draft:
    """The guide of a page. What belongs to no known field is kept as a block 其他信息, and told.

    Raises SourceError ``title_missing`` or ``guide_fields_missing`` (fewer than two known fields).
    """
    collected = _collect(document.lines)
    title = _first(collected.get("title", ())) or _find_title(document)
    if not title:
        raise SourceError(
            "title_missing",
            "没有找到办事指引的名称。",
            place=document.name,
            way_out="请在正文第一行写明事项名称后重新导入。",
        )
    values: dict[str, Any] = {"title": title}
    findings: list[Finding] = []
    others = [(line, line.text) for line in collected.pop("", []) if line.text.strip() != title]
    for field, lines in collected.items():
        if field == "title":
            continue
        column = _KNOWN[field]
        try:
            values[field] = _read_field(column, lines)
        except CellError as error:
            findings.append(
                Finding("field_unreadable", f"“{column.name}”：{error}；原文收入“{OTHER}”", lines[0].number)
            )
            others += [(line, f"{column.name}：{line.text}") for line in lines]
    if len(values) < 3:
        raise SourceError(
            "guide_fields_missing",
            "页面里没有认出受理条件、申请材料等栏目，不像办事指引。",
            place=document.name,
            way_out="请核对文件，或按 corpora/templates/guide.yaml 填写后导入。",
        )
    numbers = [line.number for line in document.lines]
    draft = make_draft(document, values, (min(numbers), max(numbers)), findings)
    if not others:
        return draft
    message = f"有 {len(others)} 行不属于已知栏目，收入“{OTHER}”"
    extra = DraftProvision(
        None, OTHER, (), "\n".join(text for _, text in others), (others[0][0].number, others[-1][0].number)
    )
    return dataclasses.replace(
        draft,
        provisions=(*draft.provisions, extra),
        findings=(*draft.findings, Finding("lines_unplaced", message, others[0][0].number)),
    )


def count_fields(lines: Sequence[Line]) -> int:
    """How many fields of a guide the lines name."""
    return len([field for field in _collect(lines) if field])


def _collect(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Lines of each field; "" holds what stands under none. Cells of a pair are lines of their own."""
    found: dict[str, list[Line]] = {}
    current = ""
    table: dict[int, str] = {}
    for line in lines:
        if line.cells:
            pairs = _read_pairs(line.cells)
            if pairs:
                table = {}
                for field, value in pairs:
                    found.setdefault(field, []).append(_part(line, value))
                current = ""
                continue
            header = _read_table_header(line.cells)
            if header:
                current, table = header
                continue
            if table:
                found.setdefault(current, []).append(_part(line, _join_row(line.cells, table, current)))
                continue
            found.setdefault(current, []).append(_part(line, "｜".join(cell for cell in line.cells if cell)))
            continue
        table = {}
        text = line.text.strip()
        bare = _NUMBERING.sub("", text, count=1).strip("【】[]：: ")
        if len(bare) <= 12 and _field_of(bare):
            current = _field_of(bare)
            found.setdefault(current, [])
            continue
        match = _FIELD_LINE.fullmatch(_NUMBERING.sub("", text, count=1))
        if match and _field_of(match["key"]):
            current = _field_of(match["key"])
            found.setdefault(current, [])
            text = match["value"].strip()
        elif line.level:
            current = ""
        if text:
            found.setdefault(current, []).append(_part(line, text))
    return {field: entries for field, entries in found.items() if entries}


def _field_of(name: str) -> str:
    column = _KNOWN.get("".join(name.split()).lower())
    return column.field if column is not None and not name.isascii() else ""


def _part(line: Line, text: str) -> Line:
    return Line(text, text, line.number, line.page)


def _read_pairs(cells: Sequence[str]) -> list[tuple[str, str]]:
    """名 值 名 值; empty when the row is none."""
    if len(cells) % 2:
        return []
    pairs = [(_field_of(cells[i].strip("：: ")), cells[i + 1].strip()) for i in range(0, len(cells), 2)]
    known = [pair for pair in pairs if pair[0]]
    if not known or _field_of(cells[1].strip("：: ")):
        return []
    return [pair for pair in pairs if pair[1]] if len(known) == len(pairs) else []


def _read_table_header(cells: Sequence[str]) -> tuple[str, dict[int, str]] | None:
    for field, columns in (("materials", _MATERIAL_COLUMNS), ("steps", _STEP_COLUMNS)):
        named = {i: columns[cell.strip()] for i, cell in enumerate(cells) if cell.strip() in columns}
        rest = [cell for i, cell in enumerate(cells) if i not in named and cell.strip() not in _INDEX_COLUMNS]
        if len(named) > 1 and "name" in named.values() and not any(rest):
            return field, named
    return None


def _join_row(cells: Sequence[str], table: dict[int, str], field: str) -> str:
    named = {name: cells[i].strip() for i, name in table.items() if i < len(cells)}
    return "\x1f".join([field, *(f"{name}\x1e{value}" for name, value in named.items())])


def _read_field(column: Column, lines: Sequence[Line]) -> Any:
    """The value of one field from the lines under it."""
    rows = [_unpack(line.text) for line in lines if "\x1f" in line.text]
    plain = "\n".join(line.text for line in lines if "\x1f" not in line.text)
    if column.field == "materials":
        return tuple(_make_material(row) for row in rows) + (column.read(plain) if plain else ())
    if column.field == "steps":
        return tuple(_make_step(row) for row in rows) + (column.read(plain) if plain else ())
    if column.field == "basis":
        return _read_loose_basis(plain)
    if column.field == "offices" and "｜" not in plain:
        return (Office(address=" ".join(plain.split("\n"))),)
    if column.field == "verified_on":
        return read_date(plain.split("\n")[0])
    return column.read(plain)


def _unpack(text: str) -> dict[str, str]:
    pairs = (part.partition("\x1e") for part in text.split("\x1f")[1:])
    return {name: value for name, _, value in pairs}


def _make_step(row: dict[str, str]) -> Step:
    return Step(row.get("name", ""), row.get("who", ""), row.get("time_limit", ""), row.get("outcome", ""))


def _make_material(row: dict[str, str]) -> Material:
    counts = {name: _DIGITS.search(row.get(name, "")) for name in ("originals", "copies")}
    return Material(
        name=row.get("name", ""),
        originals=int(counts["originals"][0]) if counts["originals"] else 0,
        copies=int(counts["copies"][0]) if counts["copies"] else 0,
        necessity=row.get("necessity", ""),
        source=row.get("source", ""),
        note=row.get("note", ""),
    )


def _read_loose_basis(text: str) -> tuple[LegalBasis, ...]:
    """Titles and articles of running text: each quoted title with the article that follows it."""
    titles = find_quoted_titles(text)
    if not titles:
        raise CellError("没有写明《法律名称》")
    found: dict[LegalBasis, None] = {}
    for title, end in zip(titles, [*(one.start for one in titles[1:]), len(text)], strict=True):
        labels = _ARTICLE.findall(text[title.end : min(end, title.end + 40)])
        found |= {LegalBasis(title.title, label): None for label in labels[:1] or [""]}
    return tuple(found)


def _find_title(document: ReadDocument) -> str:
    for line in document.lines[:20]:
        text = line.text.strip()
        if not line.cells and 3 < len(text) <= 60 and not _FIELD_LINE.fullmatch(text) and not _field_of(text):
            return text
    return document.metadata.get("title", "").strip()


def _first(lines: Sequence[Line]) -> str:
    return lines[0].text.strip() if lines else ""
