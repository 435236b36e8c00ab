"""A real server on a free port of this machine and a real headless Chromium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn

from api.app import create_app
from api.services import Readiness, ReadinessState, Services
from tests.api.small_library import LetterDoor, fill_library

OUTPUT = Path(__file__).parents[1] / "output"
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def do_without(reason: str) -> None:
    """Skip, or fail where everything is required."""
    if os.environ.get("LAWKB_TEST_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class Site:
    """Where the server listens, and the readiness it tells (tests may change it)."""

    address: str
    readiness: Readiness = field(default_factory=lambda: Readiness(ReadinessState.READY))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = fill_library(tmp_path_factory.mktemp("library") / "lawkb.db")
    # With the protocol named, asyncio turns TCP_NODELAY on; without it every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = create_app(Services(LetterDoor(database), database, lambda: site.readiness))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield site
    server.should_exit = True
    thread.join(10)
    database.close()


@pytest.fixture
def site(served: Site) -> Site:
    served.readiness = Readiness(ReadinessState.READY)
    return served


@pytest.fixture(scope="session")
def chromium():
    """The browser, shared by all tests; each opens its own context."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        do_without("playwright 没有安装")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        do_without("没有 Chromium：请安装 Debian 软件包 chromium 和 fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page with what it asked for and complained about."""

    page: object
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def shoot(self, name: str) -> None:
        """Keep a picture for a person to look at."""
        OUTPUT.mkdir(exist_ok=True)
        self.page.screenshot(path=str(OUTPUT / f"{re.sub(r'[^a-z0-9-]', '', name)}.png"))


@pytest.fixture
def visit(chromium):
    """Open a fresh browser window: ``visit(width=360, dark=True, script=False)``."""
    contexts = []

    def open_window(width: int = 1280, *, dark: bool = False, script: bool = True) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            locale="zh-CN",
        )
        contexts.append(context)
        visit = Visit(context.new_page())
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on("console", lambda message: visit.complaints.append(message.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("dialog", lambda dialog: visit.complaints.append(f"dialog {dialog.message}"))
        return visit

    yield open_window
    for context in contexts:
        context.close()
