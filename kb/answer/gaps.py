"""What people ask and no standard answer covers, grouped by meaning, most frequent first.

A question is open where sources were quoted, where a question of law was referred, or where answers were
offered and none was taken up. Wordings are grouped greedily, the most frequent first: each joins the group to
whose members it is nearest on average, or begins its own.

How near is near enough was measured with the shipped encoder (``builtin``) on 3,569 wordings of the 342
shipped answers, about ten each, where wordings of one answer should meet (with two dozen each, 65 % of the
pairs that met in one draw were of one answer). A cosine of 0.64 is reached by 47 % of the pairs of
one answer and by 0.6 % of the pairs of two. With the wordings of 40 answers drawn at random and shuffled
(mean of 12 draws), 81 % of the pairs that meet in a group are of one answer, and a wording is 90 % likely to
be of the answer that its group is mostly of; 36 % of the pairs of one answer do meet: one matter may well
come in three groups, seldom two matters in one. Without that encoder wordings are compared by pairs of
characters, which finds little more than the same words again (0.18: 60 %, 97 % and 1 %).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from kb.answer.checks_shape import is_answer_id
from kb.answer.desk import AnswerDesk
from kb.answer.scope import Scope, is_readable, judge_scope
from kb.clock import utc_now
from kb.domain.answers import TOPICS, RiskClass, Slots, StandardAnswer
from kb.domain.ask import Origin
from kb.domain.editing import Actor, AnswerEntry
from kb.domain.feedback import AskedQuestion, Gap
from kb.encode.vectors import FloatArray
from kb.errors import BadInputError, NotFoundError
from kb.store import feedback as store
from kb.store.database import Database

MEANING_THRESHOLD = 0.64
WORDS_THRESHOLD = 0.18
BUILTIN_ID = "builtin:"
"""Of other encoders it is not known how near is near."""
MAX_WORDINGS = 2_000
"""So many different wordings are grouped, the most frequent; encoding more would take minutes."""
FOLLOW_MINUTES = 60
_TAKEN_UP = (Origin.STANDARD, Origin.GATE)
_COMPARED = 180
"""Characters by which a question is known again: a conversation keeps no more than 200 of it."""


class GapEncoder(Protocol):
    """What gives the meaning of questions; ``kb.encode.dense`` does."""

    @property
    def id(self) -> str:
        """Names weights and tokenizer."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors, one row a text."""
        ...


@dataclass
class _Wording:
    text: str
    asked: list[AskedQuestion] = field(default_factory=list)


def find_gaps(
    database: Database,
    *,
    since: dt.datetime,
    now: dt.datetime,
    encoder: GapEncoder | None = None,
    follow_minutes: int = FOLLOW_MINUTES,
) -> tuple[Gap, ...]:
    """Gaps in what was asked from ``since`` on and is not closed, most frequent first, then newest.

    The same questions give the same gaps. Whoever was offered answers has ``follow_minutes`` to take one up;
    until then the question is not counted.
    """
    with database.reading() as connection:
        asked = store.list_questions(connection, since=since)
    wordings = _collect(_open_questions(asked, now, dt.timedelta(minutes=follow_minutes)))
    groups = _group(wordings, encoder if encoder and encoder.id.startswith(BUILTIN_ID) else None)
    gaps = [_gap(group) for group in groups]
    return tuple(sorted(gaps, key=lambda gap: (-gap.count, -gap.newest.timestamp(), gap.number)))


def get_gap(gaps: Iterable[Gap], number: int) -> Gap:
    """The gap that holds the question ``number``. Raises NotFoundError ``gap_not_found``."""
    found = next((gap for gap in gaps if number in gap.positions), None)
    if found is None:
        raise NotFoundError(
            "gap_not_found",
            f"没有编号为 {number} 的缺口",
            place=str(number),
            way_out="编号见 lawkb feedback gaps；已起草的、超出天数的不再列出",
        )
    return found


def draft_of_gap(gap: Gap, answer_id: str, topic: str) -> StandardAnswer:
    """A draft with the question and its wordings; everything else waits for the editor.

    Raises BadInputError ``id_malformed``, ``topic_unknown``.
    """
    if not is_answer_id(answer_id):
        raise BadInputError(
            "id_malformed",
            "编号用小写字母、数字和连字符",
            place="id",
            way_out="例如 labour-unpaid-wages",
        )
    if topic not in TOPICS:
        raise BadInputError(
            "topic_unknown",
            f"没有“{topic}”这个主题",
            place="topic",
            way_out=f"可用的主题：{'、'.join(TOPICS)}",
        )
    return StandardAnswer(
        id=answer_id,
        topic=topic,
        category=(topic,),
        title=gap.question,
        question=gap.question,
        variants=gap.variants,
        risk=RiskClass.ORDINARY,
        slots=Slots(conclusion=""),
        script="",
        basis=(),
    )


