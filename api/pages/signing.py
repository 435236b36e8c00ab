"""Pages on which people sign in and out and look after their own account."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.access.cookies import drop_token, read_token, set_token
from api.access.gate import CurrentSession, need_access, read_form
from api.guard import SAME_ORIGIN
from api.pages.render import render_page
from api.problems import Problem, from_lawkb_error
from api.services import Services
from kb.access.door import SignedIn
from kb.access.rules import SignInError
from kb.access.totp import address_of
from kb.domain.accounts import MAX_NAME, MAX_PASSWORD, MIN_PASSWORD, ROLE_LABELS, Stage
from kb.domain.editing import Role
from kb.errors import BadInputError, LawkbError

HOME = "/account"
_OWN_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.-]{0,200}")


def signing_pages(services: Services) -> APIRouter:
    """Pages ``/sign-in``, ``/sign-out`` and ``/account``."""
    router = APIRouter(include_in_schema=False)
    public_url = services.public_url

    def go(request: Request, signed: SignedIn, wanted: str) -> Response:
        """On to where the session's stage leads, with its token."""
        response = RedirectResponse(next_page(signed.stage, wanted), status_code=303)
        set_token(response, request, public_url, signed.token)
        return response

    @router.get("/sign-in")
    def show_sign_in(request: Request) -> Response:
        need_access(services)
        return _render_sign_in(wanted=own_path(request.query_params.get("next", "")))

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = Form(await read_form(request))
        name, wanted = form["name"].strip(), own_path(form["next"])
        access = need_access(services)
        try:
            signed = await run_in_threadpool(
                access.door.sign_in, name, form["password"], held=read_token(request, public_url)
            )
        except SignInError as error:
            return _render_sign_in(name, wanted, from_lawkb_error(error))
        return go(request, signed, wanted)

    @router.get("/sign-in/second-step")
    def show_second_step(request: Request, signed: CurrentSession) -> Response:
        return render_signed(
            "second_step.html", signed, wanted=own_path(request.query_params.get("next", ""))
        )

    @router.post("/sign-in/second-step")
    async def second_step(request: Request, signed: CurrentSession) -> Response:
        form = Form(await read_form(request))
        wanted = own_path(form["next"])
        access = need_access(services)
        try:
            gone_on = await run_in_threadpool(access.door.second_step, signed, form["code"])
        except SignInError as error:
            return render_signed("second_step.html", signed, from_lawkb_error(error), wanted=wanted)
        return go(request, gone_on, wanted)

    @router.post("/sign-out")
    def sign_out(request: Request, signed: CurrentSession) -> Response:
        need_access(services).door.sign_out(signed.token)
        response = RedirectResponse("/sign-in", status_code=303)
        drop_token(response, request, public_url)
        return response

    @router.get("/account")
    def show_account(signed: CurrentSession, request: Request) -> Response:
        return _render_account(services, signed, done=request.query_params.get("done", ""))

    @router.post("/account/password")
    async def change_password(request: Request, signed: CurrentSession) -> Response:
        form = Form(await read_form(request))
        door = need_access(services).door
        try:
            if form["new"] != form["again"]:
                raise BadInputError(
                    "password_differs", "两次输入的新密码不一样", place="again", way_out="请重新输入"
                )
            fresh = await run_in_threadpool(door.change_password, signed, form["old"], form["new"])
        except LawkbError as error:
            return await run_in_threadpool(_render_account, services, signed, from_lawkb_error(error))
        response = RedirectResponse(f"{HOME}?done=password", status_code=303)
        set_token(response, request, public_url, fresh.token)
        return response

    def change(deed: Callable[[SignedIn, Form], object], done: str) -> Any:
        async def changed(request: Request, signed: CurrentSession) -> Response:
            form = Form(await read_form(request))
            try:
                await run_in_threadpool(deed, signed, form)
            except LawkbError as error:
                return await run_in_threadpool(_render_account, services, signed, from_lawkb_error(error))
            # What comes next stands further down.
            address = f"{HOME}?done={done}" if done else f"{HOME}#two-steps-title"
            return RedirectResponse(address, status_code=303)

        return changed

    def begin(signed: SignedIn, _: Form) -> None:
        need_access(services).door.begin_two_steps(signed)

    def confirm(signed: SignedIn, form: Form) -> None:
        need_access(services).door.confirm_two_steps(signed, form["code"])

    def drop(signed: SignedIn, form: Form) -> None:
        need_access(services).door.drop_two_steps(signed, form["old"])

    def end_others(signed: SignedIn, _: Form) -> None:
        need_access(services).door.end_others(signed)

    router.post("/account/two-steps")(change(begin, ""))
    router.post("/account/two-steps/confirm")(change(confirm, "two-steps"))
    router.post("/account/two-steps/drop")(change(drop, "two-steps-off"))
    router.post("/account/sessions/end")(change(end_others, "sessions"))
    return router


