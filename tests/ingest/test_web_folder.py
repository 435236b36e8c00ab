"""Fetching a list of addresses from a real server on loopback."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.sources import web
from ingest.sources.web import Fetched, WebFolder, name_file

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """A server whose pages a test sets, with what it was asked."""

    port: int = 0
    pages: dict[str, Callable[[http.server.BaseHTTPRequestHandler], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers)))
            page = made.pages.get(self.path)
            status, headers, body = page(self) if page else (404, {}, b"")
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


def fetch(
    site: Site, folder: Path, *paths: str, slept: list[float] | None = None, loopback: bool = True
) -> list[Fetched]:
    waits = slept if slept is not None else []
    keeper = WebFolder(
        folder,
        ["127.0.0.1"],
        seconds_between=0.5,
        allow_addresses=["127.0.0.1"] if loopback else [],
        sleep=waits.append,
    )
    return list(keeper.fetch([path if "://" in path else site.url(path) for path in paths]))


def page(body: bytes, **headers: str) -> Callable[[http.server.BaseHTTPRequestHandler], Answer]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: (200, {"Content-Type": "text/html", **named}, body)


def code_of(fetched: Fetched) -> str:
    assert fetched.error is not None
    return fetched.error.code


def test_a_page_is_kept_under_a_name_of_its_own_and_not_fetched_again_unchanged(
    site: Site, tmp_path: Path
) -> None:
    def answer(request: http.server.BaseHTTPRequestHandler) -> Answer:
        if request.headers.get("If-None-Match") == '"one"':
            return 304, {}, b""
        return 200, {"Content-Type": "text/html", "ETag": '"one"'}, "第一条".encode()

    site.pages["/law.html"] = answer
    (first,) = fetch(site, tmp_path, "/law.html")
    (second,) = fetch(site, tmp_path, "/law.html")
    assert (first.changed, second.changed) == (True, False)
    assert first.path == second.path
    assert first.path is not None
    assert first.path.read_text("utf-8") == "第一条"
    assert site.asked[-1][1]["If-None-Match"] == '"one"'


def test_a_changed_page_replaces_the_kept_one(site: Site, tmp_path: Path) -> None:
    site.pages["/law"] = page(b"old", Last_Modified="Mon, 02 Nov 2026 00:00:00 GMT")
    fetch(site, tmp_path, "/law")
    site.pages["/law"] = page(b"new")
    (again,) = fetch(site, tmp_path, "/law")
    assert again.changed
    assert again.path is not None
    assert again.path.read_bytes() == b"new"
    assert site.asked[-1][1]["If-Modified-Since"] == "Mon, 02 Nov 2026 00:00:00 GMT"


def test_between_requests_there_is_a_pause(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = site.pages["/b"] = page(b"x")
    slept: list[float] = []
    fetch(site, tmp_path, "/a", "/b", slept=slept)
    assert slept == [0.5, 0.5]  # after robots.txt, after /a


def test_a_longer_pause_that_the_site_asks_for_is_kept(site: Site, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = page(b"User-agent: *\nCrawl-delay: 7\nAllow: /\n")
    site.pages["/a"] = page(b"x")
    slept: list[float] = []
    fetch(site, tmp_path, "/a", slept=slept)
    assert slept == [7.0]


def test_robots_txt_is_obeyed(site: Site, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /private\n")
    site.pages["/private/a"] = page(b"x")
    (refused,) = fetch(site, tmp_path, "/private/a")
    assert code_of(refused) == "fetch_robots_refused"
    assert site.paths() == ["/robots.txt"]


def test_a_host_that_is_not_listed_is_refused_also_behind_a_redirect(site: Site, tmp_path: Path) -> None:
    site.pages["/away"] = lambda _: (302, {"Location": f"http://localhost:{site.port}/x"}, b"")
    direct, redirected = fetch(site, tmp_path, f"http://localhost:{site.port}/x", "/away")
    assert code_of(direct) == code_of(redirected) == "fetch_host_refused"
    assert "/x" not in site.paths()


def test_a_private_address_is_refused_before_any_connection(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = page(b"x")
    (refused,) = fetch(site, tmp_path, "/a", loopback=False)
    assert code_of(refused) == "fetch_address_refused"
    assert site.asked == []


def test_endless_redirects_end(site: Site, tmp_path: Path) -> None:
    site.pages["/loop"] = lambda _: (302, {"Location": "/loop"}, b"")
    (refused,) = fetch(site, tmp_path, "/loop")
    assert code_of(refused) == "fetch_failed"
    assert site.paths().count("/loop") == web.MAX_REDIRECTS + 1


def test_a_busy_server_is_asked_again_after_the_time_that_it_names(site: Site, tmp_path: Path) -> None:
    answers = iter([(503, {"Retry-After": "3"}, b""), (200, {"Content-Type": "text/html"}, b"x")])
    site.pages["/a"] = lambda _: next(answers)
    slept: list[float] = []
    (got,) = fetch(site, tmp_path, "/a", slept=slept)
    assert got.changed
    assert 3.0 in slept


def test_one_bad_address_does_not_stop_the_others(site: Site, tmp_path: Path) -> None:
    site.pages["/b"] = page(b"x")
    missing, got = fetch(site, tmp_path, "/a", "/b")
    assert code_of(missing) == "fetch_failed"
    assert got.changed


def test_a_page_that_unpacks_to_too_much_is_stopped(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "MAX_BYTES", 100_000)
    bomb = gzip.compress(bytes(10_000_000))
    site.pages["/bomb"] = page(bomb, Content_Encoding="gzip")
    (refused,) = fetch(site, tmp_path, "/bomb")
    assert code_of(refused) == "fetch_failed"
    assert "MiB" in str(refused.error)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    keeper = WebFolder(tmp_path, ["127.0.0.1"], allow_addresses=["127.0.0.1"], sleep=lambda _: None)
    (refused,) = keeper.fetch(["http://127.0.0.1:9/a"])
    assert code_of(refused) == "fetch_failed"


@pytest.mark.parametrize(
    ("url", "ending"),
    [
        ("https://example.cn/a/b/%E6%9D%A1%E4%BE%8B.docx", ".docx"),
        ("https://example.cn/", ".html"),
        ("https://example.cn/../../etc/passwd", ".html"),
        ("https://example.cn/x.html?id=1", ".html"),
    ],
)
def test_file_names_are_safe_and_tell_the_format(url: str, ending: str) -> None:
    name = name_file(url, "text/html; charset=gbk")
    assert name.endswith(ending)
    assert not set(name) & set('/\\:*?"<>|')
    assert name != name_file(url + "#2", "text/html")
