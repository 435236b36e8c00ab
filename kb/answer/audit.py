"""The audit trail: a chain in the database and its signed head in a file beside it.

Whoever can write to the database could cut the newest entries off and leave a chain that is whole. The head
names the newest entry and is signed with a key that the database does not hold; it moves forward only. A
crash between the commit and the writing of the head leaves the head behind, which is seen and made good,
because the chain goes on from it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.domain.editing import AuditEntry
from kb.errors import StoreError
from kb.store.audit import FIRST, append_audit, find_break, read_entry, read_last
from kb.store.database import Connection, Database

HEAD_FILE, KEY_FILE, LOCK_FILE = "audit_head.json", "audit.key", "audit.lock"
KEY_BYTES = 32


@dataclass(frozen=True)
class Head:
    """The newest entry that the file knows; position 0 before the first."""

    position: int
    hash: str


@dataclass(frozen=True)
class AuditReport:
    """``sound`` says whether the trail is whole; ``problems`` and ``notes`` are Chinese sentences."""

    sound: bool
    entries: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]


class AuditHead:
    """The signed head in ``folder``; the key is made there at first use, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or written yet."""
        self._folder = folder

    def read(self) -> Head | None:
        """The head; None before the first was written. Raises StoreError ``audit_head_forged``."""
        try:
            record = json.loads((self._folder / HEAD_FILE).read_text("utf-8"))
            head = Head(int(record["position"]), str(record["hash"]))
            signature = str(record["signature"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _forged() from error
        if not hmac.compare_digest(signature, self._sign(head)):
            raise _forged()
        return head

    def advance(self, head: Head) -> None:
        """Move the head forward to ``head``; an older one changes nothing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock():
            held = self.read()
            if held is not None and held.position >= head.position:
                return
            record = {"position": head.position, "hash": head.hash, "signature": self._sign(head)}
            beside = self._folder / (HEAD_FILE + ".tmp")
            with beside.open("w", encoding="utf-8") as file:
                json.dump(record, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._folder / HEAD_FILE)

    def _sign(self, head: Head) -> str:
        message = f"{head.position}:{head.hash}".encode()
        return hmac.new(self._key(), message, hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        path = self._folder / KEY_FILE
        try:
            return path.read_bytes()
        except FileNotFoundError:
            key = secrets.token_bytes(KEY_BYTES)
            with contextlib.suppress(FileExistsError):
                made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(made, "wb") as file:
                    file.write(key)
            return path.read_bytes()

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with (self._folder / LOCK_FILE).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _forged() -> StoreError:
    return StoreError(
        "audit_head_forged",
        "审计链的签名不对：文件被改动过，或换了密钥",
        place=HEAD_FILE,
        way_out="不要继续写入；从备份中找回 audit_head.json 与 audit.key，再运行 lawkb audit verify",
    )


@dataclass
class AuditedWrite:
    """One transaction whose deeds go on record."""

    connection: Connection
    entries: list[AuditEntry] = field(default_factory=list)

    def record(self, actor: str, action: str, subject: str, data: Mapping[str, Any]) -> None:
        """Append to the chain in this transaction."""
        self.entries.append(append_audit(self.connection, actor, action, subject, data))


class Auditor:
    """Opens audited transactions on one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        """``folder`` holds head and key; it must not lie in the database."""
        self._database = database
        self._head = AuditHead(folder)

    @contextlib.contextmanager
    def writing(self) -> Iterator[AuditedWrite]:
        """A transaction; after its commit the head follows. Nothing of it stays when it fails."""
        if self._head.read() is None:
            self._begin()
        with self._database.writing() as connection:
            self._require_tail(connection)
            write = AuditedWrite(connection)
            yield write
        if write.entries:
            last = write.entries[-1]
            self._head.advance(Head(last.position, last.hash))

    def _require_tail(self, connection: Connection) -> None:
        """Nothing is written after a cut: it would hide it. Raises StoreError ``audit_cut``."""
        head = self._head.read()
        if head is None or head == Head(0, FIRST):
            return
        marked = read_entry(connection, head.position)
        if marked is None or marked.hash != head.hash:
            raise StoreError(
                "audit_cut",
                f"审计链的末尾被截去或替换了：链头记着第 {head.position} 条",
                place=HEAD_FILE,
                way_out="从备份恢复数据库；确是有意重建数据库的，把数据目录下的 audit 文件夹改名保存后再运行",
            )

    def _begin(self) -> None:
        """Sign for an empty chain before the first entry, so that a chain without head is always suspect."""
        with self._database.reading() as connection:
            if read_last(connection) is not None:
                raise _forged()
        self._head.advance(Head(0, FIRST))

    def verify(self, *, repair: bool = True) -> AuditReport:
        """Check chain and head; a head that a crash left behind is brought up when ``repair``."""
        head = self._head.read()
        with self._database.reading() as connection:
            broken = find_break(connection)
            last = read_last(connection)
            marked = read_entry(connection, head.position) if head else None
        count = last.position if last else 0
        problems = [broken[1]] if broken else []
        notes: list[str] = []
        if head is None and last is not None:
            problems.append("没有链头文件，看不出末尾有没有被截去")
        known = head is not None and (
            head == Head(0, FIRST) or (marked is not None and marked.hash == head.hash)
        )
        if head is not None and not known:
            problems.append(f"链头记着第 {head.position} 条，数据库里没有这一条：末尾被截去或替换了")
        elif head is not None and last is not None and last.position > head.position and not problems:
            behind = last.position - head.position
            notes.append(f"链头落后 {behind} 条（写完数据库后中断过），链是接着的")
            if repair:
                self._head.advance(Head(last.position, last.hash))
        return AuditReport(not problems, count, tuple(problems), tuple(notes))
