"""Today, where the law is: Asia/Shanghai."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> dt.date:
    """The current civil date in Asia/Shanghai."""
    return dt.datetime.now(SHANGHAI).date()
