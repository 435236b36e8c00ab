"""Every measure against a value worked by hand."""

from __future__ import annotations

import pytest

from eval.suite_measures import (
    Flip,
    all_equal,
    bigrams,
    estimate,
    expected_calibration_error,
    find_flips,
    flip_rate,
    jaccard,
    krippendorff_alpha,
    majority,
    mean_pairwise_jaccard,
    numbers_agree,
    quantities_of,
    quote_is_faithful,
    rate,
    reliability,
    same_as_majority,
    same_as_right,
)


def test_agreement_in_a_group_is_the_share_of_its_majority() -> None:
    assert majority(["b", "a", "b", "a"]) == "a"  # as many: the smaller
    assert same_as_majority(["a", "a", "b", "c"]) == 0.5
    assert same_as_majority([]) == 1.0
    assert majority([]) == ""


def test_agreement_with_the_right_answer_is_another_thing() -> None:
    assert same_as_right(["a", "a", "b", "c"], ["b"]) == 0.25
    assert same_as_right(["a", "a", "b", "c"], ["b", "c"]) == 0.5
    assert same_as_right([], ["a"]) == 0.0


def test_a_rate_of_nothing_is_nothing() -> None:
    assert rate([True, False, False, True]) == 0.5
    assert rate([]) == 0.0


def test_jaccard_counts_what_is_common_of_all() -> None:
    assert jaccard("abc", "bcd") == 0.5
    assert jaccard("", "") == 1.0
    assert jaccard("a", "") == 0.0
    # pairs: {a,b}{a} 1/2, {a,b}{b} 1/2, {a}{b} 0
    assert mean_pairwise_jaccard(["ab", "a", "b"]) == pytest.approx(1 / 3)
    assert mean_pairwise_jaccard(["ab"]) == 1.0


def test_bigrams_leave_marks_and_blanks_out() -> None:
    assert bigrams("欠薪，怎么 办？") == {"欠薪", "薪怎", "怎么", "么办"}
    assert bigrams("钱") == {"钱"}


def test_numbers_compare_by_meaning() -> None:
    assert quantities_of("三年") == quantities_of("3年")
    assert numbers_agree(["应在十五日内提出", "15日"], "期限15日，最长三年")
    assert not numbers_agree(["十六日"], "15日")


def test_bodies_are_all_the_same_or_not() -> None:
    assert all_equal(["x", "x"])
    assert all_equal([])
    assert not all_equal(["x", "y"])


def test_a_quote_stands_in_its_text_word_for_word() -> None:
    text = "借用人应当在借用之日起十五日内归还雨伞。"
    assert quote_is_faithful("借用之日起十五日内归还", text)
    assert quote_is_faithful("借用人应当……归还雨伞", text)
    assert not quote_is_faithful("十六日内归还", text)
    assert not quote_is_faithful(" ", text)


def test_flips_are_listed_and_counted_over_common_cases() -> None:
    before, after = {"1": "a", "2": "b", "3": "c"}, {"1": "a", "2": "x", "4": "d"}
    assert find_flips(before, after) == [Flip("2", "b", "x")]
    assert flip_rate(before, after) == 0.5
    assert flip_rate({}, after) == 0.0


def test_calibration_error_by_hand() -> None:
    pairs = [(0.95, True), (0.95, True), (0.95, False), (0.55, True)]
    # upper bar: 3/4 of the answers, right 2/3, sure 0.95; lower bar: 1/4, right 1, sure 0.55
    assert expected_calibration_error(pairs) == pytest.approx(0.75 * (0.95 - 2 / 3) + 0.25 * 0.45)
    assert expected_calibration_error([]) == 0.0
    low, high = reliability(pairs)
    assert (low.low, low.count, low.right) == (0.5, 1, 1.0)
    assert (high.count, high.right) == (3, pytest.approx(2 / 3))
    assert reliability([(1.0, True)])[0].low == 0.9


def test_alpha_of_two_observers_by_hand() -> None:
    # aa ab bb: n=6, n_a=n_b=3; D_o=(1·1+1·1)/(2-1)/6=1/3; D_e=(3·3+3·3)/(6·5)=3/5; α=1-5/9
    assert krippendorff_alpha([["a", "a"], ["a", "b"], ["b", "b"]]) == pytest.approx(4 / 9)


def test_alpha_with_three_values_in_a_unit() -> None:
    # aab bb: D_o=(2·1+1·2)/2/5=2/5; n_a=2 n_b=3: D_e=(2·3+3·2)/(5·4)=3/5; α=1-2/3
    assert krippendorff_alpha([["a", "a", "b"], ["b", "b"]]) == pytest.approx(1 / 3)


def test_alpha_where_nothing_can_differ() -> None:
    assert krippendorff_alpha([["a", "a"], ["a", "a"]]) == 1.0
    assert krippendorff_alpha([["a"]]) == 1.0


def test_an_interval_draws_groups_not_cases() -> None:
    values = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    cases, groups = estimate(values), estimate(values, ["x"] * 4 + ["y"] * 4)
    assert cases.value == groups.value == 0.5
    assert (groups.low, groups.high) == (0.0, 1.0)  # two groups: either may be drawn twice
    assert cases.high - cases.low < 1.0
    assert estimate([]).count == 0
