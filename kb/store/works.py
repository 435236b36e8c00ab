"""Works and versions, read; with saving and provisions, the whole of what callers need of the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from kb.clock import today
from kb.domain.records import Details, details_from_json
from kb.domain.works import Source, Version, VersionStatus, Work, WorkKind, status_on
from kb.errors import BadInputError, NotFoundError
from kb.store.provisions import (
    ProvisionKey,
    corpus_digest,
    find_provision,
    get_provision,
    iter_provisions,
    list_provisions,
    load_provisions,
    provision_versions,
)
from kb.store.rows import (
    SOURCE_COLUMNS,
    VERSION_COLUMNS,
    WORK_COLUMNS,
    LoadedProvision,
    fold_title,
    source_from,
    version_from,
    versions_of,
    work_from,
)
from kb.store.saving import (
    remove_work,
    save_bundle,
    save_source,
    settle_repealed,
    settle_work,
)
from kb.store.summary import SaveSummary, Tally, TextDifference
from kb.store.tables import (
    outbox,
    provisions,
    sources,
    version_details,
    versions,
    witnesses,
    works,
)

__all__ = [
    "LoadedProvision",
    "ProvisionKey",
    "SaveSummary",
    "StoreCounts",
    "Tally",
    "TextDifference",
    "WitnessListing",
    "WorkListing",
    "all_works",
    "corpus_digest",
    "counts",
    "find_provision",
    "get_details",
    "get_provision",
    "get_version",
    "get_work",
    "iter_provisions",
    "list_provisions",
    "list_sources",
    "list_versions",
    "list_witnesses",
    "list_works",
    "load_details",
    "load_provisions",
    "provision_versions",
    "remove_work",
    "save_bundle",
    "save_source",
    "settle_repealed",
    "settle_work",
    "speaking_version",
    "title_catalogue",
    "version_on",
    "works_of_source",
]

IDS_PER_QUERY = 500
MAX_LIMIT = 1000
MAX_OFFSET = 10_000_000
MAX_TITLE_PART = 500


@dataclass(frozen=True)
class WorkListing:
    """A work in a list, with the version that speaks for it on the day of the list and its state then."""

    work: Work
    version: Version | None
    status: VersionStatus | None


@dataclass(frozen=True)
class WitnessListing:
    """What one source states of a version; ``differing`` are provisions where its text is another."""

    source: Source
    stated_from: dt.date
    stated_from_certain: bool
    stated_to: dt.date
    date_source: str
    differing: tuple[str, ...]


@dataclass(frozen=True)
class StoreCounts:
    """How many rows the store holds."""

    sources: int
    works: int
    versions: int
    provisions: int
    outbox: int


def get_work(connection: sa.Connection, work_id: str) -> Work:
    """The work; raises NotFoundError ``work_not_found``."""
    row = connection.execute(sa.select(*WORK_COLUMNS).where(works.c.id == work_id)).one_or_none()
    if row is None:
        raise NotFoundError("work_not_found", "没有这部文件", place=work_id, way_out="请核对编号或按标题查找")
    return work_from(row)


def get_version(connection: sa.Connection, version_id: str) -> Version:
    """The version; raises NotFoundError ``version_not_found``."""
    row = connection.execute(sa.select(*VERSION_COLUMNS).where(versions.c.id == version_id)).one_or_none()
    if row is None:
        raise NotFoundError(
            "version_not_found", "没有这个版本", place=version_id, way_out="请核对编号或查看版本列表"
        )
    return version_from(row)


def list_versions(
    connection: sa.Connection, work_id: str, *, superseded: bool = False
) -> tuple[Version, ...]:
    """All versions of a work, oldest start first; empty for an unknown work.

    With ``superseded`` also older readings of a day that another took the place of.
    """
    held = map(version_from, connection.execute(versions_of(work_id)))
    return tuple(version for version in held if superseded or not version.superseded_by)


def get_details(connection: sa.Connection, version_id: str) -> Details | None:
    """The fields of a record that is no statute; None when it has none, and for an unknown version."""
    row = connection.execute(
        sa.select(version_details.c.kind, version_details.c.data).where(
            version_details.c.version_id == version_id
        )
    ).one_or_none()
    return None if row is None else details_from_json(row[0].value, row[1])


def load_details(connection: sa.Connection, version_ids: Iterable[str]) -> dict[str, Details]:
    """The same for many versions, by version id; those without are left out."""
    found: dict[str, Details] = {}
    wanted = list(dict.fromkeys(version_ids))
    for start in range(0, len(wanted), IDS_PER_QUERY):
        part = wanted[start : start + IDS_PER_QUERY]
        for id_, kind, data in connection.execute(
            sa.select(version_details.c.version_id, version_details.c.kind, version_details.c.data).where(
                version_details.c.version_id.in_(part)
            )
        ):
            found[id_] = details_from_json(kind.value, data)
    return found


def list_witnesses(connection: sa.Connection, version_id: str) -> tuple[WitnessListing, ...]:
    """Which sources give a version and what they state of it, the highest priority first."""
    rows = connection.execute(
        sa.select(
            *SOURCE_COLUMNS,
            witnesses.c.stated_from,
            witnesses.c.stated_from_certain,
            witnesses.c.stated_to,
            witnesses.c.date_source,
            witnesses.c.differing,
        )
        .select_from(witnesses.join(sources, sources.c.id == witnesses.c.source_id))
        .where(witnesses.c.version_id == version_id)
        .order_by(sources.c.priority.desc(), sources.c.id)
    )
    size = len(SOURCE_COLUMNS)
    return tuple(WitnessListing(source_from(row[:size]), *row[size:]) for row in rows)


def version_on(connection: sa.Connection, work_id: str, as_of: dt.date) -> Version | None:
    """The version in force on the day ``as_of``, None when there is none that day."""
    row = connection.execute(
        sa.select(*VERSION_COLUMNS)
        .where(versions.c.work_id == work_id, *_in_force(as_of))
        .order_by(versions.c.effective_from.desc(), versions.c.version_date.desc(), versions.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else version_from(row)


def speaking_version(held: Iterable[Version], as_of: dt.date) -> Version | None:
    """The version in force on the day, else the last that was, else the first that will be."""
    in_order = sorted(
        (version for version in held if not version.superseded_by),
        key=lambda version: (version.effective_from, version.version_date, version.id),
    )
    begun = [version for version in in_order if version.effective_from <= as_of]
    in_force = [version for version in begun if as_of < version.effective_to]
    if in_force:
        return in_force[-1]
    if begun:
        return max(begun, key=lambda version: version.effective_to)
    return in_order[0] if in_order else None


def list_works(
    connection: sa.Connection,
    *,
    title_contains: str = "",
    kind: WorkKind | None = None,
    topic: str = "",
    region: str = "",
    status: VersionStatus | None = None,
    as_of: dt.date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[tuple[WorkListing, ...], int]:
    """One page of works by title and id, and how many there are in all; empty strings filter nothing.

    ``title_contains`` is looked for in titles, short titles and aliases. ``status`` is the state on
    the day ``as_of`` (default today in Asia/Shanghai) of the version that speaks for the work.

    Raises:
        BadInputError: ``limit_out_of_range`` (limit 0 to 1000), ``title_too_long`` (500 characters).
    """
    if not 0 <= limit <= MAX_LIMIT or not 0 <= offset <= MAX_OFFSET:
        raise BadInputError(
            "limit_out_of_range",
            f"每页条数须在 0 到 {MAX_LIMIT} 之间，起点须在 0 到 {MAX_OFFSET} 之间",
            place=f"limit={limit} offset={offset}",
        )
    if len(title_contains) > MAX_TITLE_PART:
        raise BadInputError("title_too_long", f"标题关键字不能超过 {MAX_TITLE_PART} 字")
    day = as_of or today()
    conditions: list[sa.ColumnElement[bool]] = []
    if title_contains:
        conditions.append(works.c.title_search.contains(fold_title(title_contains), autoescape=True))
    if kind is not None:
        conditions.append(works.c.kind == kind)
    if topic:
        conditions.append(works.c.topic == topic)
    if region:
        conditions.append(works.c.region == region)
    if status is not None:
        conditions.append(_work_status(status, day))
    total = connection.execute(sa.select(sa.func.count()).select_from(works).where(*conditions)).scalar_one()
    page = [
        work_from(row)
        for row in connection.execute(
            sa.select(*WORK_COLUMNS)
            .where(*conditions)
            .order_by(works.c.title, works.c.id)
            .limit(limit)
            .offset(offset)
        )
    ]
    held: dict[str, list[Version]] = {work.id: [] for work in page}
    for row in connection.execute(sa.select(*VERSION_COLUMNS).where(versions.c.work_id.in_(held))):
        version = version_from(row)
        held[version.work_id].append(version)
    return tuple(_listing(work, held[work.id], day) for work in page), total


def _listing(work: Work, held: Iterable[Version], day: dt.date) -> WorkListing:
    version = speaking_version(held, day)
    return WorkListing(work, version, None if version is None else status_on(version, work, day))


def _in_force(day: dt.date) -> tuple[sa.ColumnElement[bool], ...]:
    return versions.c.effective_from <= day, versions.c.effective_to > day


def _work_status(status: VersionStatus, day: dt.date) -> sa.ColumnElement[bool]:
    """``status_on`` of the speaking version, as a condition on ``works``."""
    own = sa.select(versions.c.id).where(versions.c.work_id == works.c.id, versions.c.superseded_by == "")
    in_force = own.where(*_in_force(day)).exists()
    begun = own.where(versions.c.effective_from <= day).exists()
    if status is VersionStatus.IN_FORCE:
        return in_force
    if status is VersionStatus.NOT_YET_IN_FORCE:
        return sa.and_(own.exists(), ~begun)
    ended_by_repeal = own.where(
        versions.c.effective_from <= day, versions.c.effective_to >= works.c.repealed_on
    ).exists()
    ended = sa.and_(begun, ~in_force)
    return sa.and_(ended, ended_by_repeal if status is VersionStatus.REPEALED else ~ended_by_repeal)


def list_sources(connection: sa.Connection) -> tuple[Source, ...]:
    """All sources by id."""
    return tuple(map(source_from, connection.execute(sa.select(*SOURCE_COLUMNS).order_by(sources.c.id))))


def all_works(connection: sa.Connection) -> tuple[Work, ...]:
    """Every work by id."""
    return tuple(map(work_from, connection.execute(sa.select(*WORK_COLUMNS).order_by(works.c.id))))


def works_of_source(connection: sa.Connection, source_id: str) -> tuple[str, ...]:
    """Ids of works of which ``source_id`` gave a version, to find those that it no longer holds."""
    given = versions.join(witnesses, witnesses.c.version_id == versions.c.id)
    statement = sa.select(versions.c.work_id).select_from(given).where(witnesses.c.source_id == source_id)
    return tuple(connection.execute(statement.distinct().order_by(versions.c.work_id)).scalars())


def title_catalogue(connection: sa.Connection) -> dict[str, tuple[str, ...]]:
    """Each title, short title and alias with the ids of the works that bear it, in order."""
    catalogue: dict[str, list[str]] = {}
    rows = connection.execute(
        sa.select(works.c.id, works.c.title, works.c.short_title, works.c.aliases).order_by(works.c.id)
    )
    for work_id, title, short_title, aliases in rows:
        for name in dict.fromkeys((title, short_title, *aliases)):
            if name:
                catalogue.setdefault(name, []).append(work_id)
    return {name: tuple(ids) for name, ids in sorted(catalogue.items())}


def counts(connection: sa.Connection) -> StoreCounts:
    """Number of rows in each table."""
    tables = (sources, works, versions, provisions, outbox)
    statement = sa.select(*(sa.select(sa.func.count()).select_from(t).scalar_subquery() for t in tables))
    return StoreCounts(*connection.execute(statement).one())
