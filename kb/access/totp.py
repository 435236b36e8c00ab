"""The second step: codes by time (RFC 6238), each good once."""

from __future__ import annotations

import datetime as dt
import hmac
import unicodedata

import pyotp

STEP_SECONDS = 30
DRIFT = 1
"""Steps that a telephone's clock may be off."""
ISSUER = "公共法律服务知识库"


def make_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, name: str) -> str:
    """The ``otpauth://`` address that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def match_step(secret: str, code: str, now: dt.datetime, after: int) -> int | None:
    """The step whose code this is, later than ``after``; None when there is none.

    Every candidate is compared, so that the time taken tells nothing.
    """
    written = "".join(unicodedata.normalize("NFKC", code).split())
    if not (len(written) == 6 and written.isascii() and written.isdigit()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    totp = pyotp.TOTP(secret)
    for step in range(current - DRIFT, current + DRIFT + 1):
        same = hmac.compare_digest(totp.at(step * STEP_SECONDS), written)
        if same and step > after:
            found = step
    return found
