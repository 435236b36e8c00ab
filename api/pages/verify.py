"""The page where a person has the citations of a text checked: the same door as the API's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.citing import article_address
from api.fields import check_day, printable
from api.pages.render import compress_page, render_page
from api.problems import Problem, from_lawkb_error
from api.routes.health import not_ready
from api.services import Services
from kb.answer.verify import CheckedCitation, Verdict
from kb.clock import today
from kb.errors import LawkbError

MAX_TEXT = 100_000
"""Characters in one go; the API takes more, which a page of this kind could not show."""
MAX_CITATIONS = 1_000
VERDICT_CLASSES = {
    Verdict.IN_FORCE: "good",
    Verdict.AMENDED: "wait",
    Verdict.NOT_YET_IN_FORCE: "wait",
    Verdict.QUOTE_DIFFERS: "bad",
    Verdict.REPEALED: "bad",
    Verdict.NEVER_EXISTED: "bad",
    Verdict.OUTSIDE_HOLDINGS: "old",
}

GRAVITY = ("bad", "wait", "old", "good")


@dataclass(frozen=True)
class Shown:
    """One citation as listed; ``number`` counts from 1 and links the text to the list."""

    number: int
    checked: CheckedCitation
    address: str

    @property
    def tone(self) -> str:
        """good, wait, bad or old; the word beside it says the same."""
        return VERDICT_CLASSES[self.checked.verdict]


@dataclass(frozen=True)
class Piece:
    """A stretch of the text: plain, or a citation with what was found of it."""

    text: str
    found: tuple[Shown, ...] = ()

    @property
    def tone(self) -> str:
        """The gravest of what was found here."""
        return min((one.tone for one in self.found), key=GRAVITY.index)


def verify_pages(services: Services) -> APIRouter:
    """Page ``/verify``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/verify")
    def show_form() -> Response:
        return _render()

    @router.post("/verify")
    async def check_text(request: Request) -> Response:
        form = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=None)
        return await run_in_threadpool(_check, services, form, request)

    return router


def _check(services: Services, form: dict[str, list[str]], request: Request) -> Response:
    text = printable("\n".join(form.get("text", [""])[0].splitlines()))
    written = form.get("as_of", [""])[0].strip()[:20]
    readiness = services.readiness()
    if not readiness.serves:
        return _render(text, written, problem=not_ready(readiness))
    if not text.strip():
        return _render(
            text, written, problem=Problem(422, "text_empty", "没有文字可以核对", "文字", "请粘贴一段文字")
        )
    try:
        day = check_day(written or None) or today()
    except Exception as error:  # a PydanticCustomError, which carries our words
        context = getattr(error, "context", None) or {}
        return _render(
            text,
            written,
            problem=Problem(
                422, "date_malformed", context.get("message", "日期不对"), "日期", context.get("way_out", "")
            ),
        )
    try:
        checked = services.verifier.verify(text, day, max_chars=MAX_TEXT, max_citations=MAX_CITATIONS)
    except LawkbError as error:
        return _render(text, written, problem=from_lawkb_error(error))
    shown = [
        Shown(number, one, article_address(one.provision_id) if one.provision_id else _work_address(one))
        for number, one in enumerate(checked, start=1)
    ]
    return compress_page(
        _render(text, written, day=day, shown=shown, pieces=cut_text(text, shown), done=True), request
    )


def _work_address(checked: CheckedCitation) -> str:
    return f"/works/{checked.work_id}" if checked.work_id else ""


def cut_text(text: str, shown: Sequence[Shown]) -> list[Piece]:
    """``text`` in pieces; citations whose places overlap (the articles of a range) share a piece."""
    pieces: list[Piece] = []
    end = 0
    for one in sorted(shown, key=lambda one: one.checked.span):
        start, stop = one.checked.span
        if pieces and start < end and pieces[-1].found:
            last = pieces.pop()
            grown = text[end - len(last.text) : max(stop, end)]
            pieces.append(Piece(grown, (*last.found, one)))
            end = max(stop, end)
            continue
        if start > end:
            pieces.append(Piece(text[end:start]))
        pieces.append(Piece(text[start:stop], (one,)))
        end = stop
    if end < len(text):
        pieces.append(Piece(text[end:]))
    return pieces


def _render(
    text: str = "",
    written: str = "",
    *,
    problem: Problem | None = None,
    day: object = None,
    shown: Sequence[Shown] = (),
    pieces: Sequence[Piece] = (),
    done: bool = False,
) -> Response:
    tally: dict[Verdict, int] = {}
    for one in shown:
        tally[one.checked.verdict] = tally.get(one.checked.verdict, 0) + 1
    page = render_page(
        "verify.html",
        status=problem.status if problem else 200,
        text=text[: MAX_TEXT + 1],
        written=written,
        problem=problem,
        day=day,
        shown=shown,
        pieces=pieces,
        done=done,
        tally=[(verdict, VERDICT_CLASSES[verdict], count) for verdict, count in tally.items()],
        max_text=MAX_TEXT,
    )
    if problem:
        page.headers.update(problem.headers)
    return page
