"""What people send back: opinions of answers, and contacts for a call back."""

from __future__ import annotations

from fastapi import APIRouter

from api.feedback_schemas import CallbackBody, CallbackTaken, FeedbackBody, FeedbackTaken
from api.schemas import problem_responses
from api.services import Services
from kb.errors import ServiceError


def feedback_router(services: Services) -> APIRouter:
    """Routes ``POST /feedback`` and ``POST /callbacks``."""
    router = APIRouter(tags=["意见与回电"], responses=problem_responses(400, 404, 409, 413, 422, 503))

    @router.post(
        "/feedback",
        summary="对一个答复提意见",
        description="采用、有误、缺内容，或者没有想要的。文字和问题在保存前去掉手机号、身份证号、姓名、地址；"
        "说到人身危险的，文字不保存。没有这个编号的答复，返回 404。",
        status_code=201,
    )
    def give_feedback(body: FeedbackBody) -> FeedbackTaken:
        if services.feedback is None:
            raise ServiceError("not_ready", "这里没有开放意见箱", way_out="请拨打12348公共法律服务热线反映")
        return FeedbackTaken(id=services.feedback.put(body.as_feedback()))

    @router.post(
        "/callbacks",
        summary="留下联系方式请人回电",
        description="联系方式和备注加密保存，只有负责回电的人能看，办结或到期即删除。"
        "必须由本人同意（consent 为 true）。",
        status_code=201,
    )
    def leave_contact(body: CallbackBody) -> CallbackTaken:
        if services.callbacks is None:
            raise ServiceError("not_ready", "这里没有开放回电登记", way_out="请拨打12348公共法律服务热线")
        callback_id, until = services.callbacks.take(
            body.contact, consent=body.consent, topic=body.topic, note=body.note
        )
        return CallbackTaken(id=callback_id, kept_until=until)

    return router
