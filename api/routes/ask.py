"""The answer door over HTTP."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from starlette.responses import Response

from api.ask_schemas import AskAnswer, AskBody
from api.problems import from_lawkb_error
from api.routes.health import not_ready
from api.schemas import problem_responses
from api.services import Services
from kb.errors import ServiceError

TRACE, TIMING, CONVERSATION = "X-Trace-Id", "Server-Timing", "X-Conversation"
_HEADERS = {
    TRACE: {"description": "这一次回答的编号，报错时请提供", "schema": {"type": "string"}},
    TIMING: {"description": "用时，毫秒", "schema": {"type": "string"}},
    CONVERSATION: {
        "description": "对话令牌，接着问时放进请求的 conversation；涉及人身安全的不保留对话，没有令牌",
        "schema": {"type": "string"},
    },
}


def ask_router(services: Services) -> APIRouter:
    """Route ``POST /ask``."""
    router = APIRouter(tags=["问答"], responses=problem_responses(400, 404, 413, 422, 503))

    @router.post(
        "/ask",
        summary="提一个问题",
        description="先看有没有人有危险；再给标准答复，或者反问一个事实，或者请人确认问的是哪件事；"
        "都没有时引用条文、指引和案例，或者告诉他可以找谁。每一处依据都与本库原文核对过。"
        "响应头 X-Trace-Id 是编号，Server-Timing 是用时，X-Conversation 是接着问时要带的令牌；"
        "正文不含这些，所以同样的请求得到同样的正文。",
        response_model=AskAnswer,
        responses={200: {"headers": _HEADERS}},
    )
    def ask(body: AskBody) -> Response:
        readiness = services.readiness()
        if not readiness.serves:
            return not_ready(readiness).as_response()
        if services.asker is None:
            return from_lawkb_error(
                ServiceError("not_ready", "问答还没有就绪", way_out="请稍候片刻再试；进度见 /ready")
            ).as_response()
        asked = services.asker.ask(body.as_request())
        headers = {TRACE: secrets.token_hex(8), TIMING: f"ask;dur={asked.took_ms}"}
        if asked.conversation:
            headers[CONVERSATION] = asked.conversation
        content = AskAnswer.of(asked.reply).model_dump_json()
        return Response(content, media_type="application/json", headers=headers)

    return router
