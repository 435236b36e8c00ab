"""Nothing leaves with a citation that is no law, words that are not in it, or a number from nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from kb.answer.segments import cite_found
from kb.answer.verifier import Verified, verify_reply
from kb.answer.verify_types import Verdict
from kb.domain.answers import AnswerBasis
from kb.domain.ask import ReplyCitation, Segment, SegmentKind
from tests.answer.small_answers import ARTICLES, LAW, OLD_LAW, TODAY, make_finder

FIRST = cite_found(make_finder().find(AnswerBasis("b1", LAW, "第一条", "归还")))
SECOND = cite_found(make_finder().find(AnswerBasis("b2", LAW, "第二条", "例外")))
FOURTH = cite_found(make_finder().find(AnswerBasis("b4", LAW, "第四条", "五日是工作日")))
WAITING = cite_found(make_finder().find(AnswerBasis("w1", "雨伞租赁管理条例", "第八条", "修理", held=False)))
CONCLUSION = Segment(SegmentKind.CONCLUSION, "对方要在15天内归还，逾期的补偿价款的20%。", ("b1",))


def verify(
    segments: Sequence[Segment],
    citations: Sequence[ReplyCitation] = (FIRST, SECOND),
    sources: Sequence[str] = (),
    as_of: dt.date = TODAY,
    ended: Sequence[str] = (),
) -> Verified:
    return verify_reply(segments, citations, sources, as_of, ended)


def quote(words: str, citation: ReplyCitation = FIRST, kind: SegmentKind = SegmentKind.QUOTE) -> Segment:
    return Segment(kind, f"《{citation.title}》{citation.label}：“{words}”", (citation.key,))


def assert_refused(verified: Verified, why: str) -> None:
    assert not verified.whole
    assert CONCLUSION not in verified.segments
    assert any(why in one.why for one in verified.refused), verified.refused


def test_what_is_right_leaves_as_it_is() -> None:
    segments = (CONCLUSION, quote("借用人应当在借用之日起十五日内归还雨伞。"))
    verified = verify(segments)
    assert verified == Verified(segments, (FIRST, SECOND))


# -- citations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"verdict": Verdict.REPEALED.value, "verdict_label": "已废止"}, "已废止"),
        ({"verdict": Verdict.NOT_YET_IN_FORCE.value, "verdict_label": "尚未生效"}, "尚未生效"),
        ({"verdict": Verdict.AMENDED.value, "verdict_label": "已修改"}, "已修改"),
        ({"verdict": Verdict.NEVER_EXISTED.value, "verdict_label": "不存在"}, "不存在"),
        ({"effective_from": TODAY + dt.timedelta(days=1)}, "尚未生效"),
        ({"text": ""}, "没有原文"),
        ({"verified": False, "verdict": Verdict.NEVER_EXISTED.value, "verdict_label": "不存在"}, "不存在"),
        ({"verified": False, "verdict": Verdict.REPEALED.value, "verdict_label": "已废止"}, "已废止"),
    ],
)
def test_a_citation_that_is_not_law_takes_the_answer_with_it(changes: dict[str, Any], why: str) -> None:
    bad = replace(FIRST, **changes)
    verified = verify([CONCLUSION], [bad, SECOND])
    assert_refused(verified, why)
    assert bad not in verified.citations


def test_a_provision_that_is_repealed_by_the_day_is_refused() -> None:
    assert FIRST.provision_id is not None
    assert_refused(verify([CONCLUSION], ended=[FIRST.provision_id]), "已经废止")
    assert verify([CONCLUSION], ended=["another"]).whole


def test_a_law_is_refused_on_a_day_before_it_began() -> None:
    assert FIRST.effective_from is not None
    assert_refused(verify([CONCLUSION], as_of=FIRST.effective_from - dt.timedelta(days=1)), "尚未生效")
    assert verify([CONCLUSION], as_of=FIRST.effective_from).whole


def test_a_repealed_basis_is_refused_as_the_finder_gives_it() -> None:
    old = cite_found(make_finder().find(AnswerBasis("b1", OLD_LAW, "第一条", "归还")))
    assert_refused(verify([CONCLUSION], [old]), "废止")


def test_a_source_that_nobody_cites_is_refused() -> None:
    assert_refused(verify([replace(CONCLUSION, sources=("b1", "b9"))]), "b9")


def test_a_side_remark_that_fails_leaves_the_rest() -> None:
    remark = Segment(SegmentKind.EXCEPTION, "不满9周岁的孩子不补偿。", ("b2",))
    verified = verify([CONCLUSION, remark])
    assert verified.whole
    assert verified.segments == (CONCLUSION,)
    assert [one.place for one in verified.refused] == ["exception"]


def test_a_citation_whose_statements_were_all_refused_is_not_shown_either() -> None:
    remark = Segment(SegmentKind.EXCEPTION, "不满9周岁的孩子不补偿。", ("b2",))
    assert verify([CONCLUSION, remark]).citations == (FIRST,)
    assert verify([quote("没有这句话。", SECOND), quote("逾期不还的，", FIRST)]).citations == (FIRST,)


# -- quotations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "借用人应当在借用之日起十五日内归还雨伞。",
        "逾期不还的，出借人可以请求支付雨伞价款百分之二十的补偿。",
        "借用人应当在借用之日起十五日内归还雨伞。\n逾期不还的，出借人可以请求支付雨伞价款百分之二十的补偿。",
    ],
)
def test_words_of_the_provision_may_be_quoted(words: str) -> None:
    assert verify([quote(words)]).segments == (quote(words),)


@pytest.mark.parametrize(
    "words",
    [
        "借用人可以在借用之日起十五日内归还雨伞。",
        "借用人应当在借用之日起五十日内归还雨伞。",
        "逾期不还的，出借人不可以请求支付雨伞价款百分之二十的补偿。",
        "有下列情形之一的，可以不予补偿：",
        "逾期不还的，出借人可以请求支付雨伞价款百分之二十的补偿。\n借用人应当在借用之日起十五日内归还雨伞。",
        "借用人应当在借用之日起十五日内归还雨伞。”您不用还。“逾期不还的，",
    ],
)
def test_other_words_are_refused(words: str) -> None:
    verified = verify([quote(words)])
    assert verified.segments == ()
    assert "引文不在" in verified.refused[0].why


def test_words_of_another_provision_under_this_ones_name_are_refused() -> None:
    theirs = Segment(
        SegmentKind.QUOTE, f"《{LAW}》第二条：“借用人应当在借用之日起十五日内归还雨伞。”", ("b1",)
    )
    assert verify([theirs]).segments == ()
    other_law = Segment(
        SegmentKind.QUOTE, f"《{OLD_LAW}》第一条：“借用人应当在借用之日起十五日内归还雨伞。”", ("b1",)
    )
    assert verify([other_law]).segments == ()


@pytest.mark.parametrize("sources", [(), ("b1", "b2")])
def test_a_quotation_has_exactly_one_source(sources: tuple[str, ...]) -> None:
    segment = replace(quote("逾期不还的，"), sources=sources)
    assert verify([segment]).segments == ()


def test_a_quotation_without_quotation_marks_is_none() -> None:
    bare = Segment(SegmentKind.QUOTE, f"《{LAW}》第一条：借用人应当归还雨伞。", ("b1",))
    assert verify([bare]).refused[0].why == "引文没有出处"


def test_a_provision_that_quotes_a_word_itself_may_be_quoted() -> None:
    words = ARTICLES[(4, 0)]
    assert "“五日”" in words
    assert verify([quote(words, FOURTH)], [FOURTH]).segments == (quote(words, FOURTH),)
    wrong = quote(words.replace("“五日”", "“十日”"), FOURTH)
    assert verify([wrong], [FOURTH]).segments == ()


def test_cases_and_guides_are_held_to_their_words_too() -> None:
    guide = replace(FIRST, title="借伞指引", label="办理流程", text="携带身份证到窗口。", kind="guide")
    right = Segment(SegmentKind.STEP, "办事指引《借伞指引》办理流程：“携带身份证到窗口。”", ("b1",))
    wrong = replace(right, text=right.text.replace("身份证", "户口簿"))
    gist = quote("携带户口簿到窗口。", guide, SegmentKind.GIST)
    assert verify([right, wrong, gist], [guide]).segments == (right,)


# -- numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "strange"),
    [
        ("对方要在16天内归还。", "16天"),
        ("对方要在15个工作日内归还。", "15个工作日"),
        ("逾期的补偿价款的30%。", "30%"),
        ("逾期的补偿价款的二倍。", "二倍"),
        ("可以要500元。", "500元"),
        ("不满十周岁的不补偿。", "十周岁"),
        ("两年内都可以要。", "两年"),
    ],
)
def test_a_number_that_no_source_has_is_refused(said: str, strange: str) -> None:
    wrong = replace(CONCLUSION, text=said)
    verified = verify([wrong])
    assert not verified.whole
    assert verified.segments == ()
    assert verified.refused[0].why == f"“{strange}”没有出处"


@pytest.mark.parametrize(
    "said", ["十五日内归还。", "15天内归还。", "补偿百分之二十。", "补偿20%。", "不满8岁的。"]
)
def test_a_number_may_be_written_otherwise(said: str) -> None:
    assert verify([replace(CONCLUSION, text=said)]).whole


def test_a_number_may_stand_in_a_text_that_is_given_as_source() -> None:
    said = replace(CONCLUSION, text="补偿300元。")
    assert not verify([said]).whole
    assert verify([said], sources=["300元"]).whole


def test_days_become_working_days_only_where_the_law_says_so() -> None:
    third = cite_found(make_finder().find(AnswerBasis("b3", LAW, "第三条", "复核")))
    said = Segment(SegmentKind.LIMIT, "请求复核：5个工作日", ("b3",))
    assert not verify([said], [third]).whole
    assert verify([said], [third, FOURTH]).whole


@pytest.mark.parametrize(
    "kind", [SegmentKind.REFERRAL, SegmentKind.NOTE, SegmentKind.WHERE, SegmentKind.SAFETY]
)
def test_a_number_to_call_must_be_known(kind: SegmentKind) -> None:
    known, strange = Segment(kind, "拨打12348。"), Segment(kind, "拨打4001234567。")
    verified = verify([known, strange])
    assert verified.segments == (known,)
    assert "4001234567" in verified.refused[0].why


def test_what_rests_on_a_work_that_is_not_held_cannot_be_compared() -> None:
    said = Segment(SegmentKind.CONCLUSION, "租伞的一方在7日内修理。", ("w1",))
    verified = verify([said], [WAITING])
    assert verified.whole
    (citation,) = verified.citations
    assert (citation.verified, citation.text, citation.verdict) == (False, "", "outside_holdings")


def test_a_work_that_is_not_held_excuses_no_number_that_rests_on_the_law() -> None:
    strange = replace(CONCLUSION, text="对方要在16天内归还。")
    remark = Segment(SegmentKind.STEP, "租伞的一方在7日内修理。", ("w1",))
    assert not verify([strange, remark], [FIRST, WAITING]).whole


def test_a_work_that_is_not_held_excuses_no_number_to_call() -> None:
    strange = Segment(SegmentKind.WHERE, "拨打4001234567。", ("w1",))
    assert verify([strange], [WAITING]).segments == ()
