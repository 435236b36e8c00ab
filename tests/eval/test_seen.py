"""What an encoder was trained on is known by digests, and only for the weights that they were made for."""

from __future__ import annotations

from pathlib import Path

from eval.labelled import read_labelled
from eval.seen import FILE, question_digest, read_seen, write_seen
from kb.encode.dense import BUILTIN, folder_encoder_id
from tests.shared_data import require_shared


def test_a_list_is_read_back_for_its_own_weights_only(tmp_path: Path) -> None:
    write_seen(tmp_path / FILE, "builtin:abc", ["租金怎么算？", "押金 不退", "押金不退"])
    seen = read_seen(str(tmp_path), "builtin:abc")
    assert seen == frozenset(map(question_digest, ("租金怎么算？", "押金不退")))
    assert read_seen(str(tmp_path), "builtin:other") is None


def test_without_a_list_nothing_is_known(tmp_path: Path) -> None:
    assert read_seen(str(tmp_path), "builtin:abc") is None


def test_the_shipped_list_is_of_the_shipped_weights() -> None:
    seen = read_seen(BUILTIN, folder_encoder_id())
    assert seen is not None
    assert len(seen) > 3000


def test_the_shipped_encoder_saw_every_labelled_question_and_says_so() -> None:
    """It is trained on all that may be used; figures of merit are of fold models."""
    questions = read_labelled(require_shared("questions", "lay_questions_train.jsonl"))
    seen = read_seen(BUILTIN, folder_encoder_id())
    assert seen is not None
    assert all(question_digest(one.question) in seen for one in questions)
