"""The audit chain in the store: each entry's hash covers the one before, so nothing can be edited unseen.

The chain alone does not show that its tail was cut; ``kb.answer.audit`` keeps a signed head outside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from kb.clock import utc_now
from kb.domain.editing import AuditEntry
from kb.store.tables import audit_entries

CHAIN_LOCK = 0x6C61776B_61
"""Key of PostgreSQL's advisory lock over the chain ("lawka")."""
FIRST = "0" * 64
"""What the first entry names as the hash before it."""
BATCH = 1000


def append_audit(
    connection: sa.Connection, actor: str, action: str, subject: str, data: Mapping[str, Any]
) -> AuditEntry:
    """Write the next entry in the transaction of what it records.

    Writers wait for one another: SQLite has one anyway, on PostgreSQL an advisory lock orders them.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    last = read_last(connection)
    position, previous = (last.position + 1, last.hash) if last else (1, FIRST)
    written = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    at = utc_now().isoformat()
    hashed = hash_entry(position, at, actor, action, subject, written, previous)
    connection.execute(
        sa.insert(audit_entries).values(
            position=position,
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            data=written,
            previous=previous,
            hash=hashed,
        )
    )
    return AuditEntry(position, at, actor, action, subject, json.loads(written), previous, hashed)


def hash_entry(
    position: int, at: str, actor: str, action: str, subject: str, data: str, previous: str
) -> str:
    """SHA-256 over all fields; each is written with its length, so no two entries read alike."""
    digest = hashlib.sha256()
    for field in (str(position), at, actor, action, subject, data, previous):
        raw = field.encode()
        digest.update(f"{len(raw)}:".encode() + raw)
    return digest.hexdigest()


def read_last(connection: sa.Connection) -> AuditEntry | None:
    """The newest entry."""
    row = connection.execute(
        sa.select(audit_entries).order_by(audit_entries.c.position.desc()).limit(1)
    ).mappings()
    first = row.first()
    return None if first is None else _entry(first)


def read_entry(connection: sa.Connection, position: int) -> AuditEntry | None:
    """The entry at a position."""
    row = (
        connection.execute(sa.select(audit_entries).where(audit_entries.c.position == position))
        .mappings()
        .first()
    )
    return None if row is None else _entry(row)


def iter_entries(connection: sa.Connection, subject: str = "") -> Iterator[AuditEntry]:
    """Entries in order, all or of one subject."""
    after = 0
    while True:
        query = (
            sa.select(audit_entries)
            .where(audit_entries.c.position > after)
            .order_by(audit_entries.c.position)
            .limit(BATCH)
        )
        if subject:
            query = query.where(audit_entries.c.subject == subject)
        rows = connection.execute(query).mappings().all()
        yield from map(_entry, rows)
        if len(rows) < BATCH:
            return
        after = rows[-1]["position"]


def find_break(connection: sa.Connection) -> tuple[int, str] | None:
    """(position, what is wrong in Chinese) of the first entry that does not follow; None if none."""
    previous, expected = FIRST, 1
    for entry in iter_entries(connection):
        if entry.position != expected:
            return expected, f"第 {expected} 条不见了，下一条是第 {entry.position} 条"
        written = json.dumps(entry.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if entry.previous != previous:
            return entry.position, f"第 {entry.position} 条不接着前一条"
        hashed = hash_entry(
            entry.position, entry.at, entry.actor, entry.action, entry.subject, written, previous
        )
        if hashed != entry.hash:
            return entry.position, f"第 {entry.position} 条被改动过"
        previous, expected = entry.hash, expected + 1
    return None


def _entry(row: sa.RowMapping) -> AuditEntry:
    return AuditEntry(
        row["position"],
        row["at"],
        row["actor"],
        row["action"],
        row["subject"],
        json.loads(row["data"]),
        row["previous"],
        row["hash"],
    )
