"""Folds are stable, even, and keep near-duplicates together."""

from __future__ import annotations

import random
from collections import Counter

from eval.folds import assign_folds, near_duplicate_groups
from kb.encode.training import character_bigrams

SUBJECTS = ("房租", "押金", "工资", "彩礼", "遗产", "借款", "保险", "专利", "户口", "罚款")


def make_questions(count: int) -> dict[str, str]:
    draw = random.Random(3)
    return {f"q-{n}": "".join(chr(0x4E00 + draw.randrange(3000)) for _ in range(20)) for n in range(count)}


def test_a_fold_follows_from_the_id_alone() -> None:
    questions = make_questions(200)
    folds = assign_folds(questions)
    backwards = assign_folds(dict(reversed(questions.items())))
    fewer = assign_folds(dict(list(questions.items())[:50]))
    assert folds == backwards
    assert list(folds) == list(questions)
    assert all(folds[one] == fold for one, fold in fewer.items())
    # written down, so that figures of different days compare
    assert list(folds.values())[:10] == [3, 0, 3, 1, 3, 0, 3, 0, 3, 4]


def test_folds_are_of_like_size() -> None:
    sizes = Counter(assign_folds(make_questions(1000)).values())
    assert set(sizes) == {0, 1, 2, 3, 4}
    assert min(sizes.values()) > 150


def test_near_duplicates_share_a_fold_through_others() -> None:
    near = {
        "a": "老板拖欠我三个月工资怎么办",
        "b": "老板拖欠我三个月工资怎么办呢请问",
        "c": "公司老板拖欠三个月工资怎么办呢请问",
    }
    folds = assign_folds({**make_questions(30), **near}, 7)
    assert folds["a"] == folds["b"] == folds["c"]


def test_groups_are_those_of_comparing_every_pair() -> None:
    draw = random.Random(11)
    texts = []
    for _ in range(120):
        subject = draw.choice(SUBJECTS)
        texts.append(
            subject + "".join(draw.choice("怎么办可以要回来吗") for _ in range(draw.randrange(0, 6)))
        )
    sets = [set(character_bigrams(text)) for text in texts]
    group = list(range(len(texts)))
    for first in range(len(texts)):
        for second in range(first):
            shared = len(sets[first] & sets[second])
            if shared and shared >= 0.5 * len(sets[first] | sets[second]):
                old, new = group[first], group[second]
                group = [new if one == old else one for one in group]
    expected = {frozenset(n for n, one in enumerate(group) if one == mine) for mine in group}
    found = near_duplicate_groups(texts)
    assert {frozenset(one) for one in found} == expected
    assert any(len(one) > 2 for one in expected)


def test_texts_without_bigrams_are_alone() -> None:
    assert near_duplicate_groups(["", "啊", "啊", "房租 押金"]) == [[0], [1], [2], [3]]
