"""The catalogue of laws and the reader of one law."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import catalogue
from api.backing import distinct_findings, read_backing
from api.fields import printable
from api.pages.contents import anchor_of, find_law_section, lay_out, list_sections, table_of_contents
from api.pages.records import list_in_brief, mark_record, view_record
from api.pages.render import KIND_UNITS, LAW_KINDS, Tab, compress_page, render_page
from api.problems import PAGE_NAMES, Problem, from_faults
from api.schemas import KIND_LABELS
from api.services import Services
from api.work_schemas import DayQuestion, WorksQuestion
from kb.clock import today
from kb.domain.works import Version, VersionStatus, Work, WorkKind, provision_id, status_on
from kb.store.database import Database

PAGE_SIZE = 50
_ARTICLE = re.compile(r"\s*(?:第)?\s*([1-9][0-9]{0,3})\s*(?:条)?\s*(?:(?:之|-)\s*([1-9][0-9]?))?\s*")


def work_pages(services: Services) -> APIRouter:
    """Pages ``/works`` and ``/works/{id}``."""
    router = APIRouter(include_in_schema=False)
    database = services.database

    @router.get("/works")
    def show_catalogue(request: Request) -> Response:
        title = printable(request.query_params.get("title", "")).strip()
        kind = printable(request.query_params.get("kind", ""))[:20].strip()
        page = page_number(request.query_params.get("page", ""))
        try:
            question = WorksQuestion.model_validate({"title": title, **({"kind": kind} if kind else {})})
        except ValidationError as error:
            return render_page(
                "works.html",
                status=422,
                title=title[:80],
                kind="",
                kind_label="",
                unit="",
                tabs=_catalogue_tabs(database, "", ""),
                works=[],
                total=0,
                page=1,
                pages=0,
                address=_catalogue_address,
                problem=from_faults(error.errors(), PAGE_NAMES),
            )
        works, total = catalogue.read_works(
            database, title=title, kind=question.kind, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
        )
        details, _ = catalogue.read_beside(
            database,
            [one.version.id for one in works if one.version and one.work.kind is not WorkKind.STATUTE],
            [],
        )
        return render_page(
            "works.html",
            title=title,
            kind=kind,
            kind_label=KIND_LABELS[question.kind] if question.kind else "",
            unit=KIND_UNITS[question.kind] if question.kind else "部、份",
            tabs=_catalogue_tabs(database, title, kind),
            works=[
                (one, list_in_brief(fields), mark_record(fields))
                for one in works
                for fields in [details.get(one.version.id) if one.version else None]
            ],
            total=total,
            page=page,
            pages=-(-total // PAGE_SIZE),
            address=_catalogue_address,
            problem=None,
        )

    @router.get("/works/{work_id}")
    def show_work(work_id: str, request: Request) -> Response:
        parameters = request.query_params
        written, version_id = parameters.get("as_of", ""), parameters.get("version_id") or None
        day, problem = read_day(written)
        reading = catalogue.read_text(database, work_id, day, version_id, nearest=True)
        blocks = lay_out(reading.provisions)
        backing = read_backing(database, reading)
        page = render_page(
            "work.html",
            status=problem.status if problem else 200,
            work=reading.work,
            version=reading.version,
            status_now=reading.status,
            as_of=reading.as_of,
            is_today=reading.as_of == today(),
            versions=_list_versions(reading.work, reading.versions, reading.as_of, day),
            blocks=blocks,
            contents=table_of_contents(blocks),
            sections=list_sections(blocks) if reading.work.kind not in LAW_KINDS else [],
            has_numbers=any(provision.number for provision in reading.provisions),
            problem=problem,
            pinned=version_id,
            states={anchor_of(id_): states for id_, states in reading.states.items()},
            backing=backing,
            findings=distinct_findings(backing.documents),
            cited={anchor_of(provision_id(work_id, number)): n for number, n in backing.cited.items()},
            law_block=find_law_section(blocks) if reading.work.kind is WorkKind.CASE else "",
            record=view_record(database, services.verifier, reading.details),
            superseded=_list_versions(reading.work, reading.superseded, reading.as_of, day),
            show_superseded=parameters.get("superseded") == "true",
            with_superseded=_kept_address(work_id, written if day else "", version_id, superseded="true"),
        )
        page.headers["Cache-Control"] = "private, no-cache"
        return compress_page(page, request)

    @router.get("/works/{work_id}/article")
    def go_to_article(work_id: str, request: Request) -> Response:
        """To the anchor of an article, so that a form can jump without JavaScript."""
        catalogue.read_shelf(database, work_id)
        parameters = request.query_params
        kept = {name: parameters[name] for name in ("as_of", "version_id") if parameters.get(name)}
        query = f"?{urlencode(kept)}" if kept else ""
        return RedirectResponse(
            f"/works/{work_id}{query}{_article_anchor(parameters.get('number', ''))}", status_code=303
        )

    return router


def read_day(written: str) -> tuple[dt.date | None, Problem | None]:
    """The day of an address, None for none and for one that cannot be read."""
    try:
        return DayQuestion.model_validate({"as_of": written} if written else {}).as_of, None
    except ValidationError as error:
        return None, from_faults(error.errors(), PAGE_NAMES)


def _article_anchor(written: str) -> str:
    """``#a17-1`` from 17-1, 17之1 or 第17条之1; empty for anything else."""
    match = _ARTICLE.fullmatch(written[:40])
    if match is None:
        return ""
    return f"#a{match[1]}" + (f"-{match[2]}" if match[2] else "")


def page_number(written: str) -> int:
    """A page from 1; 1 for anything that is no page."""
    return int(written) if re.fullmatch(r"[1-9][0-9]{0,3}", written) else 1


def _catalogue_tabs(database: Database, title: str, kind: str) -> list[Tab]:
    """All kinds that we hold with how many fit, and the one that is asked for."""
    counts = {one: catalogue.read_works(database, title=title, kind=one, limit=0)[1] for one in WorkKind}
    tabs = [Tab("全部", _catalogue_address(title, 1), not kind, sum(counts.values()))]
    tabs += [
        Tab(label, _catalogue_address(title, 1, one.value), kind == one, counts[one])
        for one, label in KIND_LABELS.items()
        if counts[one] or kind == one
    ]
    return tabs


def _kept_address(work_id: str, as_of: str, version_id: str | None, **more: str) -> str:
    kept = {name: value for name, value in (("version_id", version_id), ("as_of", as_of)) if value} | more
    return f"/works/{work_id}" + (f"?{urlencode(kept)}" if kept else "")


def _catalogue_address(title: str, page: int, kind: str = "") -> str:
    values: Mapping[str, str] = {
        **({"title": title} if title else {}),
        **({"kind": kind} if kind else {}),
        **({"page": str(page)} if page > 1 else {}),
    }
    return f"/works?{urlencode(values)}" if values else "/works"


def _list_versions(
    work: Work, versions: tuple[Version, ...], as_of: dt.date, asked: dt.date | None
) -> list[tuple[Version, VersionStatus, str]]:
    """(version, status on the day, address), the latest first."""
    kept = {"as_of": asked.isoformat()} if asked else {}
    return [
        (
            version,
            status_on(version, work, as_of),
            f"/works/{work.id}?{urlencode({'version_id': version.id, **kept})}",
        )
        for version in reversed(versions)
    ]
