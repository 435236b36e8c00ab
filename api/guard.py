"""What every response gets whatever the route: security headers, a body limit, no bare failure."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems

MAX_BODY_BYTES = 64 * 1024
LARGE_BODIES = {"/api/v1/citations/verify": 2 * 1024 * 1024, "/verify": 2 * 1024 * 1024}
"""Addresses that take whole texts: 200,000 characters in JSON are up to 1.2 MB, 100,000 in a form 0.9 MB."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

SAME_ORIGIN = "same-origin"
"""The one other referrer policy: a form that is held to its origin needs a browser that names it."""

RenderProblem = Callable[[Request, problems.Problem], Response]


class Guard:
    """ASGI middleware around everything, the framework's own error handling included.

    ``render`` turns a problem into JSON for the API and into a page for people.
    """

    def __init__(self, app: ASGIApp, render: RenderProblem) -> None:  # noqa: D107 - see the class
        self.app = app
        self.render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        head = scope["method"] == "HEAD" and not scope["path"].startswith("/api/")

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                referrer = headers.get("Referrer-Policy")
                headers.update(SECURITY_HEADERS)
                if referrer == SAME_ORIGIN:
                    headers["Referrer-Policy"] = referrer
                # A question may be about violence at home: no shared computer keeps the page.
                headers.setdefault("Cache-Control", "no-store")
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        body = await read_body(scope, receive)
        if body is None:
            response = self.render(Request(scope), problems.body_too_large(body_limit(scope)))
            await response(scope, receive, send_guarded)
            return
        if head:
            scope = {**scope, "method": "GET"}
        try:
            await self.app(scope, replay_body(body, receive), send_guarded)
        except Exception as error:
            problem = problems.unexpected(error)
            if started:
                raise
            response = self.render(Request(scope), problem)
            response.status_code = HTTPStatus.INTERNAL_SERVER_ERROR
            await response(scope, receive, send_guarded)


def body_limit(scope: Scope) -> int:
    """Bytes that the body of a request to this address may have."""
    return LARGE_BODIES.get(scope["path"], MAX_BODY_BYTES)


async def read_body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole request body, or None when it is past the limit (or the caller left)."""
    headers = Headers(scope=scope)
    limit = body_limit(scope)
    declared = headers.get("content-length")
    if declared is None and "transfer-encoding" not in headers:
        return b""
    if declared is not None and declared.isdecimal() and int(declared[:12]) > limit:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def replay_body(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that hands out ``body`` once and then whatever the server says."""
    handed = False

    async def receive_again() -> Message:
        nonlocal handed
        if not handed:
            handed = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return receive_again
