"""One process owns an index directory: who it is, and how the others find it."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from kb.errors import IndexStateError
from kb.index.disk import disk_errors
from kb.index.locks import FileLock, try_lock

OWNER_FILE = "owner.lock"
ACQUIRE_SECONDS = 0.5
"""How long taking the lock is retried: a reader asking who the owner is holds it for an instant."""


@dataclass(frozen=True)
class Owner:
    """The process that serves an index directory; ``url`` is empty for a command without a server."""

    pid: int
    host: str
    url: str
    started_at: str


def owned_error(index_dir: Path, owner: Owner | None) -> IndexStateError:
    """``generation_owned`` naming the process in the way."""
    if owner is None or owner.pid <= 0:
        who = "另一个进程"
    else:
        where = f"，地址 {owner.url}" if owner.url else ""
        who = f"进程 {owner.pid}（主机 {owner.host}{where}，启动于 {owner.started_at}）"
    return IndexStateError(
        "generation_owned",
        f"索引正由{who}使用，不能再次打开",
        place=str(index_dir),
        way_out="请通过该服务查询，或先停止它；需要多个进程时请改用 Qdrant 服务器。",
    )


class Ownership:
    """The right to open the generations of one index directory; ends with ``release`` or the process."""

    def __init__(self, index_dir: Path, lock: FileLock, owner: Owner) -> None:
        """Use ``take_ownership``."""
        self.index_dir = index_dir
        self.owner = owner
        self._lock = lock

    def announce(self, url: str) -> None:
        """Publish the address under which this process answers, once it is known."""
        self.owner = Owner(self.owner.pid, self.owner.host, url, self.owner.started_at)
        self._lock.write(json.dumps(asdict(self.owner), ensure_ascii=False))

    def release(self) -> None:
        """Let others own the directory."""
        self._lock.release()

    def __enter__(self) -> Ownership:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release."""
        self.release()


def take_ownership(index_dir: Path, url: str = "") -> Ownership:
    """Own ``index_dir`` (created when missing).

    What a killed owner left behind is taken over: the lock ends with its process, the note in the file
    does not count. Raises IndexStateError ``generation_owned`` while another process holds it.
    """
    with disk_errors(index_dir):
        index_dir.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + ACQUIRE_SECONDS
        while (lock := try_lock(index_dir / OWNER_FILE)) is None:
            if time.monotonic() > deadline:
                raise owned_error(index_dir, _read_note(index_dir / OWNER_FILE))
            time.sleep(0.02)
        started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        ownership = Ownership(index_dir, lock, Owner(os.getpid(), socket.gethostname(), url, started))
        ownership.announce(url)
    return ownership


def read_owner(index_dir: Path) -> Owner | None:
    """Who owns ``index_dir`` now; None when nobody does (a note left by a dead process is ignored)."""
    path = index_dir / OWNER_FILE
    if not path.exists():
        return None
    with disk_errors(index_dir):
        lock = try_lock(path, shared=True)
    if lock is not None:
        lock.release()
        return None
    return _read_note(path) or Owner(0, "", "", "")


def _read_note(path: Path) -> Owner | None:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Owner(int(row["pid"]), str(row["host"]), str(row["url"]), str(row["started_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
