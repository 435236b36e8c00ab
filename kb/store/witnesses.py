"""What each source says of a work and of its texts, apart from what is served.

Texts that sources give under one version id form a family: one of them serves, older readings of that
day are kept. Every source that gives the version is a witness of the family, be its text the same or not.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from kb.domain.records import details_to_json
from kb.domain.works import Version, VersionedText, Work
from kb.store.checking import READING_MARK
from kb.store.rows import VERSION_COLUMNS, version_from
from kb.store.tables import sources, version_documents, versions, witnesses, work_witnesses


@dataclass(frozen=True)
class Origin:
    """The source that is being saved."""

    source_id: str
    priority: int
    sha256: str


@dataclass(frozen=True)
class Statement:
    """A version as one source states it."""

    published_on: dt.date
    stated_from: dt.date
    stated_from_certain: bool
    stated_to: dt.date
    stated_to_certain: bool
    date_source: str
    declared_status: str
    text_sha256: str

    @classmethod
    def of(cls, version: Version) -> Statement:
        """What ``version`` says when a source gives it."""
        return cls(
            version.published_on,
            version.effective_from,
            version.effective_from_certain,
            version.effective_to,
            version.effective_to_certain,
            version.date_source,
            version.declared_status,
            version.text_sha256,
        )


@dataclass(frozen=True)
class Witness:
    """One source's word on a version; ``differing`` are provisions where its text is not the one served."""

    source_id: str
    priority: int
    statement: Statement
    bytes_sha256: str
    content_sha256: str
    differing: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether its text is the one served."""
        return not self.differing


@dataclass
class Family:
    """The readings held under one version id and who bears witness of it.

    ``current`` serves and came from ``serving``; ``older`` were superseded.
    """

    current: Version
    serving: str
    older: dict[str, Version] = field(default_factory=dict)
    witnesses: dict[str, Witness] = field(default_factory=dict)

    def strength_without(self, source_id: str) -> int:
        """Highest priority of those who agree with the served text, one source left out; -1 for none."""
        others = (one for one in self.witnesses.values() if one.agrees and one.source_id != source_id)
        return max((one.priority for one in others), default=-1)

    def best_witness(self) -> Witness | None:
        """Whose reading is to serve: highest priority among those who agree, the serving one among equals."""
        agreeing = [one for one in self.witnesses.values() if one.agrees] or list(self.witnesses.values())
        return min(
            agreeing,
            key=lambda one: (-one.priority, one.source_id != self.serving, one.source_id),
            default=None,
        )


def base_of(version_id: str) -> str:
    """The id under which sources give the version of which this is a reading."""
    return version_id.partition(READING_MARK)[0]


def name_reading(text: VersionedText, taken: Sequence[str]) -> str:
    """``work@date~`` and 8 hex digits (more where taken) of the digest over ids and texts."""
    digest = hashlib.sha256()
    for provision in text.provisions:
        digest.update(f"{provision.id}\x1f{provision.text}\x1e".encode())
    whole = digest.hexdigest()
    names = (f"{text.version.id}{READING_MARK}{whole[:size]}" for size in range(8, 65, 8))
    return next(name for name in names if name not in taken)


def digest_content(text: VersionedText, priority: int) -> str:
    """Equal when a source gives the very same again, so that nothing has to be compared."""
    digest = hashlib.sha256(f"{priority}\x1d{'|'.join(text.documents)}\x1d".encode())
    if text.details is not None:
        digest.update(repr(sorted(details_to_json(text.details).items())).encode())
    for one in text.provisions:
        place = one.place
        where = f"{place.document_id[:16]}:{place.line_from}:{place.line_to}" if place else ""
        head = f"{one.id}\x1f{one.number}\x1f{one.label}\x1f{one.ordinal}\x1f{where}\x1f{len(one.path)}\x1f"
        digest.update("\x1f".join((head, *one.path, one.text, "\x1e")).encode())
    return digest.hexdigest()


def digest_bytes(text: VersionedText, origin: Origin) -> str:
    """What the text was read from: its documents, else the source's one file."""
    if not text.documents:
        return origin.sha256
    return hashlib.sha256("\n".join(sorted(text.documents)).encode()).hexdigest()


# -- rows -----------------------------------------------------------------------------------------

