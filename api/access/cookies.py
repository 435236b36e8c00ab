"""The session's cookie: for this host only, out of reach of scripts, over TLS where there is TLS."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

SECURE_NAME, PLAIN_NAME = "__Host-lawkb", "lawkb"


def is_secure(request: Request, public_url: str) -> bool:
    """Whether the browser speaks TLS, be it to a proxy before us."""
    return public_url.startswith("https:") if public_url else request.url.scheme == "https"


def read_token(request: Request, public_url: str) -> str:
    """The token that the browser sent, empty without one."""
    return request.cookies.get(_name(request, public_url), "")


def set_token(response: Response, request: Request, public_url: str, token: str) -> None:
    """Give the browser a token; it forgets it when it is closed."""
    response.set_cookie(
        _name(request, public_url),
        token,
        path="/",
        secure=is_secure(request, public_url),
        httponly=True,
        samesite="lax",
    )


def drop_token(response: Response, request: Request, public_url: str) -> None:
    """Take the token back."""
    response.delete_cookie(
        _name(request, public_url),
        path="/",
        secure=is_secure(request, public_url),
        httponly=True,
        samesite="lax",
    )


def _name(request: Request, public_url: str) -> str:
    return SECURE_NAME if is_secure(request, public_url) else PLAIN_NAME
