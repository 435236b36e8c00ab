"""From draft to published and on: who may do what, and what a stale or faulty text meets."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kb.answer.audit import Auditor
from kb.answer.desk import AnswerDesk
from kb.answer.workflow import RESULTS, ROLES, Action, next_state
from kb.clock import today
from kb.domain.answers import StandardAnswer
from kb.domain.bank import BankSource
from kb.domain.editing import Actor, AnswerState, Role
from kb.errors import BadInputError, ConflictError, ForbiddenError, LawkbError
from kb.store import answers as store
from kb.store.bank import bank_owners
from kb.store.database import Database
from tests.answer.small_answers import make_answer
from tests.desk.conftest import BOTH, EDITOR, REVIEWER

REVIEWED = {"reviewed_by": "李律师", "owner": "示例法律援助中心"}


def signed_answer(**changes: object) -> StandardAnswer:
    return make_answer(**{**REVIEWED, **changes})


def publish(desk: AnswerDesk, record: StandardAnswer | None = None) -> int:
    """Bring an answer to published; returns its lock."""
    entry = desk.create(record or signed_answer(), EDITOR)
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    entry = desk.approve(entry.id, entry.lock, REVIEWER)
    return desk.publish(entry.id, entry.lock, REVIEWER).lock


def refused(error: pytest.ExceptionInfo[LawkbError]) -> str:
    return error.value.code


def test_an_answer_goes_from_draft_to_published_and_is_found(desk: AnswerDesk, database: Database) -> None:
    entry = desk.create(signed_answer(), EDITOR, "第一稿")
    assert (entry.state, entry.lock, entry.head, entry.published) == (AnswerState.DRAFT, 1, 1, None)
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    assert entry.state is AnswerState.IN_REVIEW
    entry = desk.approve(entry.id, entry.lock, REVIEWER)
    assert entry.state is AnswerState.APPROVED
    entry = desk.publish(entry.id, entry.lock, REVIEWER)
    assert (entry.state, entry.published) == (AnswerState.PUBLISHED, 1)
    assert entry.next_review is not None
    assert entry.next_review > today()
    with database.reading() as connection:
        ((_, revision),) = store.list_published(connection)
        assert revision.record == signed_answer()
        assert all(pin.text_sha256 for pin in revision.pinned)
        assert bank_owners(connection, BankSource.ANSWER) == {entry.id}
        actions = [event.action for event in store.list_events(connection, entry.id)]
    assert actions == ["save", "submit", "approve", "publish"]


def test_a_new_draft_leaves_the_published_text_until_it_is_published_too(
    desk: AnswerDesk, database: Database
) -> None:
    lock = publish(desk)
    again = signed_answer(transfer="找社区调解。")
    entry = desk.save(again, lock, EDITOR, "改了去处")
    assert (entry.state, entry.head, entry.published) == (AnswerState.DRAFT, 2, 1)
    with database.reading() as connection:
        ((_, served),) = store.list_published(connection)
    assert served.number == 1
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    entry = desk.approve(entry.id, entry.lock, REVIEWER)
    desk.publish(entry.id, entry.lock, REVIEWER)
    with database.reading() as connection:
        ((_, served),) = store.list_published(connection)
    assert (served.number, served.record.transfer) == (2, "找社区调解。")


def test_nobody_approves_what_they_wrote(desk: AnswerDesk) -> None:
    entry = desk.create(signed_answer(), BOTH)
    entry = desk.submit(entry.id, entry.lock, BOTH)
    with pytest.raises(ForbiddenError) as error:
        desk.approve(entry.id, entry.lock, BOTH)
    assert refused(error) == "own_text"
    assert desk.approve(entry.id, entry.lock, REVIEWER).state is AnswerState.APPROVED


def test_an_earlier_author_of_the_same_draft_cannot_approve_either(desk: AnswerDesk) -> None:
    entry = desk.create(signed_answer(), BOTH)
    entry = desk.save(signed_answer(transfer="找街道。"), entry.lock, EDITOR)
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    with pytest.raises(ForbiddenError) as error:
        desk.approve(entry.id, entry.lock, BOTH)
    assert refused(error) == "own_text"


def test_a_stale_edit_is_refused_and_nothing_is_lost(desk: AnswerDesk, database: Database) -> None:
    entry = desk.create(signed_answer(), EDITOR)
    desk.save(signed_answer(transfer="甲改的。"), entry.lock, EDITOR)
    with pytest.raises(ConflictError) as error:
        desk.save(signed_answer(transfer="乙改的。"), entry.lock, EDITOR)
    assert refused(error) == "answer_stale"
    with database.reading() as connection:
        assert [one.record.transfer for one in store.list_revisions(connection, entry.id)] == [
            make_answer().transfer,
            "甲改的。",
        ]


def test_a_stale_approval_is_refused(desk: AnswerDesk) -> None:
    entry = desk.create(signed_answer(), EDITOR)
    seen = desk.submit(entry.id, entry.lock, EDITOR)
    desk.save(signed_answer(transfer="送审以后又改。"), seen.lock, EDITOR)
    with pytest.raises(ConflictError) as error:
        desk.approve(entry.id, seen.lock, REVIEWER)
    assert refused(error) == "answer_stale"


def test_a_faulty_text_may_be_saved_but_not_submitted(desk: AnswerDesk) -> None:
    basis = make_answer().basis
    wrong = replace(basis[0], label="第九十九条")
    entry = desk.create(signed_answer(basis=(wrong, *basis[1:])), EDITOR)
    with pytest.raises(BadInputError) as error:
        desk.submit(entry.id, entry.lock, EDITOR)
    assert refused(error) == "answer_faulty"
    assert "第九十九条" in error.value.message


@pytest.mark.parametrize(
    ("missing", "code"), [("reviewed_by", "reviewer_missing"), ("owner", "owner_missing")]
)
def test_publishing_needs_a_named_lawyer_and_an_owner(desk: AnswerDesk, missing: str, code: str) -> None:
    entry = desk.create(signed_answer(**{missing: None if missing == "reviewed_by" else ""}), EDITOR)
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    entry = desk.approve(entry.id, entry.lock, REVIEWER)
    with pytest.raises(BadInputError) as error:
        desk.publish(entry.id, entry.lock, REVIEWER)
    assert refused(error) == code
    assert desk.entry(entry.id).state is AnswerState.APPROVED


def test_a_title_is_taken_once(desk: AnswerDesk) -> None:
    desk.create(signed_answer(), EDITOR)
    with pytest.raises(ConflictError) as error:
        desk.create(signed_answer(id="contracts-other"), EDITOR)
    assert refused(error) == "title_taken"
    with pytest.raises(ConflictError) as error:
        desk.create(signed_answer(title="另一个标题怎么办"), EDITOR)
    assert refused(error) == "answer_exists"


def test_publishing_can_be_set_for_a_day(desk: AnswerDesk) -> None:
    entry = desk.create(signed_answer(), EDITOR)
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    entry = desk.approve(entry.id, entry.lock, REVIEWER)
    later = today() + dt.timedelta(days=3)
    entry = desk.publish(entry.id, entry.lock, REVIEWER, on=later)
    assert (entry.state, entry.publish_on) == (AnswerState.APPROVED, later)
    assert desk.publish_due(REVIEWER) == ()
    desk.publish(entry.id, entry.lock, REVIEWER, on=today() + dt.timedelta(days=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kb.answer.desk.today", lambda: later)
        assert desk.publish_due(REVIEWER) == (entry.id,)
    assert desk.entry(entry.id).state is AnswerState.PUBLISHED


def test_what_is_past_its_validity_is_retired(desk: AnswerDesk, database: Database) -> None:
    entry = desk.create(signed_answer(valid_until=today()), EDITOR)
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    entry = desk.approve(entry.id, entry.lock, REVIEWER)
    desk.publish(entry.id, entry.lock, REVIEWER)
    assert desk.publish_due(REVIEWER) == ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kb.answer.desk.today", lambda: today() + dt.timedelta(days=1))
        assert desk.publish_due(REVIEWER) == (entry.id,)
    assert desk.entry(entry.id).state is AnswerState.RETIRED
    with database.reading() as connection:
        assert bank_owners(connection, BankSource.ANSWER) == frozenset()


def test_rolling_back_is_a_new_revision_with_the_old_text(desk: AnswerDesk, database: Database) -> None:
    lock = publish(desk)
    entry = desk.save(signed_answer(transfer="新去处。"), lock, EDITOR)
    entry = desk.roll_back(entry.id, 1, entry.lock, EDITOR)
    with database.reading() as connection:
        revisions = store.list_revisions(connection, entry.id)
    assert [one.number for one in revisions] == [1, 2, 3]
    assert revisions[2].record == revisions[0].record
    assert entry.state is AnswerState.DRAFT


def test_returning_retiring_and_remarks_want_words(desk: AnswerDesk) -> None:
    entry = desk.create(signed_answer(), EDITOR)
    entry = desk.submit(entry.id, entry.lock, EDITOR)
    for step in (desk.send_back, desk.retire):
        with pytest.raises(BadInputError) as error:
            step(entry.id, entry.lock, REVIEWER, " ")
        assert refused(error) == "comment_missing"
    assert desk.send_back(entry.id, entry.lock, REVIEWER, "期限写错").state is AnswerState.DRAFT


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(AnswerState))
@pytest.mark.parametrize("role", list(Role))
def test_every_step_is_allowed_exactly_where_the_table_says(
    action: Action, state: AnswerState, role: Role
) -> None:
    entry = store.AnswerEntry(
        id="a", origin=store.Origin.EDITED, state=state, lock=1, head=1, published=None, title="题",
        topic="合同", risk="ordinary", owner="", next_review=None, publish_on=None,
        updated_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    actor = Actor("x", "某人", frozenset((role,)))
    allowed = role in ROLES[action] and state in RESULTS[action]
    if allowed:
        assert next_state(action, entry, actor) is RESULTS[action][state]
        return
    with pytest.raises((ForbiddenError, ConflictError)) as error:
        next_state(action, entry, actor)
    assert error.value.code == ("role_missing" if role not in ROLES[action] else "state_unfit")
    assert error.value.way_out


def test_a_table_is_taken_in_whole_or_not_at_all(
    desk: AnswerDesk, database: Database, auditor: Auditor
) -> None:
    first = signed_answer()
    assert desk.take_in([first], EDITOR, "表") == (1, 0)
    clash = signed_answer(id="contracts-third")
    fine = signed_answer(id="contracts-second", title="另外一题怎么办")
    with pytest.raises(ConflictError):
        desk.take_in([fine, clash], EDITOR, "表")
    with database.reading() as connection:
        assert [one.id for one in store.list_entries(connection)] == [first.id]
    assert desk.take_in([first, fine], EDITOR, "表") == (1, 0)
    assert desk.take_in([replace(first, transfer="改"), fine], EDITOR, "表") == (0, 1)
    assert auditor.verify().sound
