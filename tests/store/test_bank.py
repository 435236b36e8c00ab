"""The question bank in the store, on both databases."""

from __future__ import annotations

from kb.domain.bank import BankQuestion, BankSource, CitedProvision
from kb.store.bank import bank_owners, bank_revision, read_bank, replace_bank
from kb.store.database import Database

WAGES = CitedProvision("中华人民共和国劳动法", "第五十条")


def ask(text: str, owner: str = "a") -> BankQuestion:
    return BankQuestion(text, BankSource.PROVISION, owner, (WAGES,), "劳动")


def test_questions_come_back_as_they_were_written(database: Database) -> None:
    with database.writing() as connection:
        replace_bank(
            connection,
            BankSource.PROVISION,
            {"a": [ask("老板不发工资"), ask("工钱被扣")], "b": [ask("欠薪", "b")]},
        )
    with database.reading() as connection:
        assert [one.text for one in read_bank(connection)] == ["老板不发工资", "工钱被扣", "欠薪"]
        assert read_bank(connection)[0].cites == (WAGES,)
        assert bank_owners(connection, BankSource.PROVISION) == {"a", "b"}
        assert bank_owners(connection, BankSource.ANSWER) == frozenset()


def test_the_same_again_changes_nothing(database: Database) -> None:
    given = {"a": [ask("老板不发工资")]}
    with database.writing() as connection:
        assert replace_bank(connection, BankSource.PROVISION, given) == 1
        before = bank_revision(connection)
        assert replace_bank(connection, BankSource.PROVISION, given) == 0
        assert bank_revision(connection) == before


def test_every_change_is_another_revision(database: Database) -> None:
    revisions = []
    for questions in ([ask("甲问")], [ask("乙问")], [], [ask("乙问")]):
        with database.writing() as connection:
            replace_bank(connection, BankSource.PROVISION, {"a": questions})
            revisions.append(bank_revision(connection))
    assert len(set(revisions)) == len(revisions)


def test_an_owner_is_replaced_alone(database: Database) -> None:
    with database.writing() as connection:
        replace_bank(connection, BankSource.PROVISION, {"a": [ask("甲问")], "b": [ask("乙问", "b")]})
        replace_bank(connection, BankSource.ANSWER, {"a": [ask("丙问")]})
        replace_bank(connection, BankSource.PROVISION, {"a": []})
        assert {one.text for one in read_bank(connection)} == {"乙问", "丙问"}
