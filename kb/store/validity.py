"""Repeals that texts state, and what became of single provisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from kb.domain.validity import ProvisionState, ProvisionStateKind, StatedRepeal
from kb.store.citations import units_from
from kb.store.tables import provision_states, stated_repeals, versions
from kb.text.catalogue import short_key

IDS_PER_QUERY = 500


def save_stated_repeals(
    connection: sa.Connection, version_id: str, rows: Iterable[StatedRepeal]
) -> frozenset[str]:
    """Make ``rows`` all that a version states of other texts' ends; equal rows write nothing.

    Returns ids of held works that this concerns and that are to be settled again
    (``kb.store.works.settle_repealed``), empty when nothing was written.
    """
    held = list_stated_repeals(connection, version_id)
    known = {(row.title, row.number, row.units): row.target_work for row in held}
    wanted = tuple(
        StatedRepeal(
            by_version=version_id,
            by_provision=row.by_provision,
            title=row.title,
            day=row.day,
            basis=row.basis,
            number=row.number,
            units=row.units,
            target_work=row.target_work or known.get((row.title, row.number, row.units)),
        )
        for row in rows
    )
    if wanted == held:
        return frozenset()
    connection.execute(sa.delete(stated_repeals).where(stated_repeals.c.by_version == version_id))
    if wanted:
        connection.execute(
            sa.insert(stated_repeals),
            [{**_repeal_values(row), "position": position} for position, row in enumerate(wanted)],
        )
    return frozenset(row.target_work for row in (*held, *wanted) if row.target_work is not None)


def list_stated_repeals(connection: sa.Connection, version_id: str) -> tuple[StatedRepeal, ...]:
    """What a version states of other texts' ends, in order."""
    return _repeals(connection, stated_repeals.c.by_version == version_id, stated_repeals.c.position)


def repeals_of_title(connection: sa.Connection, title: str) -> tuple[StatedRepeal, ...]:
    """Every statement that a work of this title, or a part of it, has ended; known days first, oldest first.

    The title counts whole, with and without 中华人民共和国; the work need not be held.
    """
    return _repeals(connection, sa.and_(stated_repeals.c.title_key == short_key(title), _SERVES), *_BY_DAY)


def repeals_of_work(connection: sa.Connection, work_id: str) -> tuple[StatedRepeal, ...]:
    """Every statement that this held work, or a part of it, has ended; known days first, oldest first."""
    return _repeals(connection, sa.and_(stated_repeals.c.target_work == work_id, _SERVES), *_BY_DAY)


def save_provision_states(
    connection: sa.Connection, source_id: str, states: Sequence[ProvisionState]
) -> bool:
    """Make ``states`` all that a source says of single provisions; whether anything changed."""
    held = _states(connection, provision_states.c.source_id == source_id)
    if held == tuple(states):
        return False
    connection.execute(sa.delete(provision_states).where(provision_states.c.source_id == source_id))
    if states:
        connection.execute(
            sa.insert(provision_states),
            [
                {
                    "source_id": source_id,
                    "position": position,
                    "provision_id": state.provision_id,
                    "unit": None if state.unit is None else list(state.unit),
                    "from_day": state.from_day,
                    "to_day": state.to_day,
                    "state": state.state.value,
                    "reason": state.reason,
                    "by": state.by,
                }
                for position, state in enumerate(states)
            ],
        )
    return True


def provision_states_on(
    connection: sa.Connection, provision_ids: Iterable[str], as_of: dt.date
) -> dict[str, tuple[ProvisionState, ...]]:
    """States of these provisions that hold on the day, by provision id; those without any are left out."""
    found: dict[str, list[ProvisionState]] = {}
    wanted = list(dict.fromkeys(provision_ids))
    for start in range(0, len(wanted), IDS_PER_QUERY):
        condition = sa.and_(
            provision_states.c.provision_id.in_(wanted[start : start + IDS_PER_QUERY]),
            provision_states.c.from_day <= as_of,
            provision_states.c.to_day > as_of,
        )
        for state in _states(connection, condition):
            found.setdefault(state.provision_id, []).append(state)
    return {provision_id: tuple(states) for provision_id, states in found.items()}


# A text that was replaced by another reading of its day states nothing any more.
_SERVES = stated_repeals.c.by_version.in_(sa.select(versions.c.id).where(versions.c.superseded_by == ""))
_BY_DAY = (
    stated_repeals.c.day.is_(None),
    stated_repeals.c.day,
    stated_repeals.c.by_version,
    stated_repeals.c.position,
)


def _repeals(
    connection: sa.Connection, condition: sa.ColumnElement[bool], *order: sa.ColumnElement[Any]
) -> tuple[StatedRepeal, ...]:
    rows = connection.execute(sa.select(stated_repeals).where(condition).order_by(*order))
    return tuple(
        StatedRepeal(
            by_version=row.by_version,
            by_provision=row.by_provision,
            title=row.title,
            day=row.day,
            basis=row.basis,
            number=None if row.article is None else (row.article, row.inserted),
            units=units_from(row.units),
            target_work=row.target_work,
        )
        for row in rows
    )


def _repeal_values(row: StatedRepeal) -> dict[str, Any]:
    article, inserted = row.number or (None, None)
    return {
        "by_version": row.by_version,
        "by_provision": row.by_provision,
        "title": row.title,
        "title_key": short_key(row.title),
        "article": article,
        "inserted": inserted,
        "units": [list(unit) for unit in row.units],
        "day": row.day,
        "basis": row.basis,
        "target_work": row.target_work,
    }


def _states(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> tuple[ProvisionState, ...]:
    rows = connection.execute(
        sa.select(provision_states)
        .where(condition)
        .order_by(provision_states.c.source_id, provision_states.c.position)
    )
    return tuple(
        ProvisionState(
            provision_id=row.provision_id,
            unit=None if row.unit is None else (row.unit[0], row.unit[1], row.unit[2]),
            from_day=row.from_day,
            state=ProvisionStateKind(row.state),
            reason=row.reason,
            by=row.by,
            to_day=row.to_day,
        )
        for row in rows
    )
