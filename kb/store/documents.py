"""Files as they came, so that a quote can be shown as in its source; and those that did not go in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from kb.domain.documents import Document, DocumentFinding, QuarantineEntry
from kb.domain.works import SourcePlace
from kb.errors import BadInputError, NotFoundError
from kb.store.columns import require_storable
from kb.store.tables import documents, provisions, quarantine, version_documents, versions, witnesses

IDS_PER_QUERY = 500
COMPRESSION = 6
_FIELDS = tuple(field.name for field in dataclasses.fields(Document))
_COLUMNS = tuple(documents.c[name] for name in _FIELDS)


def save_document(connection: sa.Connection, document: Document, content: bytes) -> bool:
    """Keep a file; False when its bytes were already held (the first name and source stay).

    Findings of a held document are brought up to date: a better reader may have other ones.

    Raises:
        BadInputError: ``document_digest`` when ``id`` or ``size`` is not that of ``content``.
    """
    if document.id != hashlib.sha256(content).hexdigest() or document.size != len(content):
        raise BadInputError(
            "document_digest",
            "文件内容与登记的摘要或大小不符",
            place=document.name,
            way_out="请重新读取文件；没有保存任何内容",
        )
    require_storable(document.name, document.id)
    findings = [dataclasses.asdict(finding) for finding in document.findings]
    held = connection.execute(
        sa.select(documents.c.findings).where(documents.c.id == document.id)
    ).one_or_none()
    if held is not None:
        if held[0] != findings:
            connection.execute(
                sa.update(documents).where(documents.c.id == document.id).values(findings=findings)
            )
        return False
    values = {name: getattr(document, name) for name in _FIELDS}
    values |= {"findings": findings, "content": zlib.compress(content, COMPRESSION)}
    connection.execute(sa.insert(documents), values)
    return True


def held_documents(connection: sa.Connection, ids: Iterable[str]) -> set[str]:
    """Which of these documents we hold."""
    found: set[str] = set()
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), IDS_PER_QUERY):
        part = wanted[start : start + IDS_PER_QUERY]
        found.update(connection.execute(sa.select(documents.c.id).where(documents.c.id.in_(part))).scalars())
    return found


def get_document(connection: sa.Connection, document_id: str) -> Document:
    """The document without its bytes; raises NotFoundError ``document_not_found``."""
    row = connection.execute(sa.select(*_COLUMNS).where(documents.c.id == document_id)).one_or_none()
    if row is None:
        raise _not_found(document_id)
    return _document_from(row)


def read_document(connection: sa.Connection, document_id: str) -> bytes:
    """The bytes as they came; raises NotFoundError ``document_not_found``."""
    packed = connection.execute(
        sa.select(documents.c.content).where(documents.c.id == document_id)
    ).scalar_one_or_none()
    if packed is None:
        raise _not_found(document_id)
    return zlib.decompress(packed)


def list_documents(connection: sa.Connection, source_id: str | None = None) -> tuple[Document, ...]:
    """Documents by name, all of them or those that first came from a source."""
    statement = sa.select(*_COLUMNS).order_by(documents.c.name, documents.c.id)
    if source_id is not None:
        statement = statement.where(documents.c.source_id == source_id)
    return tuple(map(_document_from, connection.execute(statement)))


def documents_of(connection: sa.Connection, version_id: str) -> tuple[Document, ...]:
    """What a version's text was read from, those of each source in order; empty when no file is kept.

    A file of another source whose text is a different one is left out.
    """
    rows = connection.execute(
        sa.select(*_COLUMNS, witnesses.c.differing)
        .select_from(
            # A superseded reading keeps its documents, its witnesses went on to the text that serves.
            version_documents.join(documents).outerjoin(
                witnesses,
                sa.and_(
                    witnesses.c.version_id == version_documents.c.version_id,
                    witnesses.c.source_id == version_documents.c.source_id,
                ),
            )
        )
        .where(version_documents.c.version_id == version_id)
        .order_by(version_documents.c.source_id, version_documents.c.position)
    )
    return tuple(dict.fromkeys(_document_from(row[:-1]) for row in rows if not row[-1]))


def finding_codes(connection: sa.Connection, work_id: str) -> set[str]:
    """Codes of everything odd in the files that a work's serving texts were read from."""
    rows = connection.execute(
        sa.select(documents.c.findings, witnesses.c.differing)
        .select_from(
            version_documents.join(documents)
            .join(
                witnesses,
                sa.and_(
                    witnesses.c.version_id == version_documents.c.version_id,
                    witnesses.c.source_id == version_documents.c.source_id,
                ),
            )
            .join(versions, versions.c.id == version_documents.c.version_id)
        )
        .where(versions.c.work_id == work_id, versions.c.superseded_by == "")
    )
    return {str(one["code"]) for findings, differing in rows if not differing for one in findings}


