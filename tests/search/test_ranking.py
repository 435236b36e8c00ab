"""The learned fusion: features by hand, trees by hand, and what it does to a list."""

from __future__ import annotations

import json
import math
import uuid

import numpy as np
import pytest

from kb.index.protocol import DENSE, SPARSE, ScoredPoint
from kb.search.features import BANK, NAMES, Facts, describe_candidates
from kb.search.fusion import fuse
from kb.search.ranking import SUPERIOR, LearnedFusion, can_learn
from kb.search.trees import TreeEnsemble, parse_trees
from kb.store.facts import WorkFacts

LAW = WorkFacts("劳动合同法", "法律", "全国", 98)
RULES = WorkFacts("北京市工资支付规定", "地方政府规章", "北京市", 40)
FACTS = Facts({"w1": LAW, "w2": RULES}, {"w1:a38": 3})


def point(provision: str, score: float, kind: str = "statute") -> ScoredPoint:
    work = provision.partition(":")[0]
    return ScoredPoint(uuid.uuid5(uuid.NAMESPACE_OID, provision), score, provision, "v", work, kind)


LISTS = {
    DENSE: [point("w1:a38", 0.8), point("w1:a39", 0.7), point("w2:a5", 0.6)],
    SPARSE: [point("w2:a5", 12.0), point("w1:a38", 6.0)],
    BANK: [point("w1:a38", 0.5)],
}


def features_of(provision: str) -> dict[str, float]:
    nearest, known, chosen = {"w1:a38": 0.9}, {"w1:a38": 2}, [("w9:a1", "v"), (provision, "v")]
    matrix = describe_candidates("劳动合同法里辞职", LISTS, nearest, known, FACTS, chosen)
    return dict(zip(NAMES, matrix[1].tolist(), strict=True))


def test_features_are_what_their_names_say() -> None:
    found = features_of("w1:a38")
    assert found["dense_score"] == pytest.approx(0.8)
    assert found["dense_gap"] == 0
    assert found["dense_place"] == pytest.approx(1 / 11)
    assert found["words_share"] == pytest.approx(0.5)
    assert found["words_place"] == pytest.approx(1 / 12)
    assert (found["bank_score"], found["bank_best"]) == pytest.approx((0.5, 0.9))
    assert (found["lists"], found["norm_rank"], found["local"]) == (3, 6, 0)
    assert found["cited"] == pytest.approx(math.log(4))
    assert found["title_named"] == 1
    assert found["neighbours"] == pytest.approx(-0.1)  # article 39, at 0.7 beside a best of 0.8
    assert found["work_share"] == pytest.approx(2 / 20)
    assert found["question_length"] == 8
    assert found["position"] == pytest.approx(38 / 98)
    assert (found["words_near"], found["bank_near"], found["bank_work"]) == (0, 0, 1)
    assert found["known"] == pytest.approx(math.log(3))
    assert features_of("w1:a39")["bank_near"] == pytest.approx(0.5)


def test_what_a_list_does_not_hold_counts_as_below_its_last() -> None:
    lists = {**LISTS, SPARSE: [*LISTS[SPARSE], point("w2:a9", 1.0)]}
    (row,) = describe_candidates("问", lists, {}, {}, FACTS, [("w2:a9", "v")])
    assert row[NAMES.index("dense_score")] == pytest.approx(0.6 - 0.02)
    assert row[NAMES.index("dense_place")] == 0
    assert row[NAMES.index("local")] == 1


def test_no_lists_give_no_rows() -> None:
    assert describe_candidates("问", {}, {}, {}, FACTS, []).shape == (0, len(NAMES))


STUMP = {
    "names": list(NAMES),
    "trees": [
        # dense_score <= 0.65 ? -1 : (words_share <= 0.4 ? 0.5 : 2)
        {
            "feature": [0, 3],
            "threshold": [0.65, 0.4],
            "left": [-1, -2],
            "right": [1, -3],
            "leaves": [-1.0, 0.5, 2.0],
        },
        {"feature": [], "threshold": [], "left": [], "right": [], "leaves": [0.25]},
    ],
}


