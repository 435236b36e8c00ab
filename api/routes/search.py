"""Search over HTTP: the same door as every other channel."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.backing import read_currencies
from api.routes.health import not_ready
from api.schemas import SearchAnswer, SearchBody, SearchQuestion, problem_responses
from api.services import Services


def search_router(services: Services) -> APIRouter:
    """Routes ``GET /search`` and ``POST /search``."""
    router = APIRouter(tags=["检索"], responses=problem_responses(422, 503))

    def answer(question: SearchQuestion) -> Response | SearchAnswer:
        readiness = services.readiness()
        if not readiness.serves:
            return not_ready(readiness).as_response()
        result = services.door.search(question.as_request())
        ids = list(dict.fromkeys(hit.work_id for hit in result.hits))
        return SearchAnswer.of(result, read_currencies(services.database, ids))

    @router.get(
        "/search",
        summary="用日常的话或法条名称检索",
        description="默认只检索 as_of 当天有效的条文。点名的法条（民法典第1254条）排在最前。",
        response_model=SearchAnswer,
    )
    def search_by_address(question: Annotated[SearchQuestion, Query()]) -> Response | SearchAnswer:
        return answer(question)

    @router.post(
        "/search",
        summary="检索（JSON 正文）",
        description="与 GET 相同；问题较长或不宜出现在地址中时使用。正文不超过 64 KiB。",
        response_model=SearchAnswer,
        responses=problem_responses(400, 413),
    )
    def search_by_body(question: SearchBody) -> Response | SearchAnswer:
        return answer(question)

    return router
