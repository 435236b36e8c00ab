"""Limits of a request: what is refused, with which code, and what is read all the same."""

from __future__ import annotations

import datetime as dt

import pytest

from kb.domain.search import SearchRequest
from kb.errors import BadInputError
from kb.search.request import read_question


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "query_empty"),
        ("   \n\t　", "query_empty"),
        ("，。！？……", "query_empty"),
        ("🤔🤔🤔", "query_empty"),
        ("\u200b\u200e\ufeff", "query_empty"),  # nothing that shows
        ("\x00", "query_empty"),
        ("\ud800", "query_empty"),
        ("钱", "query_too_short"),
        ("钱？！", "query_too_short"),
        ("a\x00", "query_too_short"),
        ("离" * 2001, "query_too_long"),
        ("离" * 10_000, "query_too_long"),
    ],
)
def test_a_question_that_says_nothing_or_too_much_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_question(SearchRequest(text))
    assert caught.value.code == code
    assert caught.value.place == "q"
    assert caught.value.way_out


@pytest.mark.parametrize("top_k", [0, -1, 101, 10_000])
def test_a_number_of_hits_out_of_range_is_refused(top_k: int) -> None:
    with pytest.raises(BadInputError) as caught:
        read_question(SearchRequest("离婚冷静期", top_k=top_k))
    assert caught.value.code == "top_k_out_of_range"
    assert str(top_k) in caught.value.message


@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(1949, 9, 30), dt.date(2200, 1, 1), dt.date.max])
def test_a_day_without_law_is_refused(day: dt.date) -> None:
    with pytest.raises(BadInputError) as caught:
        read_question(SearchRequest("离婚冷静期", as_of=day))
    assert caught.value.code == "as_of_out_of_range"


@pytest.mark.parametrize(
    "request_",
    [
        SearchRequest("离婚"),
        SearchRequest("离" * 2000),
        SearchRequest("离婚冷静期", top_k=1),
        SearchRequest("离婚冷静期", top_k=100),
        SearchRequest("离婚冷静期", as_of=dt.date(1949, 10, 1)),
        SearchRequest("离婚冷静期", as_of=dt.date(2199, 12, 31)),
        SearchRequest("SELECT * FROM works; --"),
    ],
)
def test_the_bounds_themselves_are_allowed(request_: SearchRequest) -> None:
    assert read_question(request_)


@pytest.mark.parametrize("text", ["离婚\x00冷静期多久", "离婚\ud800冷静期多久", "离婚\u200b冷静期多久\udfff"])
def test_what_cannot_be_stored_or_seen_is_taken_out(text: str) -> None:
    question = read_question(SearchRequest(text))
    assert "\x00" not in question
    question.encode()  # a lone surrogate would raise
    assert "离婚" in question
    assert "冷静期多久" in question


def test_a_question_in_traditional_characters_is_read_as_one_in_simplified_ones() -> None:
    assert read_question(SearchRequest("離婚後撫養費怎麼算")) == "离婚后抚养费怎么算"
