"""One call to an OpenAI-compatible model server through Haystack, bounded in time and in bytes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx

from kb.settings import silence_libraries

silence_libraries()

from haystack.components.generators.chat import OpenAIChatGenerator  # noqa: E402
from haystack.dataclasses import ChatMessage  # noqa: E402
from haystack.utils import Secret  # noqa: E402

MAX_BYTES = 256 * 1024
"""Of a reply; the longest that we would use has a tenth of it."""
MAX_TOKENS = 2_000


@dataclass(frozen=True)
class ModelServer:
    """An OpenAI-compatible server; ``seconds`` bound the whole call."""

    base_url: str
    api_key: str
    model: str
    seconds: float = 3.0


class ModelCall:
    """A call that can be given up from another thread."""

    def __init__(self, server: ModelServer) -> None:
        """Nothing is connected yet."""
        self._server = server
        self._deadline = time.monotonic() + server.seconds
        self._lock = threading.Lock()
        self._given_up = False
        # No redirects: nobody but the server that was set is to hear of a question.
        self._generator = OpenAIChatGenerator(
            api_key=Secret.from_token(server.api_key or "none"),
            model=server.model,
            api_base_url=server.base_url,
            generation_kwargs={"temperature": 0, "max_tokens": MAX_TOKENS},
            timeout=server.seconds,
            max_retries=0,
            http_client_kwargs={
                "follow_redirects": False,
                "timeout": server.seconds,
                "headers": {"Accept-Encoding": "identity"},
                "event_hooks": {"response": [self._bound]},
            },
        )

    def run(self, instruction: str, texts: Sequence[str]) -> str:
        """What the model says to ``texts``; raises what the client raises, ValueError for half a reply."""
        self._generator.warm_up()
        if self._given_up:
            raise TimeoutError
        messages = [
            ChatMessage.from_system(instruction),
            ChatMessage.from_user(json.dumps(list(texts), ensure_ascii=False)),
        ]
        try:
            replies = self._generator.run(messages=messages)["replies"]
        finally:
            self._close()
        text = replies[0].text if replies else None
        if not isinstance(text, str) or replies[0].meta.get("finish_reason") not in (None, "stop"):
            raise ValueError("no whole reply")
        return text

    def give_up(self) -> None:
        """End the connection, so that a server that drips does not hold a thread for ever."""
        self._given_up = True
        self._close()

    def _close(self) -> None:
        with self._lock:
            if self._generator.client is not None:
                self._generator.client.close()

    def _bound(self, response: httpx.Response) -> None:
        """Called when the head of a reply has come, before its body."""
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise ValueError("a packed reply may unpack to any size")
        if not isinstance(response.stream, httpx.SyncByteStream):
            raise ValueError("no stream")
        response.stream = _Bounded(response.stream, self._deadline)


class _Bounded(httpx.SyncByteStream):
    """A body that ends with an error when it goes on for too long."""

    def __init__(self, stream: httpx.SyncByteStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        total = 0
        for chunk in self._stream:
            total += len(chunk)
            if total > MAX_BYTES or time.monotonic() > self._deadline:
                raise ValueError("the reply does not end")
            yield chunk

    def close(self) -> None:
        self._stream.close()
