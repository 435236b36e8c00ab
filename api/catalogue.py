"""Reading works, versions and provisions from the store for one answer, in one snapshot each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from api.fields import PROVISION_ID, VERSION_ID, WORK_ID
from kb.clock import today
from kb.domain.currency import CurrencyRecord
from kb.domain.records import Details
from kb.domain.validity import ProvisionState
from kb.domain.works import Provision, Version, VersionStatus, Work, WorkKind, status_on
from kb.errors import NotFoundError
from kb.store.currency import load_currency
from kb.store.database import Connection, Database
from kb.store.validity import provision_states_on
from kb.store.works import (
    MAX_TITLE_PART,
    WorkListing,
    find_provision,
    get_details,
    get_work,
    list_provisions,
    list_sources,
    list_versions,
    list_works,
    load_details,
    provision_versions,
    speaking_version,
)

NO_DAY = dt.date(2000, 1, 1)
"""Stands in a source for a day that nobody states."""


@dataclass(frozen=True)
class Shelf:
    """A work with the versions that serve, the earliest first, and older readings that others replaced."""

    work: Work
    versions: tuple[Version, ...]
    superseded: tuple[Version, ...] = ()

    def version_on(self, day: dt.date) -> Version | None:
        """The version in force on ``day``."""
        version = speaking_version(self.versions, day)
        return version if version and version.effective_from <= day < version.effective_to else None


@dataclass(frozen=True)
class Reading:
    """One version of a work as read on a day, with some or all of its provisions.

    ``details`` are the fields of a record that is no statute; ``states`` what became of single provisions
    by that day, by provision id.
    """

    work: Work
    versions: tuple[Version, ...]
    version: Version
    as_of: dt.date
    provisions: tuple[Provision, ...]
    superseded: tuple[Version, ...] = ()
    details: Details | None = None
    states: Mapping[str, tuple[ProvisionState, ...]] = field(default_factory=dict)

    @property
    def status(self) -> VersionStatus:
        """State of the version on that day."""
        return status_on(self.version, self.work, self.as_of)


def read_works(
    database: Database,
    *,
    title: str = "",
    kind: WorkKind | None = None,
    topic: str = "",
    region: str = "",
    status: VersionStatus | None = None,
    as_of: dt.date | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[tuple[WorkListing, ...], int]:
    """One page of the catalogue and the number of works that fit."""
    with database.reading() as connection:
        return list_works(
            connection,
            title_contains=title,
            kind=kind,
            topic=topic,
            region=region,
            status=status,
            as_of=as_of,
            limit=limit,
            offset=offset,
        )


def read_holdings(database: Database) -> tuple[dict[WorkKind, int], dt.date | None]:
    """How many works of each kind we hold, and the day up to which the least current source is complete.

    Sources that state no such day (files that somebody gave) are left out of account.
    """
    with database.reading() as connection:
        held = {kind: list_works(connection, kind=kind, limit=0)[1] for kind in WorkKind}
        days = [source.current_to for source in list_sources(connection) if source.current_to > NO_DAY]
        return {kind: total for kind, total in held.items() if total}, min(days, default=None)


def find_titled(database: Database, title: str, kind: WorkKind) -> str | None:
    """Id of the one work of a kind with exactly this title, None when there is none or more than one."""
    with database.reading() as connection:
        found, _ = list_works(connection, title_contains=title[:MAX_TITLE_PART], kind=kind, limit=50)
    ids = [listing.work.id for listing in found if listing.work.title == title]
    return ids[0] if len(ids) == 1 else None


def read_beside(
    database: Database, version_ids: Iterable[str], work_ids: Iterable[str]
) -> tuple[dict[str, Details], dict[str, CurrencyRecord]]:
    """What a list shows beside its entries: fields by version id, currency records by work id."""
    with database.reading() as connection:
        return load_details(connection, version_ids), load_currency(connection, work_ids)


def read_shelf(database: Database, work_id: str) -> Shelf:
    """A work and its versions; raises NotFoundError ``work_not_found``."""
    with database.reading() as connection:
        return shelf_in(connection, work_id)


def read_text(
    database: Database,
    work_id: str,
    as_of: dt.date | None,
    version_id: str | None,
    *,
    nearest: bool = False,
) -> Reading:
    """A work's whole text: the version named, else the one in force on ``as_of`` (None is today).

    ``nearest`` shows the version that speaks for the work when none was in force that day; its status
    then says that it is repealed or not yet in force. Raises NotFoundError (``work_not_found``,
    ``version_not_found``, ``no_version_on_date``).
    """
    day = as_of or today()
    with database.reading() as connection:
        shelf = shelf_in(connection, work_id)
        version = choose_version(shelf, day, version_id, nearest=nearest)
        return _read(connection, shelf, version, day, list_provisions(connection, version.id))


def read_version(database: Database, work_id: str, as_of: dt.date | None, version_id: str | None) -> Reading:
    """The version named, else the one that speaks for the work on ``as_of``, without its text."""
    day = as_of or today()
    with database.reading() as connection:
        shelf = shelf_in(connection, work_id)
        return _read(connection, shelf, choose_version(shelf, day, version_id, nearest=True), day, ())


def read_provision(
    database: Database,
    provision_id: str,
    as_of: dt.date | None,
    version_id: str | None,
    *,
    nearest: bool = False,
) -> Reading:
    """One provision as it reads in the version named, else in the one in force on ``as_of``.

    ``nearest`` shows the text that it had last (or will have first) when it has none on that day.
    Raises NotFoundError (``provision_not_found``, ``version_not_found``, ``no_version_on_date``).
    """
    with database.reading() as connection:
        return provision_in(connection, provision_id, as_of or today(), version_id, nearest=nearest)


def provision_in(
    connection: Connection, provision_id: str, day: dt.date, version_id: str | None, *, nearest: bool = False
) -> Reading:
    """``read_provision`` within a snapshot of the caller."""
    shelf = shelf_of_provision(connection, provision_id)
    if nearest and version_id is None:
        texts = provision_versions(connection, provision_id)
        version = speaking_version([text.version for text in texts], day)
        if version is None:
            raise no_such_provision(provision_id)
    else:
        version = choose_version(shelf, day, version_id)
    found = find_provision(connection, provision_id, version_id=version.id)
    if found is None:
        raise NotFoundError(
            "provision_not_found",
            f"《{shelf.work.title}》的这个版本没有这一条",
            place=provision_id,
            way_out=f"各版本中的原文见 /api/v1/provisions/{provision_id}/versions",
        )
    return _read(connection, shelf, version, day, (found.provision,))


def read_provision_versions(
    database: Database, provision_id: str, as_of: dt.date | None
) -> tuple[Work, tuple[Reading, ...]]:
    """Every text that a provision has had, the earliest first; raises NotFoundError."""
    day = as_of or today()
    with database.reading() as connection:
        shelf = shelf_of_provision(connection, provision_id)
        texts = provision_versions(connection, provision_id)
    if not texts:
        raise no_such_provision(provision_id)
    return shelf.work, tuple(
        Reading(shelf.work, shelf.versions, text.version, day, (text.provision,)) for text in texts
    )


def in_order(shelf: Shelf, *, superseded: bool) -> tuple[Version, ...]:
    """The versions of a work, the earliest first, with or without readings that others replaced."""
    held = (*shelf.versions, *(shelf.superseded if superseded else ()))
    return tuple(sorted(held, key=lambda one: (one.effective_from, one.version_date, one.id)))


def choose_version(shelf: Shelf, day: dt.date, version_id: str | None, *, nearest: bool = False) -> Version:
    """The version to show; raises NotFoundError."""
    if version_id is not None:
        held = (*shelf.versions, *shelf.superseded)
        named = next((version for version in held if version.id == version_id), None)
        if named is None:
            raise NotFoundError(
                "version_not_found",
                f"《{shelf.work.title}》没有这个版本",
                place=version_id if re.fullmatch(VERSION_ID, version_id) else "version_id",
                way_out=f"各版本见 /api/v1/works/{shelf.work.id}/versions",
            )
        return named
    version = speaking_version(shelf.versions, day) if nearest else shelf.version_on(day)
    if version is None:
        starts = "、".join(version.effective_from.isoformat() for version in shelf.versions)
        raise NotFoundError(
            "no_version_on_date",
            f"《{shelf.work.title}》在 {day.isoformat()} 没有有效的版本",
            place=f"as_of={day.isoformat()}",
            way_out=f"馆藏版本的起始日期：{starts}；可用 version_id 指定版本" if starts else "",
        )
    return version


def no_such_provision(provision_id: str) -> NotFoundError:
    """Error for an id that names no provision; repeats the id only when it looks like one."""
    return NotFoundError(
        "provision_not_found",
        "没有这一条条文",
        place=provision_id if re.fullmatch(PROVISION_ID, provision_id) else "编号",
        way_out="条文编号来自检索结果的 provision_id；也可在 /works 找到全文",
    )


def _read(
    connection: Connection, shelf: Shelf, version: Version, day: dt.date, provisions: tuple[Provision, ...]
) -> Reading:
    return Reading(
        shelf.work,
        shelf.versions,
        version,
        day,
        provisions,
        shelf.superseded,
        get_details(connection, version.id),
        provision_states_on(connection, [provision.id for provision in provisions], day),
    )


def shelf_in(connection: Connection, work_id: str) -> Shelf:
    """``read_shelf`` within a snapshot of the caller."""
    # The shape first: PostgreSQL takes no NUL, and no stray text comes back in the message.
    if not re.fullmatch(WORK_ID, work_id):
        raise NotFoundError(
            "work_not_found", "没有这部法律或文件", place="编号", way_out="请在 /works 按标题查找"
        )
    work = get_work(connection, work_id)
    versions = list_versions(connection, work_id, superseded=True)
    return Shelf(
        work,
        tuple(version for version in versions if not version.superseded_by),
        tuple(version for version in versions if version.superseded_by),
    )


def shelf_of_provision(connection: Connection, provision_id: str) -> Shelf:
    """The work of a provision with its versions; raises NotFoundError ``provision_not_found``."""
    if not re.fullmatch(PROVISION_ID, provision_id):
        raise no_such_provision(provision_id)
    try:
        return shelf_in(connection, provision_id.partition(":")[0])
    except NotFoundError:
        raise no_such_provision(provision_id) from None
