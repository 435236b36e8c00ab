"""Today, where the law is (Asia/Shanghai), and this moment."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> dt.date:
    """The current civil date in Asia/Shanghai."""
    return dt.datetime.now(SHANGHAI).date()


def utc_now() -> dt.datetime:
    """This moment, with its zone."""
    return dt.datetime.now(dt.UTC)
