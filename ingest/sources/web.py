"""Files from a list of addresses: allowed hosts only, politely, and only when they changed.

Every connection goes to an address that was looked up and judged here, so that a name which leads to
a private network (also by a redirect, also by a second look-up) is refused. ``robots.txt`` is obeyed,
one request at a time is made with a pause between them, and a file that was fetched before is asked for
with its ETag or date.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import httpcore
import httpx

from kb.errors import SourceError

USER_AGENT = "lawkb (public legal knowledge base)"
TIMEOUT_SECONDS = 20.0
MAX_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5
MAX_ROBOTS_BYTES = 512 * 1024
LONGEST_PAUSE = 60.0
"""Seconds. A longer Retry-After or Crawl-delay ends the address instead of the evening."""
_RETRIES = 2
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_BUSY = frozenset((429, 502, 503, 504))
STATE_FILE = "fetched.json"


@dataclass(frozen=True)
class Fetched:
    """One address: its file in the folder, whether it is new, or why it could not be had."""

    url: str
    path: Path | None
    changed: bool
    error: SourceError | None = None


@dataclass(frozen=True)
class _Known:
    file: str
    sha256: str
    etag: str = ""
    modified: str = ""


class PublicAddresses(httpcore.SyncBackend):
    """Connects to public addresses only, and to the very address that was judged."""

    def __init__(self, also: Iterable[str] = ()) -> None:
        """``also`` are addresses allowed although they are not public: a test's loopback server."""
        self._also = frozenset(also)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """As the parent, with ``host`` replaced by its judged address."""
        address = self._judge(host, port)
        return super().connect_tcp(address, port, timeout, local_address, socket_options)

    def _judge(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host}: {error}") from error
        addresses = [str(entry[4][0]) for entry in found]
        for address in addresses:
            if address not in self._also and not ipaddress.ip_address(address.split("%")[0]).is_global:
                raise _PrivateAddressError(host)
        return addresses[0]


class _PrivateAddressError(Exception):
    """The name leads to an address that is not public."""


class _Transport(httpx.HTTPTransport):
    """httpx's own transport over a pool that uses our backend."""

    def __init__(self, backend: PublicAddresses) -> None:
        super().__init__(trust_env=False)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=backend
        )


