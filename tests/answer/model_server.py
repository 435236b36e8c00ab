"""A real OpenAI-compatible model server on loopback, whose words a test chooses."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Call(BaseHTTPRequestHandler):
    """One request; ``answer`` of the server decides what becomes of it."""

    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(
            Seen(self.path, json.loads(body), {name.lower(): one for name, one in self.headers.items()})
        )
        try:
            self.server.answer(self)
        except OSError:
            self.close_connection = True  # the client has gone

    def do_GET(self) -> None:
        self.do_POST()

    @property
    def texts(self) -> list[str]:
        """The texts that the model is to word."""
        found: list[str] = json.loads(self.server.seen[-1].body["messages"][-1]["content"])
        return found

    def say(self, text: str | None, **changes: Any) -> None:
        """A whole reply with ``text``."""
        self.send(200, self._write(text, **changes))

    def say_packed(self, text: str) -> None:
        """The same, compressed."""
        self.send(200, gzip.compress(self._write(text)), Content_Encoding="gzip")

    def _write(self, text: str | None, **changes: Any) -> bytes:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop", **changes}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        plain = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "usage": usage}
        return json.dumps({**plain, "choices": [choice]}).encode()

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """Any reply."""
        self.send_response(status)
        given = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {
            **given,
            **{name.replace("_", "-"): one for name, one in headers.items()},
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


Answer = Callable[[Call], None]


@dataclass(frozen=True)
class Seen:
    """What arrived."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.answer = answer
        self.seen: list[Seen] = []
        self.stopped = threading.Event()


@dataclass(frozen=True)
class ModelHost:
    """Where it listens and what it has seen; ``stopped`` is set when the test is over."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(answer: Answer) -> Iterator[ModelHost]:
    """A server that answers every call with ``answer``."""
    listener = _Listener(answer)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield ModelHost(f"http://127.0.0.1:{listener.server_address[1]}/v1", listener.seen, listener.stopped)
    finally:
        listener.stopped.set()
        listener.shutdown()
        listener.server_close()
        thread.join()
