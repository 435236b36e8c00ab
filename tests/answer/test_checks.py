"""Checks of an answer: one that is right, and each way of being wrong with its code."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from kb.answer.basis import BasisFinder
from kb.answer.checks import check_answer, waiting_keys, waiting_works
from kb.answer.checks_shape import check_guides, check_place, check_together
from kb.answer.problems import Level
from kb.domain.answers import (
    Amount,
    AnswerBasis,
    Branch,
    Choice,
    Gate,
    LimitKind,
    LimitUnit,
    RiskClass,
    Slots,
    StandardAnswer,
    TimeLimit,
)
from tests.answer.small_answers import (
    ARTICLES,
    LAW,
    OLD_LAW,
    make_answer,
    make_finder,
    make_gated_answer,
    make_holdings,
)

SLOTS = make_answer().slots
BASIS = make_answer().basis
CHANGES = ["basis_changes_soon"]
"""The note that a right answer gets: its first article reads otherwise from 2027-03-01 on."""


def codes(answer: StandardAnswer, level: Level | None = Level.ERROR) -> list[str]:
    return [one.code for one in check_answer(answer, make_finder()) if level in (None, one.level)]


def with_slots(**changes: Any) -> StandardAnswer:
    return make_answer(slots=replace(SLOTS, **changes))


def with_basis(first: AnswerBasis) -> StandardAnswer:
    return make_answer(basis=(first, BASIS[1]))


def test_a_right_answer_has_only_the_note_that_its_law_changes() -> None:
    assert codes(make_answer(), None) == CHANGES
    assert codes(make_gated_answer(), None) == CHANGES


def test_on_the_day_of_the_change_the_old_period_is_an_error() -> None:
    later = BasisFinder(make_holdings(), dt.date(2027, 3, 1))
    found = [one for one in check_answer(make_answer(), later) if one.level is Level.ERROR]
    assert [(one.code, one.place) for one in found] == [("number_unsupported", "slots.time_limits[0]")]
    assert "15日" in found[0].message
    assert "十日" in found[0].message


@pytest.mark.parametrize(
    ("basis", "code"),
    [
        (AnswerBasis("b1", "雨伞借用法", "第一条", "归还"), "basis_work_unknown"),
        (AnswerBasis("b1", "中华人民共和国蓑衣法", "第一条", "归还"), "basis_work_unknown"),
        (AnswerBasis("b1", LAW, "第九条", "归还"), "basis_article_missing"),
        (AnswerBasis("b1", LAW, "第一条第三款", "归还"), "basis_unit_missing"),
        (AnswerBasis("b1", LAW, "第一条第（一）项", "归还"), "basis_unit_missing"),
        (AnswerBasis("b1", LAW, "第一、二条", "归还"), "basis_label_unreadable"),
        (AnswerBasis("b1", LAW, "一条", "归还"), "basis_label_unreadable"),
        (AnswerBasis("b1", OLD_LAW, "第一条", "归还"), "basis_not_in_force"),
    ],
)
def test_a_basis_must_be_law_today(basis: AnswerBasis, code: str) -> None:
    assert code in codes(with_basis(basis))


def test_an_abridged_title_is_answered_with_the_full_one() -> None:
    problems = check_answer(with_basis(AnswerBasis("b1", "雨伞借用法", "第一条", "归还")), make_finder())
    assert any(LAW in one.message for one in problems if one.code == "basis_work_unknown")


def test_a_work_outside_the_default_corpus_waits_when_the_answer_says_so() -> None:
    waiting = with_basis(AnswerBasis("b1", "雨伞管理条例", "第一条", "归还", held=False))
    assert codes(waiting) == []
    assert codes(waiting, Level.WAITING)[0] == "basis_waiting"
    assert "number_waiting" in codes(waiting, Level.WAITING)


def test_works_that_are_waited_for_are_listed_with_their_answers() -> None:
    waiting = with_basis(AnswerBasis("b1", "雨伞管理条例", "第一条", "归还", held=False))
    assert waiting_works([make_answer(), waiting], make_finder()) == {"雨伞管理条例": (waiting.id,)}
    assert waiting_keys(waiting, make_finder()) == {"b1"}
    assert waiting_keys(make_answer(), make_finder()) == frozenset()


def test_a_work_that_only_this_machine_holds_must_be_marked() -> None:
    finder = BasisFinder(make_holdings(), dt.date(2026, 11, 22), default_titles=[OLD_LAW])
    found = {one.code for one in check_answer(make_answer(), finder)}
    assert "basis_not_default" in found


def test_keys_of_basis() -> None:
    assert "basis_key_unknown" in codes(with_slots(support=("b1", "b2", "b7")))
    assert "basis_unused" in codes(with_slots(support=("b1",)))
    assert "support_missing" in codes(with_slots(support=()))
    assert "basis_none" in codes(make_answer(basis=()))
    assert "basis_key_repeated" in codes(make_answer(basis=(BASIS[0], replace(BASIS[1], key="b1"))))
    twice = (*BASIS, AnswerBasis("b3", LAW, "第1条", "同一条"))
    assert "basis_repeated" in codes(make_answer(basis=twice))


@pytest.mark.parametrize(
    "text",
    [
        "要在二十日内归还",
        "要赔1000元",
        "可以要三成",
        "补偿30%",
        "不满9岁",
        "最多两倍",
        "24小时内归还",
        "半年内归还",
    ],
)
def test_a_number_without_source_is_refused_wherever_it_stands(text: str) -> None:
    assert codes(with_slots(conditions=(text,))) == ["number_unsupported"]
    assert "number_unsupported" in codes(make_answer(urgent=text))
    assert "number_unsupported" in codes(make_answer(transfer=text))


@pytest.mark.parametrize("text", ["要在15天内归还", "补偿价款的20%", "不满八周岁的孩子", "百分之二十"])
def test_a_number_of_the_basis_stands_in_any_spelling(text: str) -> None:
    assert codes(with_slots(conditions=(text,))) == []


def test_a_limit_and_an_amount_stand_in_the_provision_that_they_name() -> None:
    (limit,) = SLOTS.time_limits
    for wrong in (
        replace(limit, length=16),
        replace(limit, unit=LimitUnit.WORKING_DAY),
        replace(limit, basis="b2"),
    ):
        assert "number_unsupported" in codes(with_slots(time_limits=(wrong,)))
    assert codes(with_slots(amounts=(Amount("补偿", "百分之二十", "b1"),))) == []
    assert "number_unsupported" in codes(with_slots(amounts=(Amount("补偿", "百分之三十", "b1"),)))


def test_working_days_stand_on_the_article_that_says_so() -> None:
    limit = TimeLimit(LimitKind.APPLICATION, 5, LimitUnit.WORKING_DAY, "收到决定", "请求复核", "b3")
    review = AnswerBasis("b3", LAW, "第三条", "请求复核")
    rule = AnswerBasis("b4", LAW, "第四条", "这里的日是工作日")
    slots = replace(SLOTS, time_limits=(*SLOTS.time_limits, limit), support=("b1", "b2", "b4"))
    assert codes(make_answer(slots=slots, basis=(*BASIS, review, rule))) == []
    slots = replace(slots, support=("b1", "b2"))
    assert "number_unsupported" in codes(make_answer(slots=slots, basis=(*BASIS, review)))


def test_a_figure_that_changes_by_year_is_dated_or_refused() -> None:
    dated = Amount("去年的伞价", "300元", "b1", 2025, "样例公报", dt.date(2027, 1, 1))
    assert codes(with_slots(amounts=(dated,), conditions=("2025年一把伞300元",))) == []
    assert "amount_undated" in codes(with_slots(amounts=(replace(dated, source=""),)))


def test_scripts_and_education_say_no_number_of_their_own() -> None:
    script = make_answer().script
    assert "number_not_in_slots" in codes(make_answer(script=script.replace("十五日", "二十日")))
    # In the law, but not in the slots: a slot first.
    assert codes(make_answer(education="补偿是价款的百分之二十。")) == ["number_not_in_slots"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("依照《中华人民共和国蓑衣法》处理", "citation_not_in_basis"),
        ("依照第七条处理", "citation_not_in_basis"),
        ("依照油纸伞法处理", "citation_not_in_basis"),
        ("请拨打010-12345678", "digits_unknown"),
        ("请拨打12340", "digits_unknown"),
        ("赔5万", "digits_unknown"),
        (ARTICLES[1, 0].replace("\n", ""), "text_copied"),
    ],
)
def test_other_statements_that_are_refused(text: str, code: str) -> None:
    assert code in codes(with_slots(conditions=(text,)))


@pytest.mark.parametrize(
    "text",
    [
        "依照《雨伞借用法》第一条处理",
        "依照雨伞借用法处理",
        "请拨打12348",
        "签一份《雨伞借用协议》",
        "他说“" + ARTICLES[1, 0].replace("\n", "") + "”",
    ],
)
def test_other_statements_that_stand(text: str) -> None:
    assert codes(with_slots(conditions=(text,))) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "Umbrella"}, "id_malformed"),
        ({"topic": "天气"}, "topic_unknown"),
        ({"category": ("借用",)}, "category_malformed"),
        ({"transfer": ""}, "transfer_missing"),
        ({"valid_from": dt.date(2026, 1, 1), "valid_until": dt.date(2025, 1, 1)}, "validity_reversed"),
        ({"variants": make_answer().variants[:7]}, "variants_few"),
        ({"variants": (*make_answer().variants, "借伞")}, "variant_length"),
        ({"variants": (*make_answer().variants, "借伞不还，违法不？")}, "variant_repeated"),
        ({"variants": (*make_answer().variants, make_answer().question)}, "variant_repeated"),
        ({"question": " "}, "text_empty"),
        ({"script": "太短。"}, "script_short"),
        ({"script": "您可以请求补偿。" * 31}, "script_long"),
        ({"script": make_answer().script + "（详见网页）"}, "script_unspoken"),
        ({"script": "您可以请求补偿，" * 12}, "script_sentence_long"),
        ({"risk": RiskClass.PERSONAL_SAFETY}, "urgent_missing"),
        ({"risk": RiskClass.PERSONAL_SAFETY, "urgent": "有危险打110。"}, "emergency_not_first"),
        ({"risk": RiskClass.TIME_CRITICAL, "slots": replace(SLOTS, time_limits=())}, "limit_missing"),
        (
            {
                "risk": RiskClass.TIME_CRITICAL,
                "script": "您好，对方要按时归还，逾期不还的您可以要求补偿。请先留好记录。",
            },
            "limit_not_in_script",
        ),
        ({"risk": RiskClass.LIBERTY, "urgent": "这种情况一般会判缓刑。"}, "outcome_predicted"),
    ],
)
def test_the_shape_of_an_answer(changes: dict[str, Any], code: str) -> None:
    assert code in codes(make_answer(**changes))


def gated(gates: tuple[Gate, ...] | None = None, **branches: dict[str, str]) -> StandardAnswer:
    """The gated answer with other gates, or with branches of other conditions."""
    answer = make_gated_answer()
    built = tuple(
        Branch(
            when,
            Slots(f"情形{name}。", support=("b1",)),
            f"这里是情形{name}的话术，请先书面催一次，留好借用的聊天记录，再来咨询。",
        )
        for name, when in branches.items()
    )
    return replace(answer, gates=answer.gates if gates is None else gates, branches=built or answer.branches)


YES_NO = (Choice("yes", "是"), Choice("no", "不是"))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (gated(gates=()), "branches_missing"),
        (gated(gates=(Gate("overdue", "过了没有？", (Choice("late", "过了"),)),)), "gate_choices"),
        (
            gated(gates=(Gate("overdue", "过了？", (Choice("late", "过了"), Choice("early", "过了"))),)),
            "choice_repeated",
        ),
        (gated(甲={"overdue": "late"}, 乙={"overdue": "never"}), "branch_unreachable"),
        (gated(甲={"overdue": "late"}, 乙={"other": "early"}), "branch_unreachable"),
        (gated(甲={"overdue": "late"}), "combination_uncovered"),
        (
            gated(甲={"overdue": "late"}, 乙={"overdue": "early"}, 丙={"overdue": "late"}),
            "combination_ambiguous",
        ),
        (gated(甲={}), "branch_without_condition"),
        (gated(gates=(*make_gated_answer().gates, Gate("more", "还有吗？", YES_NO))), "gate_unused"),
        (gated(gates=make_gated_answer().gates * 2), "gate_repeated"),
        (gated(gates=tuple(Gate(f"g{n}", "是吗？", YES_NO) for n in range(4))), "gates_many"),
        (gated(gates=(Gate("Overdue", "过了？", YES_NO),)), "choice_id_malformed"),
    ],
)
def test_gates_and_branches(answer: StandardAnswer, code: str) -> None:
    assert code in codes(answer)


def test_a_branch_may_leave_out_a_gate_that_does_not_matter() -> None:
    gates = (Gate("a", "甲吗？", YES_NO), Gate("b", "乙吗？", YES_NO))
    answer = gated(gates, 一={"a": "no"}, 二={"a": "yes", "b": "yes"}, 三={"a": "yes", "b": "no"})
    assert codes(answer) == []


def test_answers_side_by_side_share_no_id_title_or_wording() -> None:
    one = make_answer()
    same = make_answer(id="contracts-other", title="另一个标题", variants=(*one.variants[1:], "借伞的新问法"))
    found = check_together(
        {"a": one, "b": replace(same, question="别的问题是什么"), "c": replace(one, question="甲乙丙丁")}
    )
    assert {problem.code for problem in found["a"]} == {"id_repeated", "title_repeated", "wording_shared"}
    assert {problem.code for problem in found["b"]} == {"wording_shared"}
    assert check_together({"a": one}) == {"a": ()}


def test_the_file_lies_where_topic_and_id_say() -> None:
    assert check_place(make_answer(), "contracts", "contracts-umbrella") == ()
    found = check_place(make_answer(), "family", "umbrella")
    assert [one.code for one in found] == ["file_name_differs", "folder_differs"]


def test_a_guide_that_an_answer_names_is_one_that_there_is() -> None:
    titles = {"借伞怎么登记", "申请遮雨"}
    assert check_guides(make_answer(guides=("借伞怎么登记",)), titles) == ()
    (near, far) = check_guides(make_answer(guides=("借伞怎样登记", "申请遮雨", "修鞋")), titles)
    assert (near.code, near.place) == ("guide_unknown", "guides[0]")
    assert "“借伞怎么登记”" in near.message
    assert (far.code, far.place) == ("guide_unknown", "guides[2]")
    assert "corpora/guides" in far.message
