"""Errors as a caller reads them: application/problem+json (RFC 9457) with Chinese text and a way out."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kb.errors import LawkbError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "请求无法识别",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的请求方法",
    409: "与现在的状态冲突",
    413: "请求内容过大",
    415: "请求格式不支持",
    422: "请求内容有误",
    500: "服务内部错误",
    503: "服务暂时不可用",
}

PAGE_NAMES = {"q": "问题", "as_of": "日期", "title": "标题", "kind": "资料类型"}

_PLACES = {"query": "参数", "body": "请求正文", "path": "路径", "header": "请求头"}

# pydantic error type -> (code, sentence, way out); our own validators bring their code with them.
_RULES: dict[str, tuple[str, str, str]] = {
    "missing": ("field_missing", "缺少必填项", "请补上这一项后重试"),
    "extra_forbidden": ("field_unknown", "不认识的参数", "请检查拼写，可用的参数见 /docs"),
    "json_invalid": ("body_malformed", "请求正文不是有效的 JSON", "请检查引号、逗号和括号"),
    "json_type": ("body_malformed", "请求正文不是有效的 JSON", "请检查引号、逗号和括号"),
    "model_attributes_type": (
        "body_malformed",
        "请求正文应为 JSON 对象",
        '请以 Content-Type: application/json 发送，例如 {"q": "离婚冷静期多久"}',
    ),
    "string_unicode": ("text_malformed", "文字中含有无效字符", "请以 UTF-8 编码重新输入"),
    "enum": ("value_not_allowed", "取值不在允许的范围内", "可用的取值见 /docs"),
}
_OUT_OF_RANGE = ("greater_than", "less_than", "too_long", "too_short", "_size")


@dataclass(frozen=True)
class Problem:
    """One error, ready to be written as JSON or shown on a page."""

    status: int
    code: str
    detail: str
    place: str = ""
    way_out: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What sort of error it is, in Chinese."""
        return TITLES.get(self.status, "请求没有成功")

    def as_dict(self) -> dict[str, Any]:
        """Members of the problem document."""
        return {
            "type": f"urn:lawkb:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "place": self.place,
            "way_out": self.way_out,
            **self.extra,
        }

    def as_response(self) -> Response:
        """The problem as a response of its own status."""
        return Response(
            json.dumps(self.as_dict(), ensure_ascii=False).encode("utf-8", "replace"),
            status_code=self.status,
            headers=dict(self.headers),
            media_type=MEDIA_TYPE,
        )


def from_lawkb_error(error: LawkbError) -> Problem:
    """Problem for an error of ours; the class fixes the status."""
    headers = {"Retry-After": "5"} if error.http_status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Problem(error.http_status, error.code, error.message, error.place, error.way_out, headers=headers)


def from_http_exception(error: HTTPException) -> Problem:
    """Problem for an error of the framework: no such route, wrong method, unreadable body."""
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            return Problem(404, "page_not_found", "没有这个地址", way_out="请检查网址，或回到首页重新查询")
        case 405:
            allow = headers.get("Allow") or headers.get("allow") or ""
            return Problem(
                405,
                "method_not_allowed",
                "这个地址不支持该请求方法",
                way_out=f"请改用 {allow}" if allow else "",
                headers=headers,
            )
        case 413:
            return body_too_large()
        case 400:
            return Problem(
                400,
                "body_malformed",
                "请求正文无法解析",
                "请求正文",
                "请以 UTF-8 编码的 JSON 发送，并检查引号、逗号、括号和数字",
            )
        case status:
            return Problem(status, "request_failed", "请求没有成功", headers=headers)


def from_validation_error(error: RequestValidationError) -> Problem:
    """Problem for a request that does not fit its schema."""
    return from_faults(error.errors())


def from_faults(
    found: Sequence[Mapping[str, Any]], names: Mapping[str, str] = MappingProxyType({})
) -> Problem:
    """Problem for pydantic's list of faults: the first decides the code.

    ``names`` are what a person calls the fields (PAGE_NAMES); without it places read ``参数 top_k``.
    The offending value is never repeated: it may be personal or hostile.
    """
    faults = [_read_fault(fault, names) for fault in found] or [("request_invalid", "请求内容有误", "", "")]
    code, _, way_out, place = faults[0]
    details = list(dict.fromkeys(sentence_at(place, sentence) for _, sentence, _, place in faults))
    extra = (
        {
            "errors": [
                {"code": code, "detail": sentence, "place": place} for code, sentence, _, place in faults[:20]
            ]
        }
        if len(faults) > 1
        else {}
    )
    return Problem(422, code, "；".join(details[:5]), place, way_out, extra)


def sentence_at(place: str, sentence: str) -> str:
    """``参数 top_k：取值超出范围``."""
    return f"{place}：{sentence}" if place else sentence


def _read_fault(fault: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str, str, str]:
    """(code, sentence, way out, place) of one pydantic fault."""
    kind = str(fault.get("type", ""))
    location = fault.get("loc", ())
    place = names.get(str(location[0]), "") if names and location else _read_place(location)
    context = fault.get("ctx") or {}
    if "way_out" in context:
        return kind, str(fault.get("msg", "")), str(context["way_out"]), place
    if kind in _RULES:
        return (*_RULES[kind], place)
    if any(mark in kind for mark in _OUT_OF_RANGE):
        return "value_out_of_range", "取值超出允许的范围", _range_of(context), place
    return "value_invalid", "取值的格式不对", "格式和示例见 /docs", place


def _read_place(location: Sequence[str | int]) -> str:
    """``参数 top_k`` from ("query", "top_k"). Names are cut: an unknown one comes from the caller."""
    if not location:
        return ""
    head, *rest = location
    names = [str(name).encode("ascii", "replace").decode()[:40] for name in rest]
    return " ".join([_PLACES.get(str(head), "请求"), ".".join(names)]).strip()


def _range_of(context: Mapping[str, Any]) -> str:
    low = context.get("ge", context.get("min_length"))
    high = context.get("le", context.get("max_length"))
    if low is not None:
        return f"不能小于 {low}"
    if high is not None:
        return f"不能大于 {high}"
    return "允许的范围见 /docs"


def body_too_large(limit: int = 64 * 1024) -> Problem:
    """Problem for a body past the limit, in bytes."""
    return Problem(413, "body_too_large", f"请求正文超过 {limit // 1024} KiB", "请求正文", "请缩短内容后重试")


def unexpected(error: Exception) -> Problem:
    """Problem for a fault of ours: logged under a number that the person can report."""
    number = secrets.token_hex(4)
    logger.error("unexpected error %s", number, exc_info=error)
    return Problem(
        500,
        "internal_error",
        "服务出错了，这不是您的问题",
        f"错误编号 {number}",
        "请稍后重试；如仍出错，请把错误编号告诉我们",
    )
