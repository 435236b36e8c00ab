"""Citations that the question names itself: found, resolved and put first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from kb.domain.works import provision_id
from kb.store import works as store_works
from kb.store.database import Database
from kb.store.provisions import load_provisions
from kb.text.catalogue import TitleCatalogue
from kb.text.citations import ResolvedCitation, TitleKind, find_citations, resolve_citations

MAX_PINS = 20


@dataclass(frozen=True)
class Pin:
    """A provision that the question names, in the version that answers for it."""

    provision_id: str
    version_id: str
    work_id: str
    cited_as: str


@dataclass(frozen=True)
class Pinning:
    """The pins in the order of the question, and Chinese sentences about citations that lead nowhere."""

    pins: tuple[Pin, ...]
    notices: tuple[str, ...]


def pin_citations(question: str, catalogue: TitleCatalogue, database: Database, as_of: dt.date) -> Pinning:
    """Resolve the citations in ``question`` against the store on the day ``as_of``.

    A law that is no longer or not yet in force is pinned all the same when the question names it: its
    status stands beside it. Nothing is read from the store when the question cites nothing.
    """
    found = find_citations(question, catalogue)
    if not found:
        return Pinning((), ())
    pins: list[Pin] = []
    notices: list[str] = []
    with database.reading() as connection:
        for citation in resolve_citations(found[:MAX_PINS], catalogue):
            if citation.work_id is None:
                notices.extend(_explain_unresolved(citation))
                continue
            held = store_works.list_versions(connection, citation.work_id)
            version = store_works.speaking_version(held, as_of)
            wanted = provision_id(citation.work_id, citation.number)
            if version is not None and load_provisions(connection, [(wanted, version.id)]):
                pins.append(Pin(wanted, version.id, citation.work_id, citation.found.text))
            else:
                title = store_works.get_work(connection, citation.work_id).title
                notices.append(f"《{title}》没有{citation.found.label}，请核对条号。")
    return Pinning(_first_of_each(pins), tuple(dict.fromkeys(notices)))


def _explain_unresolved(citation: ResolvedCitation) -> list[str]:
    if citation.found.title_kind in (TitleKind.QUOTED, TitleKind.BARE):
        return [f"本库没有收录《{citation.found.title}》，无法核对{citation.found.label}。"]
    return []


def _first_of_each(pins: Sequence[Pin]) -> tuple[Pin, ...]:
    firsts: dict[tuple[str, str], Pin] = {}
    for pin in pins:
        firsts.setdefault((pin.provision_id, pin.version_id), pin)
    return tuple(firsts.values())
