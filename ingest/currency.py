"""What a source says of its works' validity: its word, its day, and when to look again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from kb.domain.currency import CurrencyRecord, OfficialStatus
from kb.domain.works import Source, VersionedText, WorkBundle

LOOK_AGAIN_AFTER = dt.timedelta(days=180)
"""Half a year: the standing committee sits every two months, and any session may change a law."""

_STATUSES = {
    "现行有效": OfficialStatus.IN_FORCE,
    "已被修改": OfficialStatus.AMENDED,
    "历史版本": OfficialStatus.AMENDED,
    "已废止": OfficialStatus.REPEALED,
    "尚未生效": OfficialStatus.NOT_YET_IN_FORCE,
}


def declare_currency(bundles: Iterable[WorkBundle], source: Source) -> tuple[CurrencyRecord, ...]:
    """One record per work whose newest text bears the source's word, checked on ``source.current_to``.

    A text that the source calls 现行有效 and that starts later was 尚未生效 on that day. Its start is given
    only when it is certain.
    """
    records = []
    for bundle in bundles:
        newest = max(bundle.versions, key=_newest, default=None)
        status = _STATUSES.get(newest.version.declared_status) if newest else None
        if newest is None or status is None:
            continue
        version = newest.version
        if status is OfficialStatus.IN_FORCE and version.effective_from > source.current_to:
            status = OfficialStatus.NOT_YET_IN_FORCE
        records.append(
            CurrencyRecord(
                work_id=bundle.work.id,
                official_status=status,
                official_start=version.effective_from if version.effective_from_certain else None,
                checked_on=source.current_to,
                source=source.title,
                next_due=source.current_to + LOOK_AGAIN_AFTER,
            )
        )
    return tuple(records)


def _newest(text: VersionedText) -> tuple[bool, dt.date]:
    """Texts that we put together ourselves bear no word of the source."""
    return text.version.declared_status in _STATUSES, text.version.version_date
