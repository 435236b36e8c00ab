"""Writing the texts themselves: rows of versions, provisions and details, and what an index must follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from kb.clock import utc_now
from kb.domain.records import details_to_json
from kb.domain.works import Provision, Version, VersionedText, WorkKind
from kb.store import outbox
from kb.store.outbox import OutboxChange, OutboxOp
from kb.store.rows import PLACE_COLUMNS, PROVISION_COLUMNS, placed_provision_from, provision_values, values_of
from kb.store.summary import Tally
from kb.store.tables import (
    citations,
    provisions,
    stated_repeals,
    version_details,
    version_documents,
    versions,
    witnesses,
)
from kb.text.normalise import normalise

INDEXED_OF_PROVISION = ("label", "path", "text")
"""Fields that an index point holds or that its vectors are made from; the others change SQL alone."""

_HELD_TEXT = (
    sa.select(*PROVISION_COLUMNS, *PLACE_COLUMNS)
    .where(provisions.c.version_id == sa.bindparam("version"))
    .order_by(provisions.c.ordinal, provisions.c.provision_id)
)
_IDS_IN = (
    sa.select(provisions.c.provision_id)
    .where(provisions.c.version_id == sa.bindparam("version"))
    .order_by(provisions.c.ordinal)
)


class Changes:
    """What the indexes must follow, each provision and version once, in the order it was met."""

    def __init__(self, work_id: str) -> None:  # noqa: D107 - see the class
        self._work_id = work_id
        self._ops: dict[tuple[str, str], OutboxOp] = {}

    def put(self, op: OutboxOp, version_id: str, provision_ids: Iterable[str]) -> None:
        """The newest word on a provision counts."""
        self._ops.update(((provision_id, version_id), op) for provision_id in provision_ids)

    def append_to(self, connection: sa.Connection) -> int:
        """Write them and return how many."""
        return outbox.append(
            connection,
            [OutboxChange(op, *key, work_id=self._work_id) for key, op in self._ops.items()],
        )


@dataclass(frozen=True)
class TextWritten:
    """What writing a text did; ``text_changed`` tells whether any wording is not what it was."""

    tally: Tally
    text_changed: bool


def held_text(connection: sa.Connection, version_id: str) -> tuple[Provision, ...]:
    """Provisions of a version in order, with their places."""
    return tuple(map(placed_provision_from, connection.execute(_HELD_TEXT, {"version": version_id})))


def insert_version(connection: sa.Connection, version: Version, source_id: str) -> None:
    """A new row."""
    now = utc_now()
    values = {**values_of(version), "source_id": source_id, "created_at": now, "updated_at": now}
    connection.execute(sa.insert(versions), values)


def update_version(connection: sa.Connection, version: Version, source_id: str) -> None:
    """The row of ``version.id`` as given."""
    values = {**values_of(version), "source_id": source_id, "updated_at": utc_now()}
    connection.execute(sa.update(versions).where(versions.c.id == version.id).values(values))


def write_text(
    connection: sa.Connection, text: VersionedText, before: Sequence[Provision], changes: Changes
) -> TextWritten:
    """Make the provisions of ``text.version`` what ``text`` says; ``before`` is what is held of it."""
    version_id = text.version.id
    held = {provision.id: provision for provision in before}
    added: list[Provision] = []
    changed: list[Provision] = []
    moved: list[Provision] = []
    to_index: list[str] = []
    text_changed = False
    for provision in text.provisions:
        old = held.pop(provision.id, None)
        if old is None:
            added.append(provision)
        elif old != provision:
            changed.append(provision)
            text_changed = text_changed or old.text != provision.text
        elif old.place != provision.place:
            moved.append(provision)
        if old is None or any(
            getattr(old, name) != getattr(provision, name) for name in INDEXED_OF_PROVISION
        ):
            to_index.append(provision.id)
    _delete(connection, version_id, held)
    _delete(connection, version_id, [provision.id for provision in changed])
    if added or changed:
        connection.execute(sa.insert(provisions), [provision_values(one) for one in (*added, *changed)])
    _move(connection, moved)
    changes.put(OutboxOp.DELETE, version_id, held)
    changes.put(OutboxOp.UPSERT, version_id, to_index)
    tally = Tally(
        added=len(added),
        changed=len(changed),
        removed=len(held),
        unchanged=len(text.provisions) - len(added) - len(changed),
    )
    return TextWritten(tally, text_changed or bool(added or held))


def _delete(connection: sa.Connection, version_id: str, ids: Iterable[str]) -> None:
    rows = [{"version": version_id, "provision": id_} for id_ in ids]
    if rows:
        statement = sa.delete(provisions).where(
            provisions.c.version_id == sa.bindparam("version"),
            provisions.c.provision_id == sa.bindparam("provision"),
        )
        connection.execute(statement, rows)


def _move(connection: sa.Connection, moved: Sequence[Provision]) -> None:
    """Write places alone: the lines of a file moved, or another file holds the same text."""
    if not moved:
        return
    statement = (
        sa.update(provisions)
        .where(
            provisions.c.version_id == sa.bindparam("version"),
            provisions.c.provision_id == sa.bindparam("provision"),
        )
        .values(
            document_id=sa.bindparam("document"),
            line_from=sa.bindparam("first"),
            line_to=sa.bindparam("last"),
        )
    )
    rows = []
    for provision in moved:
        place = provision.place
        rows.append(
            {
                "version": provision.version_id,
                "provision": provision.id,
                "document": place.document_id if place else None,
                "first": place.line_from if place else None,
                "last": place.line_to if place else None,
            }
        )
    connection.execute(statement, rows)


def write_details(connection: sa.Connection, text: VersionedText, kind: WorkKind) -> bool:
    """Make the details of ``text.version`` those of ``text``; whether anything changed."""
    held = connection.execute(
        sa.select(version_details.c.data).where(version_details.c.version_id == text.version.id)
    ).scalar_one_or_none()
    data = None if text.details is None else details_to_json(text.details)
    if data == held:
        return False
    connection.execute(sa.delete(version_details).where(version_details.c.version_id == text.version.id))
    if data is not None:
        connection.execute(
            sa.insert(version_details), {"version_id": text.version.id, "kind": kind, "data": data}
        )
    return True


def ids_in(connection: sa.Connection, version_id: str) -> list[str]:
    """Ids of a version's provisions in the order of the text."""
    return list(connection.execute(_IDS_IN, {"version": version_id}).scalars())


