"""``lawkb currency``: what is officially known of each work's validity, and what is to be looked at again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import typer

from kb.cli import compose
from kb.clock import today
from kb.domain.currency import CURRENCY_LABELS, CurrencyRecord, CurrencyState, OfficialStatus
from kb.errors import BadInputError, NotFoundError
from kb.settings import get_settings
from kb.store.currency import CurrencyListing, count_currency, list_currency, save_currency
from kb.store.works import title_catalogue
from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases

LOOK_AGAIN_AFTER = dt.timedelta(days=180)


def describe_currency(state: str | None, as_of: dt.date | None, limit: int) -> dict[str, Any]:
    """Counts of every state and the works of one (default: unchecked and due ones), as plain values."""
    day = as_of or today()
    wanted = [_read_state(state)] if state else [CurrencyState.DUE, CurrencyState.UNCHECKED]
    database = compose.open_database(get_settings())
    with database.reading() as connection:
        counts = count_currency(connection, day)
        works: list[CurrencyListing] = []
        for one in wanted:
            room = limit - len(works)
            works += list_currency(connection, day, state=one, limit=max(room, 0))[0]
    return {
        "as_of": day.isoformat(),
        "counts": {one.value: counts[one] for one in CurrencyState},
        "works": [_plain(one) for one in works],
    }


def record_currency(
    title: str,
    status: str,
    start: dt.date | None,
    checked: dt.date | None,
    source: str,
    due: dt.date | None,
    note: str,
) -> CurrencyRecord:
    """Note what an official source says of the work with this whole title.

    Raises BadInputError ``status_bad``, ``currency_invalid``; NotFoundError ``work_not_found``.
    """
    try:
        official = OfficialStatus(status)
    except ValueError:
        known = "、".join(one.value for one in OfficialStatus)
        raise BadInputError(
            "status_bad", f"没有“{status}”这个效力状态", place="--status", way_out=f"可写：{known}"
        ) from None
    day = checked or today()
    database = compose.open_database(get_settings())
    with database.reading() as connection:
        names = add_aliases(title_catalogue(connection), read_aliases())
    ids = TitleCatalogue.build(names).lookup(title)
    if len(ids) != 1:
        raise NotFoundError(
            "work_not_found", "没有这部文件，或有几部同名的文件", place=title, way_out="请写全称"
        )
    record = CurrencyRecord(ids[0], official, start, day, source, due or day + LOOK_AGAIN_AFTER, note)
    with database.writing() as connection:
        save_currency(connection, [record])
    return record


def print_currency(told: dict[str, Any]) -> None:
    """For a person at a terminal."""
    counts = told["counts"]
    said = "，".join(f"{CURRENCY_LABELS[CurrencyState(name)]} {count}" for name, count in counts.items())
    typer.echo(f"截至 {told['as_of']}：{said}")
    for work in told["works"]:
        checked = (
            f"{work['official_status']}，核对于 {work['checked_on']}" if work["checked_on"] else "无记录"
        )
        typer.echo(f"  {work['state_label']}  {work['title']}（{checked}）")


def _read_state(name: str) -> CurrencyState:
    try:
        return CurrencyState(name)
    except ValueError:
        raise BadInputError(
            "state_bad",
            f"没有“{name}”这个状态",
            place="--state",
            way_out=f"可写：{'、'.join(one.value for one in CurrencyState)}",
        ) from None


def _plain(listing: CurrencyListing) -> dict[str, Any]:
    record = listing.record
    return {
        "work_id": listing.work.id,
        "title": listing.work.title,
        "kind": listing.work.kind.value,
        "state": listing.state.value,
        "state_label": CURRENCY_LABELS[listing.state],
        "official_status": record.official_status.value if record else None,
        "official_start": record.official_start.isoformat() if record and record.official_start else None,
        "checked_on": record.checked_on.isoformat() if record else None,
        "source": record.source if record else None,
        "next_due": record.next_due.isoformat() if record else None,
        "note": record.note if record else "",
    }
