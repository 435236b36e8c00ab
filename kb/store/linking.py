"""Which texts have had their citations and repeals read: derived facts, made again when a text changes."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from kb.store.tables import linked_versions, versions


@dataclass(frozen=True)
class Unlinked:
    """A version whose links are missing or of another text; ``recipe`` is what to mark it with afterwards."""

    version_id: str
    work_id: str
    recipe: str


def unlinked_versions(connection: sa.Connection, finder: str) -> tuple[Unlinked, ...]:
    """Versions to read again, by work and id; ``finder`` names the finder's own version."""
    recipe = sa.literal(f"{finder}/") + versions.c.text_sha256
    rows = connection.execute(
        sa.select(versions.c.id, versions.c.work_id, recipe)
        .select_from(versions.outerjoin(linked_versions))
        .where(sa.or_(linked_versions.c.recipe.is_(None), linked_versions.c.recipe != recipe))
        .order_by(versions.c.work_id, versions.c.id)
    )
    return tuple(Unlinked(*row) for row in rows)


def mark_linked(connection: sa.Connection, done: Unlinked) -> None:
    """Note that the links of ``done`` are stored."""
    connection.execute(sa.delete(linked_versions).where(linked_versions.c.version_id == done.version_id))
    connection.execute(sa.insert(linked_versions), {"version_id": done.version_id, "recipe": done.recipe})
