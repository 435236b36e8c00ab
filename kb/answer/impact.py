"""When law changes: which published answers rest on it, and what becomes of them until someone has looked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from kb.answer.audit import Auditor
from kb.answer.basis import BasisFinder
from kb.answer.holdings import Holdings, StoreHoldings
from kb.answer.pinning import CHANGE_LABELS, SEVERITIES, BasisChange, Change, compare_pins
from kb.clock import utc_now
from kb.domain.editing import AnswerEntry, AnswerState, ReviewTask, Revision
from kb.store import answers as store
from kb.store.database import Connection, Database
from kb.store.provisions import load_provisions

SYSTEM = "system"
"""Who opens tasks when no person does."""


@dataclass(frozen=True)
class Impact:
    """An answer with everything that changed under it."""

    entry: AnswerEntry
    revision: Revision
    changes: tuple[BasisChange, ...]


def find_impacts(
    database: Database,
    as_of: dt.date,
    open_holdings: Callable[[Connection], Holdings] = StoreHoldings,
) -> tuple[Impact, ...]:
    """Published answers whose pinned basis no longer stands on ``as_of``; changes nothing.

    A work that arrived only makes a basis checkable: its pin is empty, so it is told too.
    """
    with database.reading() as connection:
        finder = BasisFinder(open_holdings(connection), as_of)
        impacts = [
            Impact(entry, revision, compare_pins(revision.record, revision.pinned, finder))
            for entry, revision in store.list_published(connection)
        ]
    return tuple(one for one in impacts if one.changes)


def open_review_tasks(
    database: Database,
    auditor: Auditor,
    as_of: dt.date,
    open_holdings: Callable[[Connection], Holdings] = StoreHoldings,
) -> int:
    """Open a task for every change that has none yet, and mark those answers due; returns how many.

    Arrived works are no change of law: they open no task.
    """
    impacts = find_impacts(database, as_of, open_holdings)
    opened = 0
    for impact in impacts:
        serious = [one for one in impact.changes if one.change is not Change.ARRIVED]
        if not serious:
            continue
        with auditor.writing() as write:
            new = [
                change
                for change in serious
                if store.open_task(write.connection, _task(write.connection, impact, change))
            ]
            if not new:
                continue
            opened += len(new)
            entry = store.get_entry(write.connection, impact.entry.id)
            if entry.state is AnswerState.PUBLISHED:
                _mark_due(write.connection, entry)
            for change in new:
                basis = change.pinned
                write.record(
                    SYSTEM,
                    "impact",
                    impact.entry.id,
                    {
                        "revision": impact.revision.number,
                        "reason": change.change.value,
                        "basis": f"《{basis.title}》{basis.label}",
                    },
                )
    return opened


def _mark_due(connection: Connection, entry: AnswerEntry) -> None:
    changed = replace(entry, state=AnswerState.DUE, lock=entry.lock + 1, updated_at=utc_now())
    store.change_answer(connection, changed, entry.lock)


def _task(connection: Connection, impact: Impact, change: BasisChange) -> ReviewTask:
    pin = change.pinned
    return ReviewTask(
        id=0,
        answer_id=impact.entry.id,
        revision=impact.revision.number,
        reason=change.change.value,
        severity=SEVERITIES[change.change],
        title=pin.title,
        label=pin.label,
        old_text=_old_text(connection, pin.provision_id, pin.version_id),
        new_text=change.found.text or change.found.why or CHANGE_LABELS[change.change],
        opened_at=utc_now(),
    )


def _old_text(connection: Connection, provision_id: str, version_id: str) -> str:
    loaded = load_provisions(connection, [(provision_id, version_id)])
    found = loaded.get((provision_id, version_id))
    return found.provision.text if found else ""
