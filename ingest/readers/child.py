"""What runs in a reader's child process: bounded memory and time, one answer for each file.

Started by ``ingest.readers.pool`` as ``python -c``, never imported by a service. It exchanges pickled
messages with its parent over one connection and ends when the parent is gone.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import signal
import stat
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ingest.readers.detect import MAX_FILE_BYTES, too_large
from kb.errors import LawkbError, SourceError

MAX_REPLY_BYTES = 256 * 1024 * 1024
"""A reply bigger than this is no document; the parent would suffer from it."""

_GARBAGE = 50_000
"""Objects that may await collection between two files."""


@dataclass(frozen=True)
class Reply:
    """Answer for one file: the pickled result or the parts of an error.

    ``spent`` tells that this child should be replaced once its batch is done.
    """

    result: bytes | None = None
    error: tuple[type[LawkbError], str, str, str, str] | None = None
    spent: bool = False


def serve(descriptor: int, memory: int, seconds: float) -> None:
    """Answer batches of ``(work, [(path, name), …])`` until the parent closes the connection."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The parent ends its children itself; a Ctrl-C at the terminal must not make them report a crash.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Not Python's handler, which would wait for a library that is busy: the kernel ends this process.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # A page of 100,000 tags is 100,000 live objects in cycles: looking through them again and again
    # while they are made takes longer than making them.
    gc.disable()
    with Connection(descriptor) as connection:
        connection.send_bytes(b"ready")
        while True:
            try:
                work, files = pickle.loads(connection.recv_bytes())
            except (EOFError, ConnectionError):
                return
            for path, name in files:
                signal.setitimer(signal.ITIMER_REAL, seconds)
                reply = _answer(work, path, name, memory)
                signal.setitimer(signal.ITIMER_REAL, 0)
                if gc.get_count()[0] > _GARBAGE:
                    gc.collect()
                try:
                    connection.send_bytes(reply)
                except (BrokenPipeError, ConnectionError):
                    return


def _answer(work: Callable[[bytes, str], Any], path: Path, name: str, memory: int) -> bytes:
    try:
        result = pickle.dumps(work(read_file(path, name), name), pickle.HIGHEST_PROTOCOL)
        if len(result) > MAX_REPLY_BYTES:
            raise SourceError(
                "reader_output_too_large",
                f"读出的内容有 {len(result) // 1048576} MB，不像是一份文件",
                place=name,
                way_out="请核对文件；确有这么大的请拆分",
            )
        return pickle.dumps(Reply(result, spent=_is_spent(memory)))
    except LawkbError as error:
        return _pack(error, spent=_is_spent(memory))
    except MemoryError:
        pass
    except RecursionError:
        return _pack(_failed(name, "嵌套过深"), spent=False)
    except Exception as error:
        return _pack(_failed(name, f"{type(error).__name__}"), spent=False)
    # Outside of the handler the memory that the work held is free again.
    return _pack(out_of_memory(name, memory), spent=True)


def _pack(error: LawkbError, *, spent: bool) -> bytes:
    parts = (_known_class(error), error.code, error.message, error.place, error.way_out)
    return pickle.dumps(Reply(error=parts, spent=spent))


def _known_class(error: LawkbError) -> type[LawkbError]:
    """The nearest class that the parent surely knows."""
    return next(cls for cls in type(error).__mro__ if cls.__module__ == LawkbError.__module__)


def _failed(name: str, what: str) -> SourceError:
    return SourceError(
        "reader_failed",
        f"读取文件时出错（{what}）",
        place=name,
        way_out="请核对文件能否用通常的软件打开，另存后重试；仍不行请把文件交给维护人员",
    )


def out_of_memory(name: str, memory: int) -> SourceError:
    """The error for a file whose reading took more than ``memory`` bytes."""
    return SourceError(
        "reader_out_of_memory",
        f"读取文件所需内存超过 {memory // 1048576} MB，已停止",
        place=name,
        way_out="请核对文件是否异常（例如压缩炸弹）；确是正文的请拆分后重试",
    )


def _is_spent(memory: int) -> bool:
    """True once this process holds so much that the next file might lack room."""
    # Not getrusage: its peak outlives exec, so that a big parent would make every child look spent.
    with open("/proc/self/statm", "rb") as opened:
        pages = int(opened.read().split(b" ", 1)[0])
    return pages * resource.getpagesize() > memory // 2


def read_file(path: Path, name: str) -> bytes:
    """The bytes of a regular file of at most ``MAX_FILE_BYTES``.

    Raises SourceError ``file_missing``, ``file_unreadable``, ``file_not_regular``, ``file_too_large``.
    """
    try:
        # Without NONBLOCK the opening of a named pipe would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        way_out = "请核对路径；文件可能在导入途中被移走"
        raise SourceError("file_missing", "找不到文件", place=name, way_out=way_out) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "路径无效"
        raise SourceError(
            "file_unreadable", f"无法打开文件：{reason}", place=name, way_out="请核对文件的读取权限"
        ) from None
    try:
        with open(descriptor, "rb", closefd=True) as opened:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SourceError(
                    "file_not_regular", "这不是普通文件", place=name, way_out="请给出文件，而不是文件夹或设备"
                )
            if status.st_size > MAX_FILE_BYTES:
                raise too_large(name, status.st_size)
            content = opened.read(MAX_FILE_BYTES + 1)
    except IsADirectoryError:
        way_out = "请给出文件，而不是文件夹或设备"
        raise SourceError("file_not_regular", "这不是普通文件", place=name, way_out=way_out) from None
    except OSError as error:
        raise SourceError(
            "file_unreadable", f"读取文件失败：{error.strerror}", place=name, way_out="请核对磁盘后重试"
        ) from None
    if len(content) > MAX_FILE_BYTES:
        raise too_large(name, len(content))
    return content
