"""All verdicts over the default corpus: real laws on real days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from ingest.parsers.repeals import find_stated_repeals
from kb.answer.verify import CheckedCitation, CitationVerifier, Verdict
from kb.domain.works import WorkBundle
from kb.errors import BadInputError
from kb.settings import Settings
from kb.store.database import Database
from kb.store.validity import save_stated_repeals
from kb.store.works import save_bundle
from tests.small_corpus import CIVIL_CODE, fill_store

TODAY = dt.date(2026, 11, 22)
STATE = "中华人民共和国"


@pytest.fixture(scope="module")
def database(
    tmp_path_factory: pytest.TempPathFactory, installed_bundles: tuple[WorkBundle, ...]
) -> Iterator[Database]:
    """The whole default corpus, with what its texts say of other texts' ends."""
    database = fill_store(Settings(data_dir=tmp_path_factory.mktemp("verify")), installed_bundles)
    with database.writing() as connection:
        for bundle in installed_bundles:
            for i, text in enumerate(bundle.versions):
                stated = find_stated_repeals(
                    bundle.work.title, text.version, text.provisions, first_text=i == 0
                )
                save_stated_repeals(connection, text.version.id, stated)
    yield database
    database.close()


@pytest.fixture(scope="module")
def verifier(database: Database) -> CitationVerifier:
    return CitationVerifier(database)


@pytest.fixture(scope="module")
def cooling_off(installed_bundles: tuple[WorkBundle, ...]) -> str:
    """The first paragraph of 民法典 1077, read from the corpus: no text of law stands in the tests."""
    (bundle,) = (one for one in installed_bundles if one.work.title == CIVIL_CODE)
    (article,) = (one for one in bundle.versions[0].provisions if one.number == (1077, 0))
    return article.text.split("\n")[0]


def verdicts(checked: list[CheckedCitation]) -> list[tuple[str, str]]:
    return [(one.text, one.verdict.value) for one in checked]


def test_a_text_with_every_verdict(verifier: CitationVerifier, cooling_off: str) -> None:
    wrong = cooling_off.replace("三十日", "六十日")
    assert wrong != cooling_off
    text = (
        f"《民法典》第一千零七十七条规定：“{cooling_off}”有人却说第一千零七十七条规定：“{wrong}”"
        f"《民法典》第1077条规定：“{wrong}”商标法第七十五条还早；《民法通则》第一百三十五条、"
        "《合同法》第五十二条和婚姻法第三十二条是老法；民法典第1254、9999条，《民法典》第1261条；"
        "《劳动合同法实施条例》第5条；2007年《劳动合同法》第十条；《环境保护法》第五条。"
    )
    assert verdicts(verifier.verify(text, TODAY)) == [
        ("《民法典》第一千零七十七条", "in_force"),
        ("第一千零七十七条", "outside_holdings"),
        ("《民法典》第1077条", "quote_differs"),
        ("商标法第七十五条", "not_yet_in_force"),
        ("《民法通则》第一百三十五条", "repealed"),
        ("《合同法》第五十二条", "repealed"),
        ("婚姻法第三十二条", "repealed"),
        ("民法典第1254", "in_force"),
        ("9999条", "never_existed"),
        ("《民法典》第1261条", "never_existed"),
        ("《劳动合同法实施条例》第5条", "outside_holdings"),
        ("《劳动合同法》第十条", "amended"),
        ("《环境保护法》第五条", "repealed"),
    ]


@pytest.mark.parametrize("title", ["民法通则", "民法总则", "合同法", "物权法", "担保法", "婚姻法", "继承法"])
def test_a_work_that_we_do_not_hold_is_repealed_where_a_held_text_says_so(
    verifier: CitationVerifier, title: str
) -> None:
    (one,) = verifier.verify(f"《{STATE}{title}》第一条", TODAY)
    assert (one.verdict, one.successor, one.work_id) == (Verdict.REPEALED, CIVIL_CODE, None)
    assert one.effective_to == dt.date(2021, 1, 1)
    assert "第一千二百六十条" in one.reason
    (before,) = verifier.verify(f"《{title}》第一条", dt.date(2020, 12, 31))
    assert before.verdict is Verdict.OUTSIDE_HOLDINGS
    assert "2021-01-01" in before.reason


@pytest.mark.parametrize(
    ("day", "article", "verdict"),
    [
        ("2026-11-22", "第十条", Verdict.IN_FORCE),
        ("2026-11-22", "第七十五条", Verdict.NOT_YET_IN_FORCE),
        ("2026-12-31", "第七十五条", Verdict.NOT_YET_IN_FORCE),
        ("2027-01-01", "第七十五条", Verdict.IN_FORCE),
        ("1949-10-01", "第十条", Verdict.NOT_YET_IN_FORCE),
    ],
)
def test_the_day_decides(verifier: CitationVerifier, day: str, article: str, verdict: Verdict) -> None:
    (one,) = verifier.verify(f"《商标法》{article}", dt.date.fromisoformat(day))
    assert one.verdict is verdict


