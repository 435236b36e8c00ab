"""Progress of long work: a bar for a person, JSON lines for the process that started us."""

from __future__ import annotations

import json
import sys
import threading
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class TerminalProgress:
    """One bar per stage on stderr; without a terminal, one line when a stage ends."""

    def __init__(self) -> None:
        """Draw nothing yet."""
        console = Console(stderr=True)
        self._live = console.is_terminal
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=console,
            disable=not self._live,
        )

    def __enter__(self) -> Self:
        """Start drawing."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the finished bars on the screen."""
        self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` in ``stage`` (Chinese)."""
        with self._lock:
            if self._live:
                if stage not in self._tasks:
                    self._tasks[stage] = self._bars.add_task(stage, total=max(total, 1))
                self._bars.update(self._tasks[stage], completed=done, total=max(total, 1))
            elif done >= total and stage not in self._ended:
                self._ended.add(stage)
                sys.stderr.write(f"{stage}：完成\n")
                sys.stderr.flush()


class JsonProgress:
    """One JSON object a line on stdout: ``{"stage", "done", "total"}``."""

    def __enter__(self) -> Self:
        """Nothing to prepare."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to clean up."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Write one line and flush it."""
        sys.stdout.write(
            json.dumps({"stage": stage, "done": done, "total": total}, ensure_ascii=False) + "\n"
        )
        sys.stdout.flush()
