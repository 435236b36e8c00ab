"""A case taken apart, on its way to a draft."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from ingest.lines import Finding
from ingest.parsers.cases_sections import Section


@dataclass
class CaseText:
    """A case taken apart, from lines or from a row; ``fields`` by the names of ``CaseDetails``."""

    title: str = ""
    headline: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    batch: str = ""
    publisher: str = ""
    published_on: dt.date | None = None
    heads: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    topic: str = ""
    region: str = ""
