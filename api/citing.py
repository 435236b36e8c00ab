"""Citations of a provision both ways, with where each leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.catalogue import Reading, provision_in, shelf_of_provision
from kb.answer.verify import CheckedCitation, CitationVerifier, Verdict
from kb.clock import today
from kb.domain.citations import CitationRow
from kb.domain.records import LegalBasis
from kb.domain.works import Work, provision_id
from kb.store.citations import CitedBy, citations_of, cited_by, split_provision_id
from kb.store.database import Connection, Database
from kb.store.works import get_work, provision_versions
from kb.text.citations import CitedUnit
from kb.text.numerals import format_article_label

MAX_BASIS = 500


@dataclass(frozen=True)
class Cites:
    """Something that a provision cites.

    ``work`` is None while no one held work bears the name; ``target`` the id of the article when we hold a
    text of it; ``label`` the article with 款 and 项 as statutes write them.
    """

    citation: CitationRow
    work: Work | None
    target: str | None
    label: str


@dataclass(frozen=True)
class CitedByPage:
    """One page of what cites an article, and how many there are in all."""

    work: Work
    as_of: dt.date
    citations: tuple[CitedBy, ...]
    total: int


def read_cited_by(
    database: Database,
    wanted: str,
    *,
    as_of: dt.date | None,
    everything: bool,
    limit: int,
    offset: int = 0,
) -> CitedByPage:
    """Citations of an article in texts in force on ``as_of`` (None is today).

    With ``everything`` in all texts that we hold. Raises NotFoundError ``provision_not_found`` for an
    article that no text of ours has.
    """
    day = as_of or today()
    with database.reading() as connection:
        shelf = shelf_of_provision(connection, wanted)
        # Raises for an article that is in no version.
        provision_in(connection, wanted, day, None, nearest=True)
        found, total = cited_by(
            connection, wanted, as_of=None if everything else day, limit=limit, offset=offset
        )
    return CitedByPage(shelf.work, day, found, total)


def read_cites(
    database: Database, wanted: str, as_of: dt.date | None, version_id: str | None
) -> tuple[Reading, tuple[Cites, ...]]:
    """What a provision cites in the version named, else in the text of the day or the nearest to it."""
    with database.reading() as connection:
        reading = provision_in(connection, wanted, as_of or today(), version_id, nearest=True)
        rows = citations_of(connection, reading.version.id, wanted)
        return reading, name_targets(connection, rows)


def name_targets(connection: Connection, rows: Sequence[CitationRow]) -> tuple[Cites, ...]:
    """``rows`` with the works and articles that they mean."""
    works = {id_: get_work(connection, id_) for id_ in {row.target_work for row in rows} if id_ is not None}
    held: dict[str, bool] = {}
    named = []
    for row in rows:
        target = None
        if row.target_work is not None and row.number is not None:
            id_ = provision_id(row.target_work, row.number)
            if id_ not in held:
                held[id_] = bool(provision_versions(connection, id_))
            target = id_ if held[id_] else None
        work = works[row.target_work] if row.target_work is not None else None
        named.append(Cites(row, work, target, label_of_row(row)))
    return tuple(named)


def label_of_row(row: CitationRow) -> str:
    """``第十七条第二款第三项``; empty for a whole work."""
    if row.number is None:
        return ""
    units = "、".join(CitedUnit(*unit).label for unit in row.units)
    return format_article_label(row.number) + units


def article_address(target: str) -> str:
    """Address of an article in the law as it is in force, from its id."""
    work_id, _ = split_provision_id(target)
    return f"/works/{work_id}#{target.partition(':')[2]}"


def check_basis(verifier: CitationVerifier, basis: Iterable[LegalBasis]) -> list[CheckedCitation | None]:
    """The verdict today on each legal basis; None where the entry names nothing that can be checked.

    An entry that names several articles gets the verdict of the first that does not hold, else of its first.
    """
    entries = list(basis)[:MAX_BASIS]
    text, spans = "", []
    for entry in entries:
        start = len(text)
        text += f"《{entry.title}》{entry.label}。\n"
        spans.append((start, len(text)))
    checked = verifier.verify(text) if entries else []
    found: list[CheckedCitation | None] = []
    at = 0
    for _, end in spans:
        mine: list[CheckedCitation] = []
        while at < len(checked) and checked[at].span[0] < end:
            mine.append(checked[at])
            at += 1
        told = [one for one in mine if one.verdict is not Verdict.IN_FORCE] or mine
        found.append(told[0] if told else None)
    return found
