"""Reading what the stored texts say of each other: citations, and ends of other texts.

Links are derived: a text whose words changed, or a finder that reads better, has them read again. Works
in batches of their own, so that a reader of the store waits for none of it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from ingest.parsers.repeals import find_stated_repeals
from ingest.run import Progress
from kb.domain.citations import CitationRow
from kb.domain.validity import StatedRepeal
from kb.domain.works import Provision, Version, Work, WorkKind
from kb.store.citations import resolve_pending, save_citations
from kb.store.database import Connection, Database
from kb.store.linking import Unlinked, mark_linked, unlinked_versions
from kb.store.validity import save_stated_repeals
from kb.store.works import get_version, get_work, list_provisions, settle_repealed, title_catalogue
from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases
from kb.text.citations_graph import FINDER_VERSION, find_in_provision

LINKING = "整理引用"
LINKER_VERSION = "2"
"""Raised when repeals are read otherwise, so that every text is read again."""
BATCH = 40
"""Versions read and written together."""
MAX_PRECEDING = 9
"""Articles before a provision that 前条 or 前三条 may mean."""
FEW = 60
"""Up to so many versions are read in this process: starting others takes longer."""

_catalogue: TitleCatalogue | None = None


@dataclass(frozen=True)
class _Text:
    """A version on its way to the process that reads it."""

    todo: Unlinked
    work: Work
    version: Version
    provisions: tuple[Provision, ...]


@dataclass(frozen=True)
class _Links:
    """What one version says of others."""

    todo: Unlinked
    citations: tuple[CitationRow, ...]
    repeals: tuple[StatedRepeal, ...]


def link_texts(database: Database, progress: Progress | None = None, *, workers: int = 2) -> int:
    """Read the links of every text that needs it; returns how many texts were read.

    Afterwards citations of works that came later have their targets, and works whose end a text states
    are settled.
    """
    with database.reading() as connection:
        todo = unlinked_versions(connection, f"{FINDER_VERSION}.{LINKER_VERSION}")
        names = title_catalogue(connection)
    if not todo:
        return 0
    names = add_aliases(names, read_aliases())
    batches = [todo[start : start + BATCH] for start in range(0, len(todo), BATCH)]
    done = 0
    for read in _read_batches(database, batches, names, workers if len(todo) > FEW else 1):
        with database.writing() as connection:
            for links in read:
                _save(connection, links)
        done += len(read)
        if progress is not None:
            progress(LINKING, done, len(todo))
    with database.writing() as connection:
        resolve_pending(connection, TitleCatalogue.build(names))
        settle_repealed(connection)
    return len(todo)


def _save(connection: Connection, links: _Links) -> None:
    save_citations(connection, links.todo.version_id, links.citations)
    save_stated_repeals(connection, links.todo.version_id, links.repeals)
    mark_linked(connection, links.todo)


def _read_batches(
    database: Database,
    batches: Sequence[Sequence[Unlinked]],
    names: dict[str, tuple[str, ...]],
    workers: int,
) -> Iterator[list[_Links]]:
    texts = (_load(database, batch) for batch in batches)
    if workers <= 1:
        _set_catalogue(names)
        yield from map(_read_links, texts)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _set_catalogue, (names,)) as pool:
        waiting = []
        for batch in texts:
            waiting.append(pool.submit(_read_links, batch))
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
        for one in waiting:
            yield one.result()


def _load(database: Database, batch: Sequence[Unlinked]) -> list[_Text]:
    with database.reading() as connection:
        return [
            _Text(
                todo,
                get_work(connection, todo.work_id),
                get_version(connection, todo.version_id),
                list_provisions(connection, todo.version_id),
            )
            for todo in batch
        ]


def _set_catalogue(names: dict[str, tuple[str, ...]]) -> None:
    global _catalogue
    _catalogue = TitleCatalogue.build(names)


def _read_links(texts: Sequence[_Text]) -> list[_Links]:
    assert _catalogue is not None, "the catalogue is set when the process starts"
    return [
        _Links(
            text.todo,
            tuple(_cite(text, _catalogue)),
            _repeals_of(text),
        )
        for text in texts
    ]


def _repeals_of(text: _Text) -> tuple[StatedRepeal, ...]:
    """What a text of law ends; a guide that says 停止执行 ends nothing."""
    if text.work.kind not in (WorkKind.STATUTE, WorkKind.NORMATIVE):
        return ()
    decides = "决定" in text.work.title
    return find_stated_repeals(text.work.title, text.version, text.provisions, first_text=decides)


def _cite(text: _Text, catalogue: TitleCatalogue) -> Iterator[CitationRow]:
    """What every provision of a text cites; 前条 means the articles that stand before it."""
    preceding: tuple[tuple[int, int], ...] = ()
    for provision in text.provisions:
        yield from find_in_provision(provision, text.work, catalogue, preceding=preceding)
        if provision.number is not None:
            preceding = (provision.number, *preceding[:MAX_PRECEDING])
