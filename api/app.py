"""The web application: routes, pages and guards put together."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import problems
from api.access.gate import Gate
from api.guard import Guard
from api.pages.accounts import account_pages
from api.pages.compare import compare_pages
from api.pages.docs import docs_page
from api.pages.files import static_files
from api.pages.provisions import provision_pages
from api.pages.render import render_problem
from api.pages.search import search_pages
from api.pages.signing import explain_sign_in, signing_pages
from api.pages.verify import verify_pages
from api.pages.works import work_pages
from api.routes.ask import ask_router
from api.routes.citations import citations_router
from api.routes.desk import desk_router
from api.routes.feedback import feedback_router
from api.routes.health import health_router
from api.routes.records import records_router
from api.routes.search import search_router
from api.routes.works import works_router
from api.schemas import ProblemOut
from api.services import Services
from kb import __version__
from kb.access.rules import SignInError
from kb.errors import BadInputError, LawkbError

API_PREFIX = "/api/v1"
REPEATABLE = frozenset({"kind", "region", "topic"})
DESCRIPTION = """公共法律服务知识库的接口：用日常的话或法条名称检索，读取法律的各个版本和条文。

- 日期都是北京时间的日历日期；`as_of` 不填为今天。
- 错误一律为 `application/problem+json`（RFC 9457），文字为中文，`code` 稳定可供程序判断。
- 检索得分只用于排序，不是可信度。
"""


async def refuse_repeated(request: Request) -> None:
    """Refuse a single-valued parameter that is given twice: picking one of them would be a guess."""
    names = [name for name, _ in request.query_params.multi_items() if name not in REPEATABLE]
    if len(names) != len(set(names)):
        raise BadInputError(
            "parameter_repeated",
            "同一个参数出现了不止一次",
            place="参数",
            way_out=f"只有 {'、'.join(sorted(REPEATABLE))} 可以重复",
        )


def create_app(services: Services) -> FastAPI:
    """The application over ``services``; it starts nothing and owns nothing."""
    gate = Gate(services)
    app = FastAPI(
        dependencies=[Depends(gate)],
        title="公共法律服务知识库",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        # Nothing about a caller leaves this machine unless an operator says so.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.add_middleware(Guard, render=render_problem)
    _add_problem_handlers(app)

    programs = APIRouter(prefix=API_PREFIX, dependencies=[Depends(refuse_repeated)])
    programs.include_router(search_router(services))
    programs.include_router(ask_router(services))
    programs.include_router(feedback_router(services))
    programs.include_router(works_router(services))
    programs.include_router(records_router(services))
    programs.include_router(citations_router(services))
    programs.include_router(desk_router(services))
    programs.include_router(health_router(services))
    app.include_router(programs)
    # Probes of orchestrators look at the root.
    app.include_router(health_router(services), include_in_schema=False)

    pages = (
        search_pages,
        work_pages,
        compare_pages,
        provision_pages,
        verify_pages,
        signing_pages,
        account_pages,
    )
    for router in (*(page(services) for page in pages), docs_page(app), static_files()):
        app.include_router(router)
    gate.learn(app)
    _publish_problem_schema(app)
    return app


def _add_problem_handlers(app: FastAPI) -> None:
    async def on_our_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, LawkbError)
        if isinstance(error, SignInError) and (elsewhere := explain_sign_in(request, error)):
            return elsewhere
        return render_problem(request, problems.from_lawkb_error(error))

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return render_problem(request, problems.from_validation_error(error))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return render_problem(request, problems.from_http_exception(error))

    app.add_exception_handler(LawkbError, on_our_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)


def _publish_problem_schema(app: FastAPI) -> None:
    """Put our problem schema into OpenAPI and take FastAPI's own error schemas out."""
    build = app.openapi

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            schema = build()
            schemas = schema["components"]["schemas"]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            published = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(published.pop("$defs", {}))
            schemas["ProblemOut"] = published
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
