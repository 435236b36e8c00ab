"""Measures of the consistency suites: pure functions of what was answered.

Each says its formula and where it comes from. Rates over nothing are 0, agreement over nothing is 1: no
two things disagree. Intervals are those of ``eval.intervals``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.intervals import SEED, bootstrap_means
from kb.answer.numbers import QuantityKey, find_quantities
from kb.answer.verify_quotes import holds_quote

BINS = 10


@dataclass(frozen=True)
class Estimate:
    """A mean of ``count`` values with the ends of its 95 % interval."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability diagram: ``count`` answers of mean ``confidence``, ``right`` of them right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Flip:
    """A case whose outcome differs between two runs."""

    case: str
    before: str
    after: str


def estimate(values: Sequence[float], groups: Sequence[str] = (), seed: int = SEED) -> Estimate:
    """Mean of ``values``; the interval draws whole groups where ``groups`` names each value's.

    Cases of a group are wordings of one question and no independent draws; a group counts by its own mean
    for the interval (cluster bootstrap: Davison and Hinkley, 1997, 3.8), the mean itself is over all values.
    """
    if not values:
        return Estimate(0.0, 0.0, 0.0, 0)
    mean = sum(values) / len(values)
    by_group: dict[str, list[float]] = {}
    for name, value in zip(groups or [str(place) for place in range(len(values))], values, strict=True):
        by_group.setdefault(name, []).append(value)
    means = np.array([[sum(one) / len(one)] for one in by_group.values()], np.float32)
    low, high = (float(end[0]) for end in bootstrap_means(means, seed))
    return Estimate(mean, min(low, mean), max(high, mean), len(values))


def majority(outcomes: Sequence[str]) -> str:
    """The most frequent outcome, the smallest of several as frequent; empty for none."""
    counts = Counter(outcomes)
    return min(counts, key=lambda one: (-counts[one], one), default="")


def same_as_majority(outcomes: Sequence[str]) -> float:
    """Share of a group that agrees with the group's majority: max_k n_k / n.

    That is 1 minus the variation ratio (Freeman, 1965).
    """
    return outcomes.count(majority(outcomes)) / len(outcomes) if outcomes else 1.0


def same_as_right(outcomes: Sequence[str], right: Iterable[str]) -> float:
    """Share of a group that has an outcome in ``right``: accuracy."""
    wanted = frozenset(right)
    return sum(one in wanted for one in outcomes) / len(outcomes) if outcomes else 0.0


def rate(flags: Iterable[bool]) -> float:
    """Share of true ones; 0 for none."""
    kept = list(flags)
    return sum(kept) / len(kept) if kept else 0.0


def jaccard(first: Iterable[Hashable], second: Iterable[Hashable]) -> float:
    """|A ∩ B| / |A ∪ B| (Jaccard, 1901); 1 for two empty sets."""
    ours, theirs = frozenset(first), frozenset(second)
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0


def mean_pairwise_jaccard(sets: Sequence[Iterable[Hashable]]) -> float:
    """Mean of ``jaccard`` over all pairs of a group; 1 for fewer than two."""
    kept = [frozenset(one) for one in sets]
    pairs = [jaccard(kept[i], kept[j]) for i in range(len(kept)) for j in range(i)]
    return sum(pairs) / len(pairs) if pairs else 1.0


def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters and digits without marks and blanks; the text itself when it is short."""
    clean = "".join(char for char in text if char.isalnum())
    return frozenset(clean[i : i + 2] for i in range(len(clean) - 1)) or frozenset((clean,))


def quantities_of(text: str) -> frozenset[QuantityKey]:
    """Periods, amounts, shares and ages in a text, by what they mean (三年 and 3年 are one)."""
    return frozenset(one.key for one in find_quantities(text))


def numbers_agree(texts: Sequence[str], source: str) -> bool:
    """True when every text states no period or amount that ``source`` does not."""
    known = quantities_of(source)
    return all(quantities_of(text) <= known for text in texts)


def all_equal(values: Iterable[Hashable]) -> bool:
    """True for equal values, and for none: bit-identity when they are digests of bodies."""
    return len(set(values)) <= 1


def quote_is_faithful(quote: str, text: str) -> bool:
    """True when the words of ``quote`` stand in ``text`` in order; an empty quote is not faithful."""
    return bool(quote.strip()) and holds_quote(text, quote)


def find_flips(before: Mapping[str, str], after: Mapping[str, str]) -> list[Flip]:
    """Cases of both runs whose outcome differs, in the order of ``before``."""
    return [Flip(case, was, after[case]) for case, was in before.items() if after.get(case, was) != was]


def flip_rate(before: Mapping[str, str], after: Mapping[str, str]) -> float:
    """Share of the cases of both runs whose outcome differs (churn: Milani Fard et al., 2016)."""
    common = before.keys() & after.keys()
    return len(find_flips(before, after)) / len(common) if common else 0.0


def reliability(pairs: Sequence[tuple[float, bool]], bins: int = BINS) -> list[Bin]:
    """Answers by confidence in ``bins`` bars of equal width; empty bars are left out.

    A reliability diagram (DeGroot and Fienberg, 1983). 1.0 belongs to the last bar.
    """
    found: list[Bin] = []
    for place in range(bins):
        inside = [pair for pair in pairs if min(int(pair[0] * bins), bins - 1) == place]
        if inside:
            confidence = sum(sure for sure, _ in inside) / len(inside)
            right = sum(good for _, good in inside) / len(inside)
            found.append(Bin(place / bins, (place + 1) / bins, len(inside), confidence, right))
    return found


def expected_calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = BINS) -> float:
    """Σ_b n_b/n · |right_b − confidence_b| over equal-width bars (Naeini, Cooper and Hauskrecht, 2015)."""
    return sum(one.count * abs(one.right - one.confidence) for one in reliability(pairs, bins)) / max(
        len(pairs), 1
    )


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float:
    """Nominal α = 1 − D_o/D_e over units with two values or more (Krippendorff, 2011).

    D_o = Σ_u Σ_c n_uc (m_u − n_uc) / (m_u − 1) / n;  D_e = Σ_c n_c (n − n_c) / (n (n − 1)).
    1 where all values of all units are the same, or there is nothing to compare.
    """
    kept = [Counter(unit) for unit in units if len(unit) > 1]
    total: Counter[str] = Counter()
    disagreement = 0.0
    for counts in kept:
        size = counts.total()
        disagreement += sum(n * (size - n) for n in counts.values()) / (size - 1)
        total += counts
    n = total.total()
    expected = sum(count * (n - count) for count in total.values())
    return 1.0 - (n - 1) * disagreement / expected if expected else 1.0
