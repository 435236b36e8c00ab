"""The page of one provision: its text, what cites it and what it cites, every text it has had, its source."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import catalogue
from api.backing import judge_currency, read_original
from api.citing import read_cited_by, read_cites
from api.pages.render import render_page
from api.pages.works import page_number, read_day
from api.services import Services
from kb.clock import today
from kb.domain.works import status_on

PAGE_SIZE = 20


def provision_pages(services: Services) -> APIRouter:
    """Page ``/provisions/{id}``."""
    router = APIRouter(include_in_schema=False)
    database = services.database

    @router.get("/provisions/{provision_id}")
    def show_provision(provision_id: str, request: Request) -> Response:
        parameters = request.query_params
        day, problem = read_day(parameters.get("as_of", ""))
        version_id = parameters.get("version_id") or None
        page = page_number(parameters.get("page", ""))
        everything = parameters.get("all") == "true"
        reading, cites = read_cites(database, provision_id, day, version_id)
        citing = read_cited_by(
            database,
            provision_id,
            as_of=day,
            everything=everything,
            limit=PAGE_SIZE,
            offset=(page - 1) * PAGE_SIZE,
        )
        _, texts = catalogue.read_provision_versions(database, provision_id, day)
        _, records = catalogue.read_beside(database, [], [reading.work.id])
        return render_page(
            "provision.html",
            status=problem.status if problem else 200,
            problem=problem,
            work=reading.work,
            version=reading.version,
            provision=reading.provisions[0],
            status_now=reading.status,
            as_of=reading.as_of,
            is_today=reading.as_of == today(),
            states=reading.states.get(provision_id, ()),
            currency=judge_currency(records.get(reading.work.id)),
            cites=cites,
            citing=citing,
            everything=everything,
            page=page,
            pages=-(-citing.total // PAGE_SIZE),
            address=f"/provisions/{provision_id}",
            texts=[(text, status_on(text.version, text.work, reading.as_of)) for text in reversed(texts)],
            original=read_original(database, provision_id, day, version_id),
        )

    return router