class WebFolder:
    """Keeps a folder of files in step with a list of addresses."""

    def __init__(
        self,
        folder: Path,
        hosts: Sequence[str],
        *,
        seconds_between: float = 1.0,
        allow_addresses: Iterable[str] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``folder`` is made when missing; ``allow_addresses`` is for tests on loopback."""
        self._folder = folder
        self._hosts = frozenset(hosts)
        self._pause = seconds_between
        self._sleep = sleep
        self._robots: dict[str, RobotFileParser] = {}
        self._client = httpx.Client(
            transport=_Transport(PublicAddresses(allow_addresses)),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=False,
        )
        self._asked = False

    def fetch(self, urls: Sequence[str]) -> Iterator[Fetched]:
        """Each address in turn; one that fails says why and does not stop the others."""
        self._folder.mkdir(parents=True, exist_ok=True)
        state = self._load_state()
        with self._client:
            for url in urls:
                try:
                    yield self._fetch_one(url, state)
                except SourceError as error:
                    yield Fetched(url, None, False, error)
                self._save_state(state)

    def _fetch_one(self, url: str, state: dict[str, _Known]) -> Fetched:
        known = state.get(url)
        if known is not None and not (self._folder / known.file).is_file():
            known = None
        asked: dict[str, str] = {}
        if known is not None:
            asked |= {"If-None-Match": known.etag} if known.etag else {}
            asked |= {"If-Modified-Since": known.modified} if known.modified else {}
        response, content = self._get(url, asked)
        if response.status_code == 304 and known is not None:
            return Fetched(url, self._folder / known.file, False)
        digest = hashlib.sha256(content).hexdigest()
        changed = known is None or known.sha256 != digest
        name = known.file if known else name_file(url, response.headers.get("content-type", ""))
        target = self._folder / name
        if changed:
            part = target.with_suffix(target.suffix + ".part")
            part.write_bytes(content)
            part.replace(target)
        headers = response.headers
        state[url] = _Known(name, digest, headers.get("etag", ""), headers.get("last-modified", ""))
        return Fetched(url, target, changed)

    def _get(self, url: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
        """Follow redirects by hand, each of them judged like the first address."""
        for _ in range(MAX_REDIRECTS + 1):
            self._require_allowed(url)
            response, content = self._request(url, headers)
            if response.status_code not in _REDIRECTS:
                if response.status_code in (200, 304):
                    return response, content
                raise _failed(url, f"服务器答复 {response.status_code}")
            url = urljoin(url, response.headers.get("location", ""))
        raise _failed(url, f"转向超过 {MAX_REDIRECTS} 次")

    def _require_allowed(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname not in self._hosts:
            raise SourceError(
                "fetch_host_refused",
                "地址的主机不在允许的名单里",
                place=url,
                way_out="核对地址；确需抓取时把主机写进清单的 hosts",
            )
        if not self._robots_of(parts.scheme, parts.netloc).can_fetch(USER_AGENT, url):
            raise SourceError(
                "fetch_robots_refused",
                "网站的 robots.txt 不允许抓取这个地址",
                place=url,
                way_out="请人工下载文件后导入",
            )

    def _robots_of(self, scheme: str, netloc: str) -> RobotFileParser:
        base = f"{scheme}://{netloc}"
        if base not in self._robots:
            parser = RobotFileParser()
            response, content = self._request(f"{base}/robots.txt", {}, most=MAX_ROBOTS_BYTES)
            if response.status_code == 200:
                parser.parse(content.decode("utf-8", "replace").splitlines())
            elif response.status_code in (401, 403):
                parser.parse(["User-agent: *", "Disallow: /"])
            else:
                parser.parse([])
            self._robots[base] = parser
            delay = parser.crawl_delay(USER_AGENT)
            if delay is not None:
                self._pause = max(self._pause, min(float(delay), LONGEST_PAUSE))
        return self._robots[base]

    def _request(
        self, url: str, headers: dict[str, str], most: int | None = None
    ) -> tuple[httpx.Response, bytes]:
        for attempt in range(_RETRIES + 1):
            if self._asked:
                self._sleep(self._pause)
            self._asked = True
            try:
                with self._client.stream("GET", url, headers=headers) as response:
                    if response.status_code in _BUSY and attempt < _RETRIES:
                        self._wait_out(url, response)
                        continue
                    return response, _read_at_most(url, response, most or MAX_BYTES)
            except _PrivateAddressError as error:
                raise SourceError(
                    "fetch_address_refused",
                    "地址指向内部网络，不予抓取",
                    place=url,
                    way_out=f"核对 {error} 的域名解析",
                ) from None
            except (httpx.HTTPError, httpx.InvalidURL, httpcore.ConnectError) as error:
                if attempt == _RETRIES:
                    raise _failed(url, f"连接失败：{type(error).__name__}") from None
        raise _failed(url, "服务器一直繁忙")

    def _wait_out(self, url: str, response: httpx.Response) -> None:
        asked = response.headers.get("retry-after", "")
        seconds = float(asked) if asked.isdigit() else 5.0
        if seconds > LONGEST_PAUSE:
            raise _failed(url, f"服务器要求 {seconds:.0f} 秒后再来")
        self._sleep(seconds)

    def _load_state(self) -> dict[str, _Known]:
        try:
            stored = json.loads((self._folder / STATE_FILE).read_text("utf-8"))
            return {url: _Known(**entry) for url, entry in stored.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _save_state(self, state: dict[str, _Known]) -> None:
        part = self._folder / f"{STATE_FILE}.part"
        plain = {url: asdict(entry) for url, entry in state.items()}
        part.write_text(json.dumps(plain, ensure_ascii=False, indent=1), "utf-8")
        part.replace(self._folder / STATE_FILE)


def name_file(url: str, content_type: str) -> str:
    """A file name for an address: its last part, made safe, with eight hex digits of the whole address."""
    last = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    stem, dot, ending = last.rpartition(".")
    if not dot or not ending.isalnum() or len(ending) > 5:
        stem, ending = last, "html" if "html" in content_type else "bin"
    safe = "".join(char if char.isalnum() or char in "-_（）〔〕" else "_" for char in stem)[:80]
    return f"{safe or 'page'}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.{ending.lower()}"


def _read_at_most(url: str, response: httpx.Response, most: int) -> bytes:
    """The body, counted after decompression so that a bomb stops early."""
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > most:
            raise _failed(url, f"内容超过 {most // (1024 * 1024)} MiB")
        pieces.append(piece)
    return b"".join(pieces)


def _failed(url: str, why: str) -> SourceError:
    return SourceError("fetch_failed", f"抓取失败：{why}", place=url, way_out="稍后再试，或下载文件后导入")
