"""Opinions of answers: masked, bound to an answer that exists, kept for a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from kb.answer.desk import AnswerDesk
from kb.answer.feedback_box import FeedbackBox
from kb.answer.retention import Purged, purge
from kb.domain.ask import Channel
from kb.domain.feedback import Feedback, SealedCallback, Verdict
from kb.errors import LawkbError
from kb.settings import Settings
from kb.store.database import Database
from kb.store.feedback import add_callback, add_feedback, list_feedback, list_questions
from tests.answer.small_answers import make_answer
from tests.desk.conftest import EDITOR
from tests.feedback.conftest import IDENTITY, NAME, NOW, PERSONAL, PHONE, ask_all, everything_kept

OPINION = Feedback(
    NOW, Channel.HOTLINE, Verdict.MISSING, 4, "没有写去哪里办", "借伞不还怎么办", reference="c-9"
)


@pytest.fixture
def box(database: Database) -> FeedbackBox:
    return FeedbackBox(database, keep_days=730)


def test_an_opinion_is_kept_with_all_that_was_said(
    box: FeedbackBox, database: Database, desk: AnswerDesk
) -> None:
    entry = desk.create(make_answer(), EDITOR)
    first = box.put(replace(OPINION, answer_id=entry.id, revision=1))
    second = box.put(replace(OPINION, verdict=Verdict.NONE_FITS, satisfied=None, revision=7))
    with database.reading() as connection:
        newest, oldest = list_feedback(connection)
        assert list_feedback(connection, verdict=Verdict.MISSING) == (oldest,)
    assert oldest == replace(OPINION, answer_id=entry.id, revision=1, position=first)
    assert (newest.position, newest.revision, newest.satisfied) == (second, 0, None)


def test_personal_data_is_masked_before_it_is_kept(box: FeedbackBox, database: Database) -> None:
    box.put(replace(OPINION, text=f"请回电１３８１２３４５６７８。{PERSONAL}", question=PERSONAL))
    kept = everything_kept(database)
    assert "[手机号]" in kept
    assert not any(secret in kept for secret in (PHONE, IDENTITY, NAME))


@pytest.mark.parametrize("place", ["text", "question"])
def test_of_danger_no_words_are_kept(box: FeedbackBox, database: Database, place: str) -> None:
    box.put(replace(OPINION, **{place: "我不想活了，想跳楼"}))  # type: ignore[arg-type]
    with database.reading() as connection:
        (one,) = list_feedback(connection)
    assert (one.verdict, one.text, one.question) == (Verdict.MISSING, "", "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"answer_id": "nobody-knows-it"}, "answer_not_found"),
        ({"answer_id": "contracts-umbrella", "revision": 9}, "revision_not_found"),
        ({"text": "长" * 1001}, "text_too_long"),
        ({"question": "长" * 501}, "query_too_long"),
        ({"satisfied": 6}, "satisfied_out_of_range"),
        ({"reference": "来电"}, "reference_malformed"),
    ],
)
def test_what_cannot_be_taken_is_told(
    box: FeedbackBox, database: Database, desk: AnswerDesk, changes: dict[str, object], code: str
) -> None:
    desk.create(make_answer(), EDITOR)
    with pytest.raises(LawkbError) as refused:
        box.put(replace(OPINION, **changes))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert everything_kept(database) == ""


def test_no_days_take_no_opinions(database: Database) -> None:
    with pytest.raises(LawkbError) as refused:
        FeedbackBox(database, keep_days=0).put(OPINION)
    assert (refused.value.code, refused.value.http_status) == ("feedback_off", 409)


def fill(database: Database) -> None:
    """One of each kind of every age in days, and a contact that is due one day after it was left."""
    for days in (0, 10, 100, 1000):
        at = NOW - dt.timedelta(days=days)
        ask_all(database, "问题", at=at)
        with database.writing() as connection:
            add_feedback(connection, replace(OPINION, at=at))
            add_callback(connection, SealedCallback(at, "", "x", "x", at + dt.timedelta(days=1)))


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        ((180, 730, 30), Purged(1, 1, 3)),
        ((5, 50, 500), Purged(3, 2, 3)),
        ((0, 0, 0), Purged(4, 4, 4)),
        ((36_500, 36_500, 36_500), Purged(0, 0, 3)),
    ],
)
def test_each_kind_is_kept_for_its_days(
    database: Database, tmp_path: Path, days: tuple[int, int, int], wanted: Purged
) -> None:
    fill(database)
    settings = Settings(
        data_dir=tmp_path,
        keep_questions_days=days[0],
        keep_feedback_days=days[1],
        keep_callbacks_days=days[2],
    )
    before = everything_kept(database)
    assert purge(database, settings, NOW, dry_run=True) == wanted
    assert everything_kept(database) == before
    assert purge(database, settings, NOW) == wanted
    assert purge(database, settings, NOW) == Purged(0, 0, 0)
    with database.reading() as connection:
        assert len(list_questions(connection)) == 4 - wanted.questions
        assert len(list_feedback(connection)) == 4 - wanted.feedback
