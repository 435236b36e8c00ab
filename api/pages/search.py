"""The first page and the list of hits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from api import catalogue
from api.backing import Currency, judge_currency
from api.fields import printable
from api.pages.contents import anchor_of
from api.pages.records import mark_record
from api.pages.render import Tab, render_page
from api.problems import PAGE_NAMES, Problem, from_faults, from_lawkb_error
from api.schemas import KIND_LABELS, SearchQuestion
from api.services import Services
from kb.clock import today
from kb.domain.search import MAX_QUERY_CHARS, SearchHit, SearchResult
from kb.domain.works import VersionStatus, WorkKind
from kb.errors import LawkbError

EXAMPLES = (
    "老板拖欠工资怎么办",
    "楼上漏水把我家泡了找谁赔",
    "借钱不还，起诉有没有时间限制",
    "离婚冷静期多久",
    "买到过期食品怎么赔",
    "民法典第一千二百五十四条",
)
REFRESH_SECONDS = 3


@dataclass(frozen=True)
class SearchForm:
    """What stands in the search form, as typed; it is shown again whatever was wrong with it."""

    q: str = ""
    as_of: str = ""
    include_not_in_force: bool = False
    kind: str = ""

    @property
    def has_conditions(self) -> bool:
        """True when anything but the question is set, so that the folded part is open."""
        return bool(self.as_of) or self.include_not_in_force

    @property
    def day_value(self) -> str:
        """What a date field can show: nothing when the day was mistyped."""
        try:
            return dt.date.fromisoformat(self.as_of).isoformat()
        except ValueError:
            return ""

    def address(self, **changes: str | bool) -> str:
        """Address of this search, with some values changed."""
        form = replace(self, **changes)  # type: ignore[arg-type]
        values = {"q": form.q}
        if form.as_of:
            values["as_of"] = form.as_of
        if form.include_not_in_force:
            values["include_not_in_force"] = "true"
        if form.kind:
            values["kind"] = form.kind
        return f"/search?{urlencode(values)}"


def read_form(parameters: Mapping[str, str]) -> SearchForm:
    """The form from an address; unknown parameters (a tracker's) are left aside."""
    return SearchForm(
        q=printable(parameters.get("q", ""))[: MAX_QUERY_CHARS + 1],
        as_of=printable(parameters.get("as_of", ""))[:20].strip(),
        include_not_in_force=parameters.get("include_not_in_force", "") in ("true", "1", "on"),
        kind=printable(parameters.get("kind", ""))[:20].strip(),
    )


def hit_address(hit: SearchHit, form: SearchForm) -> str:
    """Address of the whole law at the article: the very text that the hit quotes."""
    values = {}
    if hit.status is not VersionStatus.IN_FORCE:
        values["version_id"] = hit.version_id
    if form.as_of:
        values["as_of"] = form.as_of
    query = f"?{urlencode(values)}" if values else ""
    return f"/works/{hit.work_id}{query}#{anchor_of(hit.provision_id)}"


@dataclass(frozen=True)
class ShownHit:
    """A hit with its address and what must stand beside it."""

    hit: SearchHit
    address: str
    currency: Currency
    marks: tuple[str, ...]


def list_tabs(form: SearchForm) -> list[Tab]:
    """The same question asked of one kind of record, or of all."""
    everything = Tab("全部", form.address(kind=""), not form.kind)
    return [
        everything,
        *(
            Tab(label, form.address(kind=kind.value), form.kind == kind)
            for kind, label in KIND_LABELS.items()
        ),
    ]


def search_pages(services: Services) -> APIRouter:
    """Pages ``/`` and ``/search``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def show_home() -> Response:
        held, current_to = _read_holdings(services)
        return render_page(
            "home.html",
            form=SearchForm(),
            examples=[(text, SearchForm(text).address()) for text in EXAMPLES],
            readiness=services.readiness(),
            held=held,
            current_to=current_to,
        )

    @router.get("/search")
    def show_hits(request: Request) -> Response:
        form = read_form(request.query_params)
        readiness = services.readiness()
        if not readiness.serves:
            return render_page(
                "building.html",
                status=503,
                form=form,
                readiness=readiness,
                address=form.address(),
                refresh=REFRESH_SECONDS,
            )
        try:
            question = SearchQuestion.model_validate(
                {
                    "q": request.query_params.get("q", ""),
                    "include_not_in_force": form.include_not_in_force,
                    "kind": [form.kind] if form.kind else [],
                    **({"as_of": form.as_of} if form.as_of else {}),
                }
            )
            result = services.door.search(question.as_request())
        except ValidationError as error:
            return _show(form, problem=from_faults(error.errors(), PAGE_NAMES))
        except LawkbError as error:
            return _show(form, problem=from_lawkb_error(error))
        details, records = catalogue.read_beside(
            services.database,
            [hit.version_id for hit in result.hits if hit.kind is not WorkKind.STATUTE],
            [hit.work_id for hit in result.hits],
        )
        return _show(
            form,
            result=result,
            hits=[
                ShownHit(
                    hit,
                    hit_address(hit, form),
                    judge_currency(records.get(hit.work_id)),
                    mark_record(details.get(hit.version_id)),
                )
                for hit in result.hits
            ],
        )

    return router


def _show(
    form: SearchForm,
    *,
    result: SearchResult | None = None,
    hits: Sequence[ShownHit] = (),
    problem: Problem | None = None,
) -> Response:
    return render_page(
        "search.html",
        status=problem.status if problem else 200,
        form=form,
        result=result,
        problem=problem,
        examples=[(text, SearchForm(text).address()) for text in EXAMPLES],
        hits=hits,
        tabs=list_tabs(form),
        today=today(),
    )


def _read_holdings(services: Services) -> tuple[dict[WorkKind, int], dt.date | None]:
    """Works held and how current they are; nothing while the store cannot be read: this page always opens."""
    try:
        return catalogue.read_holdings(services.database)
    except LawkbError:
        return {}, None
