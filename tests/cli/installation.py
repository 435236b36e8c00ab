"""Running ``lawkb`` the way a person does: as a process, with its data directory in the environment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NO_ENCODER = "/nonexistent/encoder"
"""Given as LAWKB_ENCODER: the service comes up degraded, by words only."""
PATIENCE_SECONDS = 120

_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def environment(data_dir: Path, **settings: object) -> dict[str, str]:
    """The environment of a command: ours, without its lawkb settings, with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAWKB_")}
    given = {f"LAWKB_{name.upper()}": str(value) for name, value in settings.items()}
    return {**kept, **given, "LAWKB_DATA_DIR": str(data_dir), "PYTHONIOENCODING": "utf-8"}


def lawkb(
    data_dir: Path, *arguments: str, env: dict[str, str] | None = None, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "kb.cli", *arguments],
        env={**environment(data_dir, **settings), **(env or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
    )


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(condition: Callable[[], Any], what: str, every: float = 0.1) -> Any:
    """What ``condition`` gives as soon as it gives something; fails when that takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if given := condition():
            return given
        time.sleep(every)
    raise AssertionError(f"waited in vain for {what}")


@dataclass
class RunningService:
    """A ``lawkb run`` or ``lawkb serve`` with its address."""

    process: subprocess.Popen[bytes]
    url: str
    data_dir: Path
    output: Path

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a GET; status 0 while nobody listens."""
        try:
            with _NO_PROXY.open(f"{self.url}{path}", timeout=30) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, None

    def search(self, question: str, top_k: int = 5) -> dict[str, Any]:
        """The answer to a search, which must succeed."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/search",
            data=json.dumps({"q": question, "top_k": top_k}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with _NO_PROXY.open(request, timeout=30) as reply:
            answer: dict[str, Any] = json.load(reply)
            return answer

    def wait_until_ready(self) -> dict[str, Any]:
        """What /ready says once it is 200."""

        def ready() -> dict[str, Any] | None:
            assert self.process.poll() is None, self.output.read_text("utf-8")
            status, body = self.get("/api/v1/ready")
            return body if status == 200 else None

        found: dict[str, Any] = wait_for(ready, "the service to be ready")
        return found

    def kill(self) -> None:
        """As a power cut does it."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As a supervisor does it; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_SECONDS)


@contextmanager
def running(data_dir: Path, command: str, **settings: object) -> Iterator[RunningService]:
    """A service on a free port; killed at the end if it still runs."""
    port = free_port()
    output = data_dir.parent / f"service-{port}.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "kb.cli", command, "--port", str(port)],
            env=environment(data_dir, **settings),
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    service = RunningService(process, f"http://127.0.0.1:{port}", data_dir, output)
    try:
        yield service
    finally:
        if process.poll() is None:
            service.kill()
