"""What a case came to, one JSON line each; a run that was broken off goes on where its file ends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.domain.plain import from_plain, to_plain
from kb.errors import BadInputError, LawkbError, SourceError

RESULTS, SETUP = "results.jsonl", "run.json"


@dataclass(frozen=True)
class Heard:
    """What is kept of one reply. ``digest`` is the SHA-256 of the body without token and time."""

    question: str
    origin: str
    answer_id: str = ""
    offered: tuple[str, ...] = ()
    confidence: float | None = None
    safety: bool = False
    citations: tuple[str, ...] = ()
    transfer: str = ""
    channel: str = ""
    digest: str = ""
    took_ms: float = 0.0

    @property
    def outcome(self) -> str:
        """The answer given, else where the reply comes from."""
        return self.answer_id or self.origin


@dataclass(frozen=True)
class CaseResult:
    """A judged case. ``scores`` are values from 0 to 1 by measure; a measure that says nothing of it is out.

    ``outcome`` is what flips when a later run says something else. ``note`` tells a person what is wrong.
    """

    suite: str
    case: str
    group: str
    half: str
    outcome: str
    scores: dict[str, float]
    style: str = ""
    question: str = ""
    wanted: tuple[str, ...] = ()
    heard: tuple[Heard, ...] = ()
    note: str = ""
    error: str = ""

    @property
    def key(self) -> str:
        """Unique in a run."""
        return f"{self.suite}/{self.case}"

    @property
    def took_ms(self) -> float:
        """Time of all its replies."""
        return sum(one.took_ms for one in self.heard)


@dataclass(frozen=True)
class RunSetup:
    """What a run was asked; a run is gone on with only under the same."""

    suites: tuple[str, ...]
    half: str
    quick: bool
    seed: int
    as_of: str
    where: str
    """``local`` or the address of the service."""
    cases: str
    """SHA-256 of the cases, so that changed ones are not mixed with old results."""


def write_setup(folder: Path, setup: RunSetup) -> None:
    """Begin a run, or make sure that the one in ``folder`` is the same.

    Raises BadInputError ``run_differs``; SourceError ``run_unreadable``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / SETUP
    if path.exists():
        if read_setup(folder) != setup:
            raise BadInputError(
                "run_differs",
                "这个目录里是另一次评测，设置或题目不同",
                place=str(folder),
                way_out="换一个 --out 目录，或者用原来的设置接着跑",
            )
        return
    path.write_text(json.dumps(to_plain(setup), ensure_ascii=False, indent=2) + "\n", "utf-8")


def read_setup(folder: Path) -> RunSetup:
    """Setup of a run. Raises BadInputError ``run_missing``; SourceError ``run_unreadable``."""
    path = folder / SETUP
    if not path.is_file():
        raise BadInputError(
            "run_missing", "这个目录里没有评测结果", place=str(folder), way_out="先运行 lawkb eval run --out"
        )
    try:
        return from_plain(RunSetup, json.loads(path.read_text("utf-8")), path.name, code="run_unreadable")
    except (ValueError, LawkbError) as error:
        raise _unreadable(path, 1) from error


def write_result(result: CaseResult) -> str:
    """One line, keys sorted, without its end."""
    plain = to_plain(result)
    plain["scores"] = {name: round(value, 6) for name, value in sorted(result.scores.items())}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True)


def read_results(folder: Path) -> list[CaseResult]:
    """Results in the order written; half a line at the end, where a run was broken off, is dropped.

    Raises SourceError ``run_unreadable`` naming the line.
    """
    path = folder / RESULTS
    if not path.is_file():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    results = []
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            results.append(_read_result(json.loads(line), f"{path.name}:{number}"))
        except (ValueError, KeyError, TypeError, LawkbError) as error:
            raise _unreadable(path, number) from error
    return results


def trim_results(folder: Path) -> None:
    """Cut off half a line at the end before more is appended."""
    path = folder / RESULTS
    if path.is_file():
        content = path.read_bytes()
        end = content.rfind(b"\n") + 1
        if end != len(content):
            path.write_bytes(content[:end])


def outcomes_of(results: Iterable[CaseResult]) -> dict[str, str]:
    """Key of a case -> its outcome."""
    return {one.key: one.outcome for one in results}


def _read_result(plain: dict[str, Any], place: str) -> CaseResult:
    scores = {str(name): float(value) for name, value in plain.pop("scores").items()}
    read = from_plain(CaseResult, {**plain, "scores": {}}, place, code="run_unreadable")
    read.scores.update(scores)
    return read


def _unreadable(path: Path, number: int) -> SourceError:
    return SourceError(
        "run_unreadable", "评测结果读不懂", place=f"{path}:{number}", way_out="删去这个目录，重新评测"
    )
