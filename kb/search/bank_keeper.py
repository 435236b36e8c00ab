"""Keeping the question bank in memory as the store has it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np

from kb.encode.vector_cache import QuestionVectors
from kb.search.bank import QuestionBank
from kb.store.bank import bank_revision, find_targets, read_bank
from kb.store.database import Database
from kb.store.outbox import last_position

log = logging.getLogger(__name__)

ENCODED_AT_ONCE = 500
"""Questions that are encoded beside running searches; more of them wait for the next build."""

LOOK_AGAIN_S = 20.0
"""How long to wait for a build in another process to have encoded the rest."""


class BankKeeper:
    """Hands out the current bank; ``refresh`` reads it again when the store has another one.

    ``complete`` tells whether every question has its vector.
    ``open_vectors`` opens the cache of question vectors afresh, since another process may have filled it.
    """

    def __init__(self, database: Database, open_vectors: Callable[[], QuestionVectors]) -> None:
        """Start with an empty bank."""
        self._database = database
        self._open_vectors = open_vectors
        self._state: tuple[int, int, int] | None = None
        self._look_again = 0.0
        self.complete = False
        self.bank = QuestionBank((), np.zeros((0, 1), np.float32), {})

    def refresh(self, encode_at_most: int = ENCODED_AT_ONCE) -> bool:
        """Bring the bank up to the store; returns whether it is another one now.

        Questions without a vector beyond ``encode_at_most`` are left out until a build has encoded them.
        """
        with self._database.reading() as connection:
            state = (*bank_revision(connection), last_position(connection))
            if state == self._state and (self.complete or time.monotonic() < self._look_again):
                return False
            questions = read_bank(connection)
            targets = find_targets(connection, (cite for one in questions for cite in one.cites))
        vectors = self._open_vectors()
        found = vectors.find(one.text for one in questions)
        missing = list(dict.fromkeys(one.text for one in questions if one.text not in found))
        if 0 < len(missing) <= encode_at_most:
            found.update(vectors.ensure(missing))
            missing = []
        kept = [one for one in questions if one.text in found]
        width = len(next(iter(found.values()))) if found else 1
        matrix = np.stack([found[one.text] for one in kept]) if kept else np.zeros((0, width), np.float32)
        self.bank = QuestionBank(kept, matrix, targets)
        self._state, self.complete = state, not missing
        self._look_again = time.monotonic() + LOOK_AGAIN_S
        log.info("question bank: %s questions, %s without a vector", len(kept), len(missing))
        return True
