"""Every statute of the shared collection as read and parsed, once for all tests of this folder."""

from __future__ import annotations

import functools
from pathlib import Path

from ingest.drafts import Draft
from ingest.lines import ReadDocument
from ingest.parsers.statute_lines import parse_statute
from ingest.readers.dispatch import read_bytes
from tests.shared_data import SHARED_DATA

LAWS = SHARED_DATA / "laws"
NO_STATUTES = ("案例", "其他")
"""Folders of cases and guides."""


@functools.cache
def read_statutes() -> tuple[tuple[ReadDocument, Draft], ...]:
    """Document and draft of each file, in the order of their names."""
    found = []
    for path in sorted(LAWS.rglob("*.md")):
        document = read_statute_file(path)
        if not document.name.startswith(NO_STATUTES):
            found += [(document, draft) for draft in parse_statute(document)]
    return tuple(found)


def read_statute_file(path: Path) -> ReadDocument:
    """One file under its name within the collection."""
    return read_bytes(path.read_bytes(), path.relative_to(LAWS).as_posix())
