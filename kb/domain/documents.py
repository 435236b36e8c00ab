"""A file as it came, and what could not be taken in from one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kb.domain.works import WorkKind


@dataclass(frozen=True)
class DocumentFinding:
    """Something odd that was found in a file; fields as ``ingest.lines.Finding``."""

    code: str
    message: str
    line: int = 0
    lost: bool = False


@dataclass(frozen=True)
class Document:
    """A file that became records. ``id`` is the SHA-256 of its bytes, hex; ``size`` their number.

    ``name`` and ``source_id`` are those under which these bytes first came; ``retrieved_at`` has a zone.
    """

    id: str
    name: str
    format: str
    kind: WorkKind | None
    source_id: str
    retrieved_at: dt.datetime
    size: int
    findings: tuple[DocumentFinding, ...] = ()


@dataclass(frozen=True)
class QuarantineEntry:
    """One reason why a file, or a record of it, was not taken in.

    ``line`` is 0 when the whole file is meant; ``sha256`` is of the file's bytes, empty when they could
    not be read; ``at`` has a zone.
    """

    source_id: str
    file: str
    line: int
    code: str
    reason: str
    at: dt.datetime
    sha256: str = ""
