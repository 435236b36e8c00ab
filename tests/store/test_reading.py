"""Reading works, versions and provisions as of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from kb.clock import today
from kb.domain.works import VersionStatus, WorkKind
from kb.errors import BadInputError, LawkbError, NotFoundError
from kb.store import works
from kb.store.database import Connection, Database
from tests.store.records import (
    SOURCE,
    day,
    make_bundle,
    make_version,
    make_work,
    numbered_bundle,
    trademark_law,
)

BEFORE, CHANGE = day("2026-12-31"), day("2027-01-01")


def test_the_day_before_and_the_day_of_a_change(writing: Connection) -> None:
    bundle = trademark_law()
    works.save_bundle(writing, bundle)
    old, new = (text.version for text in bundle.versions)
    article = f"{bundle.work.id}:a1"

    assert works.version_on(writing, bundle.work.id, BEFORE) == old
    assert works.version_on(writing, bundle.work.id, CHANGE) == new
    assert works.version_on(writing, bundle.work.id, day("2019-10-31")) is None
    assert works.version_on(writing, "w000000000000", CHANGE) is None
    assert works.get_provision(writing, article, as_of=BEFORE).provision.text == "旧第一条。"
    assert works.get_provision(writing, article, as_of=CHANGE).provision.text == "新第一条。"
    # A named version is given whatever the day.
    pinned = works.get_provision(writing, article, as_of=BEFORE, version_id=new.id)
    assert pinned == works.LoadedProvision(bundle.work, new, bundle.versions[1].provisions[0])
    # 第三条 did not exist yet.
    assert works.find_provision(writing, f"{bundle.work.id}:a3", as_of=BEFORE) is None
    assert works.find_provision(writing, f"{bundle.work.id}:a3", as_of=CHANGE) is not None


def test_without_a_day_it_is_today(writing: Connection) -> None:
    work = make_work()
    yesterday, tomorrow = today() - dt.timedelta(days=1), today() + dt.timedelta(days=1)
    old = make_version(work, "2000-01-01", tomorrow.isoformat(), {(1, 0): "今天的。"})
    ended = make_version(work, "1990-01-01", yesterday.isoformat(), {(1, 0): "从前的。"})
    new = make_version(work, tomorrow.isoformat(), None, {(1, 0): "明天的。"})
    works.save_bundle(writing, make_bundle(work, ended, old, new))
    assert works.get_provision(writing, f"{work.id}:a1").provision.text == "今天的。"


def test_versions_of_a_provision_run_from_the_oldest(writing: Connection) -> None:
    bundle = trademark_law()
    works.save_bundle(writing, replace(bundle, versions=bundle.versions[::-1]))
    texts = [loaded.provision.text for loaded in works.provision_versions(writing, f"{bundle.work.id}:a1")]
    assert texts == ["旧第一条。", "新第一条。"]
    assert works.provision_versions(writing, "nothing") == ()


def test_an_inserted_article_stands_behind_its_number(writing: Connection) -> None:
    work = make_work("中华人民共和国刑法")
    numbers = [(17, 0), (17, 1), (18, 0), (120, 0), (120, 1), (120, 10), (121, 0)]
    text = make_version(work, "2021-03-01", None, {n: f"第{n}" for n in numbers})
    # The source may list them in any order; the place in the text decides.
    works.save_bundle(writing, make_bundle(work, replace(text, provisions=text.provisions[::-1])))
    held = works.list_provisions(writing, text.version.id)
    assert [provision.number for provision in held] == numbers
    assert works.get_provision(writing, f"{work.id}:a17-1").provision.number == (17, 1)


def test_a_batch_keeps_the_order_of_its_keys(writing: Connection) -> None:
    bundle = trademark_law()
    works.save_bundle(writing, bundle)
    works.save_bundle(writing, numbered_bundle(1, articles=700))
    other = works.list_provisions(writing, numbered_bundle(1).versions[0].version.id)
    old, new = (text.version.id for text in bundle.versions)
    article = f"{bundle.work.id}:a1"
    keys = [(article, new), *((p.id, p.version_id) for p in other), (article, old)]
    asked = [*keys, ("w000000000000:a1", old), (f"{bundle.work.id}:a3", old)]
    found = works.load_provisions(writing, asked)
    assert list(found) == keys
    assert found[article, old].provision.text == "旧第一条。"
    assert found[article, old].version.id == old
    assert found[article, new].work == bundle.work
    assert works.load_provisions(writing, []) == {}


def test_everything_streams_in_one_order(database: Database) -> None:
    with database.writing() as connection:
        for number in (3, 1, 2):
            works.save_bundle(connection, numbered_bundle(number, articles=7))
        works.save_bundle(connection, trademark_law())
    with database.reading() as connection:
        batches = list(works.iter_provisions(connection, batch_size=10))
    assert [len(batch) for batch in batches] == [10, 10, 6]
    loaded = [item for batch in batches for item in batch]
    assert loaded == sorted(loaded, key=lambda x: (x.work.id, x.version.id, x.provision.ordinal))
    assert len({(item.provision.id, item.version.id) for item in loaded}) == 26


def test_a_reader_sees_one_snapshot(database: Database) -> None:
    with database.writing() as connection:
        works.save_bundle(connection, numbered_bundle(1))
    with database.reading() as reader:
        before = works.corpus_digest(reader)
        with database.writing() as writer:
            works.save_bundle(writer, numbered_bundle(2))
        assert works.corpus_digest(reader) == before
        assert works.counts(reader).works == 1
    with database.reading() as reader:
        assert works.corpus_digest(reader) != before


def test_the_digest_changes_with_what_an_index_holds_and_with_nothing_else(writing: Connection) -> None:
    bundle = trademark_law()
    works.save_bundle(writing, bundle)
    digests = [works.corpus_digest(writing)]
    old, new = bundle.versions
    first = new.provisions[0]
    variants = [
        replace(bundle, work=replace(bundle.work, topic="经济法")),
        replace(bundle, versions=(old, replace(new, provisions=(replace(first, text="改。"),)))),
        replace(bundle, versions=(old, replace(new, provisions=(replace(first, path=()),)))),
        replace(bundle, versions=(replace(old, version=replace(old.version, effective_to=BEFORE)), new)),
        replace(bundle, versions=(old,)),
    ]
    for variant in variants:
        works.save_bundle(writing, variant)
        digests.append(works.corpus_digest(writing))
    assert len(set(digests)) == 6
    works.save_bundle(writing, replace(bundle, work=replace(bundle.work, issuing_body="国务院")))
    assert works.corpus_digest(writing) == digests[0]


def test_both_databases_sort_by_code_point(writing: Connection) -> None:
    """Whatever the locale of the cluster: the tests' own would put 阿 before 一 and a before B."""
    for title in ("阿法", "一法", "B法", "a法"):
        work = make_work(title)
        works.save_bundle(writing, make_bundle(work, make_version(work, "2001-12-11")))
    items, _ = works.list_works(writing)
    assert [item.work.title for item in items] == ["B法", "a法", "一法", "阿法"]


