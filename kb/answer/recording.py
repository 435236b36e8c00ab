"""What is remembered of each answered question, written beside the answering and never in its way.

A question is kept masked, for the gaps in what is answered; a standard answer given is kept with its call
number, so that a correction reaches whoever was told. Nothing of a message about danger is kept.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from kb.clock import utc_now
from kb.domain.ask import AskReply, AskRequest
from kb.domain.editing import AnswerUse
from kb.domain.feedback import MAX_QUESTION_KEPT, AskedQuestion
from kb.errors import StoreError
from kb.store.answers import add_use
from kb.store.database import Database
from kb.store.feedback import add_questions
from kb.text.keeping import keepable

log = logging.getLogger(__name__)

CAPACITY = 2_000
BATCH = 100
LINGER_SECONDS = 0.2
"""Waited for more to come, so that a busy hour is written in few transactions."""
RETRY_SECONDS = 2.0
CLOSING_SECONDS = 5.0


@dataclass(frozen=True)
class _Record:
    question: AskedQuestion | None
    use: AnswerUse | None


class UseRecorder:
    """Queues what was asked and writes it in one thread of its own; safe to call from several threads.

    When the database cannot be written, up to ``capacity`` questions wait for it; then the oldest are lost,
    which is logged.
    """

    def __init__(
        self,
        database: Database,
        *,
        keep_questions: bool = True,
        capacity: int = CAPACITY,
        retry_s: float = RETRY_SECONDS,
    ) -> None:
        """Without ``keep_questions`` only the answers given are recorded. The thread starts at once."""
        self._database = database
        self._keep_questions = keep_questions
        self._capacity = capacity
        self._retry_s = retry_s
        self._waiting: deque[_Record] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._lost = 0
        self._thread = threading.Thread(target=self._live, name="lawkb-recorder", daemon=True)
        self._thread.start()

    def record(self, request: AskRequest, reply: AskReply) -> None:
        """Remember a reply; returns at once. After ``close`` nothing is remembered."""
        if reply.safety:
            return
        record = self._read(request, reply)
        if record.question is None and record.use is None:
            return
        with self._wake:
            if self._closing:
                return
            self._waiting.append(record)
            self._drop_oldest()
            self._wake.notify_all()

    def close(self, timeout_s: float = CLOSING_SECONDS) -> None:
        """Write what waits and stop; what cannot be written in ``timeout_s`` is lost, which is logged."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._thread.join(timeout_s)
        if self._thread.is_alive() or self._waiting:
            log.error("the database could not be written: the last questions asked are not on record")

    def _read(self, request: AskRequest, reply: AskReply) -> _Record:
        now = utc_now()
        question = use = None
        if self._keep_questions:
            # A follow-up says little without what it follows.
            text = keepable(reply.understood_as or request.text, MAX_QUESTION_KEPT)
            question = AskedQuestion(
                at=now,
                channel=reply.channel,
                question=text,
                origin=reply.origin,
                answer_id=reply.answer_id,
                revision=reply.revision,
                topic=reply.topic,
                confidence=reply.confidence,
            )
        if reply.answer_id:
            use = AnswerUse(reply.answer_id, reply.revision, reply.channel.value, request.reference, now)
        return _Record(question, use)

    def _drop_oldest(self) -> None:
        while len(self._waiting) > self._capacity:
            self._waiting.popleft()
            self._lost += 1
            if self._lost == 1:
                log.warning("the database cannot be written: the oldest questions on record are being lost")

    def _live(self) -> None:
        while batch := self._take():
            if not self._write(batch):
                with self._wake:
                    self._waiting.extendleft(reversed(batch))
                    self._drop_oldest()
                    if self._closing:
                        return
                    self._pause()

    def _pause(self) -> None:
        """Until another try is worth while, or ``close`` asks for the last one."""
        until = time.monotonic() + self._retry_s
        while not self._closing and (left := until - time.monotonic()) > 0:
            self._wake.wait(left)

    def _take(self) -> tuple[_Record, ...]:
        """The next batch; empty when there will be none."""
        with self._wake:
            self._wake.wait_for(lambda: self._waiting or self._closing)
            self._wake.wait_for(lambda: self._closing or len(self._waiting) >= BATCH, LINGER_SECONDS)
            return tuple(self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting))))

    def _write(self, batch: Sequence[_Record]) -> bool:
        """Whether the batch is done with; False when it is worth another try."""
        try:
            with self._database.writing() as connection:
                add_questions(connection, [one.question for one in batch if one.question is not None])
                for one in batch:
                    if one.use is not None:
                        add_use(connection, one.use)
        except StoreError as error:
            log.warning("questions asked wait to be written: %s", error)
            return False
        except Exception:
            log.exception("%s questions asked could not be recorded", len(batch))
            return True
        with self._wake:
            if self._lost:
                log.warning("%s questions were lost before the database could be written again", self._lost)
                self._lost = 0
        return True
