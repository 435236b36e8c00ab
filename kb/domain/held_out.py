"""Which ways of asking an answer are kept out of index and training, so that matching can be measured."""

from __future__ import annotations

import hashlib

from kb.domain.answers import StandardAnswer

SEED = 20261127
PER_ANSWER = 2


def held_out_variants(answer: StandardAnswer, count: int = PER_ANSWER) -> tuple[str, ...]:
    """``count`` variants of the answer, drawn by hash: wordings added later change no other's fate much.

    Calibration and the training of the encoder leave out the same ones.
    """

    def draw(text: str) -> bytes:
        return hashlib.sha256((answer.id + text).encode()).digest()

    return tuple(sorted(answer.variants, key=draw)[:count])
