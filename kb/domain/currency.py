"""What is officially known of a work's validity, and when somebody last looked.

Apart from what we compute: a record says that on ``checked_on`` an official ``source`` gave this status and
start. A work without record is unchecked; one past ``next_due`` is due.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class OfficialStatus(StrEnum):
    """Status as official databases give it."""

    IN_FORCE = "有效"
    AMENDED = "已修改"
    REPEALED = "已废止"
    LAPSED = "失效"
    NOT_YET_IN_FORCE = "尚未生效"


class CurrencyState(StrEnum):
    """How far a work's validity has been looked after on a given day."""

    UNCHECKED = "unchecked"
    DUE = "due"
    CHECKED = "checked"


CURRENCY_LABELS = {
    CurrencyState.UNCHECKED: "未核对",
    CurrencyState.DUE: "待复核",
    CurrencyState.CHECKED: "已核对",
}


@dataclass(frozen=True)
class CurrencyRecord:
    """Official status and start of a work, checked when and where; again by ``next_due``.

    ``official_start`` is the start of the version that the source calls current, None when it gives none;
    ``source`` names the page or gazette.
    """

    work_id: str
    official_status: OfficialStatus
    official_start: dt.date | None
    checked_on: dt.date
    source: str
    next_due: dt.date
    note: str = ""


def currency_on(record: CurrencyRecord | None, as_of: dt.date) -> CurrencyState:
    """State on the day ``as_of``; due from the day ``next_due`` on."""
    if record is None or record.checked_on > as_of:
        return CurrencyState.UNCHECKED
    return CurrencyState.DUE if record.next_due <= as_of else CurrencyState.CHECKED
