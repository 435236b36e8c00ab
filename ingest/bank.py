"""Shipped everyday questions into the question bank of the store."""

from __future__ import annotations

from kb.domain.bank import BankQuestion, BankSource
from kb.store.bank import bank_owners, replace_bank
from kb.store.database import Database
from kb.text.question_files import read_provision_questions


def load_shipped_questions(database: Database) -> int:
    """Make the bank's questions for provisions those that ship; returns how many files changed.

    Raises SourceError ``questions_malformed``.
    """
    wanted: dict[str, list[BankQuestion]] = {}
    for one in read_provision_questions():
        wanted.setdefault(one.owner, []).append(one)
    with database.writing() as connection:
        gone = bank_owners(connection, BankSource.PROVISION) - wanted.keys()
        return replace_bank(connection, BankSource.PROVISION, {**dict.fromkeys(gone, ()), **wanted})
