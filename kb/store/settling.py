"""What is served of a work, decided anew from what all its sources and all held texts state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from kb.clock import utc_now
from kb.domain.works import FAR_FUTURE, Version, Work
from kb.store.intervals import StatedEnd, StatedInterval, derive_endings
from kb.store.outbox import OutboxOp
from kb.store.rows import WORK_COLUMNS, title_search, values_of, work_from
from kb.store.tables import stated_repeals, versions, works
from kb.store.texts import Changes, ids_in, update_version
from kb.store.witnesses import Family, Witness, WorkWitness

INDEXED_OF_WORK = ("kind", "title", "short_title", "region", "topic")
INDEXED_OF_VERSION = ("work_id", "effective_from", "effective_to")
"""Fields that an index point holds or that its vectors are made from; the others change SQL alone."""

_SELECT_WORK = sa.select(*WORK_COLUMNS).where(works.c.id == sa.bindparam("work"))
_REPEALING = versions.alias("repealing")
_REPEALING_WORK = works.alias("repealing_work")
_SELECT_REPEALS = (
    sa.select(stated_repeals.c.day, _REPEALING.c.version_date, _REPEALING_WORK.c.title)
    .select_from(
        stated_repeals.join(_REPEALING, _REPEALING.c.id == stated_repeals.c.by_version).join(
            _REPEALING_WORK, _REPEALING_WORK.c.id == _REPEALING.c.work_id
        )
    )
    .where(
        stated_repeals.c.target_work == sa.bindparam("work"),
        stated_repeals.c.article.is_(None),
        stated_repeals.c.day.is_not(None),
        _REPEALING.c.superseded_by == "",
    )
    .order_by(stated_repeals.c.day, stated_repeals.c.by_version, stated_repeals.c.position)
)


@dataclass(frozen=True)
class HeldRepeal:
    """A held text ends the whole work on a day that it states."""

    end: StatedEnd
    successor: str


@dataclass(frozen=True)
class Settled:
    """Whether the work's row changed, and the ids of versions whose row did."""

    work_changed: bool
    versions_changed: frozenset[str]


def read_work(connection: sa.Connection, work_id: str) -> Work | None:
    """The row as it stands, None for an unknown id."""
    row = connection.execute(_SELECT_WORK, {"work": work_id}).one_or_none()
    return None if row is None else work_from(row)


def insert_work(connection: sa.Connection, work: Work) -> None:
    """A new row."""
    now = utc_now()
    values = {**values_of(work), "title_search": title_search(work), "created_at": now, "updated_at": now}
    connection.execute(sa.insert(works), values)


def settle(
    connection: sa.Connection,
    before: Work,
    described: Sequence[WorkWitness],
    families: Mapping[str, Family],
    changes: Changes,
) -> Settled:
    """Bring the rows of a work and its versions to what their witnesses make of them."""
    repeals = tuple(
        # Before both days: an amended text still carries the clause of its first version, which says
        # nothing of a namesake that was adopted since.
        HeldRepeal(StatedEnd(day, True, min(day, adopted)), title)
        for day, adopted, title in connection.execute(_SELECT_REPEALS, {"work": before.id})
    )
    newest = max((family.current.version_date for family in families.values()), default=None)
    whole = [one for one in repeals if newest is None or newest < one.end.adopted_before]
    work = merge_work(before, described, whole)
    if work != before:
        values = {**values_of(work), "title_search": title_search(work), "updated_at": utc_now()}
        connection.execute(sa.update(works).where(works.c.id == work.id).values(values))
    ends = [one.end for one in repeals]
    if work.repealed_on is not None:
        ends.append(StatedEnd(work.repealed_on, work.repealed_on_certain, work.repealed_on))
    settled = _settle_versions(families, ends)
    follow = _differs(before, work, INDEXED_OF_WORK)
    changed: set[str] = set()
    for family in families.values():
        version, source_id = settled[family.current.id]
        old = family.current
        if version != old or source_id != family.serving:
            update_version(connection, version, source_id)
            family.current, family.serving = version, source_id
            changed.add(version.id)
        if follow or _differs(old, version, INDEXED_OF_VERSION):
            changes.put(OutboxOp.UPSERT, version.id, ids_in(connection, version.id))
    return Settled(work != before, frozenset(changed))


