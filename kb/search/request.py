"""Checking a search request before anything is done with it."""

from __future__ import annotations

import datetime as dt

from kb.domain.search import MAX_QUERY_CHARS, MAX_TOP_K, SearchRequest
from kb.errors import BadInputError
from kb.text.normalise import normalise_query
from kb.text.traditional import simplify

EARLIEST_DAY = dt.date(1949, 10, 1)
LATEST_DAY = dt.date(2199, 12, 31)


def read_question(request: SearchRequest) -> str:
    """The question normalised and in simplified characters. Raises BadInputError when out of bounds."""
    if len(request.text) > MAX_QUERY_CHARS:
        raise BadInputError(
            "query_too_long",
            f"问题太长：{len(request.text)} 个字，最多 {MAX_QUERY_CHARS} 个字",
            place="q",
            way_out="请用几句话说明最想知道的事",
        )
    if not 1 <= request.top_k <= MAX_TOP_K:
        raise BadInputError(
            "top_k_out_of_range",
            f"结果条数 {request.top_k} 超出范围",
            place="top_k",
            way_out=f"请取 1 到 {MAX_TOP_K} 之间的整数",
        )
    if not 0 <= request.per_work <= MAX_TOP_K:
        raise BadInputError(
            "per_work_out_of_range",
            f"每部文件的条数 {request.per_work} 超出范围",
            place="per_work",
            way_out=f"请取 0（不限）到 {MAX_TOP_K} 之间的整数",
        )
    if request.as_of is not None and not EARLIEST_DAY <= request.as_of <= LATEST_DAY:
        raise BadInputError(
            "as_of_out_of_range",
            f"日期 {request.as_of} 超出范围",
            place="as_of",
            way_out=f"请给出 {EARLIEST_DAY} 到 {LATEST_DAY} 之间的日期",
        )
    question = simplify(normalise_query(request.text))
    letters = sum(char.isalnum() for char in question)
    if letters == 0:
        raise BadInputError(
            "query_empty", "没有看到问题", place="q", way_out="请输入要查的事情，例如：老板拖欠工资怎么办"
        )
    if letters == 1:
        raise BadInputError(
            "query_too_short",
            "只有一个字，看不出要查什么",
            place="q",
            way_out="请多写几个字，例如：离婚冷静期多久",
        )
    return question
