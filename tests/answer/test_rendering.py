"""The three renderings come from the slots and say nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.answer.numbers import missing_quantities
from kb.answer.rendering import SAMPLE_NOTICE, UNVERIFIED, RenderingError, check_renderings, render
from kb.domain.answers import RiskClass
from tests.answer.small_answers import LAW, make_answer, make_gated_answer


def test_the_citizens_text_has_its_sections_in_order() -> None:
    done = render(make_answer())
    assert [section.heading for section in done.citizen] == [
        "结论",
        "多长时间",
        "找谁、去哪里",
        "例外",
        "依据",
        "说明",
    ]
    assert "15日" in done.citizen_text
    assert f"《{LAW}》第一条" in done.citizen_text
    assert SAMPLE_NOTICE in done.citizen_text


def test_a_limit_comes_first_where_a_right_may_be_lost() -> None:
    done = render(make_answer(risk=RiskClass.TIME_CRITICAL, urgent="请先看日子。"))
    assert [section.heading for section in done.citizen][:3] == ["请先看", "多长时间", "结论"]


def test_a_branch_is_rendered_with_what_holds_in_every_case() -> None:
    answer = make_gated_answer()
    done = render(answer, answer.branches[0])
    assert done.citizen[0].lines == ("已经逾期，可以要补偿。",)
    assert "不满8岁" in done.citizen_text
    assert done.script == answer.branches[0].script


def test_education_is_made_from_the_slots_where_none_is_written() -> None:
    answer = make_answer()
    assert answer.slots.conclusion in render(answer).education
    assert render(replace(answer, education="借伞要还。")).education == "借伞要还。"


def test_a_reviewed_answer_is_no_sample() -> None:
    assert SAMPLE_NOTICE not in render(make_answer(reviewed_by="某律师")).citizen_text


def test_a_basis_that_is_not_held_is_shown_as_unverified() -> None:
    assert UNVERIFIED in render(make_answer(), unverified=frozenset({"b1"})).citizen_text


def test_a_script_that_differs_is_refused_with_both_values() -> None:
    script = make_answer().script.replace("十五日", "二十日")
    with pytest.raises(RenderingError) as caught:
        render(make_answer(script=script))
    assert caught.value.code == "rendering_differs"
    assert "二十日" in caught.value.message
    assert "15日" in caught.value.message
    assert "contracts-umbrella" in caught.value.place


@pytest.mark.parametrize("cited", ["依照第七条，", "依照《中华人民共和国蓑衣法》，"])
def test_a_rendering_with_another_citation_is_refused(cited: str) -> None:
    with pytest.raises(RenderingError, match="rendering_differs") as caught:
        render(make_answer(script=cited + make_answer().script))
    assert LAW in caught.value.message


def test_education_with_another_number_is_refused() -> None:
    with pytest.raises(RenderingError, match="rendering_differs"):
        render(make_answer(education="三十日内要还。"))


def test_the_question_of_a_gate_is_read_out_before_any_branch() -> None:
    answer = make_gated_answer()
    assert render(answer).script == answer.script


def test_every_rendering_has_the_numbers_of_the_others() -> None:
    done = render(make_answer())
    assert not missing_quantities(done.script, [done.citizen_text])
    assert not missing_quantities(done.education, [done.citizen_text])


def test_an_author_is_told_what_keeps_a_rendering_from_being_made() -> None:
    assert check_renderings(make_answer()) == ()
    asked = make_answer(question="最多关多少天，37天是怎么来的？", education="")
    assert {one.code for one in check_renderings(asked)} == {"rendering_differs"}