def take_up_gap(
    database: Database, desk: AnswerDesk, gap: Gap, answer_id: str, topic: str, actor: Actor
) -> AnswerEntry:
    """Put the draft of a gap on the desk, then close the gap's questions.

    Raises as ``draft_of_gap`` and ``AnswerDesk.create``; the gap stays open then.
    """
    note = f"由用户提问起草：问过 {gap.count} 次"
    entry = desk.create(draft_of_gap(gap, answer_id, topic), actor, note)
    with database.writing() as connection:
        store.close_questions(connection, gap.positions, utc_now())
    return entry


def _open_questions(
    asked: Sequence[AskedQuestion], now: dt.datetime, follow: dt.timedelta
) -> list[AskedQuestion]:
    """Those that got no standard answer, oldest first."""
    taken = [one for one in asked if one.origin in _TAKEN_UP and one.question]
    found = []
    for one in asked:
        if one.gap_closed_at is not None or not one.question:
            continue
        if one.origin is Origin.COMPOSED or (one.origin is Origin.REFERRED and _is_law(one.question)):
            found.append(one)
        elif one.origin is Origin.CLARIFY and one.at + follow <= now:
            begun = one.question[:_COMPARED]
            if not any(
                later.position > one.position
                and later.at <= one.at + follow
                and later.channel is one.channel
                and later.question.startswith(begun)
                for later in taken
            ):
                found.append(one)
    return found


def _is_law(question: str) -> bool:
    return judge_scope(question) is Scope.LAW and is_readable(question)


def _collect(questions: Iterable[AskedQuestion]) -> list[_Wording]:
    """Wordings, most frequent first, then the one asked first."""
    by_text: dict[str, _Wording] = {}
    for one in questions:
        by_text.setdefault(one.question, _Wording(one.question)).asked.append(one)
    ordered = sorted(by_text.values(), key=lambda one: (-len(one.asked), one.asked[0].position))
    return ordered[:MAX_WORDINGS]


def _group(wordings: Sequence[_Wording], encoder: GapEncoder | None) -> list[list[_Wording]]:
    if not wordings:
        return []
    if encoder is None:
        rows, threshold = _alike_by_words([one.text for one in wordings]), WORDS_THRESHOLD
    else:
        vectors = encoder.encode_queries([one.text for one in wordings])
        # Not by BLAS, whose sums hang on the number of threads.
        rows, threshold = np.einsum("ij,kj->ik", vectors, vectors), MEANING_THRESHOLD
    groups: list[list[int]] = []
    sums: list[FloatArray] = []
    for i in range(len(wordings)):
        means = [float(total[i]) / len(group) for total, group in zip(sums, groups, strict=True)]
        best = max(range(len(means)), key=lambda place: (means[place], -place), default=None)
        if best is not None and means[best] >= threshold:
            groups[best].append(i)
            sums[best] = sums[best] + rows[i]
        else:
            groups.append([i])
            sums.append(rows[i])
    return [[wordings[i] for i in group] for group in groups]


def _alike_by_words(texts: Sequence[str]) -> FloatArray:
    """Jaccard index of the pairs of characters of every two texts."""
    pairs = [frozenset(text[i : i + 2] for i in range(max(len(text) - 1, 1))) for text in texts]
    names = {pair: column for column, pair in enumerate(sorted(frozenset[str]().union(*pairs)))}
    held = np.zeros((len(texts), len(names)), np.float32)
    for row, of_text in enumerate(pairs):
        held[row, [names[pair] for pair in of_text]] = 1
    shared = held @ held.T
    sizes = held.sum(axis=1)
    alike: FloatArray = shared / (sizes[:, None] + sizes[None, :] - shared)
    return alike


def _gap(group: Sequence[_Wording]) -> Gap:
    asked = sorted((one for wording in group for one in wording.asked), key=lambda one: one.position)
    topics = Counter(one.topic for one in asked if one.topic)
    return Gap(
        question=group[0].text,
        count=len(asked),
        variants=tuple(wording.text for wording in group[1:]),
        topic=max(topics, key=lambda topic: (topics[topic], topic), default=""),
        newest=max(one.at for one in asked),
        positions=tuple(one.position for one in asked),
    )
