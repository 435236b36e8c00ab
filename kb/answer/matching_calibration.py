"""Calibrating the matching: held-out ways of asking, questions that nothing answers, thresholds, figures.

Positive examples are ways of asking that neither the index nor the encoder has seen
(``kb.domain.held_out``). Negative ones are the same questions with their own answer taken away (a question of
law that no answer covers) and questions outside law. Everything is cross-fitted in folds by
answer, so what is reported was not fitted on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from kb.answer.matching_fit import fit_judge, fit_ranker
from kb.answer.matching_index import AnswerIndex
from kb.answer.matching_model import (
    MAX_OFFERED,
    Calibration,
    Judge,
    MatchModel,
    Ranker,
    Thresholds,
    choose_offered,
    judge_features,
    order_answers,
    rank_shares,
)
from kb.answer.matching_signals import WORD_SIGNALS, Signals
from kb.answer.scope import Scope, is_readable, judge_scope
from kb.answer.sources_calibration import SourceExample, fit_sources
from kb.domain.answers import RiskClass, StandardAnswer
from kb.domain.held_out import SEED, held_out_variants

DoubleArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

FOLDS = 5
WEIGHT_UNCOVERED = 0.4
"""Of a question with its answer taken away, beside one with it: the mix that a hotline hears."""
WEIGHT_OUTSIDE = 0.25
"""Of all questions outside law together, beside all covered ones."""
MOST_WRONG = 0.01
"""Share of covered questions that may get a wrong standard answer."""
MOST_OUTSIDE = 0.005
LEAST_FITTING = 0.95
"""Share of the standard answers given, over covered and uncovered questions, that must be right."""
OFFER_CHANCE = 0.5
"""Choices are offered when the right one is at least so probably among them."""

Measure = Callable[[str], Signals]
JudgeSources = Callable[["Example", bool], SourceExample]


@dataclass(frozen=True, eq=False)
class Example:
    """A question with its signals; ``row`` is its answer's, None where nothing answers it.

    ``group`` keeps together what must not be parted by folds; ``weight`` counts in the judges' fit.
    """

    question: str
    signals: Signals
    row: int | None
    group: str
    kind: str
    high_risk: bool = False
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the cross-fitted model said of one example."""

    example: Example
    order: npt.NDArray[np.int64]
    shares: DoubleArray
    right_chance: float
    offered_chance: float

    @property
    def first_right(self) -> bool:
        """Whether the first answer is the right one."""
        return self.example.row is not None and int(self.order[0]) == self.example.row

    @property
    def offered_right(self) -> bool:
        """Whether the right one is among those that would be offered."""
        return self.example.row is not None and self.example.row in choose_offered(self.shares, self.order)

    @property
    def lead(self) -> float:
        """Share of the first answer less that of the second."""
        return float(self.shares[self.order[0]] - self.shares[self.order[1]])


def read_outside_questions() -> tuple[str, ...]:
    """The shipped questions outside law."""
    lines = files("corpora").joinpath("calibration", "outside_law.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def gather_examples(
    answers: Sequence[StandardAnswer], index: AnswerIndex, measure: Measure, outside: Iterable[str]
) -> list[Example]:
    """Examples over an ``index`` that lacks the held-out variants; ``measure`` gives a question's signals."""
    rows = {id_: row for row, id_ in enumerate(index.ids)}
    covered, uncovered = [], []
    for answer in answers:
        if answer.id not in rows:
            continue
        high = answer.risk is not RiskClass.ORDINARY
        for text in held_out_variants(answer):
            signals = measure(text)
            covered.append(Example(text, signals, rows[answer.id], answer.id, "covered", high))
            uncovered.append(
                Example(
                    text,
                    drop_answer(signals, rows[answer.id]),
                    None,
                    answer.id,
                    "uncovered",
                    weight=WEIGHT_UNCOVERED,
                )
            )
    strange = [Example(text, measure(text), None, text, "outside") for text in outside]
    share = WEIGHT_OUTSIDE * len(covered) / max(len(strange), 1)
    return covered + uncovered + [replace(one, weight=share) for one in strange]


def drop_answer(signals: Signals, row: int) -> Signals:
    """The signals as if the answer in ``row`` did not exist."""
    return replace(signals, table=np.delete(signals.table, row, axis=0))


