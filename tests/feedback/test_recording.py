"""What is remembered of answered questions: masked, nothing of danger, never in the way of an answer."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from kb.answer.recording import UseRecorder
from kb.domain.ask import AskReply, AskRequest, Channel, Origin
from kb.domain.feedback import AskedQuestion
from kb.errors import BadInputError
from kb.store.answers import list_uses
from kb.store.database import Database
from kb.store.feedback import list_questions
from kb.text.keeping import keepable
from tests.answer.conftest import world
from tests.answer.small_ask import open_small_ask
from tests.answer.umbrellas import ASKED, PLAIN, SmallWorld, make_all
from tests.feedback.conftest import (
    IDENTITY,
    NAME,
    PERSONAL,
    PHONE,
    everything_kept,
    make_reply,
    wait_until,
)

__all__ = ["world"]

DANGER = "我老公正在打我，救命"


def kept(database: Database) -> tuple[AskedQuestion, ...]:
    with database.reading() as connection:
        return list_questions(connection)


def test_a_question_is_kept_masked_with_what_came_of_it(recorder: UseRecorder, database: Database) -> None:
    reply = make_reply(topic="劳动", confidence=0.25)
    recorder.record(AskRequest(PERSONAL), reply)
    recorder.close()
    (one,) = kept(database)
    assert (one.channel, one.origin, one.topic, one.confidence) == (
        Channel.HOTLINE,
        Origin.COMPOSED,
        "劳动",
        0.25,
    )
    assert "单位欠我三个月工资怎么办" in one.question
    assert "[手机号]" in one.question
    assert not any(secret in everything_kept(database) for secret in (PHONE, IDENTITY, NAME))


def test_what_is_queued_is_masked_already(recorder: UseRecorder) -> None:
    queued = repr(recorder._read(AskRequest(PERSONAL), make_reply()))
    assert "[手机号]" in queued
    assert not any(secret in queued for secret in (PHONE, IDENTITY, NAME))


@pytest.mark.parametrize(
    "text",
    [
        "电话１３８１２３４５６７８欠薪",  # wide digits
        "電話138\u200b12345678欠薪",  # an invisible mark between
        "电话138 1234 5678欠薪",
        f"{'欠薪' * 245}电话13812345678",  # across the cut
        f"{'欠薪' * 548}号13812345678",
        f"{'欠薪' * 5000}",
    ],
)
def test_no_spelling_and_no_cut_lets_a_number_through(text: str) -> None:
    for limit in (500, 1000):
        shown = keepable(text, limit)
        assert len(shown) <= limit
        assert "12345678" not in shown.replace(" ", "")
        assert "1381234" not in shown.replace(" ", "")


def test_masking_takes_no_time_whatever_is_sent() -> None:
    started = time.perf_counter()
    for hostile in ("村" * 10_000, "国" * 10_000, "1 " * 5_000, "我叫张三，" * 2_000):
        keepable(hostile, 500)
    assert time.perf_counter() - started < 1


def test_a_message_about_danger_leaves_nothing(recorder: UseRecorder, database: Database) -> None:
    for reply in (
        make_reply(Origin.SAFETY, safety=True),
        make_reply(Origin.STANDARD, safety=True, answer_id="family-violence", revision=2),
    ):
        recorder.record(AskRequest(DANGER, reference="call-7"), reply)
    recorder.close()
    assert everything_kept(database) == ""


def test_a_standard_answer_is_kept_with_its_call(recorder: UseRecorder, database: Database) -> None:
    for origin in (Origin.STANDARD, Origin.GATE):
        reply = make_reply(origin, answer_id="labour-x", revision=3)
        recorder.record(AskRequest("欠薪怎么办", reference="call-20261122-01"), reply)
    recorder.record(AskRequest("别的事"), make_reply())
    recorder.close()
    with database.reading() as connection:
        uses = list_uses(connection, "labour-x", [3])
    assert [(use.channel, use.reference) for use in uses] == [("hotline", "call-20261122-01")] * 2
    assert len(kept(database)) == 3


def test_without_questions_only_the_answers_given_are_kept(database: Database) -> None:
    recorder = UseRecorder(database, keep_questions=False)
    recorder.record(AskRequest("欠薪"), make_reply())
    recorder.record(AskRequest("欠薪"), make_reply(Origin.STANDARD, answer_id="labour-x", revision=1))
    recorder.close()
    assert kept(database) == ()
    with database.reading() as connection:
        assert len(list_uses(connection, "labour-x", [1])) == 1


def test_a_follow_up_is_kept_as_it_was_understood(recorder: UseRecorder, database: Database) -> None:
    recorder.record(AskRequest("那要多久"), make_reply(understood_as="单位欠薪怎么办，那要多久"))
    recorder.close()
    assert [one.question for one in kept(database)] == ["单位欠薪怎么办，那要多久"]


def test_what_cannot_be_stored_spoils_nothing(recorder: UseRecorder, database: Database) -> None:
    recorder.record(AskRequest("欠\x00薪\ud800怎么办"), make_reply())
    recorder.close()
    assert [one.question for one in kept(database)] == ["欠薪怎么办"]


def test_many_threads_lose_nothing_and_keep_their_order(recorder: UseRecorder, database: Database) -> None:
    def ask(name: int) -> None:
        for i in range(25):
            recorder.record(AskRequest(f"第{name}人问{i:02}"), make_reply())

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    texts = [one.question for one in kept(database)]
    assert len(texts) == 200
    for name in range(8):
        mine = [text for text in texts if text.startswith(f"第{name}人")]
        assert mine == sorted(mine)


@pytest.fixture
def locked(tmp_path: Path, sqlite_template: Path) -> Database:
    """A SQLite database whose writers do not wait long."""
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    return Database(f"sqlite:///{path}", wait_s=0.2)


def lock(database: Database) -> sqlite3.Connection:
    other = sqlite3.connect(database.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_locked_database_delays_no_answer_and_loses_nothing(
    locked: Database, world: SmallWorld, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = UseRecorder(locked, retry_s=0.05)
    service = open_small_ask(world.database, world.door, make_all(), record=recorder.record)
    service.try_out(AskRequest(ASKED[PLAIN]))  # makes the matcher, and is not recorded
    started = time.perf_counter()
    for _ in range(20):
        service.ask(AskRequest(ASKED[PLAIN]))
    free = time.perf_counter() - started
    wait_until(lambda: len(kept(locked)) == 20)

    other = lock(locked)
    started = time.perf_counter()
    for _ in range(20):
        assert service.ask(AskRequest(ASKED[PLAIN])).reply.answer_id == PLAIN
    assert time.perf_counter() - started < 3 * free + 0.2
    wait_until(lambda: "wait to be written" in caplog.text)
    other.execute("ROLLBACK")
    recorder.close()
    assert len(kept(locked)) == 40
    locked.close()


def test_when_too_much_waits_the_oldest_is_lost_and_that_is_told(
    locked: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    other = lock(locked)
    recorder = UseRecorder(locked, capacity=5, retry_s=0.05)
    for i in range(12):
        recorder.record(AskRequest(f"第{i:02}问"), make_reply())
    wait_until(lambda: "being lost" in caplog.text)
    wait_until(lambda: "wait to be written" in caplog.text)
    other.execute("ROLLBACK")
    recorder.close()
    assert [one.question for one in kept(locked)] == [f"第{i:02}问" for i in range(7, 12)]
    assert "7 questions were lost" in caplog.text
    locked.close()


def test_closing_does_not_wait_for_ever(locked: Database, caplog: pytest.LogCaptureFixture) -> None:
    other = lock(locked)
    recorder = UseRecorder(locked)
    recorder.record(AskRequest("欠薪"), make_reply())
    started = time.perf_counter()
    recorder.close()
    assert time.perf_counter() - started < 5
    assert "not on record" in caplog.text
    recorder.record(AskRequest("之后"), make_reply())
    other.execute("ROLLBACK")
    assert kept(locked) == ()
    locked.close()


def test_a_recorder_that_fails_does_not_spoil_the_answer(
    world: SmallWorld, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(request: AskRequest, reply: AskReply) -> None:
        raise RuntimeError("坏了")

    service = open_small_ask(world.database, world.door, make_all(), record=fail)
    assert service.ask(AskRequest(ASKED[PLAIN])).reply.answer_id == PLAIN
    assert "could not be recorded" in caplog.text


def test_the_answer_door_records_each_reply_but_danger(
    world: SmallWorld, recorder: UseRecorder, database: Database
) -> None:
    service = open_small_ask(world.database, world.door, make_all(), record=recorder.record)
    given = service.ask(AskRequest(ASKED[PLAIN], channel=Channel.HOTLINE, reference="c-1")).reply
    assert given.answer_id == PLAIN
    assert service.ask(AskRequest(DANGER, reference="c-2")).reply.safety
    service.ask(AskRequest("帮我写一首诗"))
    service.try_out(AskRequest(ASKED[PLAIN]))
    recorder.close()
    assert [(one.origin, one.answer_id) for one in kept(database)] == [
        (Origin.STANDARD, PLAIN),
        (Origin.REFERRED, ""),
    ]
    with database.reading() as connection:
        (use,) = list_uses(connection, PLAIN, [given.revision])
    assert (use.channel, use.reference) == ("hotline", "c-1")
    assert "打我" not in everything_kept(database)


@pytest.mark.parametrize("reference", ["来电1", "a b", "x" * 65, "a\n", PHONE, "c/1"])
def test_a_call_number_that_is_none_is_refused(world: SmallWorld, reference: str) -> None:
    service = open_small_ask(world.database, world.door, make_all())
    with pytest.raises(BadInputError) as refused:
        service.ask(AskRequest(ASKED[PLAIN], reference=reference))
    assert (refused.value.code, bool(refused.value.way_out)) == ("reference_malformed", True)
