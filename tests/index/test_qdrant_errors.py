"""A server that is away, slow, locked, full or broken, each told in Chinese with its code."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kb.errors import BadInputError, IndexStateError
from kb.index.engine import IndexSpec
from kb.index.qdrant import QdrantEngine, QdrantIndex, QdrantOptions, connect


def code_of(url: str, timeout_s: int = 5) -> str:
    index = QdrantIndex(connect(url, timeout_s=timeout_s), "c", dims=4, owns_client=True)
    try:
        with pytest.raises(IndexStateError) as refusal:
            index.count()
    finally:
        index.close()
    assert refusal.value.http_status == 503
    return refusal.value.code


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which nobody answers: bound, and listening only if a test says so."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_nobody_there(port: int) -> None:
    assert code_of(f"http://127.0.0.1:{port}") == "index_unreachable"


def test_a_server_that_never_answers() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        assert code_of(f"http://127.0.0.1:{held.getsockname()[1]}", timeout_s=1) == "index_timeout"


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [
        (401, "bad key", "index_unauthorized"),
        (403, "forbidden", "index_unauthorized"),
        (404, "no collection", "generation_missing"),
        (500, "No space left on device: WAL", "disk_full"),
        (500, "boom", "index_engine_failed"),
        (504, "", "index_timeout"),
        (200, "not json", "index_engine_failed"),
    ],
)
def test_what_a_server_may_answer(status: int, text: str, code: str) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    try:
        assert code_of(f"http://127.0.0.1:{server.server_port}") == code
    finally:
        thread.join()
        server.server_close()


def test_settings_that_cannot_be_meant() -> None:
    for url, code in (("", "qdrant_url_missing"), ("http://h:port:9", "qdrant_url_bad")):
        with pytest.raises(BadInputError) as refusal:
            connect(url)
        assert refusal.value.code == code
    engine = QdrantEngine(connect(":memory:"), QdrantOptions(quantization="int3"))
    with pytest.raises(BadInputError) as refusal:
        QdrantIndex.create(engine.client, "c", IndexSpec(4), engine.options, "g")
    assert refusal.value.code == "quantization_unknown"
