"""Session tokens: random, known to the browser only; the store has their digest."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def make_token() -> str:
    """256 random bits as a cookie's value."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_token(token: str) -> str:
    """SHA-256 of a token, empty for what can be none of ours."""
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else ""


def csrf_of(token: str) -> str:
    """What forms of this session carry: follows from the token, and the token does not follow from it."""
    return hmac.new(token.encode(), b"lawkb form", hashlib.sha256).hexdigest()


def csrf_matches(token: str, given: str) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(csrf_of(token).encode(), given.encode("utf-8", "replace"))


def subject_of(key: str) -> str:
    """Under what failures of a name are counted: any name, however long, takes the same room."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
