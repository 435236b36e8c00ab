"""The bank is filled with what ships and with a user's own labelled questions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.bank import import_labelled, load_shipped_questions
from kb.domain.bank import BankSource, CitedProvision
from kb.errors import BadInputError, SourceError
from kb.settings import Settings
from kb.store.bank import bank_revision, read_bank
from kb.store.database import Database
from tests.small_corpus import copy_data_dir


@pytest.fixture
def database(words_only_dir: Path, tmp_path: Path) -> Iterator[Database]:
    settings = Settings(data_dir=copy_data_dir(words_only_dir, tmp_path / "data"))
    opened = Database(settings.resolved_database_url)
    yield opened
    opened.close()


def test_what_ships_is_there_and_a_second_time_changes_nothing(database: Database) -> None:
    assert load_shipped_questions(database) > 60
    with database.reading() as connection:
        counts = Counter(one.source for one in read_bank(connection))
        before = bank_revision(connection)
    assert counts[BankSource.PROVISION] > 4_000
    assert counts[BankSource.ANSWER] == 0, "published answers bring their own"
    assert load_shipped_questions(database) == 0
    with database.reading() as connection:
        assert bank_revision(connection) == before


def test_labelled_questions_keep_citations_that_are_held(database: Database, tmp_path: Path) -> None:
    rows = [
        {
            "id": "1",
            "question": "离婚要等几天",
            "cites": [{"name": "民法典第一千零七十七条"}, "某市条例第一条"],
        },
        {"id": "2", "question": "没有收录的", "cites": ["某市条例第二条"]},
    ]
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    assert import_labelled(database, path) == (1, 2)
    with database.reading() as connection:
        (one,) = read_bank(connection)
    assert one.cites == (CitedProvision("中华人民共和国民法典", "第一千零七十七条"),)
    assert (one.source, one.owner) == (BankSource.LABELLED, "1")


def test_one_bad_line_stops_all(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "1", "question": "甲乙", "cites": ["民法典第一条"]}\n{"id": 2}\n', "utf-8")
    with pytest.raises(SourceError, match="questions_malformed") as told:
        import_labelled(database, path)
    assert told.value.place == "q.jsonl:2"
    with database.reading() as connection:
        assert read_bank(connection) == ()
    with pytest.raises(BadInputError, match="questions_missing"):
        import_labelled(database, tmp_path / "none.jsonl")
