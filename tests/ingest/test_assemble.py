"""Drafts put together to works with versions."""

from __future__ import annotations

import dataclasses
import datetime as dt

from ingest.assemble import Assembly, assemble, title_keys
from ingest.drafts import ActKind, Draft
from ingest.manifest import DateCorrections, RepealCorrection
from kb.domain.records import CaseDetails
from kb.domain.works import FAR_FUTURE, Work, WorkKind, work_id
from tests.ingest.drafts import act, articles, draft

NOTHING_KNOWN = DateCorrections(starts=[], unconfirmed_starts=[], ends=[], repeals=[], digest="")
OLD = act(ActKind.ADOPTED, "2010-01-05")
NEW = act(ActKind.REVISED, "2020-01-05")


def put_together(*drafts: Draft, held: tuple[Work, ...] = ()) -> Assembly:
    return assemble(drafts, title_keys(held), NOTHING_KNOWN, "local_files")


def codes(assembly: Assembly, file: str) -> set[str]:
    return {one.code for placed in assembly.placed for one in placed.findings if placed.draft.file == file}


def test_two_days_of_one_title_are_two_versions() -> None:
    (bundle,) = put_together(
        draft("某法", "新。", acts=(OLD, NEW), file="b.md"), draft("某法", "旧。", acts=(OLD,), file="a.md")
    ).bundles
    assert [text.version.version_date.year for text in bundle.versions] == [2010, 2020]
    assert bundle.versions[0].provisions[0].id == bundle.versions[1].provisions[0].id


def test_the_full_title_of_a_held_work_is_taken_over() -> None:
    title = "中华人民共和国灯会法"
    held = Work(work_id(WorkKind.STATUTE, title), WorkKind.STATUTE, title, "灯会法", (), "", "", "", "全国")
    (bundle,) = put_together(draft("灯会法", acts=(OLD,)), held=(held,)).bundles
    assert (bundle.work.id, bundle.work.title) == (held.id, title)


def test_long_and_short_titles_of_one_run_are_one_work() -> None:
    (bundle,) = put_together(
        draft("灯会法", "旧。", acts=(OLD,), file="a.md"),
        draft("中华人民共和国灯会法", "新。", acts=(NEW,), file="b.md"),
    ).bundles
    assert bundle.work.title == "中华人民共和国灯会法"
    assert len(bundle.versions) == 2


def test_files_that_each_hold_a_part_make_one_version_in_the_order_of_articles() -> None:
    second = draft("灯会法典", acts=(OLD,), file="a.md", part="第二编", provisions=articles("丙。", first=3))
    first = draft("灯会法典", acts=(OLD,), file="b.md", part="第一编", provisions=articles("甲。", "乙。"))
    (bundle,) = put_together(second, first).bundles
    (text,) = bundle.versions
    assert [one.label for one in text.provisions] == ["第一条", "第二条", "第三条"]
    assert text.documents == (first.file_sha256, second.file_sha256)
    assert [one.place.document_id for one in text.provisions if one.place] == [
        first.file_sha256,
        first.file_sha256,
        second.file_sha256,
    ]


def test_a_part_that_comes_twice_is_told() -> None:
    part = draft("灯会法典", acts=(OLD,), file="a.md", part="第一编")
    made = put_together(part, dataclasses.replace(part, file="b.md"))
    assert codes(made, "b.md") >= {"part_repeated"}


def test_a_second_copy_bears_witness() -> None:
    one, other = (draft("某法", "一。", acts=(OLD,), file=name) for name in ("a.md", "b.md"))
    made = put_together(one, other)
    assert made.bundles[0].versions[0].documents == (one.file_sha256, other.file_sha256)
    assert {placed.version_id for placed in made.placed} == {made.bundles[0].versions[0].version.id}


def test_another_text_for_the_same_day_is_told_and_not_merged() -> None:
    made = put_together(
        draft("某法", "一。", acts=(OLD,), file="a.md"), draft("某法", "二。", acts=(OLD,), file="b.md")
    )
    assert made.bundles[0].versions[0].provisions[0].text == "一。"
    assert codes(made, "b.md") >= {"version_conflict"}
    assert [placed.version_id == "" for placed in made.placed] == [False, True]


def test_names_tell_texts_apart_whose_headers_were_not_brought_up_to_date() -> None:
    made = put_together(
        draft("某法", "一。", acts=(OLD,), file="a.md", name_date=dt.date(2010, 1, 5)),
        draft("某法", "二。", acts=(OLD,), file="b.md", name_date=dt.date(2021, 5, 1)),
    )
    versions = [text.version for text in made.bundles[0].versions]
    assert [one.version_date.year for one in versions] == [2010, 2021]
    assert versions[1].effective_from_certain is False
    assert codes(made, "b.md") >= {"header_outdated"}


def test_an_undated_text_that_reads_the_same_is_a_copy() -> None:
    made = put_together(
        draft("某法", "一。", acts=(OLD,), file="a.md"),
        draft("某法", "一。", file="b.md", name_date=dt.date(2010, 2, 1)),
    )
    assert len(made.bundles[0].versions) == 1
    assert codes(made, "b.md") == {"undated_copy"}


def test_cases_of_one_title_are_told_apart_by_their_numbers() -> None:
    cases = [
        draft(
            "张某诉某公司案", "内容。", kind=WorkKind.CASE, file=f"{n}.md", details=CaseDetails(case_number=n)
        )
        for n in ("（2020）京01民终1号", "（2021）京01民终2号")
    ]
    assert len({bundle.work.id for bundle in put_together(*cases).bundles}) == 2


def test_a_number_that_comes_twice_keeps_its_id_once() -> None:
    twice = (*articles("甲。"), *articles("乙。"))
    made = put_together(draft("某法", acts=(OLD,), provisions=twice))
    first, second = made.bundles[0].versions[0].provisions
    assert (first.number, second.number) == ((1, 0), None)
    assert second.label == "第一条（重复之2）"
    assert codes(made, "灯会条例.md") >= {"label_repeated"}


def test_a_listed_repeal_ends_the_work() -> None:
    listed = RepealCorrection(
        title="中华人民共和国灯会法",
        repealed_on=dt.date(2021, 1, 1),
        successor="中华人民共和国民法典",
        basis="某决定",
        checked_on=dt.date(2026, 11, 1),
    )
    corrections = NOTHING_KNOWN.model_copy(update={"repeals": [listed]})
    (bundle,) = assemble([draft("灯会法", acts=(OLD,))], {}, corrections, "local_files").bundles
    assert (bundle.work.repealed_on, bundle.work.successor) == (dt.date(2021, 1, 1), "中华人民共和国民法典")


def test_an_end_that_the_document_sets_itself_is_stated() -> None:
    made = put_together(
        draft("某办法", acts=(OLD,), expires_on=dt.date(2015, 1, 5)),
        draft("某细则", acts=(OLD,), file="b.md"),
    )
    ends = [bundle.versions[0].version.effective_to for bundle in made.bundles]
    assert sorted(ends) == [dt.date(2015, 1, 5), FAR_FUTURE]
