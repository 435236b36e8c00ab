"""Turning templates into responses: one environment, autoescaped, strict about missing names."""

from __future__ import annotations

import datetime as dt
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.assets import load_assets
from api.catalogue import NO_DAY
from api.pages.contents import anchor_of, split_paragraphs
from api.pages.highlight import mark_words
from api.problems import Problem
from api.schemas import KIND_LABELS
from api.work_schemas import PROVISION_STATE_LABELS
from kb.answer.verify import VERDICT_LABELS
from kb.clock import SHANGHAI
from kb.domain.currency import CURRENCY_LABELS
from kb.domain.works import FAR_FUTURE, STATUS_LABELS, VersionStatus, WorkKind
from kb.search.request import EARLIEST_DAY

TEMPLATES = Path(__file__).parent.parent / "templates"

KIND_UNITS = {
    WorkKind.STATUTE: "部",
    WorkKind.NORMATIVE: "份",
    WorkKind.CASE: "个",
    WorkKind.GUIDE: "份",
    WorkKind.INSTITUTION: "家",
    WorkKind.PERSON: "名",
}
LAW_KINDS = (WorkKind.STATUTE, WorkKind.NORMATIVE)
"""Kinds of which one says that they are in force."""
LONG_HIT = 8
"""A hit of more paragraphs than this is folded, so that the next hit stays within reach."""
COMPRESS_FROM = 32 * 1024
SIGNAL_LABELS = {
    "words": "词语",
    "meaning": "含义",
    "bank": "相近的问题",
    "rerank": "精读",
    "superior": "上位法",
    "citation": "引用",
}


@dataclass(frozen=True)
class Tab:
    """One of several ways to narrow a list; ``count`` is None where it is not known."""

    label: str
    address: str
    current: bool
    count: int | None = None


def chinese_date(day: dt.date) -> str:
    """``2021年1月1日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def day_of(moment: dt.datetime) -> dt.date:
    """The day of a moment where the law is."""
    return moment.astimezone(SHANGHAI).date()


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["chinese_date"] = chinese_date
    environment.filters["day_of"] = day_of
    environment.filters["mark_words"] = mark_words
    environment.filters["paragraphs"] = split_paragraphs
    environment.filters["anchor"] = anchor_of
    environment.globals.update(
        assets=load_assets(),
        status_labels=STATUS_LABELS,
        kind_labels=KIND_LABELS,
        kind_units=KIND_UNITS,
        LAW_KINDS=LAW_KINDS,
        NO_DAY=NO_DAY,
        EARLIEST_DAY=EARLIEST_DAY,
        currency_labels=CURRENCY_LABELS,
        state_labels=PROVISION_STATE_LABELS,
        verdict_labels=VERDICT_LABELS,
        signal_labels=SIGNAL_LABELS,
        FAR_FUTURE=FAR_FUTURE,
        LONG_HIT=LONG_HIT,
        VersionStatus=VersionStatus,
        WorkKind=WorkKind,
    )
    return environment


_ENVIRONMENT = _environment()


def render_page(template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """One page; ``context`` names what the template uses."""
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(context), status_code=status)


def compress_page(response: Response, request: Request) -> Response:
    """A long page gzipped where the browser takes it; to be called in a worker thread.

    Nothing secret stands on these pages, so that compressing them tells nobody anything.
    """
    response.headers["Vary"] = "Accept-Encoding"
    body = bytes(response.body)
    if len(body) >= COMPRESS_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        response.body = gzip.compress(body, compresslevel=5, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response


def render_problem(request: Request, problem: Problem) -> Response:
    """A problem as JSON for programs and as a page for people."""
    path = request.scope.get("path", "")
    if path.startswith("/api/") or path == "/openapi.json":
        return problem.as_response()
    response = render_page("problem.html", status=problem.status, problem=problem)
    response.headers.update(problem.headers)
    return response
