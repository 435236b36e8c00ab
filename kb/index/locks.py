"""Locks on files that end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path


class FileLock:
    """An flock held on an open file; released by ``release`` or by the end of the process.

    A forked child keeps it alive, so children are started with subprocess or spawn, never a bare fork.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        """``descriptor`` is open and locked."""
        self.path = path
        self._descriptor = descriptor

    def write(self, text: str) -> None:
        """Replace what the file says (a note for readers; the lock itself is what counts)."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)
        os.fsync(self._descriptor)

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def try_lock(path: Path, *, shared: bool = False, wait: bool = False) -> FileLock | None:
    """Lock ``path`` (created when missing), or None when another process holds it.

    ``wait`` blocks until the lock is free. Raises OSError when the file cannot be made.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o644)
    mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, mode if wait else mode | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return FileLock(path, descriptor)


def write_atomically(path: Path, text: str) -> None:
    """Put ``text`` at ``path`` so that a reader, or a power cut, sees the old file or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
