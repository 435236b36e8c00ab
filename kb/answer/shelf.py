"""What is published, as it may be given on a day: read from the store, kept until something changes."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.answer.basis import BasisFinder, BasisState, FoundBasis
from kb.answer.holdings import Holdings, StoreHoldings
from kb.answer.pinning import CHANGE_LABELS, Change
from kb.domain.answers import StandardAnswer
from kb.domain.editing import AnswerEntry, AnswerState, Revision, Severity
from kb.store import answers as store
from kb.store.database import Connection, Database
from kb.store.outbox import last_position

DAYS_KEPT = 4
DUE_NOTICE = "这个答复正在复审，请以复审后的为准。"


@dataclass(frozen=True)
class ShelvedAnswer:
    """A published answer with its basis on the day; ``withdrawn`` says in Chinese why it is not given."""

    answer: StandardAnswer
    revision: int
    basis: tuple[FoundBasis, ...]
    servable: bool
    withdrawn: str
    notices: tuple[str, ...]
    reviewed: bool
    waiting_for: tuple[str, ...] = ()


class StoreShelf:
    """The published answers of the store. Cheap to ask: everything is kept per day until it changes."""

    def __init__(
        self,
        database: Database,
        *,
        serve_samples: bool,
        open_holdings: Callable[[Connection], Holdings] = StoreHoldings,
    ) -> None:
        """``serve_samples`` False keeps answers that no lawyer has reviewed from users."""
        self._database = database
        self._serve_samples = serve_samples
        self._open_holdings = open_holdings
        self._kept: dict[dt.date, tuple[object, tuple[ShelvedAnswer, ...]]] = {}
        self._lock = threading.Lock()

    def published(self, as_of: dt.date) -> tuple[ShelvedAnswer, ...]:
        """Everything that is published, by id; what may not be given is there with its reason."""
        with self._database.reading() as connection:
            state = (store.answers_revision(connection), last_position(connection))
            kept = self._kept.get(as_of)
            if kept is not None and kept[0] == state:
                return kept[1]
            finder = BasisFinder(self._open_holdings(connection), as_of)
            tasks = store.open_severities(connection)
            shelved = tuple(
                self._shelve(entry, revision, finder, tasks.get(entry.id, ()), as_of)
                for entry, revision in store.list_published(connection)
            )
        with self._lock:
            if len(self._kept) >= DAYS_KEPT and as_of not in self._kept:
                self._kept.pop(next(iter(self._kept)))
            self._kept[as_of] = (state, shelved)
        return shelved

    def get(self, answer_id: str, as_of: dt.date) -> ShelvedAnswer | None:
        """One of them."""
        return next((one for one in self.published(as_of) if one.answer.id == answer_id), None)

    def _shelve(
        self,
        entry: AnswerEntry,
        revision: Revision,
        finder: BasisFinder,
        tasks: Sequence[tuple[Severity, str, str, str]],
        as_of: dt.date,
    ) -> ShelvedAnswer:
        record = revision.record
        found = tuple(finder.find(basis) for basis in record.basis)
        waiting = tuple(dict.fromkeys(one.basis.title for one in found if one.state is BasisState.WAITING))
        reviewed = record.reviewed_by is not None
        withdrawn = self._why_not(entry, record, found, tasks, reviewed, as_of)
        notices = []
        if entry.state is AnswerState.DUE:
            notices.append(DUE_NOTICE)
        notices += [
            f"{CHANGE_LABELS[Change(reason)]}：《{title}》{label}，答复正在复核。"
            for severity, reason, title, label in tasks
            if severity is Severity.NOTICE and reason in set(Change)
        ]
        return ShelvedAnswer(
            record,
            revision.number,
            found,
            not withdrawn,
            withdrawn,
            tuple(dict.fromkeys(notices)),
            reviewed,
            waiting,
        )

    def _why_not(
        self,
        entry: AnswerEntry,
        record: StandardAnswer,
        found: Sequence[FoundBasis],
        tasks: Sequence[tuple[Severity, str, str, str]],
        reviewed: bool,
        as_of: dt.date,
    ) -> str:
        if not reviewed and not self._serve_samples:
            return "没有执业律师审核过"
        if record.valid_from is not None and as_of < record.valid_from:
            return f"自 {record.valid_from} 起才有效"
        if record.valid_until is not None and as_of > record.valid_until:
            return f"有效期到 {record.valid_until} 为止"
        for severity, _, title, label in tasks:
            if severity is Severity.WITHDRAW:
                return f"依据《{title}》{label}不再有效，等待复核"
        for one in found:
            if one.state not in (BasisState.IN_FORCE, BasisState.WAITING):
                return one.why
        if not any(one.state is BasisState.IN_FORCE for one in found):
            return f"依据的文件还没有收录：{'、'.join(f'《{one.basis.title}》' for one in found)}"
        return ""