_STATEMENT_COLUMNS = tuple(witnesses.c[entry.name] for entry in dataclasses.fields(Statement))
_SELECT_VERSIONS = sa.select(*VERSION_COLUMNS, versions.c.source_id).where(
    versions.c.work_id == sa.bindparam("work")
)
_SELECT_WITNESSES = (
    sa.select(
        witnesses.c.version_id,
        witnesses.c.source_id,
        sources.c.priority,
        witnesses.c.bytes_sha256,
        witnesses.c.content_sha256,
        witnesses.c.differing,
        *_STATEMENT_COLUMNS,
    )
    .select_from(
        witnesses.join(versions, versions.c.id == witnesses.c.version_id).join(
            sources, sources.c.id == witnesses.c.source_id
        )
    )
    .where(versions.c.work_id == sa.bindparam("work"))
)
_WORK_FIELDS = tuple(entry.name for entry in dataclasses.fields(Work) if entry.name != "id")
_SELECT_WORK_WITNESSES = (
    sa.select(
        work_witnesses.c.source_id,
        sources.c.priority,
        work_witnesses.c.work_id,
        *(work_witnesses.c[name] for name in _WORK_FIELDS),
    )
    .select_from(work_witnesses.join(sources, sources.c.id == work_witnesses.c.source_id))
    .where(work_witnesses.c.work_id == sa.bindparam("work"))
)


def load_families(connection: sa.Connection, work_id: str) -> dict[str, Family]:
    """All readings of a work by the version id under which sources give them."""
    families: dict[str, Family] = {}
    older: list[Version] = []
    for row in connection.execute(_SELECT_VERSIONS, {"work": work_id}):
        version = version_from(row[:-1])
        if version.superseded_by:
            older.append(version)
        else:
            families[base_of(version.id)] = Family(version, row[-1])
    for version in older:
        families[base_of(version.id)].older[version.id] = version
    if families:
        for version_id, source_id, priority, read_from, content, differing, *stated in connection.execute(
            _SELECT_WITNESSES, {"work": work_id}
        ):
            families[base_of(version_id)].witnesses[source_id] = Witness(
                source_id, priority, Statement(*stated), read_from, content, differing
            )
    return families


def write_witness(
    connection: sa.Connection, version_id: str, witness: Witness, documents: Sequence[str] | None
) -> None:
    """Put the word of ``witness`` in place of what it said before; None leaves its documents as they are."""
    mine = sa.and_(witnesses.c.version_id == version_id, witnesses.c.source_id == witness.source_id)
    values = {
        **dataclasses.asdict(witness.statement),
        "bytes_sha256": witness.bytes_sha256,
        "content_sha256": witness.content_sha256,
        "differing": witness.differing,
    }
    if not connection.execute(sa.update(witnesses).where(mine).values(values)).rowcount:
        connection.execute(
            sa.insert(witnesses), {**values, "version_id": version_id, "source_id": witness.source_id}
        )
    if documents is None:
        return
    connection.execute(sa.delete(version_documents).where(_links_of(version_id, witness.source_id)))
    if documents:
        connection.execute(
            sa.insert(version_documents),
            [
                {
                    "version_id": version_id,
                    "source_id": witness.source_id,
                    "position": position,
                    "document_id": document_id,
                }
                for position, document_id in enumerate(documents)
            ],
        )


def delete_witness(connection: sa.Connection, version_id: str, source_id: str) -> None:
    """Take back a source's word on a version with its documents."""
    connection.execute(
        sa.delete(witnesses).where(witnesses.c.version_id == version_id, witnesses.c.source_id == source_id)
    )
    connection.execute(sa.delete(version_documents).where(_links_of(version_id, source_id)))


def move_witnesses(connection: sa.Connection, before: str, after: str) -> None:
    """All witnesses of a family follow to the reading that serves now; documents stay with the old text."""
    connection.execute(sa.update(witnesses).where(witnesses.c.version_id == before).values(version_id=after))


def _links_of(version_id: str, source_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(version_documents.c.version_id == version_id, version_documents.c.source_id == source_id)


@dataclass(frozen=True)
class WorkWitness:
    """A work as one source describes it."""

    source_id: str
    priority: int
    work: Work


def load_work_witnesses(connection: sa.Connection, work_id: str) -> tuple[WorkWitness, ...]:
    """Every source's description of a work, the highest priority first."""
    rows = connection.execute(_SELECT_WORK_WITNESSES, {"work": work_id})
    found = [WorkWitness(source, priority, Work(*described)) for source, priority, *described in rows]
    return tuple(sorted(found, key=lambda one: (-one.priority, one.source_id)))


def write_work_witness(connection: sa.Connection, work: Work, source_id: str, *, known: bool) -> None:
    """Put a source's description of a work in place of its earlier one."""
    values = {name: getattr(work, name) for name in _WORK_FIELDS}
    if known:
        connection.execute(
            sa.update(work_witnesses)
            .where(work_witnesses.c.work_id == work.id, work_witnesses.c.source_id == source_id)
            .values(values)
        )
    else:
        connection.execute(sa.insert(work_witnesses), {**values, "work_id": work.id, "source_id": source_id})
