"""The answers that ship, in the store: published as samples until a person takes them over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kb.answer.asked import bank_questions
from kb.answer.audit import Auditor
from kb.answer.basis import BasisFinder
from kb.answer.holdings import Holdings, StoreHoldings
from kb.answer.pinning import pin_answer
from kb.answer.reading import load_shipped
from kb.clock import today, utc_now
from kb.domain.answers import StandardAnswer
from kb.domain.bank import BankSource
from kb.domain.editing import AnswerEntry, AnswerState, Event, Origin, Revision
from kb.store import answers as store
from kb.store.bank import replace_bank
from kb.store.database import Connection

SHIPPER = "lawkb"
"""Who publishes samples."""


def load_samples(
    auditor: Auditor,
    open_holdings: Callable[[Connection], Holdings] = StoreHoldings,
) -> tuple[int, int, int]:
    """Make the samples in the store those that ship; returns (new, changed, kept as a person left them).

    An answer that a person has edited or retired is theirs. One transaction for all; a second run changes
    nothing. A basis that was not held when a sample was loaded is pinned when its work has arrived; a new
    text closes the review tasks of the old one.
    """
    records = load_shipped()
    new = kept = 0
    with auditor.writing() as write:
        connection = write.connection
        held = {one.id: one for one in store.list_entries(connection)}
        finder = BasisFinder(open_holdings(connection), today())
        due: list[tuple[StandardAnswer, AnswerEntry | None]] = []
        for record in records:
            entry = held.get(record.id)
            if entry is None:
                due.append((record, None))
                new += 1
            elif entry.origin is Origin.EDITED or entry.state is AnswerState.RETIRED:
                kept += 1
            elif _differs(record, store.get_revision(connection, entry.id, entry.head), finder):
                due.append((record, entry))
        shipped = {record.id for record in records}
        gone = [
            entry
            for entry in held.values()
            if entry.origin is Origin.SAMPLE
            and entry.id not in shipped
            and entry.state is not AnswerState.RETIRED
        ]
        changed = len(due) - new + len(gone)
        if not due and not gone:
            return new, changed, kept
        for record, entry in due:
            _write(connection, record, entry, finder)
        for entry in gone:
            _retire(connection, entry)
        asked = {record.id: bank_questions(record) for record, _ in due} | {one.id: () for one in gone}
        replace_bank(connection, BankSource.ANSWER, asked)
        write.record(SHIPPER, "samples", "answers", {"new": new, "changed": changed})
    return new, changed, kept


def _retire(connection: Connection, entry: AnswerEntry) -> None:
    retired = replace(
        entry, state=AnswerState.RETIRED, published=None, lock=entry.lock + 1, updated_at=utc_now()
    )
    store.change_answer(connection, retired, entry.lock)
    why = "不再随附"
    store.add_event(
        connection,
        Event(entry.id, entry.head, "retire", SHIPPER, why, entry.state.value, "retired", utc_now()),
    )


def _differs(record: StandardAnswer, held: Revision, finder: BasisFinder) -> bool:
    if store.digest_record(record) != held.digest:
        return True
    empty = [pin.key for pin in held.pinned if not pin.text_sha256]
    return any(pin.text_sha256 for pin in pin_answer(record, finder) if pin.key in empty)


def _write(
    connection: Connection, record: StandardAnswer, entry: AnswerEntry | None, finder: BasisFinder
) -> None:
    number = 1 if entry is None else entry.head + 1
    state = AnswerState.PUBLISHED
    if entry is not None:
        if store.get_revision(connection, entry.id, entry.head).digest == store.digest_record(record):
            state = entry.state  # only pins arrived: what waits for a review goes on waiting
        else:
            store.close_tasks(connection, entry.id, SHIPPER)
    fresh = AnswerEntry(
        id=record.id,
        origin=Origin.SAMPLE,
        state=state,
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
        Event(record.id, number, "publish", SHIPPER, "随附示例", before, state.value, utc_now()),
    )
