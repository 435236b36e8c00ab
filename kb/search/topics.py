"""What a question is about and what it wants, from the encoder's vector: topic and intent.

Two multinomial logistic regressions over the unit vector of the question. The topic was learned from standard
answers and from everyday questions; the intent from wordings that say it plainly, so that the encoder carries
it over to others. A classifier belongs to one encoder and is silent with any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from kb.domain.answers import TOPICS
from kb.domain.topics import Guess, Intent, QuestionClass
from kb.encode.vectors import FloatArray

CLASSIFIER_FILE = "classifier.npz"


INTENTS = tuple(Intent)
_PLAIN = (
    (Intent.CASE, r"案例|判例|类似的案子|怎么判的|别人.{0,6}判"),
    (Intent.WHERE, r"去哪|哪里|哪个(?:法院|部门|地方|单位|机关|机构)|找谁|找哪|向谁|什么部门|归谁管|在哪"),
    (
        Intent.CALCULATE,
        r"多少钱|赔多少|怎么算|几个月|多少天|几天|几年|多久|标准是|多长时间|能拿多少|多少倍|什么时候到期",
    ),
    (
        Intent.HOW_TO,
        r"怎么(?:办理|申请|起诉|写|办|做|走|要|处理|维权|证明|投诉|举报|弄)|如何|手续|流程|材料|步骤|要带|准备什么",
    ),
)


class QuestionClassifier:
    """Softmax over ``vector @ weights + bias`` for topics and for intents."""

    def __init__(self, encoder_id: str, topic: FloatArray, intent: FloatArray) -> None:
        """Weights of shape (dimension + 1, classes); their last row is the bias."""
        self.encoder_id = encoder_id
        self._topic = topic
        self._intent = intent

    def classify(self, vector: FloatArray, most: int = 3) -> QuestionClass:
        """Topics and intent of the question with this unit vector."""
        topics = _softmax(vector, self._topic)
        order = sorted(range(len(TOPICS)), key=lambda one: (-topics[one], one))[:most]
        intents = _softmax(vector, self._intent)
        best = int(np.argmax(intents))
        return QuestionClass(
            tuple(Guess(TOPICS[one], round(float(topics[one]), 4)) for one in order),
            Guess(INTENTS[best].value, round(float(intents[best]), 4)),
        )

    def save(self, path: Path) -> None:
        """Write the weights in half precision."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                encoder=np.array(self.encoder_id),
                topic=self._topic.astype(np.float16),
                intent=self._intent.astype(np.float16),
            )


def _softmax(vector: FloatArray, weights: FloatArray) -> FloatArray:
    scores = vector.astype(np.float64) @ weights[:-1] + weights[-1]
    grown = np.exp(scores - scores.max())
    return np.asarray(grown / grown.sum(), np.float32)


def read_classifier(path: Path, encoder_id: str) -> QuestionClassifier | None:
    """The classifier in ``path``; None when there is none or it was made for another encoder."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["encoder"]) != encoder_id:
            return None
        topic, intent = stored["topic"].astype(np.float32), stored["intent"].astype(np.float32)
    if topic.shape[1] != len(TOPICS) or intent.shape[1] != len(INTENTS):
        return None
    return QuestionClassifier(encoder_id, topic, intent)


@cache
def shipped_classifier(encoder_id: str) -> QuestionClassifier | None:
    """The classifier that ships, when it belongs to the encoder."""
    return read_classifier(Path(str(files("kb.search") / "assets" / CLASSIFIER_FILE)), encoder_id)


def plain_intent(question: str) -> Intent:
    """The intent that the wording says plainly; LAW when it says none."""
    for intent, pattern in _PLAIN:
        if re.search(pattern, question):
            return intent
    return Intent.LAW


def train_classifier(
    encoder_id: str, questions: Sequence[str], topics: Sequence[str], vectors: FloatArray
) -> QuestionClassifier:
    """Learn from ``questions`` with their ``topics`` and unit ``vectors``, (questions, dimension)."""
    intents = [plain_intent(question).value for question in questions]
    return QuestionClassifier(
        encoder_id, _fit(vectors, topics, TOPICS), _fit(vectors, intents, [one.value for one in INTENTS])
    )


def _fit(vectors: FloatArray, labels: Iterable[str], classes: Sequence[str]) -> FloatArray:
    """Weights in the order of ``classes``; a class without an example is never chosen."""
    from sklearn.linear_model import LogisticRegression

    given = np.array([classes.index(one) for one in labels])
    model = LogisticRegression(C=20.0, class_weight="balanced", max_iter=400).fit(vectors, given)
    weights = np.zeros((vectors.shape[1] + 1, len(classes)), np.float32)
    weights[-1] = -1e4
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn then keeps the difference of the two only
        coefficients = np.concatenate([np.zeros_like(coefficients), coefficients])
        intercepts = np.concatenate([[0.0], intercepts])
    weights[:-1, model.classes_] = coefficients.T
    weights[-1, model.classes_] = intercepts
    return weights
