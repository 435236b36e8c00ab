"""办事指引 to drafts: our own YAML and JSON, a register of guides, and pages with tables of 键 and 值.

A YAML guide has ``title``, ``short_title``, ``aliases``, ``topic``, ``region`` and the fields of
``kb.domain.records.GuideDetails`` by their own names; ``corpora/templates/guide.yaml`` shows all of them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import types
import typing
from collections.abc import Sequence
from typing import Any

from ingest.drafts import Draft
from ingest.lines import ReadDocument, Row
from ingest.parsers.guides_cells import (
    read_visits,
)
from ingest.parsers.guides_draft import COLUMNS, TOP_FIELDS, make_draft
from ingest.parsers.guides_page import read_page
from ingest.parsers.registers import (
    CellError,
    Problems,
    add_file_findings,
    find_repeats,
    read_register,
)
from ingest.parsers.registers_cells import read_bool, read_date
from kb.domain.records import GuideDetails, details_from_json
from kb.errors import BadInputError

OWN_NAMES = frozenset((*TOP_FIELDS, *(entry.name for entry in dataclasses.fields(GuideDetails))))
STRUCTURED_FORMATS = ("yaml", "json", "jsonl")


def parse_guide(document: ReadDocument) -> tuple[Draft, ...]:
    """One draft for each guide of the file.

    Raises SourceError ``register_invalid`` naming file, record and field, and what ``read_register`` and
    ``ingest.parsers.guides_page.read_page`` raise.
    """
    if not document.rows:
        return add_file_findings(document, [read_page(document)])
    problems = Problems(document)
    if document.format in STRUCTURED_FORMATS and _has_own_names(document.rows):
        guides = [(row, _read_own(row, problems)) for row in document.rows]
    else:
        records = read_register(document, COLUMNS, problems)
        find_repeats(records, ("title", "region"), problems, "事项名称")
        guides = [(record.row, record.values) for record in records]
    problems.refuse()
    drafts = (make_draft(document, values, (row.number, row.number)) for row, values in guides)
    return add_file_findings(document, drafts)


def _has_own_names(rows: Sequence[Row]) -> bool:
    """Whether the records use the English field names of our own format."""
    return all(any(name.isascii() for name in row.values) for row in rows)


def _read_own(row: Row, problems: Problems) -> dict[str, Any]:
    """One guide in our own format; nested values are JSON text and become the types of ``GuideDetails``."""
    hints = {
        **typing.get_type_hints(GuideDetails),
        "title": str,
        "short_title": str,
        "topic": str,
        "region": str,
    }
    hints["aliases"] = tuple[str, ...]
    plain: dict[str, Any] = {}
    for name, text in row.values.items():
        if name not in hints:
            problems.add(row, name, "不认识的字段")
            continue
        try:
            value = _read_value(hints[name], text)
        except CellError as error:
            problems.add(row, name, str(error))
            continue
        if value is not None:
            plain[name] = value
    if not plain.get("title"):
        problems.add(row, "title", "不能为空")
        return plain
    own = {name: plain.pop(name) for name in TOP_FIELDS if name in plain}
    if not all(isinstance(alias, str) for alias in own.get("aliases", [])):
        problems.add(row, "aliases", "应为文字的列表")
    try:
        details = details_from_json("guide", plain)
    except BadInputError as error:
        problems.add(row, error.place.removeprefix("guide."), error.message)
        return own
    return own | {
        entry.name: getattr(details, entry.name)
        for entry in dataclasses.fields(details)
        if entry.name != "region"
    }


def _read_value(hint: Any, text: str) -> Any:
    """The plain JSON value of a field; None when it is not filled."""
    text = text.strip()
    if typing.get_origin(hint) is types.UnionType:
        hint = typing.get_args(hint)[0]
    if not text or text in ("null", "None", "~"):
        return None
    if hint is bool:
        return read_bool(text)
    if hint is int:
        return read_visits(text)
    if hint is dt.date:
        return read_date(text).isoformat()
    if hint is str:
        if text[0] in "[{" and _loads(text) is not None:
            raise CellError("应为一段文字，不是列表")
        return text
    value = _loads(text)
    if not isinstance(value, list):
        raise CellError("应为列表（每项一行，前面加“- ”）")
    inner = typing.get_args(hint)[0]
    return [_fit(inner, item) for item in value]


def _fit(hint: Any, value: Any) -> Any:
    """Numbers and texts inside a list as the field wants them: YAML gives all scalars as text."""
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        hints = typing.get_type_hints(hint)
        return {name: _fit(hints.get(name), item) for name, item in value.items() if item is not None}
    if hint is int and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4:
        return int(value)
    return str(value) if hint is str and type(value) in (int, float) else value


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
