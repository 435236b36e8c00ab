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
    chosen, places, lengths = _shipped_forms() if entries is None else _index_forms(tuple(entries))
    said: dict[int, str] = {}
    for start in range(len(question)):
        for length in lengths:
            form = question[start : start + length]
            for place in places.get(form, ()) if len(form) == length else ():
                if len(form) > len(said.get(place, "")):
                    said[place] = form
    return tuple(LegalWording(said[place], chosen[place].law) for place in sorted(said))


_Forms = tuple[tuple[EverydayEntry, ...], dict[str, tuple[int, ...]], tuple[int, ...]]


def _index_forms(entries: tuple[EverydayEntry, ...]) -> _Forms:
    """The entries, which of them have a form, and the lengths of forms."""
    places: dict[str, tuple[int, ...]] = {}
    for place, entry in enumerate(entries):
        for form in entry.say:
            places[form] = (*places.get(form, ()), place)
    return entries, places, tuple(sorted({len(form) for form in places}))


@lru_cache(maxsize=1)
def _shipped_forms() -> _Forms:
    return _index_forms(read_everyday_entries())
