"""What the checks of a draft report."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from ingest.checks import check_draft
from ingest.drafts import Act, ActKind, Draft
from tests.ingest.statute_samples import make_marked, read_one

GOOD = ("## 第一章 总则", "第一条 甲。", "## 第二章 附则", "第二条 本条例自2020年7月1日起施行。")


def codes(draft: Draft) -> list[str]:
    return [finding.code for finding in check_draft(draft)]


def test_a_sound_text_has_no_findings() -> None:
    assert codes(read_one(make_marked(*GOOD))) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (("第一条 甲。", "第三条 丙。"), ["article_missing"]),
        (("第二条 乙。", "第三条 丙。"), ["article_missing"]),
        (("第一条 甲。", "第一条之二 丙。"), ["article_missing"]),
        (("第一条 甲。", "第一条之一 乙。", "第二条 丙。"), []),
        (("第一条 甲。", "第二条 乙。", "第二条 丙。"), ["label_repeated"]),
        (("第一条 甲。", "第二条", "第三条 丙。"), ["text_empty"]),
        (("## 第一章 子", "第一条 甲。", "## 第三章 丑", "第二条 乙，自公布之日起施行。"), ["heading_gap"]),
        (
            (
                "## 第一章 子",
                "### 第一节 寅",
                "第一条 甲。",
                "## 第二章 丑",
                "### 第一节 卯",
                "第二条 乙自今日起施行。",
            ),
            [],
        ),
        (("## 第一章 子", "第一条 甲。", "第二条 乙。"), ["closing_missing"]),
        (tuple(f"第{number}条 甲。" for number in range(1, 12)), ["closing_missing"]),
    ],
)
def test_numbers_texts_and_headings(body: tuple[str, ...], found: list[str]) -> None:
    assert codes(read_one(make_marked(*body))) == found


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"acts": (Act(ActKind.ADOPTED, dt.date(1899, 1, 1)),)}, "date_impossible"),
        (
            {"acts": (Act(ActKind.ADOPTED, dt.date(2020, 5, 1)), Act(ActKind.IN_FORCE, dt.date(2020, 4, 1)))},
            "start_before_adoption",
        ),
        (
            {
                "acts": (
                    Act(ActKind.ADOPTED, dt.date(2020, 5, 1), line=1),
                    Act(ActKind.AMENDED, dt.date(2010, 5, 1), line=2),
                ),
                "declared_from": None,
            },
            "dates_disordered",
        ),
        ({"declared_from": dt.date(2019, 1, 1)}, "start_before_adoption"),
        ({"expires_on": dt.date(2020, 7, 1)}, "dates_disordered"),
        ({"title": "中华人民共和国宪法"}, "preamble_missing"),
        ({"provisions": ()}, "provisions_missing"),
        ({"candidates": 3, "unread": 1}, "candidates_unread"),
    ],
)
def test_days_and_the_whole(changes: dict[str, Any], code: str) -> None:
    draft = dataclasses.replace(read_one(make_marked(*GOOD)), **changes)
    assert code in codes(draft)


def test_two_provisions_with_one_label() -> None:
    draft = read_one(make_marked(*GOOD))
    twice = dataclasses.replace(draft, provisions=(*draft.provisions, draft.provisions[-1]))
    assert "label_duplicate" in codes(twice)
