"""A warm pool of child processes that read files: one bad file costs one error, never the service."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from ingest.readers.child import MAX_REPLY_BYTES, Reply
from kb.errors import LawkbError, SourceError

T = TypeVar("T")

_BATCH = 16
"""Files in one message: few enough that two children end together, many enough to cost nothing."""

_AHEAD = 4
"""Batches for each child that may be done before the caller has taken the first of them."""

_START_SECONDS = 60.0
_GRACE_SECONDS = 2.0
"""The child's own alarm rings first; the parent's clock is for one that cannot even do that."""

# A program of its own, not multiprocessing's: that would import the parent's main module, the whole service.
_BOOT = (
    "import sys, json; fd, memory, seconds, path = json.loads(sys.argv[1]); sys.path[:] = path; "
    "from ingest.readers.child import serve; serve(fd, memory, seconds)"
)


@dataclass
class _Child:
    """One process, with the files that it still owes an answer for."""

    process: subprocess.Popen[bytes]
    connection: Connection[Any, Any]
    owed: deque[int] = field(default_factory=deque)
    since: float = 0.0
    spent: bool = False

    def end(self) -> int:
        """Kill it, reap it, and return its exit status."""
        if self.process.poll() is None:
            self.process.kill()
        self.connection.close()
        return self.process.wait()


@dataclass
class _Job(Generic[T]):
    """The progress of one ``map_files``."""

    work: Callable[[bytes, str], T]
    source: Iterator[tuple[Path, str]]
    files: dict[int, tuple[Path, str]] = field(default_factory=dict)
    results: dict[int, T | LawkbError] = field(default_factory=dict)
    waiting: deque[int] = field(default_factory=deque)
    """Files handed to a child that ended before it came to them."""
    taken: int = 0
    given: int = 0
    exhausted: bool = False


class ReaderPool:
    """Child processes for reading, started when first needed and kept until ``close``.

    Args:
        workers: how many; default one for each core.
        seconds: wall-clock limit for one file.
        memory: limit of one child's address space in bytes.
    """

    def __init__(  # noqa: D107 - the class docstring lists the arguments
        self, workers: int | None = None, *, seconds: float = 20, memory: int = 1 << 30
    ) -> None:
        self._workers = workers or len(os.sched_getaffinity(0))
        self._seconds = seconds
        self._memory = memory
        self._children: list[_Child] = []
        self._busy = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:  # noqa: D105
        return self

    def __exit__(  # noqa: D105
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children; the pool cannot be used again."""
        self._closed = True
        for child in self._children:
            child.end()
        self._children.clear()

    def map_files(
        self, work: Callable[[bytes, str], T], files: Iterable[tuple[Path, str]]
    ) -> Iterator[tuple[str, T | LawkbError]]:
        """``(name, work(content, name))`` for each ``(path, name)``, in the order given.

        ``work`` is a function of a module (pickled by its name). Where reading fails the error stands in
        the result's place: a ``LawkbError`` of ``work``, or SourceError ``file_missing``,
        ``file_unreadable``, ``file_not_regular``, ``file_too_large``, ``reader_timeout``,
        ``reader_out_of_memory``, ``reader_crashed``, ``reader_failed``, ``reader_output_too_large``.
        Raises SourceError ``reader_start_failed`` when no child can be started, RuntimeError when
        the pool is closed or another ``map_files`` is under way.
        """
        if self._closed:
            raise RuntimeError("the reader pool is closed")
        if not self._busy.acquire(blocking=False):
            raise RuntimeError("the reader pool maps one sequence of files at a time")
        try:
            yield from self._run(_Job(work, iter(files)))
        finally:
            for child in [child for child in self._children if child.owed]:
                self._discard(child)
            self._busy.release()

    def _run(self, job: _Job[T]) -> Iterator[tuple[str, T | LawkbError]]:
        while True:
            self._hand_out(job)
            while job.given in job.results:
                name = job.files.pop(job.given)[1]
                result = job.results.pop(job.given)
                job.given += 1
                yield name, result
                if job.given % _BATCH == 0:
                    self._hand_out(job)
            if job.exhausted and not job.files:
                return
            self._hand_out(job)
            self._collect(job)

    def _hand_out(self, job: _Job[T]) -> None:
        """Give a batch to every child that has nothing to do."""
        for child in [
            child for child in self._children if not child.owed and child.process.poll() is not None
        ]:
            self._discard(child)
        idle = [child for child in self._children if not child.owed]
        while idle or len(self._children) < self._workers:
            batch = self._next_batch(job)
            if not batch:
                return
            child = idle.pop() if idle else self._start()
            message = pickle.dumps((job.work, [job.files[index] for index in batch]))
            child.owed.extend(batch)
            child.since = time.monotonic()
            try:
                child.connection.send_bytes(message)
            except (BrokenPipeError, ConnectionError):
                child.owed.clear()
                job.waiting.extendleft(reversed(batch))
                self._discard(child)

    def _next_batch(self, job: _Job[T]) -> list[int]:
        batch: list[int] = []
        # A handful of files is spread over all children; batches grow where there are many.
        size = min(_BATCH, 1 + job.taken // (2 * self._workers))
        while job.waiting and len(batch) < size:
            batch.append(job.waiting.popleft())
        limit = job.given + _BATCH * _AHEAD * self._workers
        while len(batch) < size and not job.exhausted and job.taken < limit:
            item = next(job.source, None)
            if item is None:
                job.exhausted = True
                break
            job.files[job.taken] = item
            batch.append(job.taken)
            job.taken += 1
        return batch

    def _collect(self, job: _Job[T]) -> None:
        """Wait for answers, and for children that are late or gone."""
        working = {child.connection: child for child in self._children if child.owed}
        if not working:
            return
        limit = self._seconds + _GRACE_SECONDS
        first = min(child.since for child in working.values())
        ready = wait(list(working), timeout=max(0.0, first + limit - time.monotonic()))
        for connection in ready:
            self._receive(job, working[connection])  # type: ignore[index]
        now = time.monotonic()
        for child in working.values():
            if child.owed and now - child.since > limit and not child.connection.poll():
                self._fail(job, child, timed_out=True)

    def _receive(self, job: _Job[T], child: _Child) -> None:
        """Take all answers that ``child`` has ready."""
        try:
            while child.owed and child.connection.poll():
                reply = pickle.loads(child.connection.recv_bytes(MAX_REPLY_BYTES + (1 << 20)))
                job.results[child.owed.popleft()] = _unpack(reply)
                child.since = time.monotonic()
                child.spent |= reply.spent
        except (EOFError, OSError, pickle.UnpicklingError):
            self._fail(job, child)
            return
        if child.spent and not child.owed:
            self._discard(child)

    def _fail(self, job: _Job[T], child: _Child, *, timed_out: bool = False) -> None:
        """Blame the file that ``child`` was at; the rest of its batch goes to another."""
        culprit = child.owed.popleft()
        job.waiting.extendleft(reversed(child.owed))
        child.owed.clear()
        status = self._discard(child)
        name = job.files[culprit][1]
        if timed_out or status == -signal.SIGALRM:
            job.results[culprit] = SourceError(
                "reader_timeout",
                f"读取文件超过 {self._seconds:g} 秒，已停止",
                place=name,
                way_out="请核对文件是否异常；确是正文的请拆分，或另存为其他格式后重试",
            )
            return
        job.results[culprit] = SourceError(
            "reader_crashed",
            f"读取文件的进程意外结束（状态 {status}），其他文件不受影响",
            place=name,
            way_out="文件可能已损坏：请用通常的软件打开，另存后重试",
        )

    def _discard(self, child: _Child) -> int:
        self._children.remove(child)
        return child.end()

    def _start(self) -> _Child:
        ours, theirs = Pipe()
        settings = json.dumps([theirs.fileno(), self._memory, self._seconds, sys.path])
        process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, settings],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
        )
        theirs.close()
        child = _Child(process, ours)
        try:
            if ours.poll(_START_SECONDS) and ours.recv_bytes() == b"ready":
                self._children.append(child)
                return child
        except (EOFError, OSError):
            pass
        status = child.end()
        raise SourceError(
            "reader_start_failed",
            f"无法启动读取文件的进程（状态 {status}）",
            place=f"内存上限 {self._memory // 1048576} MB",
            way_out="请核对内存上限和机器的余量，或重新安装 lawkb",
        )


def _unpack(reply: Reply) -> Any:
    if reply.error is not None:
        kind, code, message, place, way_out = reply.error
        return kind(code, message, place=place, way_out=way_out)
    assert reply.result is not None
    return pickle.loads(reply.result)
