"""Currency records: what is officially known of each work's validity, and which works are due for a look."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from kb.clock import utc_now
from kb.domain.currency import CurrencyRecord, CurrencyState, OfficialStatus, currency_on
from kb.domain.works import Work, WorkKind
from kb.errors import BadInputError
from kb.store.rows import WORK_COLUMNS, work_from
from kb.store.tables import currency, works

IDS_PER_QUERY = 500
MAX_LIMIT = 1000
MAX_OFFSET = 10_000_000
_COLUMNS = tuple(currency.c[field.name] for field in dataclasses.fields(CurrencyRecord))


@dataclass(frozen=True)
class CurrencyListing:
    """A work with its record, None while unchecked, and its state on the day of the list."""

    work: Work
    record: CurrencyRecord | None
    state: CurrencyState


def save_currency(connection: sa.Connection, records: Iterable[CurrencyRecord]) -> int:
    """Write records, one per work, and return how many were new or changed.

    A record that was checked before the held one does not replace it.

    Raises:
        BadInputError: ``currency_invalid`` when ``next_due`` is not after ``checked_on``.
    """
    written = 0
    for record in records:
        if record.next_due <= record.checked_on:
            raise BadInputError(
                "currency_invalid",
                f"下次核对日 {record.next_due} 不晚于核对日 {record.checked_on}",
                place=record.work_id,
                way_out="请改正下次核对日",
            )
        held = get_currency(connection, record.work_id)
        if held == record or (held is not None and held.checked_on > record.checked_on):
            continue
        values = {**dataclasses.asdict(record), "official_status": record.official_status.value}
        values["updated_at"] = utc_now()
        if held is None:
            connection.execute(sa.insert(currency), values)
        else:
            connection.execute(sa.update(currency).where(currency.c.work_id == record.work_id).values(values))
        written += 1
    return written


def get_currency(connection: sa.Connection, work_id: str) -> CurrencyRecord | None:
    """The record of a work, None while it is unchecked."""
    row = connection.execute(sa.select(*_COLUMNS).where(currency.c.work_id == work_id)).one_or_none()
    return None if row is None else _record_from(row)


def load_currency(connection: sa.Connection, work_ids: Iterable[str]) -> dict[str, CurrencyRecord]:
    """The records of many works, by work id; unchecked works are left out."""
    found: dict[str, CurrencyRecord] = {}
    wanted = list(dict.fromkeys(work_ids))
    for start in range(0, len(wanted), IDS_PER_QUERY):
        part = wanted[start : start + IDS_PER_QUERY]
        for row in connection.execute(sa.select(*_COLUMNS).where(currency.c.work_id.in_(part))):
            record = _record_from(row)
            found[record.work_id] = record
    return found


def list_currency(
    connection: sa.Connection,
    as_of: dt.date,
    *,
    state: CurrencyState | None = None,
    kind: WorkKind | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[tuple[CurrencyListing, ...], int]:
    """One page of works by title and id with their currency on the day, and how many there are in all.

    Raises:
        BadInputError: ``limit_out_of_range`` (limit 0 to 1000).
    """
    if not 0 <= limit <= MAX_LIMIT or not 0 <= offset <= MAX_OFFSET:
        raise BadInputError(
            "limit_out_of_range",
            f"每页条数须在 0 到 {MAX_LIMIT} 之间，起点须在 0 到 {MAX_OFFSET} 之间",
            place=f"limit={limit} offset={offset}",
        )
    joined = works.outerjoin(
        currency, sa.and_(currency.c.work_id == works.c.id, currency.c.checked_on <= as_of)
    )
    conditions: list[sa.ColumnElement[bool]] = []
    if kind is not None:
        conditions.append(works.c.kind == kind)
    if state is CurrencyState.UNCHECKED:
        conditions.append(currency.c.work_id.is_(None))
    elif state is CurrencyState.DUE:
        conditions.append(currency.c.next_due <= as_of)
    elif state is CurrencyState.CHECKED:
        conditions.append(currency.c.next_due > as_of)
    total = connection.execute(sa.select(sa.func.count()).select_from(joined).where(*conditions)).scalar_one()
    rows = connection.execute(
        sa.select(*WORK_COLUMNS, *_COLUMNS)
        .select_from(joined)
        .where(*conditions)
        .order_by(works.c.title, works.c.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(_listing_from(row, as_of) for row in rows), total


def list_currency_due(
    connection: sa.Connection, as_of: dt.date, *, limit: int = 50, offset: int = 0
) -> tuple[tuple[CurrencyListing, ...], int]:
    """Works whose record is to be looked at again by ``as_of``; those never checked are not among them."""
    return list_currency(connection, as_of, state=CurrencyState.DUE, limit=limit, offset=offset)


def count_currency(connection: sa.Connection, as_of: dt.date) -> dict[CurrencyState, int]:
    """How many works are in each state on the day."""
    return {state: list_currency(connection, as_of, state=state, limit=0)[1] for state in CurrencyState}


def _record_from(row: Sequence[object]) -> CurrencyRecord:
    work_id, status, *rest = row
    return CurrencyRecord(work_id, OfficialStatus(status), *rest)  # type: ignore[arg-type]


def _listing_from(row: Sequence[object], as_of: dt.date) -> CurrencyListing:
    work = work_from(row[: len(WORK_COLUMNS)])
    rest = row[len(WORK_COLUMNS) :]
    record = None if rest[0] is None else _record_from(rest)
    return CurrencyListing(work, record, currency_on(record, as_of))
