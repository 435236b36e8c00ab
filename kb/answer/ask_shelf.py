"""What the answer door reads of the published answers, and the answers that ship behind the same face."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from kb.answer.basis import BasisFinder, BasisState, FoundBasis
from kb.answer.holdings import Holdings
from kb.domain.answers import StandardAnswer


class PublishedAnswer(Protocol):
    """An answer as it may be given on a day, with its basis as that day has it."""

    @property
    def answer(self) -> StandardAnswer:
        """What is said."""
        ...

    @property
    def revision(self) -> int:
        """Which revision of it."""
        ...

    @property
    def basis(self) -> Sequence[FoundBasis]:
        """Its basis with the texts of the day."""
        ...

    @property
    def servable(self) -> bool:
        """Whether it may be given at all on that day."""
        ...

    @property
    def notices(self) -> Sequence[str]:
        """Chinese sentences that must stand beside it."""
        ...

    @property
    def reviewed(self) -> bool:
        """Whether a named lawyer has read it."""
        ...


class PublishedAnswers(Protocol):
    """The shelf; ``kb.answer.shelf`` implements it over the store."""

    def published(self, as_of: dt.date) -> Sequence[PublishedAnswer]:
        """Everything that is published on the day."""
        ...


@dataclass(frozen=True)
class SampleAnswer:
    """One of the answers that ship."""

    answer: StandardAnswer
    basis: tuple[FoundBasis, ...]
    servable: bool
    revision: int = 1
    notices: tuple[str, ...] = ()
    reviewed: bool = False


class SampleShelf:
    """A fixed set of answers: those that ship, or those of a test."""

    def __init__(
        self, answers: Sequence[StandardAnswer], holdings: Callable[[], AbstractContextManager[Holdings]]
    ) -> None:
        """``holdings`` opens the laws for the time of one reading. Nothing is looked up yet."""
        self._answers = tuple(answers)
        self._holdings = holdings
        self._days: dict[dt.date, tuple[SampleAnswer, ...]] = {}

    def published(self, as_of: dt.date) -> tuple[SampleAnswer, ...]:
        """All answers; servable where every basis is in force or waits for its work."""
        found = self._days.get(as_of)
        if found is None:
            with self._holdings() as holdings:
                finder = BasisFinder(holdings, as_of)
                found = tuple(self._find(answer, finder) for answer in self._answers)
            self._days = {as_of: found}
        return found

    def _find(self, answer: StandardAnswer, finder: BasisFinder) -> SampleAnswer:
        found = tuple(finder.find(basis) for basis in answer.basis)
        good = all(one.state in (BasisState.IN_FORCE, BasisState.WAITING) for one in found)
        held = any(one.state is BasisState.IN_FORCE for one in found)
        return SampleAnswer(answer, found, good and held)
