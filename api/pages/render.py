"""Turning templates into responses: one environment, autoescaped, strict about missing names."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.assets import load_assets
from api.pages.contents import anchor_of, split_paragraphs
from api.pages.highlight import mark_words
from api.problems import Problem
from kb.domain.works import FAR_FUTURE, STATUS_LABELS, VersionStatus, WorkKind

TEMPLATES = Path(__file__).parent.parent / "templates"

KIND_LABELS = {
    WorkKind.STATUTE: "法律法规",
    WorkKind.NORMATIVE: "规范性文件",
    WorkKind.CASE: "案例",
    WorkKind.GUIDE: "办事指引",
    WorkKind.INSTITUTION: "机构",
}
LONG_HIT = 8
"""A hit of more paragraphs than this is folded, so that the next hit stays within reach."""
COMPRESS_FROM = 32 * 1024
SIGNAL_LABELS = {"words": "词语", "meaning": "含义", "citation": "引用"}


def chinese_date(day: dt.date) -> str:
    """``2021年1月1日``."""
    return f"{day.year}年{day.month}月{day.day}日"


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
    environment.filters["mark_words"] = mark_words
    environment.filters["paragraphs"] = split_paragraphs
    environment.filters["anchor"] = anchor_of
    environment.globals.update(
        assets=load_assets(),
        status_labels=STATUS_LABELS,
        kind_labels=KIND_LABELS,
        signal_labels=SIGNAL_LABELS,
        FAR_FUTURE=FAR_FUTURE,
        LONG_HIT=LONG_HIT,
        VersionStatus=VersionStatus,
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