def documents_of_source(connection: sa.Connection, source_id: str) -> set[str]:
    """Ids of the documents from which a source's word on any version was read."""
    ids = sa.select(version_documents.c.document_id).where(version_documents.c.source_id == source_id)
    return set(connection.execute(ids.distinct()).scalars())


def place_of(connection: sa.Connection, provision_id: str, version_id: str) -> SourcePlace | None:
    """Where a provision was read, None when it is not known."""
    row = connection.execute(
        sa.select(provisions.c.document_id, provisions.c.line_from, provisions.c.line_to).where(
            provisions.c.version_id == version_id, provisions.c.provision_id == provision_id
        )
    ).one_or_none()
    return None if row is None or row[0] is None else SourcePlace(*row)


def prune_documents(connection: sa.Connection, source_id: str, keep: Iterable[str]) -> int:
    """Drop documents of a source that no version was read from and that are not in ``keep``."""
    used = sa.select(version_documents.c.document_id)
    loose = connection.execute(
        sa.select(documents.c.id).where(documents.c.source_id == source_id, documents.c.id.not_in(used))
    ).scalars()
    kept = set(keep)
    gone = [document_id for document_id in loose if document_id not in kept]
    for start in range(0, len(gone), IDS_PER_QUERY):
        part = gone[start : start + IDS_PER_QUERY]
        connection.execute(sa.delete(documents).where(documents.c.id.in_(part)))
    return len(gone)


def _document_from(row: Sequence[Any]) -> Document:
    *before, findings = row
    values = zip(_FIELDS, (*before, tuple(DocumentFinding(**one) for one in findings)), strict=True)
    return Document(**dict(values))


def _not_found(document_id: str) -> NotFoundError:
    return NotFoundError(
        "document_not_found", "没有保存这个文件", place=document_id, way_out="请核对编号，或查看版本的来源"
    )


# -- quarantine -----------------------------------------------------------------------------------

_QUARANTINE = tuple(quarantine.c[field.name] for field in dataclasses.fields(QuarantineEntry))


def quarantine_files(
    connection: sa.Connection, source_id: str, files: Iterable[str], entries: Sequence[QuarantineEntry]
) -> None:
    """Make ``entries`` all that is held against ``files`` of a source: a file without entry is cleared.

    An entry that was there for the same bytes keeps its moment, so that a second run changes nothing.
    """
    named = list(dict.fromkeys((*files, *(entry.file for entry in entries))))
    held: dict[tuple[Any, ...], dt.datetime] = {}
    before: list[QuarantineEntry] = []
    for start in range(0, len(named), IDS_PER_QUERY):
        part = named[start : start + IDS_PER_QUERY]
        mine = sa.and_(quarantine.c.source_id == source_id, quarantine.c.file.in_(part))
        for row in connection.execute(
            sa.select(*_QUARANTINE).where(mine).order_by(quarantine.c.file, quarantine.c.position)
        ):
            entry = QuarantineEntry(*row)
            before.append(entry)
            held.setdefault(_reason_of(entry), entry.at)
    after = [
        dataclasses.replace(entry, source_id=source_id, at=held.get(_reason_of(entry), entry.at))
        for entry in sorted(entries, key=lambda entry: entry.file)
    ]
    if before == after:
        return
    for start in range(0, len(named), IDS_PER_QUERY):
        part = named[start : start + IDS_PER_QUERY]
        connection.execute(
            sa.delete(quarantine).where(quarantine.c.source_id == source_id, quarantine.c.file.in_(part))
        )
    positions: dict[str, int] = {}
    rows = []
    for entry in after:
        position = positions[entry.file] = positions.get(entry.file, -1) + 1
        rows.append({**dataclasses.asdict(entry), "position": position})
    if rows:
        connection.execute(sa.insert(quarantine), rows)


def list_quarantine(connection: sa.Connection, source_id: str | None = None) -> tuple[QuarantineEntry, ...]:
    """What could not be taken in, by source, file and order of finding."""
    statement = sa.select(*_QUARANTINE).order_by(
        quarantine.c.source_id, quarantine.c.file, quarantine.c.position
    )
    if source_id is not None:
        statement = statement.where(quarantine.c.source_id == source_id)
    return tuple(QuarantineEntry(*row) for row in connection.execute(statement))


def _reason_of(entry: QuarantineEntry) -> tuple[Any, ...]:
    return entry.file, entry.line, entry.code, entry.reason, entry.sha256
