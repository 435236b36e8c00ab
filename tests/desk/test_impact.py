"""A change of law puts answers back on the desk; samples, shelf, recall."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kb.answer.audit import Auditor
from kb.answer.desk import AnswerDesk
from kb.answer.holdings import BundleHoldings, Holdings
from kb.answer.impact import find_impacts, open_review_tasks
from kb.answer.pinning import Change
from kb.answer.reading import load_shipped
from kb.answer.samples import load_samples
from kb.answer.shelf import StoreShelf
from kb.clock import today, utc_now
from kb.domain.answers import AnswerBasis
from kb.domain.editing import AnswerState, AnswerUse, Origin, Severity
from kb.store import answers as store
from kb.store.database import Connection, Database
from tests.answer.small_answers import LAW, OLD_LAW, make_answer, make_bundles
from tests.desk.conftest import EDITOR, REVIEWER, small_holdings
from tests.desk.test_workflow import publish, signed_answer

BEFORE, AFTER = dt.date(2026, 11, 27), dt.date(2027, 3, 1)


def shelf_of(database: Database, *, serve_samples: bool = True) -> StoreShelf:
    return StoreShelf(database, serve_samples=serve_samples, open_holdings=small_holdings)


def test_a_changed_article_opens_a_task_with_both_texts_and_a_notice(
    desk: AnswerDesk, database: Database, auditor: Auditor
) -> None:
    publish(desk)
    assert find_impacts(database, BEFORE, small_holdings) == ()
    (impact,) = find_impacts(database, AFTER, small_holdings)
    assert [one.change for one in impact.changes] == [Change.TEXT_CHANGED]
    assert open_review_tasks(database, auditor, AFTER, small_holdings) == 1
    assert open_review_tasks(database, auditor, AFTER, small_holdings) == 0
    with database.reading() as connection:
        (task,) = store.list_tasks(connection)
    assert (task.title, task.label, task.severity) == (LAW, "第一条", Severity.NOTICE)
    assert "十日内归还" in task.new_text
    entry = desk.entry(impact.entry.id)
    assert entry.state is AnswerState.DUE
    given = shelf_of(database).get(entry.id, BEFORE)
    assert given is not None
    assert given.servable
    assert any("依据的条文改了" in notice for notice in given.notices)
    desk.confirm(entry.id, entry.lock, REVIEWER, "结论不变")
    with database.reading() as connection:
        assert store.list_tasks(connection) == ()
    assert auditor.verify().sound


def test_a_repealed_basis_withdraws_the_answer(
    desk: AnswerDesk, database: Database, auditor: Auditor
) -> None:
    publish(desk)

    def gone(_: Connection) -> Holdings:
        return BundleHoldings([one for one in make_bundles() if one.work.title == OLD_LAW])

    assert open_review_tasks(database, auditor, BEFORE, gone) >= 1
    given = shelf_of(database).get("contracts-umbrella", BEFORE)
    assert given is not None
    assert not given.servable
    assert "等待复核" in given.withdrawn


def test_the_most_used_answer_comes_first(desk: AnswerDesk, database: Database, auditor: Auditor) -> None:
    publish(desk)
    publish(desk, signed_answer(id="contracts-second", title="伞借出去坏了怎么办"))
    with database.writing() as connection:
        for number in range(3):
            use = AnswerUse("contracts-umbrella", 1, "hotline", f"call-{number}", utc_now())
            store.add_use(connection, use)
    open_review_tasks(database, auditor, AFTER, small_holdings)
    with database.reading() as connection:
        tasks = store.list_tasks(connection)
        told = store.list_uses(connection, "contracts-umbrella", [1])
    assert [one.answer_id for one in tasks] == ["contracts-umbrella", "contracts-second"]
    assert [one.reference for one in told] == ["call-0", "call-1", "call-2"]


def test_an_answer_that_nobody_reviewed_is_kept_back_where_samples_are_off(
    desk: AnswerDesk, database: Database, auditor: Auditor
) -> None:
    load_samples(auditor, small_holdings)
    assert not any(one.servable for one in shelf_of(database, serve_samples=False).published(today()))
    publish(desk)
    shown = [one for one in shelf_of(database, serve_samples=False).published(today()) if one.servable]
    assert [one.answer.id for one in shown] == ["contracts-umbrella"]


def test_samples_arrive_once_and_leave_edited_answers_alone(
    desk: AnswerDesk, database: Database, auditor: Auditor
) -> None:
    new, changed, kept = load_samples(auditor, small_holdings)
    assert new >= 300
    assert load_samples(auditor, small_holdings) == (0, 0, 0)
    with database.reading() as connection:
        entry = store.list_entries(connection)[0]
        record = store.get_revision(connection, entry.id, 1).record
    desk.save(record, entry.lock, EDITOR, "接手")
    assert load_samples(auditor, small_holdings) == (0, 0, 1)
    assert desk.entry(entry.id).origin is Origin.EDITED
    assert (changed, kept) == (0, 0)
    assert auditor.verify().sound


def test_a_sample_that_no_longer_ships_is_retired(
    desk: AnswerDesk, auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_samples(auditor, small_holdings)
    shipped = load_shipped()
    dropped = shipped[0].id
    monkeypatch.setattr("kb.answer.samples.load_shipped", lambda: shipped[1:])
    assert load_samples(auditor, small_holdings) == (0, 1, 0)
    assert desk.entry(dropped).state is AnswerState.RETIRED


def test_the_basis_that_is_not_held_yet_waits(desk: AnswerDesk, database: Database) -> None:
    basis = (
        *signed_answer().basis,
        AnswerBasis("b3", "某市雨伞管理办法", "第三条", "市里的规定", held=False),
    )
    slots = replace(signed_answer().slots, support=("b1", "b2", "b3"))
    publish(desk, signed_answer(basis=basis, slots=slots))
    given = shelf_of(database).get("contracts-umbrella", BEFORE)
    assert given is not None
    assert given.servable
    assert given.waiting_for == ("某市雨伞管理办法",)


def test_a_new_text_of_a_sample_closes_the_tasks_of_the_old_one(
    desk: AnswerDesk, database: Database, auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = [make_answer()]
    monkeypatch.setattr("kb.answer.samples.load_shipped", lambda: tuple(shipped))
    load_samples(auditor, small_holdings)
    open_review_tasks(database, auditor, AFTER, small_holdings)
    assert load_samples(auditor, small_holdings) == (0, 0, 0)
    assert desk.entry("contracts-umbrella").state is AnswerState.DUE
    shipped[0] = make_answer(transfer="新的去处。")
    assert load_samples(auditor, small_holdings) == (0, 1, 0)
    assert desk.entry("contracts-umbrella").state is AnswerState.PUBLISHED
    with database.reading() as connection:
        assert store.list_tasks(connection) == ()
