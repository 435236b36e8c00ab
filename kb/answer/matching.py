"""From a question to the standard answer that fits it: the right one, a few to choose from, or none."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kb.answer.matching_index import AnswerIndex, AnswerTexts, build_index, weigh_words
from kb.answer.matching_model import (
    MAX_OFFERED,
    Calibration,
    MatchModel,
    choose_offered,
    judge_features,
    order_answers,
    rank_shares,
)
from kb.answer.matching_signals import Signals, measure_signals
from kb.answer.wording import wording_key
from kb.encode.vectors import FloatArray
from kb.text.tokenise import LegalTokeniser

log = logging.getLogger(__name__)

CANDIDATES = 8
SURE = 0.999
"""Chance of an answer that was asked for in its own words."""
_AROUND = re.compile(
    r"^(?:你好|您好|请问一下|请问|想问一下|想问下|我想问一下|问一下|问下|咨询一下|咨询下|律师|麻烦问下|在吗)+|(?:谢谢您?|谢了|求解答?|急|在线等)+$"
)


class Encoder(Protocol):
    """What matching needs of the dense encoder."""

    id: str

    def encode_query(self, text: str) -> FloatArray:
        """Unit vector of a question."""
        ...


class Vectors(Protocol):
    """Vectors kept by text; makes those that are missing."""

    def ensure(self, texts: Sequence[str]) -> dict[str, FloatArray]:
        """Unit vectors of all ``texts``."""
        ...


class Decision(StrEnum):
    """What the match allows."""

    GIVE = "give"
    OFFER = "offer"
    LEAVE = "leave"


@dataclass(frozen=True)
class Candidate:
    """``share`` is the part of belief that the ranking gives to this answer; all sum to 1."""

    id: str
    topic: str
    share: float


@dataclass(frozen=True)
class Match:
    """``right_chance`` is the probability that the first candidate is right, ``offered_chance`` that one of
    ``offered`` is. Candidates best first."""

    decision: Decision
    candidates: tuple[Candidate, ...]
    offered: tuple[Candidate, ...]
    right_chance: float
    offered_chance: float
    signals: Signals | None = field(default=None, compare=False, repr=False)

    @property
    def best(self) -> Candidate | None:
        """The first candidate; None where there is no answer at all."""
        return self.candidates[0] if self.candidates else None


NO_MATCH = Match(Decision.LEAVE, (), (), 0.0, 0.0)


class Matcher:
    """Matches questions against one set of answers; safe to call from several threads."""

    def __init__(
        self,
        answers: Sequence[AnswerTexts],
        calibration: Calibration,
        tokeniser: LegalTokeniser,
        encoder: Encoder | None,
        vectors: Vectors | None,
        summaries: Vectors | None,
    ) -> None:
        """Encodes what the vector caches lack, which takes seconds the first time.

        Without an encoder, or with another than was calibrated, words alone decide.
        """
        self.model, self._encoder = _choose_model(calibration, encoder)
        self._tokeniser = tokeniser
        self.index = prepare_index(answers, tokeniser, vectors if self._encoder else None, summaries)
        self._known = known_wordings(self.index)

    def match(self, question: str) -> Match:
        """The answers that fit ``question`` (normalised, simplified)."""
        if not self.index.answers:
            return NO_MATCH
        judged = judge_match(self.measure(question), self.index, self.model)
        known = self._known.get(plain_wording(question))
        return judged if known is None else give_known(judged, known, self.index)

    def weigh(self, text: str) -> dict[str, float]:
        """The words of ``text`` with their rarity among the answers."""
        weights = weigh_words(text, self._tokeniser)
        return {token: weight * self.index.both.idf(token) for token, weight in weights.items()}

    def measure(self, question: str) -> Signals:
        """The signals between the question and every answer."""
        vector = self._encoder.encode_query(question) if self._encoder else None
        return measure_signals(question, vector, self.index, self._tokeniser)


def prepare_index(
    answers: Sequence[AnswerTexts],
    tokeniser: LegalTokeniser,
    vectors: Vectors | None,
    summaries: Vectors | None,
) -> AnswerIndex:
    """The index with all vectors at hand; words only without the caches."""
    if vectors is None or summaries is None:
        return build_index(answers, tokeniser, None, None)
    wordings = [text for one in answers for text in one.wordings]
    told = [one.summary for one in answers]
    return build_index(answers, tokeniser, vectors.ensure(wordings), summaries.ensure(told))


def plain_wording(text: str) -> str:
    """A wording without what people say around it: 请问, 你好, 谢谢, marks and blanks."""
    return _AROUND.sub("", wording_key(text))


def known_wordings(index: AnswerIndex) -> dict[str, int]:
    """Row of the answer of each way of asking; wordings that two answers share are left out."""
    rows: dict[str, set[int]] = {}
    for row, one in enumerate(index.answers):
        for text in one.wordings:
            rows.setdefault(plain_wording(text), set()).add(row)
    return {text: found.pop() for text, found in rows.items() if len(found) == 1 and text}


def give_known(judged: Match, row: int, index: AnswerIndex) -> Match:
    """The match when somebody asks in the very words of an answer: nothing is left to judge."""
    answer = index.answers[row]
    share = next((one.share for one in judged.candidates if one.id == answer.id), 0.0)
    first = Candidate(answer.id, answer.topic, max(share, SURE))
    rest = tuple(one for one in judged.candidates if one.id != answer.id)
    return Match(Decision.GIVE, (first, *rest), (first, *rest[:1]), SURE, SURE, judged.signals)


def judge_match(signals: Signals, index: AnswerIndex, model: MatchModel) -> Match:
    """What ``model`` makes of the signals."""
    shares = rank_shares(signals, model.ranker)
    order = order_answers(shares)
    if len(order) < 2:
        return NO_MATCH
    features = judge_features(signals, shares, order)
    right = model.right.probability(features)
    among = model.offered.probability(features)
    lead = float(shares[order[0]] - shares[order[1]])
    names = {
        row: Candidate(index.answers[row].id, index.answers[row].topic, float(shares[row])) for row in order
    }
    limits = model.thresholds
    if right >= limits.accept and lead >= limits.margin:
        decision = Decision.GIVE
    else:
        decision = Decision.OFFER if among >= limits.offer else Decision.LEAVE
    return Match(
        decision,
        tuple(names[row] for row in order[: max(CANDIDATES, MAX_OFFERED)]),
        tuple(names[row] for row in choose_offered(shares, order)),
        right,
        among,
        signals,
    )


def _choose_model(calibration: Calibration, encoder: Encoder | None) -> tuple[MatchModel, Encoder | None]:
    if encoder is None:
        return calibration.words_only, None
    if encoder.id != calibration.with_meaning.encoder:
        log.warning(
            "answers were calibrated for encoder %s and %s is loaded: matching by words only; "
            "run lawkb answers calibrate",
            calibration.with_meaning.encoder,
            encoder.id,
        )
        return calibration.words_only, None
    return calibration.with_meaning, encoder
