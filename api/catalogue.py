"""Reading works, versions and provisions from the store for one answer, in one snapshot each."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from api.fields import PROVISION_ID, VERSION_ID, WORK_ID
from kb.clock import today
from kb.domain.works import Provision, Version, VersionStatus, Work, WorkKind, status_on
from kb.errors import NotFoundError
from kb.store.database import Connection, Database
from kb.store.works import (
    WorkListing,
    find_provision,
    get_work,
    list_provisions,
    list_sources,
    list_versions,
    list_works,
    provision_versions,
    speaking_version,
)


@dataclass(frozen=True)
class Shelf:
    """A work with all its versions, the earliest first."""

    work: Work
    versions: tuple[Version, ...]

    def version_on(self, day: dt.date) -> Version | None:
        """The version in force on ``day``."""
        version = speaking_version(self.versions, day)
        return version if version and version.effective_from <= day < version.effective_to else None


@dataclass(frozen=True)
class Reading:
    """One version of a work as read on a day, with some or all of its provisions."""

    work: Work
    versions: tuple[Version, ...]
    version: Version
    as_of: dt.date
    provisions: tuple[Provision, ...]

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


def read_holdings(database: Database) -> tuple[int, dt.date | None]:
    """How many works we hold, and the day up to which the least current source is complete."""
    with database.reading() as connection:
        _, total = list_works(connection, limit=0)
        return total, min((source.current_to for source in list_sources(connection)), default=None)


def read_shelf(database: Database, work_id: str) -> Shelf:
    """A work and its versions; raises NotFoundError ``work_not_found``."""
    with database.reading() as connection:
        return _shelf(connection, work_id)


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
        shelf = _shelf(connection, work_id)
        version = choose_version(shelf, day, version_id, nearest=nearest)
        return Reading(shelf.work, shelf.versions, version, day, list_provisions(connection, version.id))


def read_provision(
    database: Database, provision_id: str, as_of: dt.date | None, version_id: str | None
) -> Reading:
    """One provision as it reads in the version named, else in the one in force on ``as_of``.

    Raises NotFoundError (``provision_not_found``, ``version_not_found``, ``no_version_on_date``).
    """
    day = as_of or today()
    with database.reading() as connection:
        shelf = _shelf_of_provision(connection, provision_id)
        version = choose_version(shelf, day, version_id)
        found = find_provision(connection, provision_id, version_id=version.id)
    if found is None:
        raise NotFoundError(
            "provision_not_found",
            f"《{shelf.work.title}》的这个版本没有这一条",
            place=provision_id,
            way_out=f"各版本中的原文见 /api/v1/provisions/{provision_id}/versions",
        )
    return Reading(shelf.work, shelf.versions, version, day, (found.provision,))


def read_provision_versions(
    database: Database, provision_id: str, as_of: dt.date | None
) -> tuple[Work, tuple[Reading, ...]]:
    """Every text that a provision has had, the earliest first; raises NotFoundError."""
    day = as_of or today()
    with database.reading() as connection:
        shelf = _shelf_of_provision(connection, provision_id)
        texts = provision_versions(connection, provision_id)
    if not texts:
        raise no_such_provision(provision_id)
    return shelf.work, tuple(
        Reading(shelf.work, shelf.versions, text.version, day, (text.provision,)) for text in texts
    )


def choose_version(shelf: Shelf, day: dt.date, version_id: str | None, *, nearest: bool = False) -> Version:
    """The version to show; raises NotFoundError."""
    if version_id is not None:
        named = next((version for version in shelf.versions if version.id == version_id), None)
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


def _shelf(connection: Connection, work_id: str) -> Shelf:
    # The shape first: PostgreSQL takes no NUL, and no stray text comes back in the message.
    if not re.fullmatch(WORK_ID, work_id):
        raise NotFoundError(
            "work_not_found", "没有这部法律或文件", place="编号", way_out="请在 /works 按标题查找"
        )
    return Shelf(get_work(connection, work_id), list_versions(connection, work_id))


def _shelf_of_provision(connection: Connection, provision_id: str) -> Shelf:
    if not re.fullmatch(PROVISION_ID, provision_id):
        raise no_such_provision(provision_id)
    try:
        return _shelf(connection, provision_id.partition(":")[0])
    except NotFoundError:
        raise no_such_provision(provision_id) from None
