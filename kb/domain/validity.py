"""Ends that texts state, of whole works and of single provisions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from kb.domain.works import FAR_FUTURE

Unit = tuple[int | None, int | None, int | None]
"""款, 项, 目 of an article, None where not named: (2, None, None) is 第二款."""


class ProvisionStateKind(StrEnum):
    """What became of an article or a part of it while its version stands."""

    REPEALED = "repealed"
    SUSPENDED = "suspended"
    ADJUSTED = "adjusted"


@dataclass(frozen=True)
class StatedRepeal:
    """A text that we hold ends another: 《…》同时废止, a repeal decision, a clean-up list.

    ``title`` is the target as written, without 《》, held or not; ``number`` None means the whole work, else
    an article of it, and empty ``units`` all of that article. ``day`` is the first day without force, None
    when not stated. ``by_provision`` states it, ``basis`` is its wording with place. ``target_work`` is
    filled by the store when exactly one held work bears the title.
    """

    by_version: str
    by_provision: str
    title: str
    day: dt.date | None
    basis: str
    number: tuple[int, int] | None = None
    units: tuple[Unit, ...] = ()
    target_work: str | None = None


@dataclass(frozen=True)
class ProvisionState:
    """An article (``unit`` None), or one 款 or 项 of it, repealed, suspended or adjusted over [from, to).

    ``reason`` is Chinese; ``by`` names the deciding document, a version id where we hold it.
    """

    provision_id: str
    unit: Unit | None
    from_day: dt.date
    state: ProvisionStateKind
    reason: str
    by: str
    to_day: dt.date = FAR_FUTURE
