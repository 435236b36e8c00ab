"""The cases of the consistency suites as their files have them, checked field by field.

``eval/suites/manifest.yaml`` names every suite; a suite's cases stand in ``<suite>.jsonl``, one JSON object a
line, or are drawn from the standard answers themselves (``source: records``). Half of the groups may be used
to tune something (``tune``), the other half only for what is reported (``report``); a hash decides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from kb.domain.ask import Channel, Origin
from kb.domain.plain import from_plain
from kb.errors import BadInputError, LawkbError, SourceError
from kb.text.strict_yaml import parse_strict_yaml

SUITES_FOLDER = Path(__file__).with_name("suites")
MANIFEST = "manifest.yaml"


class Half(StrEnum):
    """What a case may be used for."""

    TUNE = "tune"
    REPORT = "report"


class Judging(StrEnum):
    """How the cases of a suite are asked and what is looked at."""

    ANSWER = "answer"
    """One question; the right answer is known."""
    PAIR = "pair"
    """As ANSWER, and the two questions of a group have different answers."""
    SCOPE = "scope"
    """Nothing that a standard answer may be given to."""
    SAFETY = "safety"
    DEADLINE = "deadline"
    CHANNEL = "channel"
    REPEAT = "repeat"
    CITATION = "citation"
    GATES = "gates"
    TALK = "talk"


class CaseSource(StrEnum):
    """Where cases come from."""

    FILE = "file"
    RECORDS = "records"
    """Drawn from the published standard answers when the suite runs."""


@dataclass(frozen=True)
class Target:
    """Bound that a measure is meant to keep; exactly one of the two is given."""

    measure: str
    at_least: float | None = None
    at_most: float | None = None

    def is_met(self, value: float) -> bool:
        """Whether ``value`` keeps the bound."""
        if self.at_least is not None and value < self.at_least:
            return False
        return self.at_most is None or value <= self.at_most

    def describe(self) -> str:
        """``≥ 0.95`` or ``≤ 0.02``."""
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"


@dataclass(frozen=True)
class Suite:
    """One entry of the manifest; texts are Chinese. ``size`` is the number of cases, 0 for ``records``."""

    id: str
    title: str
    measures: str
    judging: Judging
    source: CaseSource
    size: int
    origin: str
    licence: str
    quick: bool
    targets: tuple[Target, ...] = ()
    known_issues: tuple[str, ...] = ()
    quick_groups: int = 0
    """Groups that a quick run takes, those with the smallest hash; 0 takes all."""


@dataclass(frozen=True)
class _ManifestFile:
    suites: tuple[Suite, ...]


@dataclass(frozen=True)
class DeadlineAsked:
    """The arguments of ``lawkb deadline`` as a person writes them."""

    kind: str
    start: str
    length: str
    interrupted: tuple[str, ...] = ()
    suspended: tuple[str, ...] = ()
    injured_on: str | None = None
    criminal: bool = False
    in_custody: bool = False


@dataclass(frozen=True)
class CaseTurn:
    """What is said in one turn of a conversation and what may come of it.

    ``choose`` takes the choice with this number (from 1) of those that the turn before offered.
    """

    say: str = ""
    choose: int = 0
    answers: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True)
class SuiteCase:
    """One case. Which fields it needs depends on the suite's judging; see ``_NEEDED``.

    ``answers`` are ids of which any is right. ``choices`` are sent along. ``expected`` is a text that must be
    said (gates) or the last day (deadline); ``why`` the source of what is expected.
    """

    id: str
    group: str
    question: str = ""
    style: str = ""
    answers: tuple[str, ...] = ()
    danger: bool | None = None
    asked: DeadlineAsked | None = None
    expected: str = ""
    why: str = ""
    turns: tuple[CaseTurn, ...] = ()
    choices: tuple[str, ...] = ()
    channel: Channel = Channel.CITIZEN

    @property
    def half(self) -> Half:
        """Decided by the group, so that wordings of one question never stand on both sides."""
        return half_of(self.group)


_NEEDED = {
    Judging.ANSWER: ("question", "answers"),
    Judging.PAIR: ("question", "answers"),
    Judging.SCOPE: ("question", "style"),
    Judging.SAFETY: ("question", "danger", "style"),
    Judging.DEADLINE: ("asked", "expected", "why"),
    Judging.TALK: ("turns",),
}


def half_of(group: str) -> Half:
    """The half of a group: by the first bit of the SHA-256 of its id."""
    return Half.TUNE if hashlib.sha256(group.encode()).digest()[0] < 128 else Half.REPORT


@lru_cache(maxsize=1)
def load_manifest() -> tuple[Suite, ...]:
    """The suites that ship. Raises as ``read_manifest`` does."""
    return read_manifest((SUITES_FOLDER / MANIFEST).read_bytes(), f"eval/suites/{MANIFEST}")


def read_manifest(content: bytes, place: str) -> tuple[Suite, ...]:
    """Suites in order. Raises SourceError ``yaml_…``; SourceError, BadInputError ``suites_invalid``."""
    plain = parse_strict_yaml(content, place)
    suites = from_plain(_ManifestFile, plain, place, code="suites_invalid").suites
    seen: set[str] = set()
    for suite in suites:
        if suite.id in seen:
            raise _manifest_error(f"评测集 {suite.id} 写了两次", place)
        seen.add(suite.id)
        for target in suite.targets:
            if (target.at_least is None) == (target.at_most is None):
                message = f"{suite.id} 的目标 {target.measure} 要写 at_least 或 at_most 之一"
                raise _manifest_error(message, place)
        if (suite.source is CaseSource.FILE) != (suite.judging in _NEEDED):
            raise _manifest_error(f"{suite.id} 的 source 与 judging 不合", place)
    return suites


def choose_suites(names: Sequence[str], suites: Sequence[Suite], *, quick: bool = False) -> list[Suite]:
    """The named suites in the order of the manifest; all where none is named.

    Raises BadInputError ``suite_unknown``.
    """
    known = {suite.id for suite in suites}
    if unknown := [name for name in names if name not in known]:
        raise BadInputError(
            "suite_unknown",
            f"没有评测集“{unknown[0]}”",
            place="SUITE",
            way_out=f"可用的评测集：{'、'.join(suite.id for suite in suites)}",
        )
    return [one for one in suites if (one.id in names if names else one.quick or not quick)]


def load_cases(suite: Suite, answer_ids: Iterable[str], folder: Path = SUITES_FOLDER) -> list[SuiteCase]:
    """The cases of a suite with a file, in order.

    Raises SourceError ``cases_missing``, ``cases_malformed``, ``case_twice``, ``case_field_missing``,
    ``case_answer_unknown``, ``cases_count``, each naming file and line.
    """
    path = folder / f"{suite.id}.jsonl"
    if not path.is_file():
        message = f"找不到评测集 {suite.id} 的题目"
        raise SourceError("cases_missing", message, place=str(path), way_out=_REINSTALL)
    cases = read_cases(path.read_bytes(), path.name, suite.judging, frozenset(answer_ids))
    if len(cases) != suite.size:
        raise SourceError(
            "cases_count",
            f"清单写明 {suite.size} 题，文件里有 {len(cases)} 题",
            place=path.name,
            way_out=f"增减题目后，一并改正 {MANIFEST} 里的 size",
        )
    return cases


_REINSTALL = "题目随程序发布，请重新安装"


def read_cases(content: bytes, name: str, judging: Judging, answer_ids: frozenset[str]) -> list[SuiteCase]:
    """The lines of a file of cases; blank ones are nothing. Raises as ``load_cases`` says."""
    cases: dict[str, SuiteCase] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        case = _read_line(line, place)
        if case.id in cases:
            raise SourceError("case_twice", f"编号 {case.id} 已经用过", place=place, way_out="换一个编号")
        _require_fields(case, judging, place)
        named = {*case.answers, *(one for turn in case.turns for one in turn.answers)}
        if unknown := sorted(named - answer_ids):
            raise SourceError(
                "case_answer_unknown",
                f"没有编号为 {unknown[0]} 的标准答复",
                place=place,
                way_out="照 corpora/answers 里的 id 改正",
            )
        cases[case.id] = case
    return list(cases.values())


def _read_line(line: bytes, place: str) -> SuiteCase:
    try:
        return from_plain(SuiteCase, json.loads(line), place, code="cases_malformed")
    except LawkbError as error:
        raise SourceError("cases_malformed", error.message, place=error.place, way_out=_SHAPE) from error
    except (ValueError, RecursionError) as error:
        raise SourceError("cases_malformed", "这一行不是 JSON", place=place, way_out=_SHAPE) from error


_SHAPE = "每行一个 JSON 对象，字段见 eval/suite_cases.py 的 SuiteCase"


def _require_fields(case: SuiteCase, judging: Judging, place: str) -> None:
    missing = [name for name in _NEEDED.get(judging, ()) if getattr(case, name) in ("", (), None)]
    if not case.id or not case.group:
        missing.append("id、group")
    if missing:
        raise SourceError(
            "case_field_missing", f"{case.id} 缺少 {'、'.join(missing)}", place=place, way_out=_SHAPE
        )


def quick_part(cases: Sequence[SuiteCase], groups: int) -> list[SuiteCase]:
    """The cases of ``groups`` groups, those whose ids have the smallest hashes; all for 0."""
    if not groups:
        return list(cases)
    ordered = sorted({case.group for case in cases}, key=_order)
    kept = frozenset(ordered[:groups])
    return [case for case in cases if case.group in kept]


def _order(group: str) -> bytes:
    """Not the byte that decides the half, so that a quick run has groups of both."""
    return hashlib.sha256(group.encode()).digest()[1:]


def _manifest_error(message: str, place: str) -> LawkbError:
    return SourceError("suites_invalid", message, place=place, way_out="改正评测清单")