def test_both_databases_give_the_same_digest(writing: Connection) -> None:
    work = make_work("WTO 协定“附件”", aliases=("世贸协定",))
    numbered = {(17, 0): "十七", (170, 0): "百七十", (17, 1): "十七之一"}
    works.save_bundle(writing, trademark_law())
    works.save_bundle(writing, make_bundle(work, make_version(work, "2001-12-11", None, numbered)))
    assert works.corpus_digest(writing) == "5418463e6df82ca449eb357187fbf4348eb073cc44b7b95f3d7f1baabd5cff5b"


def test_titles_are_found_by_a_part_of_any_name(writing: Connection) -> None:
    bundle = trademark_law()
    wto = make_work("WTO 协定 100%_有效", aliases=("世贸协定",), region="北京市", kind=WorkKind.NORMATIVE)
    works.save_bundle(writing, bundle)
    works.save_bundle(writing, make_bundle(wto, make_version(wto, "2001-12-11")))

    def titles(**filters: object) -> list[str]:
        items, total = works.list_works(writing, **filters)  # type: ignore[arg-type]
        assert total == len(items)
        return [item.work.title for item in items]

    assert titles() == ["WTO 协定 100%_有效", "中华人民共和国商标法"]
    assert titles(title_contains="商标条例") == [bundle.work.title]
    assert titles(title_contains="wto") == [wto.title]
    assert titles(title_contains="0%_有") == [wto.title]
    assert titles(title_contains="0%有") == []
    assert titles(title_contains="_____") == []
    assert titles(kind=WorkKind.NORMATIVE) == [wto.title]
    assert titles(region="全国", topic="民法商法") == [bundle.work.title]
    page, total = works.list_works(writing, limit=1, offset=1)
    assert ([item.work.title for item in page], total) == ([bundle.work.title], 2)
    assert works.list_works(writing, limit=0) == ((), 2)


