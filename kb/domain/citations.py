"""What one provision cites, as the citation graph keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from kb.domain.validity import Unit


@dataclass(frozen=True)
class CitationRow:
    """One article (or, with ``number`` None, one work) that a provision cites.

    ``span`` is the place in the provision's stored text and ``text`` what stands there; ``position`` counts
    from 0 within the provision. ``title`` is as written without 《》, empty where none is; ``title_kind`` a
    value of ``kb.text.citations.TitleKind``. ``target_work`` is None while no one held work is meant.
    """

    provision_id: str
    position: int
    text: str
    span: tuple[int, int]
    title: str
    title_kind: str
    number: tuple[int, int] | None
    units: tuple[Unit, ...] = ()
    target_work: str | None = None
