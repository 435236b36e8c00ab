"""Basis pinned to provision, version and text, and what has become of it since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kb.answer.basis import BasisFinder, BasisState, FoundBasis
from kb.domain.answers import StandardAnswer
from kb.domain.editing import PinnedBasis, Severity


def text_digest(text: str) -> str:
    """SHA-256 of a cited text."""
    return hashlib.sha256(text.encode()).hexdigest()


def pin_basis(found: FoundBasis) -> PinnedBasis:
    """The basis with what it rests on; ids stay empty where it rests on nothing that is held."""
    basis = found.basis
    if found.state is not BasisState.IN_FORCE or found.loaded is None:
        return PinnedBasis(basis.key, basis.title, basis.label)
    return PinnedBasis(
        basis.key,
        basis.title,
        basis.label,
        found.loaded.provision.id,
        found.loaded.version.id,
        text_digest(found.text),
    )


def pin_answer(answer: StandardAnswer, finder: BasisFinder) -> tuple[PinnedBasis, ...]:
    """Every basis of ``answer`` pinned as ``finder`` finds it."""
    return tuple(pin_basis(finder.find(basis)) for basis in answer.basis)


class Change(StrEnum):
    """What happened to a pinned basis."""

    TEXT_CHANGED = "changed"
    ENDED = "ended"
    """Repealed, or gone from the text in force."""
    ARRIVED = "arrived"
    """Its work was not held when it was pinned, and is now."""


CHANGE_LABELS = {
    Change.TEXT_CHANGED: "依据的条文改了",
    Change.ENDED: "依据的条文不再有效",
    Change.ARRIVED: "依据的文件已收录，可以核对了",
}
SEVERITIES = {
    Change.TEXT_CHANGED: Severity.NOTICE,
    Change.ENDED: Severity.WITHDRAW,
    Change.ARRIVED: Severity.NOTICE,
}


@dataclass(frozen=True)
class BasisChange:
    """A pinned basis that no longer stands as it was pinned."""

    pinned: PinnedBasis
    change: Change
    found: FoundBasis


def compare_pins(
    answer: StandardAnswer, pinned: Iterable[PinnedBasis], finder: BasisFinder
) -> tuple[BasisChange, ...]:
    """Every basis of ``answer`` whose text is another, or no longer law, than when it was pinned."""
    by_key = {basis.key: basis for basis in answer.basis}
    changes = []
    for pin in pinned:
        basis = by_key.get(pin.key)
        if basis is None:
            continue
        found = finder.find(basis)
        change = _judge(pin, found)
        if change is not None:
            changes.append(BasisChange(pin, change, found))
    return tuple(changes)


def _judge(pin: PinnedBasis, found: FoundBasis) -> Change | None:
    in_force = found.state is BasisState.IN_FORCE
    if not pin.text_sha256:
        return Change.ARRIVED if in_force else None
    if not in_force:
        return Change.ENDED
    return Change.TEXT_CHANGED if text_digest(found.text) != pin.text_sha256 else None
