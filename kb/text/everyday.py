"""From what people say to what statutes write: 过期食品 -> 超过保质期.

The list ships as ``corpora/words/everyday.yaml``, each entry with the day somebody checked it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class EverydayEntry:
    """Ways of saying a thing (``say``) and the statutes' words for it (``law``)."""

    say: tuple[str, ...]
    law: tuple[str, ...]
    reviewed: str


@dataclass(frozen=True)
class LegalWording:
    """An everyday expression found in a question and the legal words that it stands for."""

    said: str
    law: tuple[str, ...]


@lru_cache(maxsize=1)
def read_everyday_entries() -> tuple[EverydayEntry, ...]:
    """The shipped list."""
    rows = yaml.safe_load(files("corpora").joinpath("words", "everyday.yaml").read_text("utf-8"))
    return tuple(EverydayEntry(tuple(row["say"]), tuple(row["law"]), str(row["reviewed"])) for row in rows)


def find_legal_wording(
    question: str, entries: Iterable[EverydayEntry] | None = None
) -> tuple[LegalWording, ...]:
    """The entries whose everyday form stands in ``question``, in list order, longest form first."""
    found = []
    for entry in read_everyday_entries() if entries is None else entries:
        said = max((form for form in entry.say if form in question), key=len, default="")
        if said:
            found.append(LegalWording(said, entry.law))
    return tuple(found)
