"""Facts about works and provisions that help to rank them: rank of the norm, region, how often cited."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from kb.domain.works import provision_id
from kb.store.tables import citations, provisions, versions, works


@dataclass(frozen=True)
class WorkFacts:
    """``last_article`` is the highest article number of any version, 0 for a work without articles."""

    short_title: str
    statute_type: str
    region: str
    last_article: int


def read_work_facts(connection: sa.Connection) -> dict[str, WorkFacts]:
    """Facts of every work by id."""
    articles = connection.execute(
        sa.select(versions.c.work_id, sa.func.max(provisions.c.article))
        .join_from(versions, provisions, provisions.c.version_id == versions.c.id)
        .group_by(versions.c.work_id)
    )
    last: dict[str, int | None] = {row[0]: row[1] for row in articles}
    rows = connection.execute(
        sa.select(works.c.id, works.c.title, works.c.short_title, works.c.statute_type, works.c.region)
    )
    return {
        work: WorkFacts(short or title, statute_type, region, last.get(work) or 0)
        for work, title, short, statute_type, region in rows
    }


def count_citations(connection: sa.Connection) -> dict[str, int]:
    """How often each provision is cited by others, by provision id; those never cited are left out."""
    rows = connection.execute(
        sa.select(citations.c.target_work, citations.c.article, citations.c.inserted, sa.func.count())
        .where(citations.c.target_work.is_not(None), citations.c.article.is_not(None))
        .group_by(citations.c.target_work, citations.c.article, citations.c.inserted)
    )
    return {provision_id(work, (article, inserted or 0)): count for work, article, inserted, count in rows}
