"""The citation graph, both ways, and what texts state of other texts' ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.domain.validity import ProvisionState, ProvisionStateKind, StatedRepeal
from kb.domain.works import VersionStatus, WorkBundle, status_on
from kb.errors import BadInputError
from kb.store import outbox
from kb.store.citations import (
    CitationRow,
    citations_of,
    cited_by,
    count_cited_by,
    resolve_pending,
    save_citations,
    work_cited_by,
)
from kb.store.database import Connection
from kb.store.validity import (
    list_stated_repeals,
    provision_states_on,
    repeals_of_title,
    repeals_of_work,
    save_provision_states,
    save_stated_repeals,
)
from kb.store.works import (
    get_version,
    get_work,
    list_versions,
    remove_work,
    save_bundle,
    save_source,
    settle_repealed,
    title_catalogue,
)
from kb.text.catalogue import TitleCatalogue
from tests.store.records import SOURCE, day, make_bundle, make_version, make_work, trademark_law

CITED = make_work("中华人民共和国公证法")
RULES = make_work("公证程序规则")
OLD, NEW = make_version(RULES, "2006-07-01", "2021-01-01"), make_version(RULES, "2021-01-01")


def cite(
    title: str, number: tuple[int, int] | None, *, position: int = 0, target: str | None = None
) -> CitationRow:
    """A citation in 第一条 of RULES."""
    return CitationRow(
        provision_id=f"{RULES.id}:a1",
        position=position,
        text=f"《{title}》第二条第二款",
        span=(5, 20),
        title=title,
        title_kind="quoted",
        number=number,
        units=((2, None, None),),
        target_work=target,
    )


@pytest.fixture
def store(writing: Connection) -> Connection:
    save_bundle(writing, make_bundle(RULES, OLD, NEW))
    return writing


def hold(connection: Connection) -> TitleCatalogue:
    """Bring in the cited law."""
    save_bundle(connection, make_bundle(CITED, make_version(CITED, "2006-03-01", None, {(2, 0): "第二条。"})))
    return TitleCatalogue.build(title_catalogue(connection))


def test_a_citation_is_seen_from_both_ends(store: Connection) -> None:
    for text in (OLD, NEW):
        rows = [cite("公证法", (2, 0), target=CITED.id)]
        assert save_citations(store, text.version.id, rows) == 1
    hold(store)
    (row,) = citations_of(store, NEW.version.id, f"{RULES.id}:a1")
    assert row == cite("公证法", (2, 0), target=CITED.id)
    assert citations_of(store, NEW.version.id, f"{RULES.id}:a2") == ()
    article = f"{CITED.id}:a2"
    every, total = cited_by(store, article)
    assert (total, [one.loaded.version.id for one in every]) == (2, [OLD.version.id, NEW.version.id])
    ((then,), _) = cited_by(store, article, as_of=day("2020-12-31"))
    assert (then.loaded.version, then.citation.span) == (OLD.version, (5, 20))
    assert cited_by(store, article, as_of=day("2000-01-01")) == ((), 0)
    assert cited_by(store, f"{CITED.id}:a2-1") == cited_by(store, f"{CITED.id}:b1") == ((), 0)
    assert work_cited_by(store, CITED.id)[1] == 2
    assert count_cited_by(store, CITED.id) == {(2, 0): 2}
    assert cited_by(store, article, limit=1, offset=1)[0] == every[1:]
    with pytest.raises(BadInputError):
        cited_by(store, article, limit=-1)


def test_a_work_that_comes_later_is_found(store: Connection) -> None:
    rows = [
        cite("公证法", (2, 0)),
        cite("中华人民共和国公证法", None, position=1),
        cite("公证法实施细则", (1, 0), position=2),
        replace(cite("", (2, 0), position=3), title_kind="none"),
    ]
    save_citations(store, NEW.version.id, rows)
    catalogue = hold(store)
    assert resolve_pending(store, catalogue) == 2
    assert resolve_pending(store, catalogue) == 0
    assert [row.target_work for row in citations_of(store, NEW.version.id)] == [
        CITED.id,
        CITED.id,
        None,
        None,
    ]
    # Saving what was found in the text again does not lose it.
    save_citations(store, NEW.version.id, rows)
    assert cited_by(store, f"{CITED.id}:a2")[1] == 1
    # The work goes and comes back.
    remove_work(store, CITED.id)
    assert [row.target_work for row in citations_of(store, NEW.version.id)] == [None] * 4
    assert resolve_pending(store, hold(store)) == 2


def test_citations_go_with_their_text(store: Connection) -> None:
    save_citations(store, OLD.version.id, [cite("公证法", (2, 0))])
    save_bundle(store, make_bundle(RULES, NEW))
    assert citations_of(store, OLD.version.id) == ()
    assert save_citations(store, NEW.version.id, [cite("公证法", (2, 0))]) == 1
    assert save_citations(store, NEW.version.id, []) == 0
    assert citations_of(store, NEW.version.id) == ()


def test_a_reading_that_was_superseded_cites_nothing_any_more(store: Connection) -> None:
    save_citations(store, NEW.version.id, [cite("公证法", (2, 0), target=CITED.id)])
    hold(store)
    save_source(store, replace(SOURCE, sha256="1" * 64))
    save_bundle(store, make_bundle(RULES, OLD, make_version(RULES, "2021-01-01", None, {(1, 0): "另文。"})))
    assert cited_by(store, f"{CITED.id}:a2") == ((), 0)
    assert len(citations_of(store, NEW.version.id)) == 1


# -- repeals that texts state ---------------------------------------------------------------------


def repeal(title: str, on: str | None, **changes: object) -> StatedRepeal:
    stated = StatedRepeal(
        by_version=NEW.version.id,
        by_provision=f"{RULES.id}:a1",
        title=title,
        day=day(on) if on else None,
        basis=f"《公证程序规则》第一条：《{title}》同时废止",
    )
    return replace(stated, **changes)  # type: ignore[arg-type]


def test_a_work_that_is_not_held_is_known_to_be_repealed(store: Connection) -> None:
    whole = repeal("中华人民共和国公证暂行条例", "2021-01-01")
    part = repeal("公证暂行条例", None, number=(7, 1), units=((2, None, None),))
    assert save_stated_repeals(store, NEW.version.id, [part, whole]) == frozenset()
    assert list_stated_repeals(store, NEW.version.id) == (part, whole)
    assert repeals_of_title(store, "公证暂行条例") == (whole, part)
    assert repeals_of_title(store, "《中华人民共和国公证暂行条例》") == (whole, part)
    assert repeals_of_title(store, "公证暂行条例实施细则") == ()
    assert save_stated_repeals(store, NEW.version.id, []) == frozenset()
    assert repeals_of_title(store, "公证暂行条例") == ()


def test_a_held_work_ends_with_the_statement_and_stands_again_without(store: Connection) -> None:
    save_stated_repeals(store, NEW.version.id, [repeal("公证法", "2021-01-01")])
    assert resolve_pending(store, hold(store)) == 1
    (version,) = list_versions(store, CITED.id)
    position = outbox.last_position(store)
    assert settle_repealed(store).outbox_rows == 1
    assert settle_repealed(store).is_noop
    work, ended = get_work(store, CITED.id), get_version(store, version.id)
    assert (work.repealed_on, work.repealed_on_certain, work.successor) == (
        *(day("2021-01-01"), True),
        RULES.title,
    )
    assert ended.effective_to == day("2021-01-01")
    assert status_on(ended, work, day("2021-01-01")) is VersionStatus.REPEALED
    assert [entry.change.version_id for entry in outbox.pending(store, position)] == [version.id]
    assert [one.title for one in repeals_of_work(store, CITED.id)] == ["公证法"]
    # The source itself says nothing of it, and need not be asked again.
    hold(store)
    assert get_work(store, CITED.id) == work
    # The text that states it goes: so does the end.
    save_bundle(store, make_bundle(RULES, OLD))
    assert get_work(store, CITED.id).repealed_on is None
    assert get_version(store, version.id) == version


def test_what_was_adopted_after_the_repealing_text_stands(store: Connection) -> None:
    texts = [make_version(CITED, start, None, {(1, 0): start}) for start in ("2006-03-01", "2023-03-01")]
    save_bundle(store, WorkBundle(CITED, tuple(texts), SOURCE.id))
    concerned = save_stated_repeals(
        store, NEW.version.id, [repeal("公证法", "2021-01-01", target_work=CITED.id)]
    )
    assert concerned == {CITED.id}
    settle_repealed(store, concerned)
    assert [version.effective_to for version in list_versions(store, CITED.id)] == [
        *(day("2021-01-01"), day("9999-12-31"))
    ]
    assert get_work(store, CITED.id).repealed_on is None


def test_an_amended_text_repeats_an_old_repeal(store: Connection) -> None:
    """The clause of 1995 stands in the text of 2021 too; the law of that title of 2006 is another."""
    hold(store)
    concerned = save_stated_repeals(
        store, NEW.version.id, [repeal("公证法", "1995-01-01", target_work=CITED.id)]
    )
    assert settle_repealed(store, concerned).is_noop


def test_a_statement_that_is_withdrawn_lets_the_work_stand_again(store: Connection) -> None:
    hold(store)
    save_stated_repeals(store, NEW.version.id, [repeal("公证法", "2021-01-01", target_work=CITED.id)])
    settle_repealed(store)
    save_stated_repeals(store, NEW.version.id, [])
    assert settle_repealed(store).works.changed == 1
    assert get_work(store, CITED.id).repealed_on is None


def test_a_repeal_without_a_day_or_of_a_part_ends_no_work(store: Connection) -> None:
    hold(store)
    vague = repeal("公证法", None, target_work=CITED.id)
    part = repeal("公证法", "2021-01-01", target_work=CITED.id, number=(2, 0))
    save_stated_repeals(store, NEW.version.id, [vague, part])
    assert settle_repealed(store).is_noop


def test_states_of_single_provisions(writing: Connection) -> None:
    save_bundle(writing, trademark_law())
    article = f"{trademark_law().work.id}:a1"
    gone = ProvisionState(
        *(article, (2, None, None), day("2024-01-01"), ProvisionStateKind.REPEALED),
        *("第二款由修改决定删去", "关于修改《商标法》的决定"),
    )
    paused = ProvisionState(
        *(article, None, day("2024-01-01"), ProvisionStateKind.SUSPENDED, "暂停适用", "授权决定"),
        to_day=day("2025-01-01"),
    )
    assert save_provision_states(writing, SOURCE.id, [gone, paused])
    assert not save_provision_states(writing, SOURCE.id, [gone, paused])
    assert provision_states_on(writing, [article, "none"], day("2024-06-01")) == {article: (gone, paused)}
    assert provision_states_on(writing, [article], day("2025-01-01")) == {article: (gone,)}
    assert provision_states_on(writing, [article], day("2023-12-31")) == {}
    assert save_provision_states(writing, SOURCE.id, [])
    assert provision_states_on(writing, [article], day("2024-06-01")) == {}
