"""The desk: the one way in which answers are changed.

Each deed is one transaction: the entry (guarded by its lock), the revision, the event, the bank of questions
and the audit entry stand or fall together.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kb.answer.asked import bank_questions
from kb.answer.audit import AuditedWrite, Auditor
from kb.answer.basis import BasisFinder
from kb.answer.checks import check_answer
from kb.answer.deadlines import add_months
from kb.answer.holdings import Holdings, StoreHoldings
from kb.answer.pinning import compare_pins, pin_answer
from kb.answer.problems import Level, Problem
from kb.answer.rendering import check_renderings
from kb.answer.workflow import (
    ACTION_LABELS,
    NEEDS_COMMENT,
    Action,
    next_state,
    require_other_person,
    require_role,
)
from kb.clock import today, utc_now
from kb.domain.answers import RiskClass, StandardAnswer
from kb.domain.bank import BankQuestion, BankSource
from kb.domain.editing import Actor, AnswerEntry, AnswerState, Event, Origin, Revision
from kb.errors import BadInputError, ConflictError, LawkbError
from kb.store import answers as store
from kb.store.bank import replace_bank
from kb.store.database import Connection, Database

log = logging.getLogger(__name__)

REVIEW_MONTHS = {
    RiskClass.ORDINARY: 12,
    RiskClass.TIME_CRITICAL: 6,
    RiskClass.PERSONAL_SAFETY: 6,
    RiskClass.LIBERTY: 6,
}


@dataclass(frozen=True)
class DeskSettings:
    """``review_months`` by risk class: how long a published answer stands before it is due again."""

    review_months: dict[RiskClass, int]


DEFAULT_DESK = DeskSettings(REVIEW_MONTHS)


class AnswerDesk:
    """Saves, reviews, publishes and retires answers on one database."""

    def __init__(
        self,
        database: Database,
        auditor: Auditor,
        settings: DeskSettings = DEFAULT_DESK,
        open_holdings: Callable[[Connection], Holdings] = StoreHoldings,
    ) -> None:
        """``open_holdings`` gives the laws by which answers are checked."""
        self._database = database
        self._auditor = auditor
        self._settings = settings
        self._open_holdings = open_holdings

    # -- writing -----------------------------------------------------------------------------------

    def create(self, record: StandardAnswer, actor: Actor, note: str = "") -> AnswerEntry:
        """A new answer as a draft. Raises ConflictError ``answer_exists``, ``title_taken``."""
        require_role(Action.SAVE, actor)
        entry = _new_entry(record, Origin.EDITED, AnswerState.DRAFT)
        with self._auditor.writing() as write:
            store.add_answer(write.connection, entry)
            self._add_revision(write, entry, record, actor.id, note)
            self._tell(write, Action.SAVE, entry, actor, note, "", AnswerState.DRAFT)
        return entry

    def save(self, record: StandardAnswer, lock: int, actor: Actor, note: str = "") -> AnswerEntry:
        """A new revision of an answer whose lock is still ``lock``; it is a draft again.

        Raises ConflictError ``answer_stale`` (the caller still has the text), ``title_taken``.
        """
        with self._auditor.writing() as write:
            entry = self._open(write.connection, record.id, lock)
            after = next_state(Action.SAVE, entry, actor)
            changed = replace(
                _described(entry, record),
                origin=Origin.EDITED,
                state=after,
                head=entry.head + 1,
                publish_on=None,
            )
            changed = self._change(write, entry, changed)
            self._add_revision(write, changed, record, actor.id, note)
            self._tell(write, Action.SAVE, changed, actor, note, entry.state, after)
        return changed

    def take_in(self, records: Sequence[StandardAnswer], actor: Actor, note: str) -> tuple[int, int]:
        """Many texts as drafts in one transaction; returns (new, changed). What is equal stays as it is.

        Raises ConflictError ``title_taken``; nothing of the file is written then.
        """
        require_role(Action.SAVE, actor)
        new = changed = 0
        with self._auditor.writing() as write:
            connection = write.connection
            for record in records:
                held = store.find_entry(connection, record.id)
                if held is None:
                    entry = _new_entry(record, Origin.EDITED, AnswerState.DRAFT)
                    store.add_answer(connection, entry)
                    before, new = "", new + 1
                elif store.get_revision(connection, record.id, held.head).record == record:
                    continue
                else:
                    draft = replace(
                        _described(held, record),
                        origin=Origin.EDITED,
                        state=AnswerState.DRAFT,
                        head=held.head + 1,
                        publish_on=None,
                    )
                    entry = self._change(write, held, draft)
                    before, changed = held.state.value, changed + 1
                self._add_revision(write, entry, record, actor.id, note)
                self._tell(write, Action.SAVE, entry, actor, note, before, AnswerState.DRAFT)
        return new, changed

    def roll_back(self, answer_id: str, number: int, lock: int, actor: Actor) -> AnswerEntry:
        """A new draft with the text of revision ``number``; history keeps growing."""
        with self._database.reading() as connection:
            old = store.get_revision(connection, answer_id, number)
        note = f"恢复第 {number} 稿"
        with self._auditor.writing() as write:
            entry = self._open(write.connection, answer_id, lock)
            after = next_state(Action.ROLL_BACK, entry, actor)
            changed = replace(
                _described(entry, old.record), state=after, head=entry.head + 1, publish_on=None
            )
            changed = self._change(write, entry, changed)
            self._add_revision(write, changed, old.record, actor.id, note)
            self._tell(write, Action.ROLL_BACK, changed, actor, note, entry.state, after)
        return changed

    # -- reviewing ---------------------------------------------------------------------------------

    def submit(self, answer_id: str, lock: int, actor: Actor, comment: str = "") -> AnswerEntry:
        """Draft to review; refused while the machine finds an error (BadInputError ``answer_faulty``)."""
        self._require_sound(answer_id)
        return self._step(Action.SUBMIT, answer_id, lock, actor, comment)

    def send_back(self, answer_id: str, lock: int, actor: Actor, comment: str) -> AnswerEntry:
        """Back to its author, with a reason."""
        return self._step(Action.RETURN, answer_id, lock, actor, comment)

    def approve(self, answer_id: str, lock: int, actor: Actor, comment: str = "") -> AnswerEntry:
        """Approve the newest revision; whoever wrote any of it since the last publication may not."""
        return self._step(Action.APPROVE, answer_id, lock, actor, comment, by_another=True)

    def publish(
        self, answer_id: str, lock: int, actor: Actor, *, on: dt.date | None = None, comment: str = ""
    ) -> AnswerEntry:
        """Serve the approved revision from now, or from the day ``on``.

        Raises BadInputError ``reviewer_missing``, ``owner_missing``, ``answer_faulty``, ``basis_moved`` (a
        basis is no longer as it was when the revision was saved).
        """
        with self._database.reading() as connection:
            entry = store.get_entry(connection, answer_id)
            revision = store.get_revision(connection, answer_id, entry.head)
            finder = BasisFinder(self._open_holdings(connection), today())
            self._require_publishable(revision, finder)
        if on is not None and on > today():
            return self._schedule(answer_id, lock, actor, on, comment)
        return self._step(Action.PUBLISH, answer_id, lock, actor, comment)

    def publish_due(self, actor: Actor) -> tuple[str, ...]:
        """Publish what is scheduled up to today, and stop what is no longer valid; returns their ids."""
        with self._database.reading() as connection:
            entries = store.list_entries(connection)
            ended = [
                one.id
                for one, revision in store.list_published(connection)
                if revision.record.valid_until is not None and revision.record.valid_until < today()
            ]
        done = []
        for entry in entries:
            if entry.publish_on is not None and entry.publish_on <= today():
                try:
                    self.publish(entry.id, entry.lock, actor, comment=f"定于 {entry.publish_on} 发布")
                except LawkbError as error:  # one that may not be published keeps no other back
                    log.warning("%s is due and was not published: %s", entry.id, error)
                else:
                    done.append(entry.id)
        for answer_id in ended:
            entry = self.entry(answer_id)
            if entry.state is not AnswerState.RETIRED:
                self.retire(answer_id, entry.lock, actor, "有效期已过")
                done.append(answer_id)
        return tuple(done)

    def mark_due(self, answer_id: str, lock: int, actor: Actor, comment: str) -> AnswerEntry:
        """Ask for another look at a published answer."""
        return self._step(Action.MARK_DUE, answer_id, lock, actor, comment)

    def confirm(self, answer_id: str, lock: int, actor: Actor, comment: str = "") -> AnswerEntry:
        """Still right: its open tasks are closed and the next review is set."""
        self._require_sound(answer_id)
        return self._step(Action.CONFIRM, answer_id, lock, actor, comment, by_another=True)

    def retire(self, answer_id: str, lock: int, actor: Actor, comment: str) -> AnswerEntry:
        """Stop serving it, with a reason."""
        return self._step(Action.RETIRE, answer_id, lock, actor, comment)

    def comment(self, answer_id: str, actor: Actor, text: str) -> None:
        """Leave a remark; nothing else changes."""
        with self._auditor.writing() as write:
            entry = store.get_entry(write.connection, answer_id)
            next_state(Action.COMMENT, entry, actor)
            _require_words(Action.COMMENT, text)
            self._tell(write, Action.COMMENT, entry, actor, text, entry.state, entry.state)

    # -- reading -----------------------------------------------------------------------------------

    def entry(self, answer_id: str) -> AnswerEntry:
        """The entry. Raises NotFoundError ``answer_not_found``."""
        with self._database.reading() as connection:
            return store.get_entry(connection, answer_id)

    def problems(self, record: StandardAnswer) -> tuple[Problem, ...]:
        """What the machine finds wrong with a text, by the law of today."""
        with self._database.reading() as connection:
            return _check(record, BasisFinder(self._open_holdings(connection), today()))

    # -- inside ------------------------------------------------------------------------------------

    def _step(
        self,
        action: Action,
        answer_id: str,
        lock: int,
        actor: Actor,
        comment: str,
        *,
        by_another: bool = False,
    ) -> AnswerEntry:
        with self._auditor.writing() as write:
            connection = write.connection
            entry = self._open(connection, answer_id, lock)
            after = next_state(action, entry, actor)
            _require_words(action, comment)
            if by_another:
                require_other_person(actor, self._authors(connection, entry), entry)
            changed = self._change(write, entry, self._consequences(connection, action, entry, after))
            if action in (Action.PUBLISH, Action.CONFIRM):
                store.close_tasks(connection, answer_id, actor.id)
            if action in (Action.PUBLISH, Action.RETIRE):
                self._teach_bank(connection, changed)
            self._tell(write, action, changed, actor, comment, entry.state, after)
        return changed

    def _consequences(
        self, connection: Connection, action: Action, entry: AnswerEntry, after: AnswerState
    ) -> AnswerEntry:
        changed = replace(entry, state=after)
        if action in (Action.PUBLISH, Action.CONFIRM):
            record = store.get_revision(connection, entry.id, entry.head).record
            months = self._settings.review_months[record.risk]
            due = record.next_review or add_months(today(), months)
            return replace(changed, published=entry.head, next_review=due, publish_on=None)
        if action is Action.RETIRE:
            return replace(changed, published=None, publish_on=None)
        return changed

    def _schedule(self, answer_id: str, lock: int, actor: Actor, on: dt.date, comment: str) -> AnswerEntry:
        with self._auditor.writing() as write:
            entry = self._open(write.connection, answer_id, lock)
            next_state(Action.PUBLISH, entry, actor)
            changed = self._change(write, entry, replace(entry, publish_on=on))
            note = f"定于 {on} 发布。{comment}".strip()
            self._tell(write, Action.PUBLISH, changed, actor, note, entry.state, entry.state)
        return changed

    def _open(self, connection: Connection, answer_id: str, lock: int) -> AnswerEntry:
        entry = store.get_entry(connection, answer_id)
        if entry.lock != lock:
            raise store.stale(answer_id)
        return entry

    def _change(self, write: AuditedWrite, entry: AnswerEntry, changed: AnswerEntry) -> AnswerEntry:
        changed = replace(changed, lock=entry.lock + 1, updated_at=utc_now())
        store.change_answer(write.connection, changed, entry.lock)
        return changed

    def _add_revision(
        self, write: AuditedWrite, entry: AnswerEntry, record: StandardAnswer, author: str, note: str
    ) -> None:
        finder = BasisFinder(self._open_holdings(write.connection), today())
        store.add_revision(
            write.connection,
            Revision(
                entry.id,
                entry.head,
                record,
                pin_answer(record, finder),
                author,
                note,
                utc_now(),
                store.digest_record(record),
            ),
        )

    def _authors(self, connection: Connection, entry: AnswerEntry) -> frozenset[str]:
        """Everyone who wrote a revision since the one that is published."""
        since = 0 if entry.published is None or entry.published == entry.head else entry.published
        first = entry.head if entry.published == entry.head else since + 1
        return frozenset(
            one.author for one in store.list_revisions(connection, entry.id) if one.number >= first
        )

    def _teach_bank(self, connection: Connection, entry: AnswerEntry) -> None:
        """What is published votes in the search; what is retired does no longer."""
        questions: tuple[BankQuestion, ...] = ()
        if entry.published is not None:
            questions = bank_questions(store.get_revision(connection, entry.id, entry.published).record)
        replace_bank(connection, BankSource.ANSWER, {entry.id: questions})

    def _tell(
        self,
        write: AuditedWrite,
        action: Action,
        entry: AnswerEntry,
        actor: Actor,
        comment: str,
        before: str,
        after: str,
    ) -> None:
        store.add_event(
            write.connection,
            Event(entry.id, entry.head, action.value, actor.id, comment, str(before), str(after), utc_now()),
        )
        digest = store.get_revision(write.connection, entry.id, entry.head).digest
        write.record(
            actor.id,
            action.value,
            entry.id,
            {
                "revision": entry.head,
                "digest": digest,
                "from": str(before),
                "to": str(after),
                "comment": comment,
            },
        )

    def _require_sound(self, answer_id: str) -> None:
        with self._database.reading() as connection:
            entry = store.get_entry(connection, answer_id)
            revision = store.get_revision(connection, answer_id, entry.head)
            finder = BasisFinder(self._open_holdings(connection), today())
            _refuse_errors(_check(revision.record, finder), answer_id)

    def _require_publishable(self, revision: Revision, finder: BasisFinder) -> None:
        record = revision.record
        if not record.reviewed_by:
            raise BadInputError(
                "reviewer_missing",
                "没有写明由哪位执业律师审核（reviewed_by）",
                place=record.id,
                way_out="请审核的律师署名后再发布",
            )
        if not record.owner:
            raise BadInputError(
                "owner_missing", "没有写明责任单位（owner）", place=record.id, way_out="填写责任单位后再发布"
            )
        _refuse_errors(_check(record, finder), record.id)
        moved = compare_pins(record, revision.pinned, finder)
        if moved:
            basis = moved[0].pinned
            raise ConflictError(
                "basis_moved",
                f"《{basis.title}》{basis.label}在写稿以后变了",
                place=record.id,
                way_out="对照新的条文改好，重新保存并送审",
            )


def _new_entry(record: StandardAnswer, origin: Origin, state: AnswerState) -> AnswerEntry:
    return AnswerEntry(
        id=record.id,
        origin=origin,
        state=state,
        lock=1,
        head=1,
        published=None,
        title=record.title,
        topic=record.topic,
        risk=record.risk.value,
        owner=record.owner,
        next_review=record.next_review,
        publish_on=None,
        updated_at=utc_now(),
    )


def _described(entry: AnswerEntry, record: StandardAnswer) -> AnswerEntry:
    return replace(
        entry,
        title=record.title,
        topic=record.topic,
        risk=record.risk.value,
        owner=record.owner,
    )


def _check(record: StandardAnswer, finder: BasisFinder) -> tuple[Problem, ...]:
    return (*check_answer(record, finder), *check_renderings(record))


def _refuse_errors(problems: Iterable[Problem], place: str) -> None:
    errors = [one for one in problems if one.level is Level.ERROR]
    if errors:
        told = "；".join(f"{one.place}：{one.message}" for one in errors[:3])
        more = f"（还有 {len(errors) - 3} 处）" if len(errors) > 3 else ""
        raise BadInputError(
            "answer_faulty",
            f"核对没有通过：{told}{more}",
            place=place,
            way_out="改好后再提交；用 lawkb answers check 看全部",
        )


def _require_words(action: Action, comment: str) -> None:
    if action in NEEDS_COMMENT and not comment.strip():
        raise BadInputError(
            "comment_missing",
            f"{ACTION_LABELS[action]}要写明原因",
            place="comment",
            way_out="用一句话说明原因",
        )
