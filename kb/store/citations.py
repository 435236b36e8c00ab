"""The citation graph, both ways: what a provision cites, and what cites it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from kb.domain.citations import CitationRow
from kb.domain.validity import Unit
from kb.errors import BadInputError
from kb.store.provisions import load_provisions
from kb.store.rows import LoadedProvision
from kb.store.tables import citations, stated_repeals, versions
from kb.text.catalogue import TitleCatalogue

NAMED_KINDS = ("quoted", "bare")
"""Values of ``TitleKind`` that name a work by a title which a later ingest may bring."""


@dataclass(frozen=True)
class CitedBy:
    """A citation with the provision that it stands in."""

    loaded: LoadedProvision
    citation: CitationRow


def save_citations(connection: sa.Connection, version_id: str, rows: Iterable[CitationRow]) -> int:
    """Make ``rows`` all that a version cites and return how many; equal rows write nothing.

    A target that ``resolve_pending`` found stays where ``rows`` give none.
    """
    given = sorted(rows, key=lambda row: (row.provision_id, row.position))
    held = _rows_of(connection, citations.c.from_version == version_id)
    known = {(row.provision_id, row.position, row.title): row.target_work for row in held}
    wanted = [
        row
        if row.target_work is not None or row.title_kind not in NAMED_KINDS
        else _with_target(row, known.get((row.provision_id, row.position, row.title)))
        for row in given
    ]
    if wanted == held:
        return len(wanted)
    if held:
        connection.execute(sa.delete(citations).where(citations.c.from_version == version_id))
    if wanted:
        connection.execute(sa.insert(citations), [_values(version_id, row) for row in wanted])
    return len(wanted)


def citations_of(
    connection: sa.Connection, version_id: str, provision_id: str | None = None
) -> tuple[CitationRow, ...]:
    """What a version, or one provision of it, cites, in order."""
    condition = citations.c.from_version == version_id
    if provision_id is not None:
        condition = sa.and_(condition, citations.c.from_provision == provision_id)
    return tuple(_rows_of(connection, condition))


def cited_by(
    connection: sa.Connection,
    provision_id: str,
    *,
    as_of: dt.date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[tuple[CitedBy, ...], int]:
    """What cites this article, one page in order of work and place, and how many there are in all.

    With ``as_of`` only citations in texts in force that day; without, in every text that we hold. A citation
    of the whole work is none of its articles.

    Raises:
        BadInputError: ``limit_out_of_range`` (limit 0 to 1000).
    """
    work_id, number = split_provision_id(provision_id)
    if number is None:
        return (), 0
    article, inserted = number
    return _citing(
        connection,
        sa.and_(
            citations.c.target_work == work_id,
            citations.c.article == article,
            citations.c.inserted == inserted,
        ),
        as_of,
        limit,
        offset,
    )


def work_cited_by(
    connection: sa.Connection,
    work_id: str,
    *,
    as_of: dt.date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[tuple[CitedBy, ...], int]:
    """Like ``cited_by`` for every citation of a work, its articles among them; its own texts left out."""
    return _citing(
        connection,
        sa.and_(citations.c.target_work == work_id, versions.c.work_id != work_id),
        as_of,
        limit,
        offset,
    )


def count_cited_by(connection: sa.Connection, work_id: str) -> dict[tuple[int, int], int]:
    """How often each article of a work is cited, by number, in texts of other works as we hold them."""
    rows = connection.execute(
        sa.select(citations.c.article, citations.c.inserted, sa.func.count())
        .select_from(citations.join(versions))
        .where(
            citations.c.target_work == work_id,
            citations.c.article.is_not(None),
            versions.c.work_id != work_id,
            versions.c.superseded_by == "",
        )
        .group_by(citations.c.article, citations.c.inserted)
    )
    return {(article, inserted): count for article, inserted, count in rows}


def resolve_pending(connection: sa.Connection, catalogue: TitleCatalogue) -> int:
    """Give citations and stated repeals without target the work that bears their title, and count them.

    To be called after works came in. A title that several works share stays open. Works whose state a
    stated repeal now decides still have to be settled (``kb.store.works.settle_repealed``).
    """
    filled = 0
    for table, named in (
        (citations, citations.c.title_kind.in_(NAMED_KINDS)),
        (stated_repeals, sa.true()),
    ):
        open_rows = sa.and_(table.c.target_work.is_(None), table.c.title != "", named)
        titles = connection.execute(sa.select(table.c.title).where(open_rows).distinct()).scalars().all()
        for title in sorted(titles):
            ids = catalogue.lookup(title)
            if len(ids) == 1:
                filled += connection.execute(
                    sa.update(table).where(open_rows, table.c.title == title).values(target_work=ids[0])
                ).rowcount
    return filled


def split_provision_id(provision_id: str) -> tuple[str, tuple[int, int] | None]:
    """``w…:a17-1`` as work id and (17, 1); None for an unnumbered block."""
    work_id, _, rest = provision_id.rpartition(":")
    article, _, inserted = rest.removeprefix("a").partition("-")
    if not work_id or not rest.startswith("a") or not article.isdecimal() or len(article) > 6:
        return work_id or provision_id, None
    return work_id, (int(article), int(inserted) if inserted.isdecimal() and len(inserted) <= 6 else 0)


def _citing(
    connection: sa.Connection,
    condition: sa.ColumnElement[bool],
    as_of: dt.date | None,
    limit: int,
    offset: int,
) -> tuple[tuple[CitedBy, ...], int]:
    if not 0 <= limit <= 1000 or not 0 <= offset <= 10_000_000:
        raise BadInputError(
            "limit_out_of_range", "每页条数须在 0 到 1000 之间", place=f"limit={limit} offset={offset}"
        )
    joined = citations.join(versions)
    condition = sa.and_(condition, versions.c.superseded_by == "")
    if as_of is not None:
        condition = sa.and_(condition, versions.c.effective_from <= as_of, versions.c.effective_to > as_of)
    total = connection.execute(sa.select(sa.func.count()).select_from(joined).where(condition)).scalar_one()
    rows = connection.execute(
        sa.select(citations)
        .select_from(joined)
        .where(condition)
        .order_by(versions.c.work_id, versions.c.id, citations.c.from_provision, citations.c.position)
        .limit(limit)
        .offset(offset)
    ).all()
    loaded = load_provisions(connection, [(row.from_provision, row.from_version) for row in rows])
    return (
        tuple(
            CitedBy(loaded[row.from_provision, row.from_version], _row_from(row))
            for row in rows
            if (row.from_provision, row.from_version) in loaded
        ),
        total,
    )


def _rows_of(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[CitationRow]:
    statement = sa.select(citations).where(condition)
    return [
        _row_from(row)
        for row in connection.execute(statement.order_by(citations.c.from_provision, citations.c.position))
    ]


def _row_from(row: sa.Row[Any]) -> CitationRow:
    return CitationRow(
        provision_id=row.from_provision,
        position=row.position,
        text=row.text,
        span=(row.span_from, row.span_to),
        title=row.title,
        title_kind=row.title_kind,
        number=None if row.article is None else (row.article, row.inserted),
        units=units_from(row.units),
        target_work=row.target_work,
    )


def _values(version_id: str, row: CitationRow) -> dict[str, Any]:
    article, inserted = row.number or (None, None)
    return {
        "from_version": version_id,
        "from_provision": row.provision_id,
        "position": row.position,
        "text": row.text,
        "span_from": row.span[0],
        "span_to": row.span[1],
        "title": row.title,
        "title_kind": row.title_kind,
        "article": article,
        "inserted": inserted,
        "units": [list(unit) for unit in row.units],
        "target_work": row.target_work,
    }


def _with_target(row: CitationRow, target: str | None) -> CitationRow:
    return row if target is None else replace(row, target_work=target)


def units_from(values: Sequence[Sequence[int | None]]) -> tuple[Unit, ...]:
    """Units as kept in JSON."""
    return tuple((unit[0], unit[1], unit[2]) for unit in values)
