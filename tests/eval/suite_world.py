"""The suites over the small law: a few answers, asked in this process."""

from __future__ import annotations

from collections.abc import Sequence

from api.ask_schemas import AskAnswer
from eval.suite_cases import CaseSource, Judging, Suite, SuiteCase
from eval.suite_judging import Reference, Reply
from eval.suite_measures import Estimate
from eval.suite_records import collect_cases
from eval.suite_results import CaseResult
from eval.suite_running import Asking, run_case
from eval.suite_summary import measure_suite
from kb.answer.rest_days import RestDays, load_rest_days
from kb.cli.suites import reckon_with
from kb.domain.answers import StandardAnswer
from kb.domain.ask import AskRequest
from tests.answer.small_answers import TODAY
from tests.answer.small_ask import open_small_ask
from tests.answer.umbrellas import LATE, PLAIN, REVIEW, SmallWorld, make_all

SOUND = tuple(one for one in make_all() if one.id in (PLAIN, LATE, REVIEW))
"""The answers that may be given: what replies are held against."""


def make_suite(judging: Judging, source: CaseSource = CaseSource.RECORDS, **more: object) -> Suite:
    return Suite(judging.value, judging.value, "", judging, source, 0, "", "", True, **more)  # type: ignore[arg-type]


def make_asking(
    world: SmallWorld, records: Sequence[StandardAnswer] = SOUND, rest_days: RestDays | None = None
) -> Asking:
    service = open_small_ask(world.database, world.door, records)

    def ask(request: AskRequest) -> Reply:
        asked = service.ask(request)
        return {**AskAnswer.of(asked.reply).model_dump(mode="json"), "conversation": asked.conversation}

    reference = Reference({one.id: one for one in SOUND})
    return Asking(ask, reckon_with(rest_days or load_rest_days()), reference, TODAY)


def variant_cases(records: Sequence[StandardAnswer] = SOUND) -> list[SuiteCase]:
    return [
        SuiteCase(f"{one.id}-{place}", one.id, text, answers=(one.id,))
        for one in records
        for place, text in enumerate((one.question, *one.variants))
    ]


def run_small(
    judging: Judging, asking: Asking, cases: Sequence[SuiteCase] | None = None
) -> tuple[list[CaseResult], dict[str, Estimate]]:
    suite = make_suite(judging)
    results = [run_case(suite, one, asking) for one in cases or collect_cases(suite, SOUND)]
    return results, measure_suite(results, judging, 1)