def cross_fit(examples: Sequence[Example]) -> list[Outcome]:
    """Outcomes of all examples, each from models that saw nothing of its group.

    The ranker is cross-fitted first; the judges see its cross-fitted shares only, and are cross-fitted too.
    """
    folds = np.array([_fold(one.group) for one in examples])
    rankers = [
        fit_ranker(
            [
                (one.signals, one.row)
                for one, at in zip(examples, folds, strict=True)
                if one.row is not None and at != fold
            ]
        )
        for fold in range(FOLDS)
    ]
    ranked = [_rank(one, rankers[fold]) for one, fold in zip(examples, folds, strict=True)]
    outcomes: list[Outcome] = [None] * len(examples)  # type: ignore[list-item]
    for fold in range(FOLDS):
        chosen = [place for place in range(len(examples)) if folds[place] != fold]
        right, offered = fit_judges([examples[i] for i in chosen], [ranked[i] for i in chosen])
        for place in map(int, np.flatnonzero(folds == fold)):
            shares, order = ranked[place]
            features = judge_features(examples[place].signals, shares, order)
            outcomes[place] = Outcome(
                examples[place], order, shares, right.probability(features), offered.probability(features)
            )
    return outcomes


def fit_judges(
    examples: Sequence[Example], ranked: Sequence[tuple[DoubleArray, npt.NDArray[np.int64]]]
) -> tuple[Judge, Judge]:
    """The judge of the first answer, and that of the choices."""
    features = np.stack(
        [
            judge_features(one.signals, shares, order)
            for one, (shares, order) in zip(examples, ranked, strict=True)
        ]
    )
    weights = np.array([one.weight for one in examples])
    first = [int(order[0]) == one.row for one, (_, order) in zip(examples, ranked, strict=True)]
    among = [
        one.row in choose_offered(shares, order)
        for one, (shares, order) in zip(examples, ranked, strict=True)
    ]
    return fit_judge(features, np.array(first), weights), fit_judge(features, np.array(among), weights)


def choose_thresholds(outcomes: Sequence[Outcome]) -> Thresholds:
    """The thresholds that give most right answers within MOST_WRONG, MOST_OUTSIDE and LEAST_FITTING."""
    best, chosen = -1.0, Thresholds(0.999, 0.0, OFFER_CHANCE, 1.0)
    chances = np.array([one.right_chance for one in outcomes])
    leads = np.array([one.lead for one in outcomes])
    right = np.array([one.first_right for one in outcomes])
    weights = np.array([one.example.weight for one in outcomes])
    covered = np.array([one.example.kind == "covered" for one in outcomes])
    outside = np.array([one.example.kind == "outside" for one in outcomes])
    for margin in (0.0, 0.05, 0.1, 0.2, 0.3):
        for accept in np.arange(0.4, 0.9991, 0.005):
            given = (chances >= accept) & (leads >= margin)
            total = float((weights * given).sum())
            if not total or (weights * (given & right)).sum() / total < LEAST_FITTING:
                continue
            if (given & ~right & covered).sum() / covered.sum() > MOST_WRONG:
                continue
            if outside.any() and (given & outside).sum() / outside.sum() > MOST_OUTSIDE:
                continue
            gained = float((given & right & covered).sum() / covered.sum())
            if gained > best + 1e-9:
                best, chosen = gained, Thresholds(float(round(accept, 3)), margin, OFFER_CHANCE, 1.0)
    return chosen


def measure_outcomes(outcomes: Sequence[Outcome], thresholds: Thresholds) -> dict[str, float]:
    """Shares of covered questions by what they would get, and how often others are given an answer."""
    covered = [one for one in outcomes if one.example.kind == "covered"]
    found: dict[str, float] = {"questions": float(len(covered))}
    decided = [(one, decide(one, thresholds)) for one in covered]
    size = max(len(covered), 1)
    found["first_right"] = sum(one.first_right for one in covered) / size
    found["in_four"] = (
        sum(one.example.row in [int(row) for row in one.order[:MAX_OFFERED]] for one in covered) / size
    )
    found["given_right"] = sum(what == "give" and one.first_right for one, what in decided) / size
    found["given_wrong"] = sum(what == "give" and not one.first_right for one, what in decided) / size
    found["offered"] = sum(what == "offer" for _, what in decided) / size
    found["offered_with_right"] = sum(what == "offer" and one.offered_right for one, what in decided) / size
    risky = [(one, what) for one, what in decided if one.example.high_risk]
    found["high_risk_wrong"] = float(sum(what == "give" and not one.first_right for one, what in risky))
    for kind in ("uncovered", "outside"):
        kept = [decide(one, thresholds) for one in outcomes if one.example.kind == kind]
        found[f"{kind}_given"] = kept.count("give") / max(len(kept), 1)
        found[f"{kind}_offered"] = kept.count("offer") / max(len(kept), 1)
    found["calibration_error"] = _expected_calibration_error(outcomes)
    return found