def test_a_quote_of_an_older_text_is_amended_and_of_a_coming_one_not_yet_law(
    verifier: CitationVerifier, installed_bundles: tuple[WorkBundle, ...]
) -> None:
    (bundle,) = (one for one in installed_bundles if one.work.title == f"{STATE}商标法")
    old, new = bundle.versions
    texts = {one.number: one.text for one in new.provisions}
    number, was = next(
        (one.number, one.text)
        for one in old.provisions
        if one.number in texts and one.text.split("\n")[0] not in texts[one.number] and len(one.text) > 40
    )
    assert number is not None
    old_words, new_words = was.split("\n")[0], texts[number].split("\n")[0]
    later = dt.date(2027, 6, 1)
    (one,) = verifier.verify(f"《商标法》第{number[0]}条规定：“{old_words}”", later)
    assert one.verdict is Verdict.AMENDED
    (one,) = verifier.verify(f"《商标法》第{number[0]}条规定：“{new_words}”", TODAY)
    assert one.verdict is Verdict.NOT_YET_IN_FORCE
    (one,) = verifier.verify(f"《商标法》第{number[0]}条规定：“{old_words}”", TODAY)
    assert one.verdict is Verdict.IN_FORCE


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("《劳动合同法》第三十八条第一款第（二）项", Verdict.IN_FORCE),
        ("《劳动合同法》第三十八条第二款", Verdict.IN_FORCE),
        ("《劳动合同法》第三十八条第九款", Verdict.NEVER_EXISTED),
        ("《劳动合同法》第三十八条第一款第（九）项", Verdict.NEVER_EXISTED),
        ("刑法第一百三十三条之一", Verdict.IN_FORCE),
        ("刑法第一百三十三条之九", Verdict.NEVER_EXISTED),
        ("《劳动合同法》", Verdict.IN_FORCE),
        ("《环境保护法》", Verdict.REPEALED),
        ("《北京市某某管理办法》", Verdict.OUTSIDE_HOLDINGS),
        ("法释〔2099〕1号", Verdict.OUTSIDE_HOLDINGS),
        ("台湾民法典第五条", Verdict.OUTSIDE_HOLDINGS),
        ("劳动合同法实施条例第38条", Verdict.OUTSIDE_HOLDINGS),
        ("合同第五条", Verdict.OUTSIDE_HOLDINGS),
    ],
)
def test_parts_works_and_unknown_names(verifier: CitationVerifier, text: str, verdict: Verdict) -> None:
    (one,) = verifier.verify(text, TODAY)
    assert (one.verdict, one.text if verdict is not Verdict.OUTSIDE_HOLDINGS else text) == (verdict, text)
    assert one.reason.endswith("。")


def test_an_answer_carries_the_whole_provision(verifier: CitationVerifier) -> None:
    (one,) = verifier.verify("《民法典》第1254条第一款", TODAY)
    assert one.title == CIVIL_CODE
    assert one.label == "第一千二百五十四条第一款"
    assert one.provision_id == f"{one.work_id}:a1254"
    assert one.version_id == f"{one.work_id}@2020-05-28"
    assert one.provision_text.count("\n") == 2
    assert one.effective_from == dt.date(2021, 1, 1)
    assert (one.region, one.applies) == ("全国", True)


def test_references_inside_a_quotation_are_read_as_the_quoted_law_reads_them(
    verifier: CitationVerifier,
) -> None:
    text = "《劳动合同法》第四十条规定：“依照本法第四十六条的规定和前条的规定办理。”"
    outer, inner, before = verifier.verify(text, TODAY)
    assert outer.verdict is Verdict.QUOTE_DIFFERS
    assert (inner.title, inner.label) == (f"{STATE}劳动合同法", "第四十六条")
    assert (before.text, before.label) == ("前条", "第三十九条")


def test_a_quotation_behind_a_list_need_stand_in_one_of_its_articles(
    verifier: CitationVerifier, cooling_off: str
) -> None:
    checked = verifier.verify(f"《民法典》第一千零七十六条、第一千零七十七条规定：“{cooling_off}”", TODAY)
    assert [one.verdict for one in checked] == [Verdict.IN_FORCE, Verdict.IN_FORCE]


def test_a_quotation_of_another_article_is_told_where_it_stands(
    verifier: CitationVerifier, cooling_off: str
) -> None:
    (one,) = verifier.verify(f"《民法典》第一千零七十九条规定：“{cooling_off}”", TODAY)
    assert one.verdict is Verdict.QUOTE_DIFFERS
    assert "第一千零七十七条" in one.reason


def test_a_short_name_that_the_text_defines(verifier: CitationVerifier) -> None:
    text = "《中华人民共和国劳动合同法》（以下简称《新法》）很重要，《新法》第三十八条尤其重要。"
    whole, one = verifier.verify(text, TODAY)
    assert whole.work_id == one.work_id
    assert one.verdict is Verdict.IN_FORCE


def test_a_new_title_is_known_at_once(
    tmp_path_factory: pytest.TempPathFactory, installed_bundles: tuple[WorkBundle, ...]
) -> None:
    """The catalogue is kept between texts, and not one text longer than it is true."""
    first, second = (b for b in installed_bundles if b.work.title in (CIVIL_CODE, f"{STATE}劳动合同法"))
    database = fill_store(Settings(data_dir=tmp_path_factory.mktemp("titles")), [first])
    verifier = CitationVerifier(database)
    text = f"《{second.work.short_title or second.work.title}》第一条"
    assert verifier.verify(text, TODAY)[0].verdict is Verdict.OUTSIDE_HOLDINGS
    with database.writing() as connection:
        save_bundle(connection, second)
    assert verifier.verify(text, TODAY)[0].verdict is Verdict.IN_FORCE
    database.close()


@pytest.mark.parametrize(
    ("text", "day", "code"),
    [
        ("法" * 1_000_001, TODAY, "text_too_long"),
        ("第1条。" * 20_001, TODAY, "too_many_citations"),
        ("第1条", dt.date(1900, 1, 1), "as_of_out_of_range"),
    ],
)
def test_limits(verifier: CitationVerifier, text: str, day: dt.date, code: str) -> None:
    with pytest.raises(BadInputError) as told:
        verifier.verify(text, day)
    assert told.value.code == code