def make_trees() -> TreeEnsemble:
    return parse_trees(json.loads(json.dumps(STUMP)))


def test_trees_are_walked_as_written() -> None:
    rows = np.zeros((3, len(NAMES)), np.float32)
    rows[:, 0] = (0.6, 0.7, 0.7)
    rows[:, 3] = (0.9, 0.1, 0.9)
    assert make_trees().score(rows).tolist() == [-0.75, 0.75, 2.25]


def test_law_is_ordered_by_the_trees_and_others_keep_their_place() -> None:
    lists = {**LISTS, DENSE: [point("g1:b1", 0.9, "guide"), *LISTS[DENSE]]}
    fused = fuse(lists)
    guide_place = [one.provision_id for one in fused].index("g1:b1")
    ranked = LearnedFusion(make_trees(), FACTS).rank("问", lists, {}, {}, fused)
    assert [one.provision_id for one in ranked].index("g1:b1") == guide_place
    law = [one.provision_id for one in ranked if one.kind == "statute"]
    assert law == ["w1:a38", "w1:a39", "w2:a5"]
    assert {one.provision_id for one in ranked} == {one.provision_id for one in fused}


def test_deep_trees_of_several_sizes_are_walked_to_their_leaves() -> None:
    # a chain over column 0: below 1 -> 1, below 2 -> 2, below 3 -> 3, else 4
    chain = {
        "feature": [0, 0, 0],
        "threshold": [1.0, 2.0, 3.0],
        "left": [-1, -2, -3],
        "right": [1, 2, -4],
        "leaves": [1.0, 2.0, 3.0, 4.0],
    }
    trees = parse_trees({"names": ["x", "y"], "trees": [chain, *STUMP["trees"][1:], chain]})
    rows = np.array([[0.5, 0], [1.5, 0], [2.5, 0], [3.5, 0], [1.0, 9]], np.float32)
    assert trees.score(rows).tolist() == [2.25, 4.25, 6.25, 8.25, 2.25]
    assert parse_trees({"names": [], "trees": []}).score(rows).tolist() == [0.0] * 5


def test_what_is_not_judged_stays_below_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.search.ranking.LEARNED", 1)
    fused = fuse(LISTS)
    ranked = LearnedFusion(make_trees(), FACTS).rank("问", LISTS, {}, {}, fused)
    assert [one.provision_id for one in ranked] == [one.provision_id for one in fused]
    assert ranked[0].score >= ranked[1].score >= ranked[2].score


def test_of_equals_the_superior_norm_goes_first_and_says_so() -> None:
    lists = {DENSE: [point("w2:a5", 0.5), point("w1:a38", 0.5)], SPARSE: []}
    ranked = LearnedFusion(make_trees(), FACTS).rank("问", lists, {}, {}, fuse(lists))
    assert [one.work_id for one in ranked] == ["w1", "w2"]
    same = LearnedFusion(make_trees(), Facts({"w1": RULES, "w2": LAW})).rank("问", lists, {}, {}, fuse(lists))
    assert [one.work_id for one in same] == ["w2", "w1"]
    assert SUPERIOR in {signal.name for signal in same[0].signals}
    assert same[0].score >= same[1].score


def test_words_alone_are_not_what_it_learned_from() -> None:
    assert can_learn(LISTS)
    assert not can_learn({SPARSE: LISTS[SPARSE]})


def test_one_work_can_be_kept_from_filling_the_list() -> None:
    from kb.search.mixing import spread_works

    fused = fuse(
        {DENSE: [point("w1:a1", 0.9), point("w1:a2", 0.8), point("w1:a3", 0.7), point("w2:a1", 0.6)]}
    )
    assert [one.provision_id for one in spread_works(fused, 1)] == ["w1:a1", "w2:a1"]
    assert spread_works(fused, 0) == list(fused)
