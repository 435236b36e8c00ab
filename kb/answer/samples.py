"""The answers that ship, in the store: published as samples until a person takes them over."""

from __future__ import annotations

from collections.abc import Callable

from kb.answer.audit import Auditor
from kb.answer.basis import BasisFinder
from kb.answer.holdings import Holdings, StoreHoldings
from kb.answer.pinning import pin_answer
from kb.answer.reading import list_shipped, read_answer
from kb.clock import today, utc_now
from kb.domain.answers import StandardAnswer
from kb.domain.editing import AnswerEntry, AnswerState, Event, Origin, Revision
from kb.store import answers as store
from kb.store.database import Connection, Database

SHIPPER = "lawkb"
"""Who publishes samples."""


def load_samples(
    database: Database,
    auditor: Auditor,
    open_holdings: Callable[[Connection], Holdings] = StoreHoldings,
) -> tuple[int, int, int]:
    """Make the samples in the store those that ship; returns (new, changed, kept as a person left them).

    An answer that a person has edited or retired is theirs. One transaction for all; a second run changes
    nothing. A basis that was not held when a sample was loaded is pinned when its work has arrived.
    """
    records = [read_answer(file) for file in list_shipped()]
    new = changed = kept = 0
    with database.reading() as connection:
        held = {one.id: one for one in store.list_entries(connection)}
        finder = BasisFinder(open_holdings(connection), today())
        stored = {
            one.id: store.get_revision(connection, one.id, one.head)
            for one in held.values()
            if one.origin is Origin.SAMPLE
        }
    due: list[tuple[StandardAnswer, AnswerEntry | None]] = []
    for record in records:
        entry = held.get(record.id)
        if entry is None:
            due.append((record, None))
            new += 1
        elif entry.origin is Origin.EDITED or entry.state is AnswerState.RETIRED:
            kept += 1
        elif _differs(record, stored[record.id], finder):
            due.append((record, entry))
            changed += 1
    if not due:
        return new, changed, kept
    with auditor.writing() as write:
        for record, entry in due:
            _write(write.connection, record, entry, finder)
        write.record(SHIPPER, "samples", "answers", {"new": new, "changed": changed})
    return new, changed, kept


def _differs(record: StandardAnswer, held: Revision, finder: BasisFinder) -> bool:
    if store.digest_record(record) != held.digest:
        return True
    empty = [pin.key for pin in held.pinned if not pin.text_sha256]
    return any(pin.text_sha256 for pin in pin_answer(record, finder) if pin.key in empty)


def _write(
    connection: Connection, record: StandardAnswer, entry: AnswerEntry | None, finder: BasisFinder
) -> None:
    number = 1 if entry is None else entry.head + 1
    fresh = AnswerEntry(
        id=record.id,
        origin=Origin.SAMPLE,
        state=AnswerState.PUBLISHED,
        lock=1 if entry is None else entry.lock + 1,
        head=number,
        published=number,
        title=record.title,
        topic=record.topic,
        risk=record.risk.value,
        owner=record.owner,
        next_review=record.next_review,
        publish_on=None,
        updated_at=utc_now(),
    )
    if entry is None:
        store.add_answer(connection, fresh)
    else:
        store.change_answer(connection, fresh, entry.lock)
    pins = pin_answer(record, finder)
    store.add_revision(
        connection,
        Revision(
            record.id, number, record, pins, SHIPPER, "随附示例", utc_now(), store.digest_record(record)
        ),
    )
    before = "" if entry is None else entry.state.value
    store.add_event(
        connection,
        Event(record.id, number, "publish", SHIPPER, "随附示例", before, "published", utc_now()),
    )
