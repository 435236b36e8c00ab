"""Ask the cases of the suites and write down what came; a broken-off run goes on where it stopped."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from eval.suite_cases import DeadlineAsked, Half, Judging, Suite, SuiteCase
from eval.suite_judging import Judged, Reference, Reply, hear, judge
from eval.suite_results import (
    RESULTS,
    CaseResult,
    Heard,
    RunSetup,
    read_results,
    trim_results,
    write_result,
    write_setup,
)
from kb.domain.ask import AskRequest, Channel
from kb.domain.plain import to_plain
from kb.errors import LawkbError, ServiceError

REPEATS, THREADS = 10, 8
Ask = Callable[[AskRequest], Reply]
Reckon = Callable[[DeadlineAsked], str]
"""The last day, or moment, of a time limit as text (2026-01-05, 2026-01-05 17:00)."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Asking:
    """What the cases are put to."""

    ask: Ask
    reckon: Reckon
    reference: Reference
    as_of: dt.date


@dataclass(frozen=True)
class Planned:
    """A suite with the cases that are to be asked."""

    suite: Suite
    cases: tuple[SuiteCase, ...]


def plan_setup(
    plans: Sequence[Planned], *, half: Half | None, quick: bool, seed: int, as_of: dt.date, where: str
) -> RunSetup:
    """What makes two runs the same run."""
    text = json.dumps([to_plain(case) for plan in plans for case in plan.cases], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    names = tuple(plan.suite.id for plan in plans)
    return RunSetup(names, half.value if half else "both", quick, seed, as_of.isoformat(), where, digest)


def run_plans(
    plans: Sequence[Planned], setup: RunSetup, asking: Asking, folder: Path, progress: Progress
) -> list[CaseResult]:
    """Ask everything that ``folder`` has no result of, and return the results of all.

    A case that raises an error of ours has it as its result: the run goes on. Raises as ``write_setup``,
    and what says that the service does not answer.
    """
    write_setup(folder, setup)
    trim_results(folder)
    done = {one.key for one in read_results(folder)}
    with (folder / RESULTS).open("a", encoding="utf-8") as file:

        def keep(result: CaseResult) -> None:
            file.write(write_result(result) + "\n")
            file.flush()

        for plan in plans:
            open_cases = [case for case in plan.cases if f"{plan.suite.id}/{case.id}" not in done]
            _run_suite(plan.suite, open_cases, len(plan.cases), asking, setup.seed, keep, progress)
    return read_results(folder)


def _run_suite(
    suite: Suite,
    cases: Sequence[SuiteCase],
    whole: int,
    asking: Asking,
    seed: int,
    keep: Callable[[CaseResult], None],
    progress: Progress,
) -> None:
    count = whole - len(cases)
    progress(suite.title, count, whole)
    if suite.judging is Judging.REPEAT:
        for result in _run_repeats(suite, cases, asking, seed, progress):
            keep(result)
        return
    for case in cases:
        keep(run_case(suite, case, asking))
        count += 1
        progress(suite.title, count, whole)


def run_case(suite: Suite, case: SuiteCase, asking: Asking) -> CaseResult:
    """Ask one case and judge it. Raises what says that the service does not answer at all."""
    try:
        if suite.judging is Judging.DEADLINE:
            return _run_deadline(suite, case, asking)
        replies = _ask_all(suite.judging, case, asking)
        return _result(suite, case, replies, asking)
    except LawkbError as error:
        _stop_without_service(error)
        return _failed(suite, case, error)


def _stop_without_service(error: LawkbError) -> None:
    """A service that is not there says nothing of the cases: the run ends and can be gone on with."""
    if error.exit_code == ServiceError.exit_code:
        raise error


def _ask_all(judging: Judging, case: SuiteCase, asking: Asking) -> list[Reply]:
    if judging is Judging.TALK:
        return _talk(case, asking)
    channels = tuple(Channel) if judging is Judging.CHANNEL else (case.channel,)
    return [_timed(asking, case, channel) for channel in channels]


def _timed(asking: Asking, case: SuiteCase, channel: Channel) -> Reply:
    request = AskRequest(case.question, asking.as_of, channel, choices=case.choices)
    return _time(asking.ask, request)


def _time(ask: Ask, request: AskRequest) -> Reply:
    started = time.perf_counter()
    reply = ask(request)
    return {**reply, "took_ms": (time.perf_counter() - started) * 1000}


def _talk(case: SuiteCase, asking: Asking) -> list[Reply]:
    replies: list[Reply] = []
    asked = ""
    for turn in case.turns:
        token = ""
        choices: tuple[str, ...] = ()
        if replies:
            token = str(replies[-1]["conversation"])
            back = replies[-1]["ask_back"]
            offered = back["choices"] if back else []
            if turn.choose and turn.choose <= len(offered):
                choices = (str(offered[turn.choose - 1]["id"]),)
        # With a choice the question that it answers is sent again, as the service wants it.
        text = turn.say or (asked if choices else str(turn.choose))
        asked = turn.say or asked
        request = AskRequest(text, asking.as_of, case.channel, token, choices)
        replies.append(_time(asking.ask, request))
    return replies


def _run_repeats(
    suite: Suite, cases: Sequence[SuiteCase], asking: Asking, seed: int, progress: Progress
) -> list[CaseResult]:
    """Every question ``REPEATS`` times in one shuffled order over ``THREADS`` threads."""
    order = [place for place in range(len(cases)) for _ in range(REPEATS)]
    random.Random(seed).shuffle(order)
    replies: list[list[Reply]] = [[] for _ in cases]
    errors: dict[int, LawkbError] = {}

    def one(place: int) -> tuple[int, Reply | LawkbError]:
        try:
            return place, _timed(asking, cases[place], cases[place].channel)
        except LawkbError as error:
            _stop_without_service(error)
            return place, error

    with ThreadPoolExecutor(THREADS) as threads:
        for count, (place, got) in enumerate(threads.map(one, order), start=1):
            if isinstance(got, LawkbError):
                errors[place] = got
            else:
                replies[place].append(got)
            progress(suite.title, count, len(order))
    return [
        _failed(suite, case, errors[place])
        if place in errors
        else _result(suite, case, replies[place], asking)
        for place, case in enumerate(cases)
    ]


def _result(suite: Suite, case: SuiteCase, replies: Sequence[Reply], asking: Asking) -> CaseResult:
    judged = judge(suite.judging, case, replies, asking.reference)
    said = [turn.say or f"（选 {turn.choose}）" for turn in case.turns] or [case.question] * len(replies)
    heard = tuple(hear(text, reply) for text, reply in zip(said, replies, strict=True))
    return _as_result(suite, case, judged, heard)


def _run_deadline(suite: Suite, case: SuiteCase, asking: Asking) -> CaseResult:
    assert case.asked is not None, "checked when the case was read"
    found = asking.reckon(case.asked)
    right = found == case.expected
    note = "" if right else f"应为 {case.expected}，算出 {found}（{case.why}）"
    return _as_result(suite, case, Judged(found, {"right": float(right)}, note), ())


def _as_result(suite: Suite, case: SuiteCase, judged: Judged, heard: tuple[Heard, ...]) -> CaseResult:
    return CaseResult(
        suite=suite.id,
        case=case.id,
        group=case.group,
        half=case.half.value,
        outcome=judged.outcome,
        scores=judged.scores,
        style=case.style,
        question=case.question or " / ".join(turn.say for turn in case.turns),
        wanted=case.answers or ((case.expected,) if case.expected else ()),
        heard=heard,
        note=judged.note,
    )


def _failed(suite: Suite, case: SuiteCase, error: LawkbError) -> CaseResult:
    told = f"[{error.code}] {error.message}"
    return CaseResult(
        suite.id, case.id, case.group, case.half.value, "error", {}, case.style, case.question, error=told
    )
