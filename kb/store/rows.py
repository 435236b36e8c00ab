"""Rows of the tables as domain objects, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import sqlalchemy as sa

from kb.domain.works import Provision, Source, SourcePlace, Version, Work
from kb.store import tables


@dataclass(frozen=True)
class LoadedProvision:
    """A provision with the version and the work that it stands in."""

    work: Work
    version: Version
    provision: Provision


# In the order of the dataclass fields, so that a row slice makes the object.
SOURCE_COLUMNS = tuple(tables.sources.c[field.name] for field in fields(Source))
WORK_COLUMNS = tuple(tables.works.c[field.name] for field in fields(Work))
VERSION_COLUMNS = tuple(tables.versions.c[field.name] for field in fields(Version))
PROVISION_COLUMNS = (
    tables.provisions.c.provision_id,
    tables.provisions.c.version_id,
    tables.provisions.c.article,
    tables.provisions.c.inserted,
    tables.provisions.c.label,
    tables.provisions.c.path,
    tables.provisions.c.text,
    tables.provisions.c.ordinal,
)
PLACE_COLUMNS = (
    tables.provisions.c.document_id,
    tables.provisions.c.line_from,
    tables.provisions.c.line_to,
)
"""Asked for apart: they stand behind the text, and a search has no use for them."""
LOADED_FROM = tables.provisions.join(tables.versions).join(tables.works)
LOADED_COLUMNS = (*PROVISION_COLUMNS, *VERSION_COLUMNS, *WORK_COLUMNS)
VERSION_START = len(PROVISION_COLUMNS)
WORK_START = VERSION_START + len(VERSION_COLUMNS)


def source_from(row: Sequence[Any]) -> Source:
    """A row of SOURCE_COLUMNS."""
    return Source(*row)


def work_from(row: Sequence[Any]) -> Work:
    """A row of WORK_COLUMNS."""
    return Work(*row)


def version_from(row: Sequence[Any]) -> Version:
    """A row of VERSION_COLUMNS."""
    return Version(*row)


def provision_from(row: Sequence[Any]) -> Provision:
    """A row of PROVISION_COLUMNS."""
    provision, version, article, inserted, label, path, text, ordinal = row
    number = None if article is None else (article, inserted)
    return Provision(provision, version, number, label, path, text, ordinal)


def placed_provision_from(row: Sequence[Any]) -> Provision:
    """A row of PROVISION_COLUMNS and PLACE_COLUMNS."""
    *values, document, first, last = row
    provision = provision_from(values)
    return provision if document is None else replace(provision, place=SourcePlace(document, first, last))


class LoadedRows:
    """Makes LoadedProvision from rows of LOADED_COLUMNS, each version and work once."""

    def __init__(self) -> None:  # noqa: D107 - no arguments
        self._versions: dict[str, Version] = {}
        self._works: dict[str, Work] = {}

    def load(self, row: Sequence[Any]) -> LoadedProvision:
        """The provision of ``row`` with its version and work."""
        version_id = row[VERSION_START]
        version = self._versions.get(version_id)
        if version is None:
            version = self._versions[version_id] = version_from(row[VERSION_START:WORK_START])
        work = self._works.get(version.work_id)
        if work is None:
            work = self._works[version.work_id] = work_from(row[WORK_START:])
        return LoadedProvision(work, version, provision_from(row[:VERSION_START]))


def values_of(record: Source | Work | Version) -> dict[str, Any]:
    """Column values of a record whose fields are named like its columns."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def provision_values(provision: Provision) -> dict[str, Any]:
    """Column values of a provision."""
    article, inserted = provision.number or (None, None)
    place = provision.place
    return {
        "version_id": provision.version_id,
        "provision_id": provision.id,
        "article": article,
        "inserted": inserted,
        "label": provision.label,
        "path": provision.path,
        "ordinal": provision.ordinal,
        "text_sha256": provision.text_sha256,
        "text": provision.text,
        "document_id": place.document_id if place else None,
        "line_from": place.line_from if place else None,
        "line_to": place.line_to if place else None,
    }


def title_search(work: Work) -> str:
    """What a part of a title is looked for in: title, short title and aliases, one a line."""
    return fold_title("\n".join((work.title, work.short_title, *work.aliases)))


def fold_title(text: str) -> str:
    """``text`` without case, because LIKE minds it on PostgreSQL and not on SQLite."""
    return text.casefold()


def versions_of(work_id: str) -> sa.Select[Any]:
    """All versions of a work, oldest start first."""
    versions = tables.versions
    return (
        sa.select(*VERSION_COLUMNS)
        .where(versions.c.work_id == work_id)
        .order_by(versions.c.effective_from, versions.c.version_date, versions.c.id)
    )


def provisions_of(version_id: str) -> sa.Select[Any]:
    """All provisions of a version in the order of the text."""
    provisions = tables.provisions
    return (
        sa.select(*PROVISION_COLUMNS)
        .where(provisions.c.version_id == version_id)
        .order_by(provisions.c.ordinal, provisions.c.provision_id)
    )
