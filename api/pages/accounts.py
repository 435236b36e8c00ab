"""The page on which an administrator looks after accounts."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.access.gate import CurrentSession, need_access, read_form
from api.pages.signing import Form, render_signed
from api.problems import Problem, from_lawkb_error
from api.services import Services
from kb.access.administration import AccountAdministration
from kb.access.door import SignedIn
from kb.access.rules import ONE_TIME_LIFE
from kb.domain.accounts import MAX_NAME
from kb.domain.editing import Role
from kb.errors import BadInputError, LawkbError


def account_pages(services: Services) -> APIRouter:
    """Page ``/accounts``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/accounts")
    def show_accounts(signed: CurrentSession) -> Response:
        return _render(services, signed)

    @router.post("/accounts")
    async def add_account(request: Request, signed: CurrentSession) -> Response:
        form = Form(await read_form(request))
        return await run_in_threadpool(_add, services, signed, form)

    @router.post("/accounts/change")
    async def change_account(request: Request, signed: CurrentSession) -> Response:
        form = Form(await read_form(request))
        return await run_in_threadpool(_change, services, signed, form)

    return router


def _add(services: Services, signed: SignedIn, form: Form) -> Response:
    name = form["name"].strip()
    try:
        password = need_access(services).accounts.add(name, form.all("role"), signed.actor)
    except LawkbError as error:
        return _render(services, signed, from_lawkb_error(error), written=name)
    return _render(services, signed, fresh=(name, password))


def _change(services: Services, signed: SignedIn, form: Form) -> Response:
    accounts, name = need_access(services).accounts, form["name"]
    try:
        if form["deed"] == "reset":
            return _render(services, signed, fresh=(name, accounts.reset(name, signed.actor)))
        _do(accounts, name, form, signed)
    except LawkbError as error:
        return _render(services, signed, from_lawkb_error(error))
    return RedirectResponse("/accounts", status_code=303)


def _do(accounts: AccountAdministration, name: str, form: Form, signed: SignedIn) -> None:
    match form["deed"]:
        case "disable":
            accounts.disable(name, signed.actor)
        case "enable":
            accounts.enable(name, signed.actor)
        case "roles":
            accounts.set_roles(name, form.all("role"), signed.actor)
        case _:
            raise BadInputError("deed_unknown", "没有这种操作", place="deed", way_out="重新打开页面")


def _render(
    services: Services,
    signed: SignedIn,
    problem: Problem | None = None,
    *,
    written: str = "",
    fresh: tuple[str, str] | None = None,
) -> Response:
    return render_signed(
        "accounts.html",
        signed,
        problem,
        accounts=need_access(services).accounts.accounts(),
        roles=list(Role),
        written=written[: MAX_NAME * 2],
        fresh=fresh,
        hours=int(ONE_TIME_LIFE.total_seconds() // 3600),
        max_name=MAX_NAME,
    )
