"""What serves now, exchanged under running requests without stopping them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """Anything that is closed when nobody uses it any more."""

    def close(self) -> None:
        """Release it."""
        ...


T = TypeVar("T", bound=Closable)


class Serving(Generic[T]):
    """Holds one object (an open generation with its encoders); requests lease it, a switch replaces it.

    A request keeps the object that it leased to its end, so index and encoders always belong together;
    the old object is closed when its last lease ends.
    """

    def __init__(self, first: T) -> None:
        """``first`` serves until ``switch``."""
        self._lock = threading.Lock()
        self._now = first
        self._leases: dict[int, int] = {}
        self._retired: dict[int, T] = {}

    @contextmanager
    def lease(self) -> Iterator[T]:
        """The object that serves now, kept open until the block ends."""
        with self._lock:
            held = self._now
            self._leases[id(held)] = self._leases.get(id(held), 0) + 1
        try:
            yield held
        finally:
            with self._lock:
                left = self._leases[id(held)] - 1
                if left:
                    self._leases[id(held)] = left
                else:
                    del self._leases[id(held)]
                done = self._retired.pop(id(held), None) if not left else None
            if done is not None:
                done.close()

    def switch(self, new: T) -> None:
        """Let ``new`` serve from now on; the old object is closed at once or after its last lease."""
        with self._lock:
            old, self._now = self._now, new
            if old is new:
                return
            busy = id(old) in self._leases
            if busy:
                self._retired[id(old)] = old
        if not busy:
            old.close()
