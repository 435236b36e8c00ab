"""``lawkb eval run`` and what reads its results: the suites over the answer door of this installation."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from api.ask_schemas import AskAnswer
from eval.intervals import SEED
from eval.plots import check_plotting
from eval.suite_cases import DeadlineAsked, Half, Suite, choose_suites, load_manifest
from eval.suite_judging import Reference, Reply
from eval.suite_page import render_comparison, render_markdown, render_suites
from eval.suite_records import collect_cases
from eval.suite_results import read_results, read_setup
from eval.suite_running import Asking, Planned, plan_setup, run_plans
from eval.suite_summary import (
    GRADE_LABELS,
    Grade,
    check_row,
    compare_runs,
    read_baseline,
    setup_key,
    summarise,
    write_baseline,
)
from kb.answer.deadlines import reckon_deadline
from kb.answer.reading import load_shipped
from kb.answer.rest_days import RestDays, load_rest_days
from kb.cli.answering import open_ask
from kb.cli.ask_terminal import CONVERSATION_HEADER
from kb.cli.asking import call_service, open_here
from kb.cli.deadlines import Given, parse_given
from kb.cli.progress import TerminalProgress
from kb.clock import today
from kb.domain.ask import AskRequest
from kb.errors import BadInputError
from kb.settings import get_settings
from kb.store.provisions import iter_provisions

PAGE, MARKDOWN, SUMMARY = "report.html", "report.md", "summary.json"


@dataclass(frozen=True)
class RunOptions:
    """What the command was asked; see the options of ``lawkb eval run``."""

    suites: tuple[str, ...] = ()
    half: str = "both"
    quick: bool = False
    url: str = ""
    out: Path | None = None
    seed: int = SEED
    as_of: dt.date | None = None


def run_suites(options: RunOptions) -> Path:
    """Run, or go on; the folder with the results. The figures are printed as Markdown."""
    half = _parse_half(options.half)
    as_of = options.as_of or today()
    suites = choose_suites(options.suites, load_manifest(), quick=options.quick)
    plans = plan_cases(suites, half, quick=options.quick)
    url = options.url.rstrip("/")
    setup = plan_setup(
        plans, half=half, quick=options.quick, seed=options.seed, as_of=as_of, where=url or "local"
    )
    folder = options.out or Path(tempfile.mkdtemp(prefix="lawkb-eval-"))
    with _open_asking(url, as_of) as asking, TerminalProgress() as progress:
        run_plans(plans, setup, asking, folder, progress)
    report = _summary(folder)
    (folder / SUMMARY).write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    (folder / MARKDOWN).write_text(render_markdown(report), "utf-8")
    typer.echo(render_markdown(report))
    typer.echo(f"结果在 {folder}")
    return folder


def plan_cases(suites: Sequence[Suite], half: Half | None, *, quick: bool) -> list[Planned]:
    """The cases of each suite that belong to ``half``."""
    records = load_shipped()
    return [
        Planned(
            suite,
            tuple(
                case
                for case in collect_cases(suite, records, quick=quick)
                if half is None or case.half is half
            ),
        )
        for suite in suites
    ]


def write_page(folder: Path) -> tuple[Path, Path]:
    """``lawkb eval report``: page and Markdown beside the results."""
    check_plotting()
    report = _summary(folder)
    page, markdown = folder / PAGE, folder / MARKDOWN
    page.write_text(render_suites(report), "utf-8")
    markdown.write_text(render_markdown(report), "utf-8")
    return page, markdown


def compare_folders(before: Path, after: Path, *, as_json: bool) -> None:
    """``lawkb eval compare``."""
    first, second = read_setup(before), read_setup(after)
    compared = compare_runs(read_results(before), read_results(after))
    if as_json:
        plain = [{**vars(one), "flips": [vars(flip) for flip in one.flips]} for one in compared]
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    if first.as_of != second.as_of:
        typer.echo(f"注意：两次评测依据的日期不同（{first.as_of}、{second.as_of}）。")
    typer.echo(render_comparison(compared) or "两次评测没有共同的评测集。")


def check_folder(folder: Path, *, save: bool) -> Grade:
    """``lawkb eval check``: against the committed figures, or make these the committed ones."""
    report = _summary(folder)
    key = setup_key(read_setup(folder))
    if save:
        for row in report["suites"]:
            typer.echo(f"已写入 {write_baseline(row, key)}")
        return Grade.OK
    checked = [check_row(row, read_baseline(row["id"], key)) for row in report["suites"]]
    for one in checked:
        typer.echo(f"【{GRADE_LABELS[one.grade]}】{one.suite}")
        for reason in one.reasons:
            typer.echo(f"    {reason}")
    return max((one.grade for one in checked), default=Grade.BROKEN)


def reckon_with(rest_days: RestDays) -> Callable[[DeadlineAsked], str]:
    """``lawkb deadline`` as a function: the last day, or the moment of a limit in hours."""

    def reckon(asked: DeadlineAsked) -> str:
        given = Given(
            asked.kind,
            asked.start,
            asked.length,
            asked.interrupted,
            asked.suspended,
            asked.injured_on,
            asked.criminal,
            asked.in_custody,
        )
        done = reckon_deadline(parse_given(given), rest_days)
        return f"{done.last_moment:%Y-%m-%d %H:%M}" if done.last_moment else done.last_day.isoformat()

    return reckon


def _summary(folder: Path) -> dict[str, Any]:
    setup = read_setup(folder)
    return summarise(choose_suites(setup.suites, load_manifest()), setup, read_results(folder))


@contextmanager
def _open_asking(url: str, as_of: dt.date) -> Iterator[Asking]:
    reckon = reckon_with(load_rest_days())
    records = {one.id: one for one in load_shipped()}
    if url:
        yield Asking(lambda request: _ask_over_http(url, request), reckon, Reference(records), as_of)
        return
    settings = get_settings()
    with open_here(settings) as here:
        # Without a recorder: nobody asked these questions, so they are not put on record.
        service = open_ask(settings, here.database, here.encoder, lambda: here.door, lambda: here.generation)
        service.prepare()
        with here.database.reading() as connection:
            texts = {
                one.provision.id: one.provision.text
                for batch in iter_provisions(connection)
                for one in batch
                if one.version.effective_from <= as_of < one.version.effective_to
            }

        def ask(request: AskRequest) -> Reply:
            asked = service.ask(request)
            body = AskAnswer.of(asked.reply).model_dump(mode="json")
            return {**body, "conversation": asked.conversation}

        yield Asking(ask, reckon, Reference(records, texts.get), as_of)


def _ask_over_http(url: str, request: AskRequest) -> Reply:
    body = {
        "q": request.text,
        "as_of": request.as_of.isoformat() if request.as_of else None,
        "channel": request.channel.value,
        "conversation": request.conversation,
        "choices": list(request.choices),
        "region": request.region,
    }
    answer, headers = call_service(f"{url}/api/v1/ask", body)
    told = {name.lower(): value for name, value in headers.items()}
    return {**answer, "conversation": told.get(CONVERSATION_HEADER.lower(), "")}


def _parse_half(name: str) -> Half | None:
    if name == "both":
        return None
    try:
        return Half(name)
    except ValueError:
        raise BadInputError(
            "half_unknown", f"没有“{name}”这一半", place="--half", way_out="可以写 tune、report 或 both"
        ) from None