def _differs(before: object, after: object, names: Sequence[str]) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in names)


def merge_work(before: Work, described: Sequence[WorkWitness], repeals: Sequence[HeldRepeal]) -> Work:
    """The work as its sources describe it together: the first of ``described`` leads.

    The others fill fields that it leaves empty and add names. An end that some source is sure of wins over
    one that a held text states, which wins over one that nobody is sure of.
    """
    work = described[0].work if described else before
    for witness in described[1:]:
        other = witness.work
        named = (*work.aliases, other.title, other.short_title, *other.aliases)
        known = ("", work.title, work.short_title)
        filled = {
            name: getattr(other, name)
            for name in ("short_title", "statute_type", "issuing_body", "topic")
            if not getattr(work, name)
        }
        aliases = tuple(name for name in dict.fromkeys(named) if name not in known)
        work = replace(work, aliases=aliases, **filled)
    return _merge_end(work, described, repeals)


def _merge_end(work: Work, described: Sequence[WorkWitness], repeals: Sequence[HeldRepeal]) -> Work:
    stated = [one.work for one in described if one.work.repealed_on is not None]
    sure = next((one for one in stated if one.repealed_on_certain), None)
    if sure is None and repeals:
        first = repeals[0]
        return replace(
            work,
            repealed_on=first.end.day,
            repealed_on_certain=True,
            successor=work.successor or first.successor,
        )
    chosen = sure or next(iter(stated), None)
    successors = [one.work.successor for one in described if one.work.successor]
    if chosen is None:
        return replace(work, successor=successors[0]) if successors else work
    return replace(
        work,
        repealed_on=chosen.repealed_on,
        repealed_on_certain=chosen.repealed_on_certain,
        successor=chosen.successor or next(iter(successors), ""),
    )


def _settle_versions(
    families: Mapping[str, Family], ends: Sequence[StatedEnd]
) -> dict[str, tuple[Version, str]]:
    """Each serving version as it is to be, with the source that it comes from."""
    begun: dict[str, tuple[Version, str]] = {}
    stated: list[StatedInterval] = []
    for family in families.values():
        version, source_id = family.current, family.serving
        best = family.best_witness()
        if best is not None:
            start, end = _best_start(family, best), _best_end(family)
            source_id = best.source_id
            version = replace(
                version,
                published_on=best.statement.published_on,
                declared_status=best.statement.declared_status,
                text_sha256=best.statement.text_sha256,
                effective_from=start.statement.stated_from,
                effective_from_certain=start.statement.stated_from_certain,
                date_source=start.statement.date_source,
                effective_to=end.statement.stated_to if end else FAR_FUTURE,
                effective_to_certain=end.statement.stated_to_certain if end else True,
            )
        begun[version.id] = version, source_id
        stated.append(
            StatedInterval(
                version.id,
                version.version_date,
                version.effective_from,
                version.effective_from_certain,
                version.effective_to,
                version.effective_to_certain,
            )
        )
    endings = derive_endings(stated, ends)
    return {
        id_: (
            replace(version, effective_to=endings[id_].day, effective_to_certain=endings[id_].certain),
            source_id,
        )
        for id_, (version, source_id) in begun.items()
    }


def _best_start(family: Family, serving: Witness) -> Witness:
    """Who is believed about the start: a certain one before an uncertain one, then by priority."""
    candidates = [one for one in family.witnesses.values() if one.agrees] or [serving]
    return min(
        candidates,
        key=lambda one: (
            not one.statement.stated_from_certain,
            -one.priority,
            one.source_id != serving.source_id,
            one.source_id,
        ),
    )


def _best_end(family: Family) -> Witness | None:
    """Who is believed about the end, None when nobody states one."""
    stating = [
        one for one in family.witnesses.values() if one.agrees and one.statement.stated_to < FAR_FUTURE
    ]
    return min(
        stating,
        key=lambda one: (
            not one.statement.stated_to_certain,
            -one.priority,
            one.statement.stated_to,
            one.source_id,
        ),
        default=None,
    )
