"""The question bank: questions that are known to be answered by certain provisions, and vote for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class BankSource(StrEnum):
    """Where a question of the bank comes from."""

    ANSWER = "answer"
    """A standard answer's question or one of its variants; ``owner`` is the answer's id."""
    PROVISION = "provision"
    """Written for the provision that it cites; ``owner`` is the file."""
    LABELLED = "labelled"
    """A past question whose provisions a lawyer named; ``owner`` is the question's own id."""


@dataclass(frozen=True)
class CitedProvision:
    """Full title without 《》 and the article's label (第三十八条)."""

    title: str
    label: str


@dataclass(frozen=True)
class BankQuestion:
    """One wording with the provisions that answer it, best first; ``topic`` may be empty."""

    text: str
    source: BankSource
    owner: str
    cites: tuple[CitedProvision, ...]
    topic: str = ""


@dataclass(frozen=True)
class BankTarget:
    """A cited provision that is held, with its versions and what filters ask of its work.

    ``versions`` are (first day, day after the last, version id).
    """

    provision_id: str
    work_id: str
    kind: str
    region: str
    topic: str
    versions: tuple[tuple[dt.date, dt.date, str], ...]
