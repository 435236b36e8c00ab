"""From a question to the answer that fits: signals, ranking, judging, thresholds, known wordings.

Nothing here rests on a figure of the shipped calibration: thresholds are put where a test needs them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kb.answer.ask_matching import MatcherKeeper
from kb.answer.ask_shelf import SampleAnswer
from kb.answer.matching import (
    SURE,
    Decision,
    Match,
    Matcher,
    give_known,
    judge_match,
    known_wordings,
    plain_wording,
)
from kb.answer.matching_calibration import Example, Outcome, choose_thresholds, decide, drop_answer
from kb.answer.matching_fit import fit_judge, fit_ranker
from kb.answer.matching_index import BIGRAM, WORD, AnswerTexts, Postings, build_index, texts_of
from kb.answer.matching_model import (
    FADING,
    MAX_OFFERED,
    Calibration,
    Judge,
    Thresholds,
    choose_offered,
    feature_names,
    judge_features,
    load_calibration,
    order_answers,
    parse_calibration,
    plain_calibration,
    rank_shares,
)
from kb.answer.matching_signals import MEANING_SIGNALS, WORD_SIGNALS, Signals, measure_signals, signal_names
from kb.encode.dense import DenseEncoder
from kb.encode.vector_cache import QuestionVectors
from kb.errors import SourceError
from kb.text.tokenise import default_tokeniser
from tests.answer.umbrellas import ASKED, LATE, PLAIN, REVIEW, WAITING, make_all, make_late, steer

TOKENISER = default_tokeniser()
ANSWERS = make_all()
TEXTS = [texts_of(one) for one in ANSWERS]
INDEX = build_index(TEXTS, TOKENISER, None, None)
NEAR = "借给别人的雨伞他一直都不还，要怎么办才好"
"""Near the question of an answer, but not in its words."""
ODD = ("", "？！", "abc def", "离婚", "1", "㊗😀", "伞" * 2_000, "油纸伞", NEAR, *ASKED.values())


def make_matcher(calibration: Calibration | None = None) -> Matcher:
    return Matcher(TEXTS, calibration or load_calibration(), TOKENISER, None, None, None)


def measure(question: str) -> Signals:
    return measure_signals(question, None, INDEX, TOKENISER)


def row_of(id_: str) -> int:
    return INDEX.ids.index(id_)


def summary(match: Match) -> tuple[Any, ...]:
    """All of a match but the table of signals."""
    return match.decision, match.candidates, match.offered, match.right_chance, match.offered_chance


# -- index ---------------------------------------------------------------------------------------------


def test_rare_words_weigh_more_and_unknown_ones_most() -> None:
    postings = Postings([{"a": 1, "b": 1}, {"a": 2}, {"a": 1}, {}])
    assert 0 < postings.idf("a") < postings.idf("b") < postings.idf("c")
    assert (postings.knows("b"), postings.knows("c")) == (True, False)
    scores = postings.score({"b": 1.0, "c": 5.0})
    assert scores[0] > 0
    assert not scores[1:].any()
    assert postings.presence(["a", "c"]).tolist() == [
        [True, False],
        [True, False],
        [True, False],
        [False, False],
    ]


def test_words_said_more_often_count_more_but_ever_less() -> None:
    once, twice, often = Postings([{"a": 1, "x": 9}, {"a": 2, "x": 8}, {"a": 8, "x": 2}]).score({"a": 1.0})
    assert once < twice < often
    assert twice - once > (often - twice) / 6


def test_texts_of_an_answer_leave_out_what_is_held_back() -> None:
    answer = ANSWERS[0]
    texts = texts_of(answer, frozenset({answer.variants[0]}))
    assert answer.variants[0] not in texts.wordings
    assert {answer.question, answer.title, answer.variants[1]} <= set(texts.wordings)
    assert len(set(texts.wordings)) == len(texts.wordings)
    assert answer.basis[0].says in texts.body
    late = texts_of(make_late())
    assert "已经逾期，您可以要补偿。" in late.summary
    assert "还没到归还的日子" in late.body


def test_every_wording_belongs_to_its_answer() -> None:
    assert INDEX.ids == tuple(one.id for one in ANSWERS)
    sizes = np.diff([*INDEX.starts, len(INDEX.owners)])
    assert sizes.tolist() == [len(one.wordings) for one in TEXTS]
    assert np.bincount(INDEX.owners).tolist() == sizes.tolist()
    assert [INDEX.topic_names[topic] for topic in INDEX.topics] == [one.topic for one in ANSWERS]


def test_an_answer_that_nobody_asks_for_is_left_out() -> None:
    mute = AnswerTexts("mute", "合同", (), "没人问", ("没人问",))
    assert build_index([mute, *TEXTS], TOKENISER, None, None).ids == INDEX.ids
    assert build_index([mute], TOKENISER, None, None).ids == ()
    assert build_index([], TOKENISER, None, None).ids == ()


# -- signals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ODD)
def test_signals_are_numbers_for_any_question(question: str) -> None:
    signals = measure(question)
    assert signals.names == WORD_SIGNALS == signal_names(with_meaning=False)
    assert signals.table.shape == (len(ANSWERS), len(WORD_SIGNALS))
    assert np.isfinite(signals.table).all()
    assert 0 <= signals.unknown_share <= 1
    assert 0 <= signals.han_share <= 1


@pytest.mark.parametrize("id_", list(ASKED))
def test_the_answer_that_is_asked_for_has_the_best_signals(id_: str) -> None:
    signals = measure(ASKED[id_])
    for name in ("asked", "both", "best_wording", "covered"):
        assert signals.column(name).argmax() == row_of(id_), name
    assert signals.column("covered")[row_of(id_)] == pytest.approx(1.0)
    assert signals.column("strongest_missing")[row_of(id_)] == 0
    assert signals.unknown_share == 0


def test_words_that_no_answer_has_are_told_apart() -> None:
    assert measure("离婚 抚养权").unknown_share == 1
    assert 0 < measure("离婚以后雨伞归谁").unknown_share < 1
    assert measure("").unknown_share == 1
    assert (measure("雨伞不还").han_share, measure("abc").han_share) == (1.0, 0.0)
    assert measure("雨伞ab").han_share == pytest.approx(0.5)


def test_everyday_words_stand_for_those_of_the_law_at_half_their_weight() -> None:
    weights = make_matcher().weigh("老板拖欠工资")
    assert all(weight > 0 for weight in weights.values())
    assert {token[:2] for token in weights} == {WORD, BIGRAM}


@pytest.fixture(scope="module")
def vectors(encoder: DenseEncoder, tmp_path_factory: pytest.TempPathFactory) -> QuestionVectors:
    return QuestionVectors(encoder, tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def meaning(encoder: DenseEncoder, vectors: QuestionVectors) -> Matcher:
    """A matcher that knows meanings, as calibrated for this encoder."""
    shipped = load_calibration()
    fitting = replace(shipped, with_meaning=replace(shipped.with_meaning, encoder=encoder.id))
    return Matcher(TEXTS, fitting, TOKENISER, encoder, vectors, vectors)


def test_meanings_add_their_signals(meaning: Matcher) -> None:
    for question in (*ASKED.values(), NEAR, "abc", "离婚"):
        signals = meaning.measure(question)
        assert signals.names == (*MEANING_SIGNALS, *WORD_SIGNALS)
        assert np.isfinite(signals.table).all()
        assert np.allclose(signals.table[:, len(MEANING_SIGNALS) :], measure(question).table)
        for kind in ("", "white_"):
            nearest, three, mean = (
                signals.column(f"{kind}{name}") for name in ("nearest", "nearest3", "mean")
            )
            assert (nearest >= three - 1e-6).all()
            assert (three >= mean - 1e-6).all()
            assert (np.abs(nearest) <= 1 + 1e-5).all()


def test_the_same_words_have_the_same_meaning(meaning: Matcher) -> None:
    for id_, question in ASKED.items():
        nearest = meaning.measure(question).column("nearest")
        assert nearest[row_of(id_)] > 0.99
        assert nearest.argmax() == row_of(id_)


def test_the_best_three_of_one_or_two_wordings_are_all_of_them(vectors: QuestionVectors) -> None:
    few = [
        replace(one, wordings=one.wordings[:count]) for one, count in zip(TEXTS, (1, 2, 3, 1, 2), strict=True)
    ]
    wordings = vectors.ensure([text for one in few for text in one.wordings])
    index = build_index(few, TOKENISER, wordings, vectors.ensure([one.summary for one in few]))
    (vector,) = vectors.ensure([NEAR]).values()
    signals = measure_signals(NEAR, vector, index, TOKENISER)
    nearest, three, mean = (signals.column(name) for name in ("nearest", "nearest3", "mean"))
    assert np.allclose(three, mean)
    assert np.allclose(nearest[[0, 3]], mean[[0, 3]])
    for row, one in enumerate(few):
        assert mean[row] == pytest.approx(
            np.mean([wordings[text] @ vector for text in one.wordings]), abs=1e-5
        )


def test_an_encoder_that_was_not_calibrated_for_is_not_used(
    encoder: DenseEncoder, vectors: QuestionVectors
) -> None:
    shipped = load_calibration()
    other = replace(shipped, with_meaning=replace(shipped.with_meaning, encoder="builtin:another"))
    matcher = Matcher(TEXTS, other, TOKENISER, encoder, vectors, vectors)
    assert matcher.model is other.words_only
    assert matcher.measure(NEAR).names == WORD_SIGNALS
    assert summary(matcher.match(NEAR)) == summary(make_matcher().match(NEAR))


# -- ranking and judging -------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ODD)
def test_belief_is_shared_out_and_chances_are_chances(question: str) -> None:
    match = make_matcher().match(question)
    model = load_calibration().words_only
    shares = rank_shares(measure(question), model.ranker)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    assert 0 <= match.right_chance <= 1
    assert 0 <= match.offered_chance <= 1
    features = judge_features(measure(question), shares, order_answers(shares))
    assert len(features) == len(feature_names(WORD_SIGNALS))
    assert np.isfinite(features).all()


def test_equal_answers_stay_in_their_order() -> None:
    assert order_answers(np.array([0.25, 0.25, 0.25, 0.25])).tolist() == [0, 1, 2, 3]
    assert order_answers(np.array([0.1, 0.4, 0.1, 0.4])).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize(
    ("shares", "offered"),
    [
        ([0.97, 0.01, 0.01, 0.01], [0, 1]),
        ([0.5, 0.4, 0.05, 0.05], [0, 1]),
        ([0.4, 0.3, 0.2, 0.1], [0, 1, 2, 3]),
        ([0.2, 0.2, 0.2, 0.2, 0.2], [0, 1, 2, 3]),
        ([0.1, 0.9], [1, 0]),
    ],
)
def test_two_to_four_near_tied_answers_are_offered(shares: list[float], offered: list[int]) -> None:
    found = choose_offered(np.array(shares), order_answers(np.array(shares)))
    assert list(found) == offered
    assert 2 <= len(found) <= MAX_OFFERED
    assert all(shares[row] >= FADING * max(shares) for row in found[2:])


def test_a_judge_says_more_where_there_is_more_and_never_overflows() -> None:
    judge = Judge(np.array([1.0]), np.array([2.0]), np.array([3.0]), -1.0)
    chances = [judge.probability(np.array([value])) for value in (-1e9, 0.0, 1.0, 2.0, 1e9)]
    assert chances == sorted(chances)
    assert chances[0] < 1e-6
    assert chances[2] == pytest.approx(1 / (1 + np.e))
    assert chances[-1] > 1 - 1e-6


def judged_with(question: str, **limits: float) -> Match:
    model = load_calibration().words_only
    thresholds = replace(Thresholds(2.0, 0.0, 2.0, 2.0), **limits)
    return judge_match(measure(question), INDEX, replace(model, thresholds=thresholds))


def test_an_answer_is_given_from_the_threshold_on_and_not_before() -> None:
    chance = judged_with(NEAR).right_chance
    assert judged_with(NEAR, accept=chance).decision is Decision.GIVE
    assert judged_with(NEAR, accept=float(np.nextafter(chance, 2))).decision is Decision.LEAVE


def test_an_answer_is_given_only_with_its_lead_over_the_next() -> None:
    first, second, *_ = judged_with(NEAR).candidates
    lead = first.share - second.share
    assert judged_with(NEAR, accept=0.0, margin=lead).decision is Decision.GIVE
    assert judged_with(NEAR, accept=0.0, margin=float(np.nextafter(lead, 2))).decision is Decision.LEAVE


def test_choices_are_offered_from_their_threshold_on() -> None:
    chance = judged_with(NEAR).offered_chance
    match = judged_with(NEAR, offer=chance)
    assert match.decision is Decision.OFFER
    assert 2 <= len(match.offered) <= MAX_OFFERED
    assert match.offered[0] == match.best
    assert judged_with(NEAR, offer=float(np.nextafter(chance, 2))).decision is Decision.LEAVE
    # What is sure is given though it might be offered too.
    assert judged_with(NEAR, offer=0.0, accept=0.0).decision is Decision.GIVE


def test_candidates_come_best_first() -> None:
    for question in ODD:
        shares = [one.share for one in judged_with(question).candidates]
        assert shares == sorted(shares, reverse=True)


def test_with_no_answer_or_one_there_is_nothing_to_judge() -> None:
    for texts in ([], TEXTS[:1]):
        matcher = Matcher(texts, steer(Decision.GIVE), TOKENISER, None, None, None)
        match = matcher.match(NEAR)
        assert (match.decision, match.best, match.right_chance) == (Decision.LEAVE, None, 0.0)
        assert matcher.measure(NEAR).table.shape[0] == len(texts)


# -- known wordings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", list(ASKED))
def test_the_very_words_of_an_answer_get_it_whatever_the_thresholds(id_: str) -> None:
    answer = next(one for one in ANSWERS if one.id == id_)
    for decision in Decision:
        matcher = make_matcher(steer(decision))
        for text in (answer.question, answer.title, *answer.variants):
            match = matcher.match(text)
            assert match.best is not None
            assert (match.decision, match.best.id, match.right_chance) == (Decision.GIVE, id_, SURE)
            assert len({one.id for one in match.candidates}) == len(match.candidates)


@pytest.mark.parametrize(
    "spelled",
    [
        "请问租来的雨伞坏了由谁修理",
        "您好，请问租来的雨伞坏了由谁修理？谢谢！",
        "租来的雨伞坏了，由谁修理。",
        "租 来 的 雨 伞 坏 了 由 谁 修 理",
        "律师你好，租来的雨伞坏了由谁修理？急，在线等",
    ],
)
def test_what_people_say_around_it_changes_nothing(spelled: str) -> None:
    match = make_matcher(steer(Decision.LEAVE)).match(spelled)
    assert match.best is not None
    assert (match.decision, match.best.id) == (Decision.GIVE, WAITING)


@pytest.mark.parametrize(
    "near",
    [
        "租来的雨伞坏了不由谁修理",
        "租来的雨伞坏了由谁赔",
        "租来的雨伞没坏由谁修理",
        "借来的雨伞坏了由谁修理",
        "租来的雨伞坏了由谁修理费",
        "修理谁由了坏伞雨的来租",
        "请问",
        "谢谢",
    ],
)
def test_nearly_the_same_words_are_judged_like_any_others(near: str) -> None:
    matcher = make_matcher(steer(Decision.LEAVE))
    match = matcher.match(near)
    assert match.decision is Decision.LEAVE
    assert match.right_chance < SURE
    assert summary(match) == summary(judge_match(matcher.measure(near), matcher.index, matcher.model))


def test_words_that_two_answers_share_are_nobodys() -> None:
    shared = "伞的事情怎么办"
    texts = [replace(one, wordings=(*one.wordings, shared)) for one in TEXTS[:2]] + TEXTS[2:]
    known = known_wordings(build_index(texts, TOKENISER, None, None))
    assert plain_wording(shared) not in known
    assert known[plain_wording(ASKED[PLAIN])] == 0
    assert "" not in known
    matcher = Matcher(texts, steer(Decision.LEAVE), TOKENISER, None, None, None)
    assert matcher.match(shared).decision is Decision.LEAVE


def test_a_known_wording_keeps_the_others_behind_it() -> None:
    judged = judged_with(ASKED[REVIEW])
    match = give_known(judged, row_of(LATE), INDEX)
    assert [one.id for one in match.candidates] == [
        LATE,
        *(one.id for one in judged.candidates if one.id != LATE),
    ]
    assert match.offered == match.candidates[:2]


# -- the same every time -------------------------------------------------------------------------------


def test_the_same_question_is_matched_the_same_by_all_and_in_any_order() -> None:
    first = {question: summary(make_matcher().match(question)) for question in ODD}
    shared = make_matcher()

    def run(turn: int) -> dict[str, tuple[Any, ...]]:
        order = ODD[turn:] + ODD[:turn]
        return {question: summary(shared.match(question)) for question in order}

    with ThreadPoolExecutor(8) as pool:
        assert all(found == first for found in pool.map(run, range(8)))


def test_the_order_of_the_answers_decides_nothing() -> None:
    turned = Matcher(TEXTS[::-1], load_calibration(), TOKENISER, None, None, None)
    for question in (NEAR, *ASKED.values()):
        one, other = make_matcher().match(question), turned.match(question)
        assert one.best is not None
        assert other.best is not None
        assert one.best.id == other.best.id
        by_id = {found.id: found.share for found in other.candidates}
        for found in one.candidates:  # equal ones may stand in another order
            assert by_id[found.id] == pytest.approx(found.share)
        assert one.right_chance == pytest.approx(other.right_chance)


# -- the calibration file ------------------------------------------------------------------------------


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    shipped = load_calibration()
    path = tmp_path / "matching.json"
    path.write_text(json.dumps(plain_calibration(shipped)), encoding="utf-8")
    again = load_calibration(path)
    assert plain_calibration(again) == plain_calibration(shipped)
    assert (again.made_on, again.seed) == (shipped.made_on, shipped.seed)
    for question in (NEAR, *ASKED.values()):
        assert summary(make_matcher(again).match(question)) == summary(make_matcher(shipped).match(question))


def spoil(path: tuple[str, ...], value: object) -> Callable[[dict[str, Any]], None]:
    def change(plain: dict[str, Any]) -> None:
        for name in path[:-1]:
            plain = plain[name]
        if value is None:
            del plain[path[-1]]
        else:
            plain[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        spoil(("format",), 99),
        spoil(("format",), None),
        spoil(("made_on",), "gestern"),
        spoil(("seed",), "viel"),
        spoil(("words_only",), None),
        spoil(("words_only",), []),
        spoil(("words_only", "thresholds", "accept"), None),
        spoil(("words_only", "thresholds", "accept"), "hoch"),
        spoil(("words_only", "thresholds", "accept"), float("nan")),
        spoil(("words_only", "thresholds"), []),
        spoil(("words_only", "thresholds", "other"), 1.0),
        spoil(("words_only", "signals", "covered"), None),
        spoil(("words_only", "signals", "covered", "scale"), 0.0),
        spoil(("with_meaning", "signals", "nearest", "gap"), float("inf")),
        spoil(("with_meaning", "right", "bias"), float("nan")),
        spoil(("with_meaning", "right", "bias"), None),
        spoil(("with_meaning", "right", "features", "share", "scale"), 0),
        spoil(("with_meaning", "right", "features", "share", "weight"), {}),
        spoil(("with_meaning", "sources", "features"), {}),
        spoil(("with_meaning", "measured"), 3),
    ],
)
def test_a_file_with_anything_missing_or_wrong_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    plain = plain_calibration(load_calibration())
    parse_calibration(plain)
    change(plain)
    path = tmp_path / "matching.json"
    path.write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        load_calibration(path)
    assert caught.value.code == "calibration_unreadable"
    assert "lawkb answers calibrate" in caught.value.way_out


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe\x00", b"[" * 200_000, b'{"format": 1}']
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "matching.json"
    path.write_bytes(content)
    for place in (path, tmp_path, tmp_path / "missing.json"):
        with pytest.raises(SourceError) as caught:
            load_calibration(place)
        assert (caught.value.code, caught.value.place) == ("calibration_unreadable", str(place))


# -- keeping a matcher ---------------------------------------------------------------------------------


def shelve(count: int, revision: int = 1) -> list[SampleAnswer]:
    return [SampleAnswer(answer, (), True, revision) for answer in ANSWERS[:count]]


def test_a_matcher_is_kept_until_the_answers_change() -> None:
    keeper = MatcherKeeper(load_calibration(), TOKENISER, None, None, None)
    first = keeper.current(shelve(3))
    assert keeper.current(shelve(3)) is first
    changed = keeper.current(shelve(4), wait=True)
    assert changed is not first
    assert len(changed.index.answers) == 4
    assert keeper.current(shelve(4, revision=2), wait=True) is not changed


def test_changed_answers_are_taken_up_while_the_old_ones_serve() -> None:
    keeper = MatcherKeeper(load_calibration(), TOKENISER, None, None, None)
    first = keeper.current(shelve(3))
    now = keeper.current(shelve(5))
    assert now is first or len(now.index.answers) == 5
    making = keeper._making
    assert making is not None
    making.join(60)
    assert len(keeper.current(shelve(5)).index.answers) == 5


# -- fitting -------------------------------------------------------------------------------------------


def test_a_ranker_learns_to_put_the_right_answer_first() -> None:
    examples = [(measure(text), row) for row, one in enumerate(TEXTS) for text in one.wordings[2:6]]
    ranker = fit_ranker(examples)
    found = [int(order_answers(rank_shares(signals, ranker))[0]) == row for signals, row in examples]
    assert np.mean(found) > 0.95
    again = fit_ranker(examples)
    assert (ranker.gap == again.gap).all()
    assert (ranker.standing == again.standing).all()
    # One that it has not seen.
    assert int(order_answers(rank_shares(measure(NEAR), ranker))[0]) == row_of(PLAIN)


def test_a_judge_learns_what_parts_right_from_wrong() -> None:
    draw = np.random.default_rng(5)
    features = draw.normal(size=(400, 3))
    right = features[:, 0] + 0.1 * draw.normal(size=400) > 0
    judge = fit_judge(features, right, np.ones(400))
    chances = np.array([judge.probability(one) for one in features])
    assert ((chances > 0.5) == right).mean() > 0.95
    assert abs(judge.weights[0]) > 5 * np.abs(judge.weights[1:]).max()


def make_outcome(chance: float, kind: str, *, right: bool = True, lead: float = 0.5) -> Outcome:
    example = Example("q", measure(NEAR), 0 if right else None, "g", kind, weight=1.0)
    shares = np.array([0.5 + lead / 2, 0.5 - lead / 2])
    return Outcome(example, np.array([0, 1]), shares, chance, 0.9)


def test_thresholds_keep_wrong_answers_out() -> None:
    outcomes = [make_outcome(0.9, "covered") for _ in range(200)]
    outcomes += [make_outcome(0.602, "uncovered", right=False) for _ in range(100)]
    outcomes += [make_outcome(0.5, "outside", right=False) for _ in range(50)]
    limits = choose_thresholds(outcomes)
    assert 0.602 < limits.accept <= 0.9
    assert {decide(one, limits) for one in outcomes if one.example.kind == "covered"} == {"give"}
    assert "give" not in {decide(one, limits) for one in outcomes if one.example.kind != "covered"}


def test_where_right_and_wrong_cannot_be_parted_hardly_anything_is_given() -> None:
    outcomes = [make_outcome(0.9, "covered") for _ in range(50)]
    outcomes += [make_outcome(0.9, "uncovered", right=False) for _ in range(50)]
    limits = choose_thresholds(outcomes)
    assert all(decide(one, limits) != "give" for one in outcomes)


def test_an_answer_taken_away_leaves_the_others_as_they_were() -> None:
    signals = measure(ASKED[LATE])
    dropped = drop_answer(signals, row_of(LATE))
    kept = [row for row in range(len(ANSWERS)) if row != row_of(LATE)]
    assert (dropped.table == signals.table[kept]).all()
    assert dropped.unknown_share == signals.unknown_share
