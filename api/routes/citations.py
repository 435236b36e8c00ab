"""Checking the citations of a text over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.citation_schemas import MAX_TEXT, CitationsAnswer, VerifyBody
from api.routes.health import not_ready
from api.schemas import problem_responses
from api.services import Services
from kb.clock import today

MAX_CITATIONS = 5_000
"""Each brings the text of its article: more would be an answer of many megabytes."""


def citations_router(services: Services) -> APIRouter:
    """Route ``POST /citations/verify``."""
    router = APIRouter(tags=["引用"], responses=problem_responses(400, 413, 422, 503))

    @router.post(
        "/citations/verify",
        summary="核对一段文字中的全部法律引用",
        description="列出每一处引用：现行有效、旧文本、已废止、尚未生效、不存在、本库未收录或引文不符，"
        "并附条文原文和理由。每一条单独列出（第1254、9999条是两处）。"
        f"一次最多 {MAX_TEXT} 字、{MAX_CITATIONS} 处引用。",
        response_model=CitationsAnswer,
    )
    def verify_citations(body: VerifyBody) -> Response | CitationsAnswer:
        readiness = services.readiness()
        if not readiness.serves:  # a store that is being filled would call much of it unknown
            return not_ready(readiness).as_response()
        day = body.as_of or today()
        checked = services.verifier.verify(body.text, day, max_chars=MAX_TEXT, max_citations=MAX_CITATIONS)
        return CitationsAnswer.of(checked, day)

    return router