class Form:
    """Fields of a form by name, empty where the browser sent none."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        """``fields`` as parsed."""
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        """The first value."""
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Every value."""
        return self._fields.get(name, [])


DONE = {
    "password": "密码已经改好，别处的登录都已退出。",
    "two-steps": "两步验证已经打开，下次登录要填手机上的验证码。",
    "two-steps-off": "两步验证已经关掉。",
    "sessions": "别处的登录都已退出。",
}


def own_path(given: str) -> str:
    """A page of ours to go on to, empty for anything else: nobody is sent elsewhere by a link."""
    return given if _OWN_PATH.fullmatch(given) else ""


def next_page(stage: Stage, wanted: str) -> str:
    """Where a session of this stage goes on."""
    match stage:
        case Stage.SECOND_STEP:
            return f"/sign-in/second-step?next={quote(wanted)}" if wanted else "/sign-in/second-step"
        case Stage.MUST_CHANGE:
            return HOME
        case Stage.OPEN:
            return wanted or HOME


def explain_sign_in(request: Request, error: SignInError) -> Response | None:
    """For a person who opens a page: the way to sign in. None for programs and for forms."""
    path = request.url.path
    if request.method not in ("GET", "HEAD") or path.startswith("/api/"):
        return None
    match error.code:
        case "session_missing":
            wanted = own_path(path)
            address = f"/sign-in?next={quote(wanted)}" if wanted else "/sign-in"
        case "second_step_missing":
            address = next_page(Stage.SECOND_STEP, own_path(path))
        case "password_change_missing" | "already_signed_in":
            address = HOME
        case _:
            return None
    return RedirectResponse(address, status_code=303)


def _render_sign_in(name: str = "", wanted: str = "", problem: Problem | None = None) -> Response:
    page = render_page(
        "sign_in.html",
        status=problem.status if problem else 200,
        name=name[: MAX_NAME * 2],
        wanted=wanted,
        problem=problem,
        max_password=MAX_PASSWORD,
    )
    page.headers["Referrer-Policy"] = SAME_ORIGIN
    return page


def _render_account(
    services: Services, signed: SignedIn, problem: Problem | None = None, *, done: str = ""
) -> Response:
    door = need_access(services).door
    signed = door.resume(signed.token)  # what this request has changed is shown as it is now
    secret = door.pending_secret(signed)
    return render_signed(
        "account.html",
        signed,
        problem,
        done=DONE.get(done, ""),
        secret=secret,
        otpauth=address_of(secret, signed.account.name) if secret else "",
        sessions=door.sessions(signed),
        only_password=signed.stage is Stage.MUST_CHANGE,
        min_password=MIN_PASSWORD,
        max_password=MAX_PASSWORD,
    )


def render_signed(template: str, signed: SignedIn, problem: Problem | None = None, **more: Any) -> Response:
    """A page that only this session sees: kept by no cache, its forms sent with their origin."""
    page = render_page(
        template,
        status=problem.status if problem else 200,
        signed=signed,
        problem=problem,
        role_labels=ROLE_LABELS,
        administers=signed.stage is Stage.OPEN and Role.ADMINISTRATOR in signed.account.roles,
        **more,
    )
    page.headers["Referrer-Policy"] = SAME_ORIGIN
    page.headers["Cache-Control"] = "no-store"
    return page
