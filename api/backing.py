"""What stands behind a text: sources, files, who checked it when, and which texts say that it is over."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from api.catalogue import Reading, provision_in
from api.fields import printable
from kb.clock import today
from kb.domain.currency import CurrencyRecord, CurrencyState, currency_on
from kb.domain.documents import Document
from kb.domain.validity import StatedRepeal
from kb.domain.works import SourcePlace, WorkKind
from kb.store.citations import count_cited_by
from kb.store.currency import get_currency, load_currency
from kb.store.database import Connection, Database
from kb.store.documents import documents_of, place_of, read_document
from kb.store.rows import LoadedProvision
from kb.store.validity import repeals_of_work
from kb.store.works import WitnessListing, list_witnesses, load_provisions

LINE_FORMATS = frozenset(("markdown", "md", "text", "txt", "jsonl"))
"""Formats whose places are lines of the file; of all others a place is a paragraph, row or record."""
ROW_FORMATS = frozenset(("csv", "xlsx"))
RECORD_FORMATS = frozenset(("json", "yaml", "yml"))
MAX_READ = 8 * 1024 * 1024
"""Bytes of a file that is unpacked to show a few of its lines."""
MAX_SHOWN = 200
MAX_LINE = 20_000
RULING_KINDS = (WorkKind.STATUTE, WorkKind.NORMATIVE)
"""Kinds whose texts can end another: a guide or a case only reports."""


PlaceUnit = Literal["line", "row", "record", "paragraph", ""]


@dataclass(frozen=True)
class NamedRepeal:
    """A held text that ends a work or a part of it, with the provision that says so."""

    stated: StatedRepeal
    by: LoadedProvision


@dataclass(frozen=True)
class Currency:
    """How far the validity of a work has been looked after as of today."""

    state: CurrencyState
    record: CurrencyRecord | None


@dataclass(frozen=True)
class Backing:
    """All that stands behind one version."""

    currency: Currency
    witnesses: tuple[WitnessListing, ...]
    documents: tuple[Document, ...]
    repeals: tuple[NamedRepeal, ...]
    cited: Mapping[tuple[int, int], int]
    """How often each article is cited in texts of other works, by number."""


@dataclass(frozen=True)
class Original:
    """Where a provision was read.

    ``lines`` as they stand in the file with their numbers, None when they cannot be had. ``unit`` is what
    ``place`` counts: line, row, record or paragraph. ``note`` says in Chinese why lines are missing.
    """

    reading: Reading
    place: SourcePlace | None
    document: Document | None
    unit: PlaceUnit
    lines: tuple[tuple[int, str], ...] | None
    note: str


def judge_currency(record: CurrencyRecord | None) -> Currency:
    """The state today: whoever reads an old text still wants to know whether anybody looked since."""
    return Currency(currency_on(record, today()), record)


def read_backing(database: Database, reading: Reading) -> Backing:
    """Sources, files, currency and stated repeals of the version that is read."""
    with database.reading() as connection:
        return Backing(
            judge_currency(get_currency(connection, reading.work.id)),
            list_witnesses(connection, reading.version.id),
            documents_of(connection, reading.version.id),
            _named_repeals(connection, reading.work.id),
            count_cited_by(connection, reading.work.id),
        )


def read_currencies(database: Database, work_ids: Sequence[str]) -> dict[str, CurrencyState]:
    """Today's currency of works, by id."""
    if not work_ids:
        return {}
    with database.reading() as connection:
        records = load_currency(connection, work_ids)
    return {work_id: judge_currency(records.get(work_id)).state for work_id in work_ids}


def _named_repeals(connection: Connection, work_id: str) -> tuple[NamedRepeal, ...]:
    stated = repeals_of_work(connection, work_id)
    loaded = load_provisions(connection, [(one.by_provision, one.by_version) for one in stated])
    named = [NamedRepeal(one, by) for one in stated if (by := loaded.get((one.by_provision, one.by_version)))]
    return tuple(one for one in named if one.by.work.kind in RULING_KINDS)


def read_original(
    database: Database, provision_id: str, as_of: dt.date | None, version_id: str | None
) -> Original:
    """Where a provision stands in the file that it was read from; raises as ``catalogue.read_provision``.

    Original lines are given of text-like files alone, from the kept bytes: reading Word, PDF and web pages
    takes the readers of the ingest, which a service that only answers does not run.
    """
    with database.reading() as connection:
        reading = provision_in(connection, provision_id, as_of or today(), version_id, nearest=True)
        place = place_of(connection, provision_id, reading.version.id)
        files = {document.id: document for document in documents_of(connection, reading.version.id)}
        document = files.get(place.document_id) if place else None
        if place is None or document is None:
            return Original(reading, None, None, "", None, "来源没有保存原始文件，只记录了来源")
        unit = unit_of(document.format)
        if document.format not in LINE_FORMATS and document.format != "csv":
            return Original(reading, place, document, unit, None, "这种格式的文件只注明位置，不显示原文行")
        if document.size > MAX_READ:
            return Original(reading, place, document, unit, None, "文件较大，只注明位置")
        content = read_document(connection, document.id)
    lines = quote_lines(content, document.format, place)
    return Original(
        reading, place, document, unit, lines, "" if lines else "文件的编码不能直接显示，只注明位置"
    )


def unit_of(format_: str) -> PlaceUnit:
    """What a place in a file of this format counts."""
    if format_ in LINE_FORMATS:
        return "line"
    if format_ in ROW_FORMATS:
        return "row"
    return "record" if format_ in RECORD_FORMATS else "paragraph"


def quote_lines(content: bytes, format_: str, place: SourcePlace) -> tuple[tuple[int, str], ...] | None:
    """The lines (or the row under its header) of a file at a place, None when they cannot be told."""
    text = _decode(content)
    if text is None:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if format_ == "csv":
        lines = _rows(text)
    chosen = range(place.line_from, min(place.line_to, place.line_from + MAX_SHOWN - 1, len(lines)) + 1)
    numbers = [*([1] if format_ == "csv" and place.line_from > 1 else []), *chosen]
    return tuple((number, printable(lines[number - 1])[:MAX_LINE]) for number in numbers) or None


def _rows(text: str) -> list[str]:
    try:
        return [",".join(row) for row in csv.reader(io.StringIO(text))]
    except csv.Error:
        return []


def _decode(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def distinct_findings(documents: Sequence[Document]) -> list[tuple[str, int, bool]]:
    """(message, line, lost) of everything odd that was found in files, each once."""
    found = [(one.message, one.line, one.lost) for document in documents for one in document.findings]
    return list(dict.fromkeys(found))
