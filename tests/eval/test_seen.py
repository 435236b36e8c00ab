"""What an encoder was trained on is known by digests, and only for the weights that they were made for."""

from __future__ import annotations

from pathlib import Path

from eval.labelled import read_labelled
from eval.seen import FILE, question_digest, read_seen, write_seen
from kb.encode.dense import BUILTIN, folder_encoder_id
from kb.encode.training import is_held_out
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


def test_the_shipped_encoder_saw_no_held_out_question_and_most_of_the_others() -> None:
    questions = read_labelled(require_shared("questions", "lay_questions_train.jsonl"))
    seen = read_seen(BUILTIN, folder_encoder_id())
    assert seen is not None
    for one in questions:
        if is_held_out(one.id):
            assert question_digest(one.question) not in seen, one.id
    assert sum(question_digest(one.question) in seen for one in questions) == 1100
