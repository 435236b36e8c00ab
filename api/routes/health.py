"""Whether the process lives and whether the service can answer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.problems import Problem
from api.schemas import HealthAnswer, ReadinessAnswer, problem_responses
from api.services import Readiness, Services
from kb import __version__


def not_ready(readiness: Readiness) -> Problem:
    """The problem that a search gets before the warm-up is done."""
    return Problem(
        503,
        "not_ready",
        readiness.detail or readiness.label,
        f"进度 {readiness.progress:.0%}",
        "请稍后重试；进度见 /api/v1/ready",
        extra={"state": readiness.state.value, "progress": round(readiness.progress, 4)},
        headers={"Retry-After": "3"},
    )


def health_router(services: Services) -> APIRouter:
    """Routes ``/health`` and ``/ready``."""
    router = APIRouter(tags=["状态"])

    @router.get("/health", summary="进程是否在运行", response_model=HealthAnswer)
    async def read_health() -> HealthAnswer:
        return HealthAnswer(version=__version__)

    @router.get(
        "/ready",
        summary="是否可以检索",
        description="预热检索完成之后返回 200；正在启动或建库时返回 503 和进度。",
        response_model=ReadinessAnswer,
        responses=problem_responses(503),
    )
    async def read_readiness(request: Request) -> Response | ReadinessAnswer:
        readiness = services.readiness()
        if not readiness.serves:
            return not_ready(readiness).as_response()
        state = "ready" if readiness.state == "ready" else "degraded"
        return ReadinessAnswer(state=state, detail=readiness.detail, progress=readiness.progress)

    return router
