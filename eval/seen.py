"""Which questions an encoder saw while it was trained: figures over those are no figures of merit.

A list of digests of the questions' words stands in for the questions, which do not ship. It lies beside
an exported encoder as ``trained_on.txt``; that of the shipped encoder is ``eval/questions/trained_on.txt``.
Its first line names the weights that it is true of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from kb.encode.dense import BUILTIN

FILE = "trained_on.txt"
DIGEST_BYTES = 8


def question_digest(question: str) -> str:
    """16 hex digits over the words of a question, blanks aside."""
    plain = "".join(question.split())
    return hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()


def write_seen(path: Path, encoder_id: str, questions: Iterable[str]) -> None:
    """Record that the weights named ``encoder_id`` were trained on ``questions``."""
    digests = sorted({question_digest(question) for question in questions})
    path.write_text("\n".join([f"# {encoder_id}", *digests]) + "\n", encoding="utf-8")


def read_seen(encoder: str, encoder_id: str) -> frozenset[str] | None:
    """Digests of what ``encoder`` (the setting) saw; None when nothing tells, or tells of other weights."""
    if encoder == BUILTIN:
        text = files("eval").joinpath("questions", FILE).read_text("utf-8")
    elif (Path(encoder) / FILE).is_file():
        text = (Path(encoder) / FILE).read_text("utf-8")
    else:
        return None
    head, *digests = text.split("\n")
    return frozenset(filter(None, digests)) if head == f"# {encoder_id}" else None
