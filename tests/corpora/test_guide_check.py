"""What the check of a guide finds, on an invented law."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ingest.guide_check import HeldLaw, check_guide, find_copied_runs
from ingest.guide_quantities import Quantity, find_quantities
from kb.domain.records import GuideDetails, LegalBasis, Material, Office, QuestionAnswer, Step
from kb.domain.works import (
    FAR_FUTURE,
    Provision,
    Version,
    VersionedText,
    Work,
    WorkBundle,
    WorkKind,
)

TITLE = "中华人民共和国借伞法"
DAY = dt.date(2026, 11, 22)
ARTICLES = (
    "居民可以借伞。",
    "借伞的，应当在三十日内归还。\n逾期的，按下列规定处理：\n（一）催告；\n（二）收取五元费用。",
    "对处理决定有异议，可以在十五日内向街道伞务站提出，由街道伞务站在听取双方意见以后作出书面答复并说明理由。",
)


def make_law(day: dt.date = DAY, effective_to: dt.date = FAR_FUTURE) -> HeldLaw:
    work = Work("w1", WorkKind.STATUTE, TITLE, "借伞法", (), "法律", "", "", "全国")
    start = dt.date(2020, 1, 1)
    version = Version("v1", "w1", start, start, start, True, effective_to, True, "", "", "")
    provisions = tuple(
        Provision(f"w1:a{n}", "v1", (n, 0), f"第{'一二三'[n - 1]}条", (), text, n)
        for n, text in enumerate(ARTICLES, 1)
    )
    return HeldLaw.build([WorkBundle(work, (VersionedText(version, provisions),), "test")], day)


GOOD = GuideDetails(
    version="2026-11",
    item_type="申请",
    responsible_body="街道伞务站",
    audience="想借伞的居民",
    basis=(
        LegalBasis(TITLE, "第一条", "申请条件、办理机关：居民可以借"),
        LegalBasis(TITLE, "第二条", "办理流程、法定时限、常见问题：三十日归还、逾期五元"),
        LegalBasis(TITLE, "第三条", "救济途径：十五日内提出异议"),
    ),
    conditions=("是居民",),
    materials=(Material("借伞登记", note="以办理机构公布为准"),),
    steps=(Step("借伞", who="居民"), Step("还伞", who="居民", time_limit="30天内")),
    legal_time_limit="三十日内归还",
    fee="以办理机构公布为准",
    channels=("以办理机构公布为准",),
    offices=(Office(address="以办理机构公布为准"),),
    phone="12348",
    supervision="以办理机构公布为准",
    remedies=("15日内提出异议",),
    questions=(
        QuestionAnswer("多久还？", "三十日内。"),
        QuestionAnswer("不还会怎样？", "收5元。"),
    ),
    verified_on=DAY,
)


def codes(details: GuideDetails, law: HeldLaw | None = None, topic: str = "合同") -> set[str]:
    return {finding.code for finding in check_guide(topic, details, law or make_law())}


def with_basis(index: int, **changes: str) -> GuideDetails:
    basis = list(GOOD.basis)
    basis[index] = replace(basis[index], **changes)
    return replace(GOOD, basis=tuple(basis))


def test_a_sound_guide_has_no_findings() -> None:
    assert codes(GOOD) == set()


@pytest.mark.parametrize(
    "label", ["第九条", "第二条第三款", "第二条第二款第三项", "第三条第一项", "第三节", ""]
)
def test_a_provision_that_is_not_there_is_found(label: str) -> None:
    assert "guide_basis_unknown" in codes(with_basis(2, label=label))


def test_a_law_that_we_lack_or_that_ended_is_no_basis() -> None:
    assert "guide_basis_not_in_force" in codes(with_basis(0, title="借书法"))
    assert "guide_basis_not_in_force" in codes(GOOD, make_law(effective_to=dt.date(2026, 11, 1)))


def test_a_law_that_we_lack_may_be_named_when_marked() -> None:
    marked = with_basis(0, title="借书法", about="申请条件、办理机关：谁可以借（依据未收录，请以原文为准）")
    assert codes(marked) == set()
    held = with_basis(0, about="申请条件、办理机关：谁可以借（依据未收录，请以原文为准）")
    assert codes(held) == {"guide_basis_held"}


def test_a_number_must_stand_in_a_provision_that_carries_its_field() -> None:
    assert codes(replace(GOOD, legal_time_limit="三十五日内归还")) == {"guide_number_without_basis"}
    assert codes(replace(GOOD, remedies=("三十日内提出异议",))) == {"guide_number_without_basis"}
    only_first = with_basis(1, label="第二条第一款", about="办理流程、法定时限、常见问题：三十日归还")
    assert codes(only_first) == {"guide_number_without_basis"}
    second_item = with_basis(1, label="第二条第二款第二项", about="办理流程、法定时限、常见问题：逾期五元")
    assert {one.place for one in check_guide("合同", second_item, make_law())} == {
        *("steps[1]", "legal_time_limit", "questions[0]")
    }


def test_the_statement_of_a_basis_is_checked_too() -> None:
    assert codes(with_basis(2, about="救济途径：二十日内提出异议")) >= {"guide_number_without_basis"}


@pytest.mark.parametrize("about", ["", "十五日内提出异议", "异议：十五日", "救济途径："])
def test_about_names_the_fields_that_it_carries(about: str) -> None:
    assert "guide_about_unclear" in codes(with_basis(2, about=about))


def test_a_field_without_basis_is_found() -> None:
    assert codes(replace(GOOD, fee="每次免费")) == {"guide_field_without_basis"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": "12320"}, "guide_phone_unknown"),
        ({"supervision": "以办理机构公布为准，或拨打010-55555555"}, "guide_phone_unknown"),
        ({"offices": (Office(address="伞街1号"),)}, "guide_field_unconfirmed"),
        ({"promised_time_limit": "当日"}, "guide_field_unconfirmed"),
        ({"reviewed_by": "某律师"}, "guide_field_unconfirmed"),
        ({"conditions": ()}, "guide_field_empty"),
        ({"questions": GOOD.questions[:1]}, "guide_field_empty"),
        ({"conditions": ("符合第一条",)}, "guide_article_in_text"),
        ({"conditions": ("符合《借书法》",)}, "guide_title_outside"),
    ],
)
def test_what_nobody_confirmed_is_found(changes: dict[str, object], code: str) -> None:
    assert codes(replace(GOOD, **changes)) == {code}  # type: ignore[arg-type]


def test_topics_are_a_closed_list() -> None:
    assert codes(GOOD, topic="雨伞") == {"guide_topic_unknown"}


def test_a_copied_sentence_is_found_unless_it_stands_in_quotes() -> None:
    sentence = ARTICLES[2]
    copied = replace(GOOD, remedies=(sentence,))
    quoted = replace(GOOD, remedies=(f"法律说：“{sentence}”",))
    law = make_law()
    assert {one.place for one in find_copied_runs({"umbrella": copied}, law.texts())} == {
        "umbrella remedies[0]"
    }
    assert find_copied_runs({"umbrella": quoted}, law.texts()) == ()
    assert find_copied_runs({"umbrella": replace(GOOD, remedies=(sentence[:29],))}, law.texts()) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("十五日内", {("日", "15")}),
        ("15天", {("日", "15")}),
        ("十五个工作日", {("工作日", "15")}),
        ("两个月", {("月", "2")}),
        ("三至五日", {("日", "3"), ("日", "5")}),
        ("不满八岁，满十周岁", {("周岁", "8"), ("周岁", "10")}),
        ("二千元以上5万元以下", {("元", "2000"), ("元", "50000")}),
        ("百分之五十，50%，三分之二，万分之五", {("分之", "50/100"), ("分之", "2/3"), ("分之", "5/10000")}),
        ("半个月工资", {("月", "1/2")}),
        ("十人以上，一人，申请复议一次", {("人", "10")}),
        ("一审终审，第二款，两名称", set()),
    ],
)
def test_quantities_are_the_same_however_they_are_written(text: str, expected: set[tuple[str, str]]) -> None:
    assert {(one.unit, one.value) for one in find_quantities(text)} == expected


def test_a_quantity_describes_itself() -> None:
    assert [Quantity("日", "15").describe(), Quantity("分之", "2/3").describe()] == ["15日", "2/3"]
