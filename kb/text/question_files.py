"""Everyday questions written for single provisions: ``corpora/questions``, one file per law and topic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import yaml

from kb.domain.answers import TOPICS
from kb.domain.bank import BankQuestion, BankSource, CitedProvision
from kb.errors import SourceError

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]


@lru_cache(maxsize=1)
def read_provision_questions() -> tuple[BankQuestion, ...]:
    """All shipped questions by file name and place. Raises SourceError ``questions_malformed``."""
    folder = files("corpora").joinpath("questions")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".yaml"))
    return tuple(
        question
        for name in names
        for question in parse_question_file(name, folder.joinpath(name).read_text("utf-8"))
    )


def parse_question_file(name: str, text: str) -> Iterator[BankQuestion]:
    """Questions of one file: ``title``, ``topic`` and ``questions`` (label -> wordings).

    Raises SourceError ``questions_malformed`` naming the file and, where known, the label.
    """
    try:
        record = yaml.load(text, _Loader)
        title, topic, questions = str(record["title"]), str(record["topic"]), dict(record["questions"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise _malformed(name, "应有 title、topic 和 questions") from error
    if topic not in TOPICS:
        raise _malformed(name, f"没有“{topic}”这个主题")
    for label, wordings in questions.items():
        if not isinstance(wordings, list) or not all(isinstance(one, str) and one for one in wordings):
            raise _malformed(f"{name}：{label}", "问题应是文字的列表")
        for wording in wordings:
            yield BankQuestion(
                wording, BankSource.PROVISION, name, (CitedProvision(title, str(label)),), topic
            )


def _malformed(place: str, problem: str) -> SourceError:
    return SourceError(
        "questions_malformed",
        f"问题文件读不懂：{problem}",
        place=place,
        way_out="照 corpora/questions/README.md 的样子写",
    )
