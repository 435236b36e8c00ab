"""The gate before every route: session, roles, origin, form token. No route goes round it.

A form token alone would do against forged requests; the origin is looked at as well because signing in has
no session yet whose token a form could carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, FastAPI, Request
from starlette.concurrency import run_in_threadpool

from api.access.cookies import is_secure, read_token
from api.access.rules import RULES, Rule
from api.services import Services
from kb.access.access import Access
from kb.access.door import SignedIn, not_signed_in
from kb.access.rules import SignInError
from kb.access.tokens import csrf_matches
from kb.domain.accounts import ROLE_LABELS, Stage
from kb.domain.editing import Actor
from kb.errors import ForbiddenError, ServiceError

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf"
MAX_FORM_FIELDS = 50

STAGE_NEEDS = {
    Stage.SECOND_STEP: (
        "second_step_missing",
        "还要填手机上的验证码",
        "打开 /sign-in/second-step 完成登录",
    ),
    Stage.MUST_CHANGE: (
        "password_change_missing",
        "一次性密码登录后，须先改成自己的密码",
        "打开 /account 改密码",
    ),
    Stage.OPEN: ("already_signed_in", "已经登录了", "打开 /account"),
}
"""Stage of a session that may not do this -> code, sentence, way out."""


class Gate:
    """A dependency of the whole application; ``learn`` must be called when all routes stand."""

    def __init__(self, services: Services) -> None:
        """Knows no route yet, so that everything is refused."""
        self._services = services
        self._rules: dict[tuple[str, Callable[..., Any]], Rule] = {}

    def learn(self, app: FastAPI) -> None:
        """Put a rule to every route. Raises LookupError for a route without one and a rule without route."""
        wanted = set(RULES)
        for method, path, endpoint in list_routes(app.routes):
            rule = RULES.get((method, path))
            if rule is None:
                raise LookupError(f"no rule for {method} {path}: see api/access/rules.py")
            wanted.discard((method, path))
            self._rules[method, endpoint] = rule
        if wanted:
            raise LookupError(f"rules without route: {sorted(wanted)}")

    async def __call__(self, request: Request) -> None:
        """Let the request pass, or raise why not; whoever is signed in stands in its state."""
        method = "GET" if request.method == "HEAD" else request.method
        rule = self._rules[method, request.scope["endpoint"]]
        writes = request.method not in SAFE_METHODS
        if writes and (rule.own_origin or not rule.public):
            require_own_origin(request, self._services.public_url)
        if rule.public:
            return
        access = need_access(self._services)
        token = read_token(request, self._services.public_url)
        if not token:
            raise not_signed_in()
        signed = await run_in_threadpool(access.door.resume, token)
        if writes and not csrf_matches(token, await _read_csrf(request)):
            raise ForbiddenError(
                "csrf_invalid",
                "这个页面不是这次登录打开的，没有执行",
                way_out=f"重新打开页面再提交；程序请带上 {CSRF_HEADER} 头",
            )
        if signed.stage not in rule.stages:
            code, told, way_out = STAGE_NEEDS[signed.stage]
            raise SignInError(code, told, way_out=way_out)
        if rule.roles and not rule.roles & signed.account.roles:
            wanted = "、".join(ROLE_LABELS[role] for role in sorted(rule.roles))
            raise ForbiddenError(
                "role_missing", "您的角色不能做这件事", way_out=f"需要的角色：{wanted}；请找管理员"
            )
        request.state.signed = signed


def list_routes(routes: Sequence[Any]) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Method, address with its prefix, and endpoint of every route, those of included routers too."""
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from list_routes(route.effective_candidates())
        elif getattr(route, "methods", None):
            for method in sorted(set(route.methods) - {"HEAD"}):
                yield method, route.path, route.endpoint
        else:
            raise LookupError(f"a kind of route that the gate does not know: {route!r}")


def need_access(services: Services) -> Access:
    """Raises ServiceError ``accounts_off``."""
    if services.access is None:
        raise ServiceError("accounts_off", "这里没有开通登录", way_out="用 lawkb run 或 lawkb serve 启动")
    return services.access


def signed_in(request: Request) -> SignedIn:
    """Whoever the gate let in; only for routes whose rule asks for a session."""
    signed: SignedIn = request.state.signed
    return signed


def acting(request: Request) -> Actor:
    """The same as the workflow knows them: never a name from the request."""
    return signed_in(request).actor


CurrentSession = Annotated[SignedIn, Depends(signed_in)]
CurrentActor = Annotated[Actor, Depends(acting)]


def require_own_origin(request: Request, public_url: str) -> None:
    """The request comes from a page of ours. Raises ForbiddenError ``origin_foreign``.

    A browser that tells no origin may say instead that it is the same site; one that says neither is
    refused.
    """
    origin = request.headers.get("origin", "")
    site = request.headers.get("sec-fetch-site", "")
    if origin and origin != "null":
        own = _same_origin(origin, _own_origin(request, public_url)) and site in ("", "same-origin")
    else:
        own = site == "same-origin"
    if not own:
        raise ForbiddenError(
            "origin_foreign",
            "请求不是从本站的页面发出的，没有执行",
            way_out="从本站页面操作；程序请带上 Origin 头；经代理访问的，请管理员设 LAWKB_PUBLIC_URL",
        )


def _own_origin(request: Request, public_url: str) -> str:
    if public_url:
        return public_url
    scheme = "https" if is_secure(request, public_url) else "http"
    return f"{scheme}://{request.headers.get('host', '')}"


def _same_origin(one: str, other: str) -> bool:
    try:
        first, second = urlsplit(one), urlsplit(other)
        ports = [part.port or {"https": 443, "http": 80}.get(part.scheme) for part in (first, second)]
    except ValueError:
        return False
    named = bool(first.hostname) and first.scheme in ("http", "https")
    return named and (first.scheme, first.hostname, ports[0]) == (second.scheme, second.hostname, ports[1])


async def _read_csrf(request: Request) -> str:
    given = request.headers.get(CSRF_HEADER, "")
    if given:
        return given
    return (await read_form(request)).get(CSRF_FIELD, [""])[0]


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form; empty for a body of any other kind. Raises ForbiddenError ``form_malformed``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    text = (await request.body()).decode("utf-8", "replace")
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        raise ForbiddenError("form_malformed", "表单的栏目太多", way_out="重新打开页面再提交") from None
