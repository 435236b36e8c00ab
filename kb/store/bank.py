"""The question bank in the store: wordings by source and owner, replaced owner by owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from kb.domain.bank import BankQuestion, BankSource, BankTarget, CitedProvision
from kb.store.tables import bank_questions, provisions, versions, works

TITLES_AT_ONCE = 400


def replace_bank(
    connection: sa.Connection, source: BankSource, questions: Mapping[str, Sequence[BankQuestion]]
) -> int:
    """Make the questions of each owner in ``questions`` exactly those given; returns how many owners changed.

    An owner with no questions is emptied; owners that are not named stay as they are.
    """
    held = _by_owner(connection, source)
    changed = [owner for owner, wanted in questions.items() if list(wanted) != held.get(owner, [])]
    for owner in changed:
        connection.execute(
            sa.delete(bank_questions).where(
                bank_questions.c.source == source.value, bank_questions.c.owner == owner
            )
        )
    rows = [_row(one, source, owner) for owner in changed for one in questions[owner]]
    if rows:
        connection.execute(sa.insert(bank_questions), rows)
    return len(changed)


def bank_owners(connection: sa.Connection, source: BankSource) -> frozenset[str]:
    """Owners that have questions of this source."""
    rows = connection.execute(
        sa.select(bank_questions.c.owner).where(bank_questions.c.source == source.value).distinct()
    )
    return frozenset(rows.scalars())


def read_bank(connection: sa.Connection) -> tuple[BankQuestion, ...]:
    """All questions in the order in which they were written."""
    return tuple(_questions(connection.execute(_SELECT.order_by(bank_questions.c.position))))


def bank_revision(connection: sa.Connection) -> tuple[int, int]:
    """Another value whenever the bank is another: number of questions and newest position."""
    count, newest = connection.execute(
        sa.select(sa.func.count(), sa.func.max(bank_questions.c.position))
    ).one()
    return int(count), int(newest or 0)


def find_targets(
    connection: sa.Connection, cited: Iterable[CitedProvision]
) -> dict[CitedProvision, BankTarget]:
    """The provisions behind ``cited``, by whole title and label; what is not held is left out."""
    wanted = frozenset(cited)
    titles = sorted({one.title for one in wanted})
    found: dict[CitedProvision, BankTarget] = {}
    for start in range(0, len(titles), TITLES_AT_ONCE):
        rows = connection.execute(
            sa.select(
                works.c.title,
                provisions.c.label,
                provisions.c.provision_id,
                works.c.id,
                works.c.kind,
                works.c.region,
                works.c.topic,
                versions.c.effective_from,
                versions.c.effective_to,
                versions.c.id,
            )
            .join_from(works, versions, versions.c.work_id == works.c.id)
            .join(provisions, provisions.c.version_id == versions.c.id)
            .where(
                works.c.title.in_(titles[start : start + TITLES_AT_ONCE]),
                versions.c.superseded_by == "",
                provisions.c.article.is_not(None),
            )
            .order_by(versions.c.effective_from, versions.c.id)
        )
        for title, label, provision, work, kind, region, topic, first, end, version in rows:
            cite = CitedProvision(title, label)
            if cite in wanted:
                before = found[cite].versions if cite in found else ()
                reading = (first, end, version)
                found[cite] = BankTarget(provision, work, kind.value, region, topic, (*before, reading))
    return found


_SELECT = sa.select(
    bank_questions.c.text,
    bank_questions.c.source,
    bank_questions.c.owner,
    bank_questions.c.cites,
    bank_questions.c.topic,
)


def _by_owner(connection: sa.Connection, source: BankSource) -> dict[str, list[BankQuestion]]:
    found: dict[str, list[BankQuestion]] = {}
    rows = connection.execute(
        _SELECT.where(bank_questions.c.source == source.value).order_by(bank_questions.c.position)
    )
    for one in _questions(rows):
        found.setdefault(one.owner, []).append(one)
    return found


def _questions(rows: Iterable[Any]) -> Iterator[BankQuestion]:
    for text, source, owner, cites, topic in rows:
        cited = tuple(CitedProvision(title, label) for title, label in cites)
        yield BankQuestion(text, BankSource(source), owner, cited, topic)


def _row(one: BankQuestion, source: BankSource, owner: str) -> dict[str, object]:
    return {
        "source": source.value,
        "owner": owner,
        "text": one.text,
        "topic": one.topic,
        "cites": [[cite.title, cite.label] for cite in one.cites],
    }
