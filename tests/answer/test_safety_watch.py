"""The model beside the signs: suspected danger adds the numbers to call and takes nothing away."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kb.answer.safety import find_danger
from kb.answer.safety_calibration import choose_limits, fit_scorer
from kb.answer.safety_model import parse_danger_model, plain_danger_model
from kb.answer.safety_watch import DangerWatch, load_danger_model
from kb.errors import SourceError

UNSIGNED = "我已经写好了给爸妈的信"


def test_what_signs_find_stays_as_it_was() -> None:
    watch = DangerWatch(load_danger_model(), None)
    assert watch("我不想活了") == find_danger("我不想活了")
    assert not watch("我不想活了").suspected


def test_most_questions_of_law_are_not_suspected() -> None:
    watch = DangerWatch(load_danger_model(), None)
    asked = ["劳动合同到期不续签有补偿吗", "租房押金不退怎么办", "离婚冷静期多少天", "欠条写错名字还有用吗"]
    assert not any(watch(text) or watch(text).suspected for text in asked)


def test_a_long_message_is_judged_by_its_ends_and_nothing_fails() -> None:
    watch = DangerWatch(load_danger_model(), None)
    for text in ("", "？", "长" * 9_000, "😀", "\ud800坏字"):
        watch(text)


def test_the_model_comes_back_from_its_file_as_it_was() -> None:
    model = load_danger_model()
    again = parse_danger_model(json.loads(json.dumps(plain_danger_model(model))))
    assert again.limits == model.limits
    assert np.array_equal(again.with_meaning.grams, model.with_meaning.grams)


@pytest.mark.parametrize("content", ["", "{}", '{"encoder": 1, "limits": [1]}', "[]"])
def test_an_unreadable_model_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "danger.json"
    path.write_text(content)
    with pytest.raises(SourceError) as error:
        load_danger_model(path)
    assert error.value.code == "danger_model_unreadable"


def test_limits_keep_questions_of_law_in_peace() -> None:
    chances = np.array([0.99, 0.2, 0.4, 0.85, *np.linspace(0, 0.6, 100)])
    law = np.array([False] * 4 + [True] * 100)
    framed = np.zeros(104, bool)
    limits = choose_limits(chances, law, framed)
    assert (chances[law] >= limits.plain).mean() <= 0.03
    assert (chances[law] >= limits.plain - 0.02).mean() > 0.03
    assert limits.framed >= limits.plain


def test_the_scorer_learns_what_separates() -> None:
    inputs = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]] * 10)
    right = np.array([True, True, False, False] * 10)
    bias, weights = fit_scorer(inputs, right, np.ones(len(right)))
    assert weights[0] > weights[1]
    assert ((bias + inputs @ weights > 0) == right).all()