def test_works_by_their_state_on_a_day(writing: Connection) -> None:
    standing = trademark_law()
    repealed = make_work("旧合同法", repealed_on=day("2021-01-01"))
    lapsed = make_work("没有后文的法")
    empty = make_work("只有名字的法")
    works.save_bundle(writing, standing)
    works.save_bundle(writing, make_bundle(repealed, make_version(repealed, "1999-10-01", "2021-01-01")))
    works.save_bundle(writing, make_bundle(lapsed, make_version(lapsed, "2000-01-01", "2010-01-01")))
    works.save_bundle(writing, make_bundle(empty))
    every = [standing.work, repealed, lapsed, empty]

    def states(as_of: str) -> dict[str, VersionStatus | None]:
        """The state of each work as listed; asking for one state must list the same works."""
        items, _ = works.list_works(writing, as_of=day(as_of))
        listed = {item.work.title: item.status for item in items}
        for status in VersionStatus:
            some, total = works.list_works(writing, status=status, as_of=day(as_of))
            assert {item.work.title for item in some} == {t for t, s in listed.items() if s is status}
            assert total == len(some)
        return listed

    def expected(*states: VersionStatus | None) -> dict[str, VersionStatus | None]:
        return {work.title: state for work, state in zip(every, states, strict=True)}

    in_force, amended = VersionStatus.IN_FORCE, VersionStatus.AMENDED
    ended, future = VersionStatus.REPEALED, VersionStatus.NOT_YET_IN_FORCE
    assert states("1998-01-01") == expected(future, future, future, None)
    assert states("2000-01-01") == expected(future, in_force, in_force, None)
    assert states("2020-12-31") == expected(in_force, in_force, amended, None)
    assert states("2021-01-01") == expected(in_force, ended, amended, None)
    assert states("2027-01-01") == expected(in_force, ended, amended, None)


def test_the_catalogue_knows_every_name(writing: Connection) -> None:
    bundle = trademark_law()
    namesake = make_work("商标法", region="某地")
    works.save_bundle(writing, bundle)
    works.save_bundle(writing, make_bundle(namesake, make_version(namesake, "2000-01-01")))
    assert works.title_catalogue(writing) == {
        "中华人民共和国商标法": (bundle.work.id,),
        "商标法": tuple(sorted((bundle.work.id, namesake.id))),
        "商标条例": (bundle.work.id,),
    }


def test_unknown_ids_say_so(writing: Connection) -> None:
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: works.get_work(writing, "w0"), "work_not_found"),
        (lambda: works.get_version(writing, "w0@2020-01-01"), "version_not_found"),
        (lambda: works.get_provision(writing, "w0:a1"), "provision_not_found"),
        (lambda: works.get_provision(writing, "w0:a1", version_id="v"), "provision_not_found"),
    ]
    for read, code in cases:
        with pytest.raises(NotFoundError) as caught:
            read()
        assert caught.value.code == code
        assert caught.value.way_out


@pytest.mark.parametrize("bad", ["w\x00", "w\ud800"], ids=["NUL", "lone surrogate"])
def test_parameters_that_no_database_takes(writing: Connection, bad: str) -> None:
    works.save_bundle(writing, trademark_law())
    reads: list[Callable[[], object]] = [
        lambda: works.get_work(writing, bad),
        lambda: works.list_versions(writing, bad),
        lambda: works.version_on(writing, bad, CHANGE),
        lambda: works.list_works(writing, title_contains=bad),
        lambda: works.list_works(writing, topic=bad),
        lambda: works.find_provision(writing, bad),
        lambda: works.find_provision(writing, bad, version_id=bad),
        lambda: works.load_provisions(writing, [(bad, "v"), ("p", bad)]),
        lambda: works.works_of_source(writing, bad),
    ]
    for read in reads:
        with pytest.raises(LawkbError) as caught:
            read()
        assert isinstance(caught.value, BadInputError)
        assert caught.value.code == "text_not_storable"
    # Nothing of this has spoilt the transaction.
    assert works.counts(writing).works == 1
    assert works.list_sources(writing) == (SOURCE,)


@pytest.mark.parametrize("page", [{"limit": -1}, {"limit": 1001}, {"offset": -1}, {"offset": 2**63}])
def test_a_page_out_of_range(writing: Connection, page: dict[str, int]) -> None:
    with pytest.raises(BadInputError) as caught:
        works.list_works(writing, **page)  # type: ignore[arg-type]
    assert caught.value.code == "limit_out_of_range"


def test_a_title_of_any_length_is_answered(writing: Connection) -> None:
    assert works.list_works(writing, title_contains="%" * 500) == ((), 0)
    with pytest.raises(BadInputError) as caught:
        works.list_works(writing, title_contains="长" * 501)
    assert caught.value.code == "title_too_long"
