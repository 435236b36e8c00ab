"""Topic and intent of a question: the arithmetic, the file, and what belongs to another encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb.domain.answers import TOPICS
from kb.domain.topics import Intent
from kb.encode.vectors import FloatArray
from kb.search.topics import plain_intent, read_classifier, train_classifier

QUESTIONS = (
    "离婚孩子归谁",
    "抚养费怎么算多少钱",
    "欠薪去哪投诉",
    "公司不签合同怎么办理仲裁",
    "离婚要带什么材料",
    "辞退有没有类似案例",
)
LABELS = ("婚姻家庭", "婚姻家庭", "劳动", "劳动", "婚姻家庭", "劳动")


def vectors() -> FloatArray:
    rows = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9], [1, 0.1], [0, 0.9]], np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_topics_are_learned_and_others_never_chosen() -> None:
    classifier = train_classifier("enc", QUESTIONS, LABELS, vectors())
    found = classifier.classify(np.array([1, 0], np.float32))
    assert found.topics[0].label == "婚姻家庭"
    assert found.topics[0].confidence > 0.5
    assert classifier.classify(np.array([0, 1], np.float32)).topics[0].label == "劳动"
    unseen = set(TOPICS) - set(LABELS)
    assert all(guess.confidence == 0 for guess in found.topics if guess.label in unseen)


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("有没有类似案例", Intent.CASE),
        ("欠薪去哪投诉", Intent.WHERE),
        ("工伤赔多少钱", Intent.CALCULATE),
        ("怎么申请法律援助", Intent.HOW_TO),
        ("夫妻一方可以单方卖房吗", Intent.LAW),
    ],
)
def test_plain_wordings_say_what_is_wanted(question: str, intent: Intent) -> None:
    assert plain_intent(question) is intent


def test_a_classifier_belongs_to_one_encoder(tmp_path: Path) -> None:
    classifier = train_classifier("enc", QUESTIONS, LABELS, vectors())
    classifier.save(tmp_path / "c.npz")
    back = read_classifier(tmp_path / "c.npz", "enc")
    assert back is not None
    for vector in vectors():
        assert back.classify(vector).topics[0].label == classifier.classify(vector).topics[0].label
    assert read_classifier(tmp_path / "c.npz", "another") is None
    assert read_classifier(tmp_path / "none.npz", "enc") is None