def remove_version(connection: sa.Connection, version_id: str, changes: Changes) -> Tally:
    """Remove a version with all that hangs on it; counts its provisions."""
    ids = ids_in(connection, version_id)
    changes.put(OutboxOp.DELETE, version_id, ids)
    for table, column in (
        (citations, citations.c.from_version),
        (stated_repeals, stated_repeals.c.by_version),
        (version_details, version_details.c.version_id),
        (version_documents, version_documents.c.version_id),
        (witnesses, witnesses.c.version_id),
        (provisions, provisions.c.version_id),
        (versions, versions.c.id),
    ):
        connection.execute(sa.delete(table).where(column == version_id))
    return Tally(removed=len(ids))


def targets_of(connection: sa.Connection, version_id: str) -> set[str]:
    """Held works whose end this version states."""
    stated = sa.select(stated_repeals.c.target_work).where(
        stated_repeals.c.by_version == version_id, stated_repeals.c.target_work.is_not(None)
    )
    return set(connection.execute(stated).scalars())


def differing_provisions(held: Sequence[Provision], given: Sequence[Provision]) -> tuple[str, ...]:
    """Ids whose wording differs or that only one side has; spelling variants and blanks do not count."""
    left = {provision.id: provision.text for provision in held}
    found: list[str] = []
    for provision in given:
        text = left.pop(provision.id, None)
        if text is None or not _same_wording(text, provision.text):
            found.append(provision.id)
    return (*found, *left)


def _same_wording(one: str, other: str) -> bool:
    return one == other or _squeeze(one) == _squeeze(other)


def _squeeze(text: str) -> str:
    return "".join(normalise(text).text.split())
