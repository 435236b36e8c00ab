"""Reading provisions: one, a batch for a list of hits, a whole version, everything for an index."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from kb.clock import today
from kb.domain.works import Provision
from kb.errors import NotFoundError
from kb.store.rows import (
    LOADED_COLUMNS,
    LOADED_FROM,
    VERSION_COLUMNS,
    WORK_COLUMNS,
    LoadedProvision,
    LoadedRows,
    provision_from,
    provisions_of,
    version_from,
    work_from,
)
from kb.store.tables import provisions, versions, works
from kb.store.texts import held_text

ProvisionKey = tuple[str, str]
"""(provision id, version id): one text."""

KEYS_PER_QUERY = 500
"""Far below the number of parameters that either database takes."""

# Built once: SQLAlchemy then finds the compiled SQL without walking the statement again.
LOAD = sa.select(*LOADED_COLUMNS).select_from(LOADED_FROM)
LOAD_BY_ID = LOAD.where(provisions.c.provision_id.in_(sa.bindparam("ids", expanding=True)))
LOAD_ON_DAY = (
    LOAD.where(
        provisions.c.provision_id == sa.bindparam("id"),
        versions.c.effective_from <= sa.bindparam("day"),
        versions.c.effective_to > sa.bindparam("day"),
    )
    .order_by(versions.c.effective_from.desc(), versions.c.version_date.desc(), versions.c.id.desc())
    .limit(1)
)


def load_provisions(
    connection: sa.Connection, keys: Sequence[ProvisionKey]
) -> dict[ProvisionKey, LoadedProvision]:
    """The texts behind ``keys``, in the order of ``keys``; keys that we do not hold are left out."""
    wanted = set(keys)
    ids = list(dict.fromkeys(provision_id for provision_id, _ in keys))
    found: dict[ProvisionKey, LoadedProvision] = {}
    rows = LoadedRows()
    for start in range(0, len(ids), KEYS_PER_QUERY):
        # By provision id alone, its other versions dropped below: SQLite answers a list of pairs with
        # a scan of the table (8 ms instead of 0.7 for 20 of 26,000).
        part = ids[start : start + KEYS_PER_QUERY]
        for row in connection.execute(LOAD_BY_ID, {"ids": part}):
            if (row[0], row[1]) in wanted:
                found[row[0], row[1]] = rows.load(row)
    return {key: found[key] for key in keys if key in found}


def list_provisions(
    connection: sa.Connection, version_id: str, *, places: bool = False
) -> tuple[Provision, ...]:
    """All provisions of a version in the order of the text; empty for an unknown version.

    With ``places`` they say where they were read.
    """
    if places:
        return held_text(connection, version_id)
    return tuple(map(provision_from, connection.execute(provisions_of(version_id))))


def find_provision(
    connection: sa.Connection,
    provision_id: str,
    *,
    as_of: dt.date | None = None,
    version_id: str | None = None,
) -> LoadedProvision | None:
    """A provision as it read on the day ``as_of`` (default today in Asia/Shanghai) or in a version.

    ``version_id`` wins over ``as_of``. None when there is none, or none in force that day.
    """
    if version_id is not None:
        return load_provisions(connection, [(provision_id, version_id)]).get((provision_id, version_id))
    day = as_of or today()
    row = connection.execute(LOAD_ON_DAY, {"id": provision_id, "day": day}).one_or_none()
    return None if row is None else LoadedRows().load(row)


def get_provision(
    connection: sa.Connection,
    provision_id: str,
    *,
    as_of: dt.date | None = None,
    version_id: str | None = None,
) -> LoadedProvision:
    """Like ``find_provision``; raises NotFoundError ``provision_not_found``."""
    found = find_provision(connection, provision_id, as_of=as_of, version_id=version_id)
    if found is None:
        when = "" if version_id is not None else f"（{as_of or today()} 有效的文本）"
        raise NotFoundError(
            "provision_not_found",
            f"没有这一条文{when}",
            place=f"{provision_id} {version_id or ''}".strip(),
            way_out="请核对编号，或换一个日期查看",
        )
    return found


def provision_versions(connection: sa.Connection, provision_id: str) -> tuple[LoadedProvision, ...]:
    """Every text that a provision has had, oldest start first; empty for an unknown id.

    Readings that another took the place of under the same day are left out.
    """
    rows = LoadedRows()
    return tuple(
        rows.load(row)
        for row in connection.execute(
            LOAD.where(provisions.c.provision_id == provision_id, versions.c.superseded_by == "").order_by(
                versions.c.effective_from, versions.c.version_date, versions.c.id
            )
        )
    )


def iter_provisions(
    connection: sa.Connection, batch_size: int = 1000
) -> Iterator[tuple[LoadedProvision, ...]]:
    """Every text that serves, in batches of ``batch_size``, by work id, version id and place in the text.

    The order is the same on both databases. Within ``Database.reading`` all batches are of one
    snapshot, and so is ``outbox.last_position`` read beside them.
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    batch: list[LoadedProvision] = []
    for row in connection.execute(_versions_in_order()).all():
        version = version_from(row[: len(VERSION_COLUMNS)])
        work = work_from(row[len(VERSION_COLUMNS) :])
        for provision in list_provisions(connection, version.id):
            batch.append(LoadedProvision(work, version, provision))
            if len(batch) == batch_size:
                yield tuple(batch)
                batch.clear()
    if batch:
        yield tuple(batch)


def _versions_in_order() -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(*VERSION_COLUMNS, *WORK_COLUMNS)
        .select_from(versions.join(works))
        .where(versions.c.superseded_by == "")
        .order_by(works.c.id, versions.c.id)
    )


def corpus_digest(connection: sa.Connection) -> str:
    """SHA-256, hex, over all that an index is made from; equal on both databases for equal rows.

    Covers ids, titles, kind, region, topic, intervals, labels, headings and the digest of each text.
    """
    texts: dict[str, hashlib._Hash] = {}
    rows = connection.execute(
        sa.select(
            provisions.c.version_id,
            provisions.c.provision_id,
            provisions.c.label,
            provisions.c.path,
            provisions.c.text_sha256,
        ).order_by(provisions.c.version_id, provisions.c.provision_id)
    )
    for version_id, *fields in rows:
        digest = texts.get(version_id)
        if digest is None:
            digest = texts[version_id] = hashlib.sha256()
        digest.update(json.dumps(fields).encode())
    whole = hashlib.sha256()
    for row in connection.execute(_versions_in_order()):
        version = version_from(row[: len(VERSION_COLUMNS)])
        work = work_from(row[len(VERSION_COLUMNS) :])
        whole.update(
            json.dumps(
                [
                    *(work.id, work.kind, work.title, work.short_title, work.region, work.topic),
                    *(version.id, version.effective_from.isoformat(), version.effective_to.isoformat()),
                    texts[version.id].hexdigest() if version.id in texts else "",
                ]
            ).encode()
        )
    return whole.hexdigest()
