"""Provisions that the question names come first; a citation that leads nowhere is told."""

from __future__ import annotations

import datetime as dt

import pytest

from kb.domain.search import SearchHit, SearchRequest
from kb.domain.works import VersionStatus
from tests.conftest import Library


def first_hit(library: Library, text: str, **options: object) -> SearchHit:
    return library.door.search(SearchRequest(text, top_k=5, **options)).hits[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "title", "label"),
    [
        ("民法典第1254条", "中华人民共和国民法典", "第一千二百五十四条"),
        ("民法典第一千二百五十四条说的是什么", "中华人民共和国民法典", "第一千二百五十四条"),
        ("《劳动合同法》第三十八条", "中华人民共和国劳动合同法", "第三十八条"),
        ("公司不交社保，《中华人民共和国劳动合同法》第38条管吗", "中华人民共和国劳动合同法", "第三十八条"),
    ],
)
def test_a_named_provision_comes_first(small_library: Library, question: str, title: str, label: str) -> None:
    hit = first_hit(small_library, question)
    assert (hit.work_title, hit.label) == (title, label)
    assert hit.reasons[0].signal == "citation"
    assert "点名" in hit.reasons[0].detail
    assert hit.score == 1.0


def test_several_named_provisions_come_in_the_order_of_the_question(small_library: Library) -> None:
    question = "民法典第1254条、劳动合同法第三十八条和民法典第1254条"
    found = small_library.door.search(SearchRequest(question, top_k=3))
    assert [hit.label for hit in found.hits[:2]] == ["第一千二百五十四条", "第三十八条"]
    assert found.hits[2].reasons[0].signal != "citation"  # named twice, pinned once


def test_what_is_pinned_is_not_found_a_second_time(small_library: Library) -> None:
    found = small_library.door.search(SearchRequest("民法典第1254条", top_k=50))
    keys = [(hit.provision_id, hit.version_id) for hit in found.hits]
    assert len(keys) == len(set(keys))


def test_an_article_that_does_not_exist_is_told_and_never_invented(small_library: Library) -> None:
    found = small_library.door.search(SearchRequest("劳动合同法第9999条怎么规定的"))
    (notice,) = found.notices
    assert "中华人民共和国劳动合同法" in notice
    assert "9999" in notice or "九千九百九十九" in notice
    assert all(reason.signal != "citation" for hit in found.hits for reason in hit.reasons)


def test_a_law_that_we_do_not_hold_is_told(small_library: Library) -> None:
    found = small_library.door.search(SearchRequest("《火星居民管理法》第三条"))
    assert any("没有收录《火星居民管理法》" in notice for notice in found.notices)
    assert all(reason.signal != "citation" for hit in found.hits for reason in hit.reasons)


def test_a_shorter_title_inside_a_longer_one_is_not_taken_for_it(small_library: Library) -> None:
    """《劳动合同法实施条例》 is not 《劳动合同法》: an article 5 of the latter proves nothing."""
    found = small_library.door.search(SearchRequest("《劳动合同法实施条例》第五条"))
    assert any("劳动合同法实施条例" in notice for notice in found.notices)
    assert all(reason.signal != "citation" for hit in found.hits for reason in hit.reasons)


def test_a_repealed_law_named_by_the_question_is_shown_with_its_status(small_library: Library) -> None:
    hit = first_hit(small_library, "环境保护法第六条", as_of=dt.date(2026, 11, 22))
    assert (hit.work_title, hit.label) == ("中华人民共和国环境保护法", "第六条")
    assert hit.status is VersionStatus.REPEALED
    assert hit.effective_to <= dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "version"), [(dt.date(2026, 12, 31), "2019-04-23"), (dt.date(2027, 1, 1), "2026-06-26")]
)
def test_the_version_of_the_day_answers_for_a_named_provision(
    small_library: Library, day: dt.date, version: str
) -> None:
    """商标法 changes over on 2027-01-01: the day before and the day."""
    hit = first_hit(small_library, "商标法第一条", as_of=day)
    assert hit.version_id.endswith(f"@{version}")
    assert hit.status is VersionStatus.IN_FORCE


def test_a_question_without_citation_pins_nothing(small_library: Library) -> None:
    found = small_library.door.search(SearchRequest("楼上扔东西砸到人怎么办"))
    assert found.notices == ()
    assert all(reason.signal != "citation" for hit in found.hits for reason in hit.reasons)
