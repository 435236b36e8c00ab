"""What nobody has answered yet: which questions count, how they are grouped, what becomes of them."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest

from kb.answer.desk import AnswerDesk
from kb.answer.gaps import MAX_WORDINGS, draft_of_gap, find_gaps, get_gap, take_up_gap
from kb.answer.reading import load_shipped
from kb.domain.ask import Origin
from kb.domain.editing import AnswerState
from kb.domain.feedback import Gap
from kb.encode.dense import DenseEncoder
from kb.encode.vectors import FloatArray
from kb.errors import BadInputError, ConflictError, ForbiddenError, LawkbError, NotFoundError
from kb.store import answers as store
from kb.store.database import Database
from tests.desk.conftest import EDITOR, REVIEWER
from tests.feedback.conftest import NOW, ask_all

LATER = NOW + dt.timedelta(days=1)


def gaps_of(database: Database, encoder: DenseEncoder | None = None) -> tuple[Gap, ...]:
    return find_gaps(database, since=NOW - dt.timedelta(days=30), now=LATER, encoder=encoder)


def questions_of(database: Database) -> list[str]:
    return [gap.question for gap in gaps_of(database)]


def test_questions_without_a_standard_answer_count(database: Database) -> None:
    ask_all(database, "楼上漏水泡了我家", origin=Origin.COMPOSED)
    ask_all(database, "邻居养鸡太吵去哪投诉", origin=Origin.REFERRED)
    ask_all(database, "单位不发年终奖", origin=Origin.CLARIFY)
    for origin in (Origin.STANDARD, Origin.GATE):
        ask_all(database, "欠薪怎么办", origin=origin, answer_id="labour-x", revision=1)
    ask_all(database, "今天天气怎么样用英语怎么说", origin=Origin.REFERRED)
    ask_all(database, "美国法律怎么规定离婚", "？？？？", "", origin=Origin.REFERRED)
    assert sorted(questions_of(database)) == ["单位不发年终奖", "楼上漏水泡了我家", "邻居养鸡太吵去哪投诉"]


def test_an_offer_that_was_taken_up_is_no_gap(database: Database) -> None:
    asked = "单位不发年终奖怎么办"
    ask_all(database, asked, origin=Origin.CLARIFY)
    ask_all(database, asked, origin=Origin.STANDARD, answer_id="a", at=NOW + dt.timedelta(minutes=2))
    ask_all(database, "打碎玻璃谁赔", origin=Origin.CLARIFY)
    read_as = "打碎玻璃谁赔（打碎别人东西怎么赔）"
    ask_all(database, read_as, origin=Origin.GATE, answer_id="b", at=NOW + dt.timedelta(minutes=2))
    assert questions_of(database) == []


def test_an_offer_taken_up_hours_later_or_by_another_question_is_a_gap(database: Database) -> None:
    ask_all(database, "年终奖不发", origin=Origin.CLARIFY)
    ask_all(database, "年终奖不发", origin=Origin.STANDARD, answer_id="a", at=NOW + dt.timedelta(hours=3))
    ask_all(database, "打碎玻璃", origin=Origin.CLARIFY)
    ask_all(database, "欠薪", origin=Origin.STANDARD, answer_id="a", at=NOW + dt.timedelta(minutes=1))
    assert sorted(questions_of(database)) == ["年终奖不发", "打碎玻璃"]


def test_an_offer_of_a_moment_ago_is_still_open(database: Database) -> None:
    ask_all(database, "年终奖不发", origin=Origin.CLARIFY)
    soon = NOW + dt.timedelta(minutes=10)
    assert find_gaps(database, since=NOW, now=soon) == ()


def test_the_same_words_count_together_most_frequent_first(database: Database) -> None:
    ask_all(database, "楼上漏水谁赔", "邻居装修太吵怎么投诉", "邻居装修太吵怎么投诉", topic="物业")
    ask_all(database, "邻居装修太吵怎样投诉", topic="侵权")
    first, second = gaps_of(database)
    assert (first.question, first.count, first.variants) == (
        "邻居装修太吵怎么投诉",
        3,
        ("邻居装修太吵怎样投诉",),
    )
    assert (first.topic, second.question, second.count) == ("物业", "楼上漏水谁赔", 1)
    assert first.number == first.positions[0] < first.positions[-1]


def test_old_questions_are_left_out(database: Database) -> None:
    ask_all(database, "楼上漏水谁赔", at=NOW - dt.timedelta(days=40))
    assert questions_of(database) == []


MATTERS = {
    "labour": ["单位不给交社保怎么办", "公司一直没给我上社保咋整", "老板不缴社会保险能告吗"],
    "family": ["离婚以后孩子归谁抚养", "离了婚娃跟谁过", "夫妻离婚孩子判给谁"],
    "loans": ["朋友借钱没打欠条不还", "借出去的钱没有借条对方不认账", "没借条的欠款怎么要回来"],
}


def test_questions_of_one_meaning_meet_whatever_their_words(
    database: Database, encoder: DenseEncoder
) -> None:
    texts = [text for matter in MATTERS.values() for text in matter]
    random.Random(7).shuffle(texts)
    ask_all(database, *texts)
    gaps = gaps_of(database, encoder)
    groups = [{gap.question, *gap.variants} for gap in gaps]
    assert sum(len(group) for group in groups) == len(texts)
    for group in groups:
        assert sum(bool(group & set(matter)) for matter in MATTERS.values()) == 1, group
    assert len(groups) < 6
    assert gaps == gaps_of(database, encoder)


def test_the_figures_that_the_module_states_hold(database: Database, encoder: DenseEncoder) -> None:
    """A sample of what was measured: pairs that meet are mostly of one answer."""
    draw = random.Random(20261127)
    chosen = draw.sample(load_shipped(), 40)
    owner = {text: answer.id for answer in chosen for text in (answer.question, *answer.variants)}
    texts = list(owner)
    draw.shuffle(texts)
    ask_all(database, *texts)
    met = good = 0
    for gap in gaps_of(database, encoder):
        ids = [owner[text] for text in (gap.question, *gap.variants)]
        for i, one in enumerate(ids):
            met += i
            good += sum(one == other for other in ids[:i])
    together = sum(n * (n - 1) // 2 for n in (1 + len(answer.variants) for answer in chosen))
    assert good / met > 0.55
    assert good / together > 0.25


class Foreign:
    """An encoder of which nobody knows how near is near: it finds all alike."""

    id = "somebody/else"

    def encode_queries(self, texts: list[str]) -> FloatArray:
        raise AssertionError("not asked")


def test_another_encoder_is_not_trusted_with_our_threshold(database: Database) -> None:
    ask_all(database, "楼上漏水谁赔", "离婚孩子归谁")
    gaps = find_gaps(database, since=NOW, now=LATER, encoder=Foreign())  # type: ignore[arg-type]
    assert len(gaps) == 2


class Spread:
    """Puts every text by itself."""

    id = "builtin:spread"

    def __init__(self) -> None:
        self.seen = 0

    def encode_queries(self, texts: list[str]) -> FloatArray:
        self.seen = len(texts)
        return np.eye(len(texts), dtype=np.float32)


def test_what_is_too_much_leaves_out_the_rarest(database: Database) -> None:
    texts = [f"第{i}件事怎么办" for i in range(MAX_WORDINGS + 5)]
    ask_all(database, *texts, *texts[-3:])
    spread = Spread()
    gaps = find_gaps(database, since=NOW, now=LATER + dt.timedelta(days=9), encoder=spread)  # type: ignore[arg-type]
    assert spread.seen == len(gaps) == MAX_WORDINGS
    assert [gap.question for gap in gaps[:3]] == texts[:-4:-1]


def test_a_gap_becomes_a_draft_and_is_closed(database: Database, desk: AnswerDesk) -> None:
    ask_all(database, "邻居装修太吵怎么投诉", "邻居装修太吵怎样投诉", "离婚孩子归谁")
    (noise,) = [gap for gap in gaps_of(database) if "装修" in gap.question]
    entry = take_up_gap(database, desk, noise, "property-management-noise", "物业", EDITOR)
    assert (entry.state, entry.title, entry.topic) == (AnswerState.DRAFT, noise.question, "物业")
    with database.reading() as connection:
        record = store.get_revision(connection, entry.id, 1).record
    assert record == draft_of_gap(noise, entry.id, "物业")
    assert (record.question, record.variants) == ("邻居装修太吵怎么投诉", ("邻居装修太吵怎样投诉",))
    assert (record.slots.conclusion, record.script, record.basis, record.reviewed_by) == ("", "", (), None)
    assert questions_of(database) == ["离婚孩子归谁"]
    with pytest.raises(BadInputError) as faulty:  # it is no answer yet
        desk.submit(entry.id, entry.lock, EDITOR)
    assert faulty.value.code == "answer_faulty"
    ask_all(database, "邻居装修太吵怎么投诉", at=NOW + dt.timedelta(hours=2))
    assert "邻居装修太吵怎么投诉" in questions_of(database)  # still asked, still not answered


def test_a_gap_stays_open_when_no_draft_came_of_it(database: Database, desk: AnswerDesk) -> None:
    ask_all(database, "楼上漏水谁赔")
    (gap,) = gaps_of(database)
    entry = take_up_gap(database, desk, gap, "torts-leak", "侵权", EDITOR)
    ask_all(database, "楼上漏水谁赔", at=NOW + dt.timedelta(hours=1))
    (again,) = gaps_of(database)
    for answer_id, topic, actor, kind, code in (
        (entry.id, "侵权", EDITOR, ConflictError, "title_taken"),
        ("坏编号", "侵权", EDITOR, BadInputError, "id_malformed"),
        ("torts-leak-2", "天气", EDITOR, BadInputError, "topic_unknown"),
        ("torts-leak-2", "侵权", REVIEWER, ForbiddenError, "role_missing"),
    ):
        with pytest.raises(LawkbError) as refused:
            take_up_gap(database, desk, again, answer_id, topic, actor)
        assert isinstance(refused.value, kind)
        assert refused.value.code in (code, "answer_exists")
        assert gaps_of(database) == (again,)


def test_a_gap_is_found_by_any_of_its_questions(database: Database) -> None:
    ask_all(database, "楼上漏水谁赔", "离婚孩子归谁", "楼上漏水谁赔")
    gaps = gaps_of(database)
    leak = next(gap for gap in gaps if gap.count == 2)
    assert all(get_gap(gaps, position) is leak for position in leak.positions)
    with pytest.raises(NotFoundError) as missing:
        get_gap(gaps, 10_000)
    assert missing.value.code == "gap_not_found"
