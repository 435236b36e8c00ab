"""Saving works as sources give them: what changed, and what the indexes must follow."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from kb.clock import utc_now
from kb.domain.works import Source, WorkBundle
from kb.errors import BadInputError
from kb.store import outbox
from kb.store.checking import check_bundle
from kb.store.documents import held_documents
from kb.store.placing import Placing
from kb.store.rows import SOURCE_COLUMNS, source_from, values_of
from kb.store.settling import insert_work, read_work, settle
from kb.store.summary import SaveSummary, Tally
from kb.store.tables import citations, sources, stated_repeals, work_witnesses, works
from kb.store.texts import Changes
from kb.store.witnesses import (
    Origin,
    WorkWitness,
    load_families,
    load_work_witnesses,
    write_work_witness,
)

_SELECT_ORIGIN = sa.select(sources.c.id, sources.c.priority, sources.c.sha256).where(
    sources.c.id == sa.bindparam("source")
)


def save_source(connection: sa.Connection, source: Source) -> bool:
    """Write ``source`` and return whether anything was new in it."""
    row = connection.execute(sa.select(*SOURCE_COLUMNS).where(sources.c.id == source.id)).one_or_none()
    if row is not None and source_from(row) == source:
        return False
    values = {**values_of(source), "updated_at": utc_now()}
    if row is None:
        connection.execute(sa.insert(sources), values)
    else:
        connection.execute(sa.update(sources).where(sources.c.id == source.id).values(values))
    return True


def save_bundle(connection: sa.Connection, bundle: WorkBundle, *, complete: bool = True) -> SaveSummary:
    """Make the store hold ``bundle`` and put what an index must follow on the outbox.

    With ``complete`` a version that the same source gave before and that is no longer in ``bundle`` loses
    this witness, and goes when it was the last; without, it stays (one file of a work was read by itself).
    Saving the same bundle again writes nothing, whatever other sources gave in between. Where texts belong
    that differ from held ones is told at ``kb.store.placing``, which text is in force when at
    ``kb.store.intervals``. All of it belongs to the caller's transaction.

    Raises:
        BadInputError: ``bundle_invalid`` when the bundle contradicts itself (the place names the
            record), ``source_unknown`` or ``document_unknown`` when its source or a document that it was
            read from was not saved before, ``text_not_storable``.
    """
    check_bundle(bundle)
    # Before the first read: two savers of one work must see each other's rows.
    outbox.hold_order(connection)
    origin = _origin(connection, bundle.source_id)
    _require_documents(connection, bundle)
    work = bundle.work
    before = read_work(connection, work.id)
    if before is None:
        insert_work(connection, work)
    described = load_work_witnesses(connection, work.id) if before else ()
    described = _describe(connection, bundle, origin, described)
    families = load_families(connection, work.id) if before else {}
    placing = Placing(connection, origin, work.kind, Changes(work.id), families)
    given = dict.fromkeys(text.version.id for text in bundle.versions)
    for text in bundle.versions:
        placing.place_text(text)
    if complete:
        for base in [base for base in families if base not in given]:
            placing.withdraw(base)
    settled = settle(connection, before or work, described, families, placing.changes)
    if before is None:
        tally = Tally(added=1)
    else:
        tally = Tally(changed=1) if settled.work_changed else Tally(unchanged=1)
    saved = placing.sum_up(given, tally, settled.versions_changed)
    return saved + _settle_loosened(connection, placing)


def remove_work(connection: sa.Connection, work_id: str, *, source_id: str | None = None) -> SaveSummary:
    """Remove a work with its versions; unknown ids remove nothing.

    With ``source_id`` only what that source says: the work itself goes when no other source gives it.
    """
    outbox.hold_order(connection)
    before = read_work(connection, work_id)
    if before is None:
        return SaveSummary()
    described = load_work_witnesses(connection, work_id)
    families = load_families(connection, work_id)
    total = SaveSummary()
    leaving = {one.source_id for one in described}
    leaving.update(name for family in families.values() for name in family.witnesses)
    for leaver in sorted(leaving if source_id is None else leaving & {source_id}):
        placing = Placing(connection, Origin(leaver, 0, ""), before.kind, Changes(work_id), families)
        for base in list(families):
            placing.withdraw(base)
        described = tuple(one for one in described if one.source_id != leaver)
        connection.execute(
            sa.delete(work_witnesses).where(
                work_witnesses.c.work_id == work_id, work_witnesses.c.source_id == leaver
            )
        )
        total += placing.sum_up({}, Tally(), frozenset())
        total += _settle_loosened(connection, placing)
    if described or families:
        return total + _settle(connection, work_id)
    for table in (citations, stated_repeals):
        connection.execute(sa.update(table).where(table.c.target_work == work_id).values(target_work=None))
    removed = connection.execute(sa.delete(works).where(works.c.id == work_id)).rowcount
    return total + SaveSummary(works=Tally(removed=removed))


def settle_work(connection: sa.Connection, work_id: str) -> SaveSummary:
    """Decide anew what is served of a work; writes nothing when all stands as it should.

    ``save_bundle`` does it by itself. To be called when something else changed that decides: a stated repeal,
    the priority of a source. Unknown ids do nothing.
    """
    outbox.hold_order(connection)
    return _settle(connection, work_id)


def settle_repealed(connection: sa.Connection, work_ids: Iterable[str] | None = None) -> SaveSummary:
    """``settle_work`` for these works, or for every held work whose end a held text states or stated."""
    if work_ids is None:
        stated = sa.select(stated_repeals.c.target_work).where(stated_repeals.c.target_work.is_not(None))
        ended = sa.select(works.c.id).where(works.c.repealed_on.is_not(None))
        work_ids = connection.execute(stated.union(ended)).scalars().all()
    total = SaveSummary()
    for work_id in sorted(set(work_ids)):
        total += settle_work(connection, work_id)
    return total


def _settle_loosened(connection: sa.Connection, placing: Placing) -> SaveSummary:
    """Works whose end was stated by a text that serves no longer; only what changed of them is counted."""
    total = SaveSummary()
    for work_id in sorted(placing.loosened):
        settled = _settle(connection, work_id)
        total += SaveSummary(
            works=Tally(changed=settled.works.changed),
            versions=Tally(changed=settled.versions.changed),
            outbox_rows=settled.outbox_rows,
        )
    return total


def _settle(connection: sa.Connection, work_id: str) -> SaveSummary:
    before = read_work(connection, work_id)
    if before is None:
        return SaveSummary()
    changes = Changes(work_id)
    families = load_families(connection, work_id)
    settled = settle(connection, before, load_work_witnesses(connection, work_id), families, changes)
    return SaveSummary(
        works=Tally(changed=1) if settled.work_changed else Tally(unchanged=1),
        versions=Tally(
            changed=len(settled.versions_changed),
            unchanged=len(families) - len(settled.versions_changed),
        ),
        outbox_rows=changes.append_to(connection),
    )


def _origin(connection: sa.Connection, source_id: str) -> Origin:
    row = connection.execute(_SELECT_ORIGIN, {"source": source_id}).one_or_none()
    if row is None:
        raise BadInputError(
            "source_unknown",
            "记录的来源还没有登记",
            place=source_id,
            way_out="请先保存来源，再保存其中的文件",
        )
    return Origin(*row)


def _require_documents(connection: sa.Connection, bundle: WorkBundle) -> None:
    named = {document for text in bundle.versions for document in text.documents}
    if missing := named - (held_documents(connection, named) if named else set()):
        raise BadInputError(
            "document_unknown",
            "记录所出的文件还没有保存",
            place=f"{bundle.work.id} {min(missing)}",
            way_out="请先保存文件，再保存其中的记录",
        )


def _describe(
    connection: sa.Connection, bundle: WorkBundle, origin: Origin, described: tuple[WorkWitness, ...]
) -> tuple[WorkWitness, ...]:
    """Write how this source describes the work; all descriptions, the highest priority first."""
    own = WorkWitness(origin.source_id, origin.priority, bundle.work)
    if own in described:
        return described
    others = [one for one in described if one.source_id != origin.source_id]
    write_work_witness(connection, bundle.work, origin.source_id, known=len(others) < len(described))
    return tuple(sorted((*others, own), key=lambda one: (-one.priority, one.source_id)))
