"""Saving bundles: what comes back, what is counted, what goes on the outbox."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.domain.works import WorkBundle, WorkKind
from kb.errors import BadInputError, LawkbError
from kb.store import outbox
from kb.store.database import Connection, Database
from kb.store.outbox import OutboxOp
from kb.store.works import (
    Tally,
    counts,
    get_work,
    list_provisions,
    list_sources,
    list_versions,
    remove_work,
    save_bundle,
    save_source,
    works_of_source,
)
from tests.store.records import SOURCE, day, make_bundle, make_version, make_work, trademark_law


def changes_after(connection: Connection, position: int) -> list[tuple[str, str, str]]:
    """(op, end of the provision id, day of the version) of each outbox row behind ``position``."""
    return [
        (entry.change.op.value, entry.change.provision_id[13:], entry.change.version_id[14:])
        for entry in outbox.pending(connection, position)
    ]


def with_text(bundle: WorkBundle, version: int, provision: int, **changes: object) -> WorkBundle:
    """``bundle`` with one provision changed."""
    texts = list(bundle.versions)
    provisions = list(texts[version].provisions)
    provisions[provision] = replace(provisions[provision], **changes)  # type: ignore[arg-type]
    texts[version] = replace(texts[version], provisions=tuple(provisions))
    return replace(bundle, versions=tuple(texts))


def test_what_was_saved_comes_back_as_it_was(database: Database) -> None:
    bundle = trademark_law()
    work = replace(
        bundle.work,
        aliases=("商标条例", "TM Law “引号” \\ %_"),
        repealed_on=day("2030-01-01"),
        repealed_on_certain=False,
        successor="新商标法",
    )
    old, new = bundle.versions
    # The end of the work is the end of its last text.
    ended = replace(new.version, effective_to=day("2030-01-01"), effective_to_certain=False)
    bundle = replace(bundle, work=work, versions=(old, replace(new, version=ended)))
    odd = "一、𠮷野家\n\t“第一款”％_'\"; DROP TABLE works; --\u3000\U0010ffff"
    bundle = with_text(bundle, 0, 1, text=odd, path=("第一编 “总则”", "第一章"), number=None)
    with database.writing() as connection:
        save_bundle(connection, bundle)
    with database.reading() as connection:
        assert get_work(connection, work.id) == work
        assert list_versions(connection, work.id) == tuple(text.version for text in bundle.versions)
        for text in bundle.versions:
            assert list_provisions(connection, text.version.id) == text.provisions
        assert list_sources(connection) == (SOURCE,)
        assert works_of_source(connection, SOURCE.id) == (work.id,)


def test_saving_again_writes_nothing(database: Database) -> None:
    with database.writing() as connection:
        first = save_bundle(connection, trademark_law())
    assert (first.works, first.versions, first.provisions) == (Tally(1), Tally(2), Tally(5))
    assert first.outbox_rows == 5
    with database.writing() as connection:
        before = counts(connection)
        again = save_bundle(connection, trademark_law())
        assert again.is_noop
        assert again.outbox_rows == 0
        assert again.provisions == Tally(unchanged=5)
        assert counts(connection) == before
        assert not save_source(connection, SOURCE)


def test_a_changed_text_under_the_same_version_is_reported(writing: Connection) -> None:
    bundle = trademark_law()
    save_bundle(writing, bundle)
    position = outbox.last_position(writing)
    summary = save_bundle(writing, with_text(bundle, 1, 0, text="更正后的新第一条。"))
    assert summary.rewritten_versions == (bundle.versions[1].version.id,)
    assert summary.works == Tally(unchanged=1)
    assert summary.versions == Tally(changed=1, unchanged=1)
    assert summary.provisions == Tally(changed=1, unchanged=4)
    assert changes_after(writing, position) == [("upsert", ":a1", "2027-01-01")]


def test_a_provision_that_is_gone_is_deleted_from_the_index(writing: Connection) -> None:
    bundle = trademark_law()
    save_bundle(writing, bundle)
    position = outbox.last_position(writing)
    shorter = replace(bundle.versions[1], provisions=bundle.versions[1].provisions[:2])
    summary = save_bundle(writing, replace(bundle, versions=(bundle.versions[0], shorter)))
    assert summary.provisions == Tally(removed=1, unchanged=4)
    assert changes_after(writing, position) == [("delete", ":a3", "2027-01-01")]


def test_a_version_that_the_source_dropped_is_removed(writing: Connection) -> None:
    bundle = trademark_law()
    save_bundle(writing, bundle)
    position = outbox.last_position(writing)
    summary = save_bundle(writing, replace(bundle, versions=bundle.versions[:1]))
    assert summary.versions == Tally(removed=1, unchanged=1)
    assert [version.id for version in list_versions(writing, bundle.work.id)] == [
        bundle.versions[0].version.id
    ]
    assert [change[0] for change in changes_after(writing, position)] == ["delete"] * 3


def test_versions_of_another_source_stay(writing: Connection) -> None:
    bundle = trademark_law()
    save_bundle(writing, replace(bundle, versions=bundle.versions[:1]))
    save_source(writing, replace(SOURCE, id="other"))
    position = outbox.last_position(writing)
    topic = replace(bundle.work, topic="经济法")
    summary = save_bundle(
        writing, replace(bundle, work=topic, versions=bundle.versions[1:], source_id="other")
    )
    assert summary.versions == Tally(added=1)
    assert len(list_versions(writing, bundle.work.id)) == 2
    # The changed topic stands in the points of the version that this source does not hold, too.
    assert sorted(changes_after(writing, position)) == [
        ("upsert", ":a1", "2019-11-01"),
        ("upsert", ":a1", "2027-01-01"),
        ("upsert", ":a2", "2019-11-01"),
        ("upsert", ":a2", "2027-01-01"),
        ("upsert", ":a3", "2027-01-01"),
    ]


@pytest.mark.parametrize(
    ("changes", "followed"),
    [
        ({"region": "北京市"}, 5),
        ({"topic": "经济法"}, 5),
        ({"title": "商标法（新名）"}, 5),
        ({"kind": WorkKind.NORMATIVE}, 5),
        ({"issuing_body": "国务院"}, 0),
        ({"successor": "另一部法"}, 0),
        # The last text now ends that day.
        ({"successor": "另一部法", "repealed_on": day("2031-01-01")}, 3),
    ],
)
def test_the_index_follows_what_its_points_hold_of_a_work(
    writing: Connection, changes: dict[str, object], followed: int
) -> None:
    bundle = trademark_law()
    save_bundle(writing, bundle)
    changed = replace(bundle.work, **changes)  # type: ignore[arg-type]
    summary = save_bundle(writing, replace(bundle, work=changed))
    assert summary.works == Tally(changed=1)
    assert summary.outbox_rows == followed
    assert get_work(writing, bundle.work.id) == changed


def test_a_corrected_interval_reaches_the_index(writing: Connection) -> None:
    bundle = trademark_law()
    save_bundle(writing, bundle)
    position = outbox.last_position(writing)
    old = replace(bundle.versions[0].version, effective_to=day("2026-12-01"))
    summary = save_bundle(
        writing, replace(bundle, versions=(replace(bundle.versions[0], version=old), bundle.versions[1]))
    )
    assert summary.versions == Tally(changed=1, unchanged=1)
    assert summary.provisions == Tally(unchanged=5)
    assert summary.rewritten_versions == ()
    assert changes_after(writing, position) == [
        ("upsert", ":a1", "2019-11-01"),
        ("upsert", ":a2", "2019-11-01"),
    ]


def test_removing_a_work_removes_all_of_it(writing: Connection) -> None:
    bundle = trademark_law()
    save_bundle(writing, bundle)
    position = outbox.last_position(writing)
    summary = remove_work(writing, bundle.work.id)
    assert (summary.works.removed, summary.versions.removed, summary.provisions.removed) == (1, 2, 5)
    assert counts(writing).provisions == counts(writing).works == 0
    assert {entry.change.op for entry in outbox.pending(writing, position)} == {OutboxOp.DELETE}
    assert remove_work(writing, bundle.work.id).is_noop


def test_removing_what_one_source_gave(writing: Connection) -> None:
    bundle = trademark_law()
    save_source(writing, replace(SOURCE, id="other"))
    save_bundle(writing, replace(bundle, versions=bundle.versions[:1]))
    save_bundle(writing, replace(bundle, versions=bundle.versions[1:], source_id="other"))
    summary = remove_work(writing, bundle.work.id, source_id=SOURCE.id)
    assert (summary.works.removed, summary.versions.removed, summary.outbox_rows) == (0, 1, 2)
    assert get_work(writing, bundle.work.id) == bundle.work
    assert remove_work(writing, bundle.work.id, source_id="other").works == Tally(removed=1)


def test_a_rollback_leaves_neither_rows_nor_outbox(database: Database) -> None:
    def save_and_fail() -> None:
        with database.writing() as connection:
            save_bundle(connection, trademark_law())
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        save_and_fail()
    with database.reading() as connection:
        held = counts(connection)
        assert (held.works, held.versions, held.provisions, held.outbox) == (0, 0, 0, 0)


def broken_bundles() -> list[tuple[str, WorkBundle]]:
    bundle = trademark_law()
    old, new = bundle.versions
    other = make_work("另一部法")
    backwards = replace(old.version, effective_from=day("2027-01-01"), effective_to=day("2026-01-01"))
    return [
        ("version twice", replace(bundle, versions=(old, old))),
        ("foreign version", make_bundle(bundle.work, make_version(other, "2020-01-01"))),
        ("ends first", replace(bundle, versions=(replace(old, version=backwards),))),
        ("provision twice", replace(bundle, versions=(replace(old, provisions=old.provisions[:1] * 2),))),
        ("foreign provision", replace(bundle, versions=(replace(old, provisions=new.provisions),))),
        ("one place twice", with_text(bundle, 0, 1, ordinal=0)),
        ("a document as title", replace(bundle, work=replace(bundle.work, title="长" * 501))),
        ("number too large", with_text(bundle, 0, 1, number=(10**12, 0))),
        ("no title", replace(bundle, work=replace(bundle.work, title=""))),
    ]


@pytest.mark.parametrize("bundle", [pytest.param(b, id=name) for name, b in broken_bundles()])
def test_a_bundle_that_contradicts_itself_is_refused(writing: Connection, bundle: WorkBundle) -> None:
    with pytest.raises(BadInputError) as caught:
        save_bundle(writing, bundle)
    assert caught.value.code == "bundle_invalid"
    assert caught.value.place or not bundle.work.title
    assert counts(writing).works == 0


def test_an_unknown_source_is_refused(writing: Connection) -> None:
    with pytest.raises(BadInputError) as caught:
        save_bundle(writing, replace(trademark_law(), source_id="nobody"))
    assert caught.value.code == "source_unknown"


@pytest.mark.parametrize("bad", ["前\x00后", "前\ud800后"], ids=["NUL", "lone surrogate"])
def test_text_that_cannot_be_stored_names_its_record(writing: Connection, bad: str) -> None:
    bundle = trademark_law()
    broken = [
        (with_text(bundle, 1, 2, text=bad), ":a3"),
        (with_text(bundle, 0, 1, path=("第一章", bad)), ":a2"),
        (with_text(bundle, 0, 1, label=bad), ":a2"),
        (replace(bundle, work=replace(bundle.work, aliases=(bad,))), bundle.work.id),
    ]
    for candidate, place in broken:
        with pytest.raises(LawkbError) as caught:
            save_bundle(writing, candidate)
        assert caught.value.code == "text_not_storable"
        assert place in caught.value.place
        assert caught.value.render().encode()  # can be printed
    with pytest.raises(BadInputError):
        save_source(writing, replace(SOURCE, title=bad))
    # The transaction is still good.
    assert save_bundle(writing, bundle).outbox_rows == 5
