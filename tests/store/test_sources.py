"""Several sources for one work: who describes it, whose text serves, what is kept and what goes."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest

from kb.domain.documents import Document
from kb.domain.records import GuideDetails, Material
from kb.domain.works import (
    Source,
    SourcePlace,
    VersionedText,
    WorkBundle,
    WorkKind,
    version_id,
    work_id,
)
from kb.errors import BadInputError
from kb.store import outbox, works
from kb.store.database import Connection
from kb.store.documents import documents_of, place_of, save_document
from kb.store.works import SaveSummary, Tally, remove_work, save_bundle, save_source, settle_work
from tests.store.records import SOURCE, Articles, day, make_bundle, make_version, make_work

FOLDER = replace(SOURCE, id="a-folder", title="文件夹", priority=40)
OFFICIAL = replace(SOURCE, id="official", title="官方库", priority=60)
LAW = make_work("中华人民共和国公证法")
TEXTS: Articles = {
    (1, 0): "为规范公证活动，制定本法。",
    (2, 0): "公证是公证机构的活动。",
    (3, 0): "自公布施行。",
}
OTHER: Articles = {**TEXTS, (2, 0): "公证是公证处的活动。"}


@pytest.fixture
def store(writing: Connection) -> Connection:
    for source in (FOLDER, OFFICIAL):
        save_source(writing, source)
    return writing


def keep_file(connection: Connection, content: str, source: Source) -> str:
    """Save a document and return its id."""
    data = content.encode()
    id_ = hashlib.sha256(data).hexdigest()
    moment = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    save_document(connection, Document(id_, "法.md", "markdown", None, source.id, moment, len(data)), data)
    return id_


def read_from(connection: Connection, content: str, source: Source, articles: Articles) -> VersionedText:
    """A text of LAW with the file that it was read from, one line an article."""
    document = keep_file(connection, content, source)
    text = make_version(LAW, "2018-01-01", None, articles)
    placed = tuple(
        replace(one, place=SourcePlace(document, one.ordinal + 3, one.ordinal + 3)) for one in text.provisions
    )
    return replace(text, provisions=placed, documents=(document,))


def give(
    connection: Connection, source: Source, articles: Articles, content: str = "", **of_work: object
) -> SaveSummary:
    """Let ``source`` give LAW with one text; equal ``content`` stands for the same bytes."""
    text = read_from(connection, content or f"{source.id}{articles}", source, articles)
    return save_bundle(connection, WorkBundle(replace(LAW, **of_work), (text,), source.id))  # type: ignore[arg-type]


def served(connection: Connection, on: str = "2026-01-01") -> list[str]:
    version = works.version_on(connection, LAW.id, day(on))
    return [] if version is None else [one.text for one in works.list_provisions(connection, version.id)]


BASE = version_id(LAW.id, day("2018-01-01"))


@pytest.mark.parametrize("order", [(SOURCE, FOLDER), (FOLDER, SOURCE)], ids=["high first", "low first"])
def test_the_same_text_from_two_sources_is_one_version(store: Connection, order: tuple[Source, ...]) -> None:
    blanks = {number: text.replace("，", "，\u3000").replace("日", "⽇") for number, text in TEXTS.items()}
    given = {SOURCE.id: TEXTS, FOLDER.id: blanks}
    first, second = (give(store, source, given[source.id]) for source in order)
    assert first.versions == Tally(added=1)
    assert second.versions.added == 0
    assert second.witnesses == Tally(added=1)
    assert second.differing == first.differing == ()
    (version,) = works.list_versions(store, LAW.id, superseded=True)
    assert version.id == BASE
    # Whichever came first, the reading of the higher priority is kept.
    assert served(store) == list(TEXTS.values())
    assert [one.source.id for one in works.list_witnesses(store, BASE)] == [SOURCE.id, FOLDER.id]
    assert {one.source_id for one in documents_of(store, BASE)} == {SOURCE.id, FOLDER.id}
    before = works.corpus_digest(store)
    for source in (*order, *order):
        again = give(store, source, given[source.id])
        assert again.is_noop
        assert again.outbox_rows == 0
    assert works.corpus_digest(store) == before


@pytest.mark.parametrize("order", [(SOURCE, FOLDER), (FOLDER, SOURCE)], ids=["high first", "low first"])
def test_of_two_texts_the_higher_source_serves_and_the_other_is_told(
    store: Connection, order: tuple[Source, ...]
) -> None:
    given = {SOURCE.id: TEXTS, FOLDER.id: OTHER}
    for source in order:
        summary = give(store, source, given[source.id])
    assert served(store) == list(TEXTS.values())
    (told,) = summary.differing
    assert (told.source_id, told.serving_source_id) == (FOLDER.id, SOURCE.id)
    assert told.provision_ids == (f"{LAW.id}:a2",)
    position = outbox.last_position(store)
    for source in (*order, *order):
        again = give(store, source, given[source.id])
        assert again.is_noop
        assert len(again.differing) == (source is FOLDER)
    assert outbox.last_position(store) == position
    # The text that came first is never lost.
    if order[0] is FOLDER:
        pinned = works.get_provision(store, f"{LAW.id}:a2", version_id=BASE)
        assert pinned.provision.text == OTHER[2, 0]
        assert pinned.version.superseded_by
    else:
        assert len(works.list_versions(store, LAW.id, superseded=True)) == 1


def test_a_changed_text_makes_a_new_reading_and_keeps_the_old(store: Connection) -> None:
    give(store, FOLDER, TEXTS, "first file")
    position = outbox.last_position(store)
    summary = give(store, FOLDER, OTHER, "second file")
    ((old, new),) = summary.superseded_versions
    assert old == BASE
    assert new.startswith(f"{BASE}~")
    assert len(new) == len(BASE) + 9
    assert summary.fresh_versions == (new,)
    assert summary.rewritten_versions == ()
    assert served(store) == list(OTHER.values())
    ended = works.get_version(store, old)
    assert (ended.superseded_by, ended.effective_to) == (new, ended.effective_from)
    assert [one.text for one in works.list_provisions(store, old)] == list(TEXTS.values())
    assert [version.id for version in works.list_versions(store, LAW.id)] == [new]
    # Each text leads to the file that it stands in.
    for version, content in ((old, "first file"), (new, "second file")):
        assert [one.id for one in documents_of(store, version)] == [keep_file(store, content, FOLDER)]
    # The index forgets the old reading and learns the new one.
    changes = [(entry.change.op.value, entry.change.version_id) for entry in outbox.pending(store, position)]
    assert sorted(changes) == sorted([("delete", old)] * 3 + [("upsert", new)] * 3)
    loaded = [one.version.id for batch in works.iter_provisions(store) for one in batch]
    assert set(loaded) == {new}
    assert [one.version.id for one in works.provision_versions(store, f"{LAW.id}:a1")] == [new]
    assert give(store, FOLDER, OTHER, "second file").is_noop
    # Back to the first wording: the first reading serves again, nothing is written twice.
    give(store, FOLDER, TEXTS, "third file")
    assert served(store) == list(TEXTS.values())
    assert works.get_version(store, old).superseded_by == ""
    assert works.get_version(store, new).superseded_by == old
    assert len(works.list_versions(store, LAW.id, superseded=True)) == 2


def test_the_same_bytes_read_better_correct_in_place(store: Connection) -> None:
    give(store, FOLDER, TEXTS, "one file")
    summary = give(store, FOLDER, OTHER, "one file")
    assert summary.rewritten_versions == summary.fresh_versions == (BASE,)
    assert summary.superseded_versions == ()
    assert summary.provisions == Tally(changed=1, unchanged=2)
    assert [version.id for version in works.list_versions(store, LAW.id, superseded=True)] == [BASE]


def test_a_package_with_other_bytes_makes_a_new_reading(store: Connection) -> None:
    save_bundle(store, make_bundle(LAW, make_version(LAW, "2018-01-01", None, TEXTS)))
    changed = make_bundle(LAW, make_version(LAW, "2018-01-01", None, OTHER))
    save_source(store, replace(SOURCE, sha256="1" * 64))
    assert len(save_bundle(store, changed).superseded_versions) == 1


def test_other_lines_of_another_file_move_the_place_alone(store: Connection) -> None:
    give(store, FOLDER, TEXTS, "one file")
    position = outbox.last_position(store)
    summary = give(store, FOLDER, TEXTS, "one file with another footer")
    assert summary.provisions == Tally(unchanged=3)
    assert outbox.last_position(store) == position
    place = place_of(store, f"{LAW.id}:a2", BASE)
    assert place == SourcePlace(keep_file(store, "one file with another footer", FOLDER), 4, 4)
    placed = works.list_provisions(store, BASE, places=True)
    assert [one.place.line_from for one in placed if one.place] == [3, 4, 5]
    assert all(one.place is None for one in works.list_provisions(store, BASE))


def test_the_higher_source_describes_and_the_lower_fills_what_is_empty(store: Connection) -> None:
    give(store, SOURCE, TEXTS, topic="", issuing_body="全国人大常委会")
    summary = give(
        store, FOLDER, TEXTS, topic="行政法", issuing_body="错", aliases=("公证条例",), short_title="公证法规"
    )
    assert summary.works == Tally(changed=1)
    work = works.get_work(store, LAW.id)
    assert (work.topic, work.issuing_body, work.short_title) == ("行政法", "全国人大常委会", "公证法")
    assert work.aliases == ("公证法规", "公证条例")
    give(store, OFFICIAL, TEXTS, topic="社会法")
    assert works.get_work(store, LAW.id).topic == "社会法"
    # Each alone again changes nothing.
    assert give(store, SOURCE, TEXTS, topic="", issuing_body="全国人大常委会").is_noop
    assert works.get_work(store, LAW.id).topic == "社会法"


def test_a_certain_start_from_any_source_wins_over_an_uncertain_one(store: Connection) -> None:
    text = make_version(LAW, "2018-01-01", None, TEXTS)
    unsure = replace(text.version, effective_from_certain=False, date_source="未核实")
    save_bundle(store, make_bundle(LAW, replace(text, version=unsure)))
    sure = replace(text.version, effective_from=day("2018-03-01"), date_source="公报")
    give_sure = WorkBundle(LAW, (replace(text, version=sure),), FOLDER.id)
    assert save_bundle(store, give_sure).outbox_rows == 3
    held = works.get_version(store, BASE)
    assert (held.effective_from, held.effective_from_certain, held.date_source) == (
        *(day("2018-03-01"), True),
        "公报",
    )
    assert save_bundle(store, make_bundle(LAW, replace(text, version=unsure))).is_noop


def test_versions_of_two_sources_close_each_other(store: Connection) -> None:
    old, between, new = (
        make_version(LAW, start, None, {(1, 0): f"{start} 的第一条。"})
        for start in ("2010-01-01", "2015-01-01", "2020-01-01")
    )
    save_bundle(
        store,
        make_bundle(LAW, replace(old, version=replace(old.version, effective_to=day("2020-01-01"))), new),
    )
    summary = save_bundle(store, WorkBundle(LAW, (between,), FOLDER.id))
    assert summary.versions == Tally(added=1, changed=1)
    ends = [version.effective_to for version in works.list_versions(store, LAW.id)]
    assert ends == [day("2015-01-01"), day("2020-01-01"), day("9999-12-31")]
    for on, start in (("2014-12-31", "2010"), ("2015-01-01", "2015"), ("2019-12-31", "2015")):
        assert served(store, on)[0].startswith(start)
    # The one between goes: the old one speaks again.
    removed = remove_work(store, LAW.id, source_id=FOLDER.id)
    assert (removed.works.removed, removed.versions) == (0, Tally(changed=1, removed=1, unchanged=1))
    assert served(store, "2019-12-31")[0].startswith("2010")
    assert settle_work(store, LAW.id).is_noop


def test_a_version_goes_with_its_last_witness(store: Connection) -> None:
    give(store, SOURCE, TEXTS)
    give(store, FOLDER, TEXTS)
    summary = save_bundle(store, WorkBundle(LAW, (), SOURCE.id))
    assert (summary.versions.removed, summary.witnesses) == (0, Tally(removed=1, changed=1))
    assert served(store) == list(TEXTS.values())
    assert works.works_of_source(store, SOURCE.id) == ()
    assert works.works_of_source(store, FOLDER.id) == (LAW.id,)
    gone = remove_work(store, LAW.id, source_id=FOLDER.id)
    assert (gone.versions.removed, gone.provisions.removed) == (1, 3)


def test_the_text_of_a_lower_source_serves_when_the_higher_leaves(store: Connection) -> None:
    give(store, SOURCE, TEXTS)
    give(store, FOLDER, OTHER)
    remove_work(store, LAW.id, source_id=SOURCE.id)
    give(store, FOLDER, OTHER)
    assert served(store) == list(OTHER.values())
    assert give(store, FOLDER, OTHER).is_noop


def test_a_difference_that_the_higher_source_gave_up_is_told_no_more(store: Connection) -> None:
    give(store, SOURCE, TEXTS, "first")
    assert give(store, FOLDER, OTHER).differing
    give(store, SOURCE, OTHER, "second")
    again = give(store, FOLDER, OTHER)
    assert again.differing == ()
    assert again.witnesses == Tally(changed=1)
    assert give(store, FOLDER, OTHER).is_noop


def test_one_file_of_a_work_leaves_the_others(store: Connection) -> None:
    old, new = (make_version(LAW, start, None, TEXTS) for start in ("2010-01-01", "2020-01-01"))
    save_bundle(store, WorkBundle(LAW, (old,), FOLDER.id), complete=False)
    save_bundle(store, WorkBundle(LAW, (new,), FOLDER.id), complete=False)
    assert len(works.list_versions(store, LAW.id)) == 2
    save_bundle(store, WorkBundle(LAW, (new,), FOLDER.id))
    assert len(works.list_versions(store, LAW.id)) == 1


def test_two_files_may_make_one_version(store: Connection) -> None:
    parts = [keep_file(store, name, FOLDER) for name in ("总则", "分则")]
    text = replace(make_version(LAW, "2018-01-01", None, TEXTS), documents=tuple(parts))
    save_bundle(store, WorkBundle(LAW, (text,), FOLDER.id))
    assert [one.id for one in documents_of(store, BASE)] == parts


def test_details_come_back_and_change_in_place(store: Connection) -> None:
    title = "公证办理指引"
    guide = replace(make_work(title), id=work_id(WorkKind.GUIDE, title), kind=WorkKind.GUIDE)
    details = GuideDetails(
        materials=(Material("身份证", copies=1),), verified_on=day("2026-01-01"), fee="免费"
    )
    text = replace(make_version(guide, "2026-01-01"), details=details)
    save_bundle(store, WorkBundle(guide, (text,), FOLDER.id))
    assert works.get_details(store, text.version.id) == details
    dearer = replace(details, fee="每件 80 元")
    changed = save_bundle(store, WorkBundle(guide, (replace(text, details=dearer),), FOLDER.id))
    assert changed.versions == Tally(changed=1)
    assert works.load_details(store, [text.version.id, "none"]) == {text.version.id: dearer}
    assert works.get_details(store, BASE) is None
    # as_of is the same for every kind.
    assert works.version_on(store, guide.id, day("2025-12-31")) is None
    assert works.version_on(store, guide.id, day("2026-01-01")) is not None


def test_a_text_from_a_file_that_is_not_kept_is_refused(store: Connection) -> None:
    text = make_version(LAW, "2018-01-01", None, TEXTS)
    with pytest.raises(BadInputError) as caught:
        save_bundle(store, WorkBundle(LAW, (replace(text, documents=("0" * 64,)),), FOLDER.id))
    assert caught.value.code == "document_unknown"
    astray = tuple(replace(one, place=SourcePlace("0" * 64, 1, 1)) for one in text.provisions)
    marked = replace(text.version, id=f"{BASE}~12345678")
    for broken in (
        replace(text, provisions=astray),
        replace(text, documents=("0" * 64, "0" * 64)),
        VersionedText(marked, ()),
    ):
        with pytest.raises(BadInputError) as caught:
            save_bundle(store, WorkBundle(LAW, (broken,), FOLDER.id))
        assert caught.value.code == "bundle_invalid"


def test_removing_a_work_of_several_sources_removes_all(store: Connection) -> None:
    give(store, FOLDER, OTHER)
    give(store, SOURCE, TEXTS)
    gone = remove_work(store, LAW.id)
    assert (gone.works.removed, gone.versions.removed, gone.provisions.removed) == (1, 2, 6)
    assert works.counts(store).versions == 0
    assert give(store, FOLDER, OTHER).works == Tally(added=1)