def decide(outcome: Outcome, thresholds: Thresholds) -> str:
    """give, offer or leave."""
    if outcome.right_chance >= thresholds.accept and outcome.lead >= thresholds.margin:
        return "give"
    return "offer" if outcome.offered_chance >= thresholds.offer else "leave"


def fit_model(
    examples: Sequence[Example], results: Sequence[SourceExample], encoder: str
) -> tuple[MatchModel, list[Outcome]]:
    """Thresholds and figures from cross-fitted outcomes, coefficients from all examples."""
    outcomes = cross_fit(examples)
    ranker = fit_ranker([(one.signals, one.row) for one in examples if one.row is not None])
    right, offered = fit_judges(examples, [(one.shares, one.order) for one in outcomes])
    sources, quote, of_sources = fit_sources(results)
    thresholds = replace(choose_thresholds(outcomes), quote=quote)
    measured = measure_outcomes(outcomes, thresholds) | of_sources
    return MatchModel(encoder, ranker, right, offered, sources, thresholds, measured), outcomes


def calibrate(
    answers: Sequence[StandardAnswer],
    index: AnswerIndex,
    measure: Measure,
    judge_sources: JudgeSources,
    encoder: str,
    made_on: dt.date,
    outside: Iterable[str] | None = None,
) -> tuple[Calibration, list[Outcome]]:
    """Both models from one set of examples; the outcomes are those of the model with meanings.

    ``judge_sources`` gives the search results of an example, with meanings or by words alone.
    """
    strange = read_outside_questions() if outside is None else outside
    examples = gather_examples(answers, index, measure, [one for one in strange if _may_match(one)])
    asked = [one for one in examples if one.kind != "uncovered"]
    with_meaning, outcomes = fit_model(examples, [judge_sources(one, True) for one in asked], encoder)
    words = [replace(one, signals=keep_words(one.signals)) for one in examples]
    asked = [one for one in words if one.kind != "uncovered"]
    words_only, _ = fit_model(words, [judge_sources(one, False) for one in asked], "")
    return Calibration(made_on, SEED, with_meaning, words_only), outcomes


def _may_match(question: str) -> bool:
    """Whether the answer door would try to match it at all."""
    return judge_scope(question) is Scope.LAW and is_readable(question)


def keep_words(signals: Signals) -> Signals:
    """The signals of words alone."""
    columns = [signals.names.index(name) for name in WORD_SIGNALS]
    return replace(signals, names=WORD_SIGNALS, table=signals.table[:, columns])


def _rank(example: Example, ranker: Ranker) -> tuple[DoubleArray, npt.NDArray[np.int64]]:
    shares = rank_shares(example.signals, ranker)
    return shares, order_answers(shares)


def _fold(group: str) -> int:
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") % FOLDS


def _expected_calibration_error(outcomes: Sequence[Outcome], bins: int = 10) -> float:
    """Mean distance of chance and truth over ten equal bins, weighted (Naeini et al. 2015)."""
    chances = np.array([one.right_chance for one in outcomes])
    right = np.array([one.first_right for one in outcomes], np.float64)
    weights = np.array([one.example.weight for one in outcomes])
    places = np.minimum((chances * bins).astype(int), bins - 1)
    error = 0.0
    for place in range(bins):
        inside = places == place
        if inside.any():
            gap = np.average(chances[inside], weights=weights[inside]) - np.average(
                right[inside], weights=weights[inside]
            )
            error += abs(gap) * weights[inside].sum() / weights.sum()
    return float(error)
