"""The reranker: how well one passage answers one question, read together by a small cross-encoder.

It is slower than comparing vectors by two orders of magnitude, so only the first few candidates are read.
Its layers were trained from the encoder's; the table of pieces is the encoder's own (see
``onnx_export.write_reranker``), so it serves that encoder alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kb.encode.dense import ASSET_DIR, BUILTIN, TOKENIZER_FILE
from kb.encode.vectors import FloatArray

RERANKER_FILE = "reranker.onnx"
MOST_ASKED, MOST_PIECES = 64, 168
"""Pieces of a question, of which the end is kept, and of question and passage together, as in training."""
BEGIN, END = 0, 2

PieceIds = npt.NDArray[np.int64]


def join_pieces(question: Sequence[int], passage: Sequence[int]) -> list[int]:
    """``<s> question </s></s> passage </s>`` from pieces without signs of their own."""
    head = [BEGIN, *question[-MOST_ASKED:], END, END]
    return [*head, *passage[: MOST_PIECES - 1 - len(head)], END]


class Reranker:
    """A loaded cross-encoder over the folder of its encoder. Scores are logits, no probabilities."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        """Nothing is loaded before the first score; use ``open_reranker``."""
        self._folder = folder
        self._threads = threads

    def score(self, question: str, passages: Sequence[str]) -> FloatArray:
        """One score a passage, higher for better answers, shape (len(passages),).

        The same bits whatever else is scored at the time and however many threads there are.
        """
        if not passages:
            return np.zeros(0, np.float32)
        asked, *read = self._tokenizer.encode_batch_fast([question, *passages], add_special_tokens=False)
        rows = [np.array(join_pieces(asked.ids, one.ids), np.int64) for one in read]
        session, pool = self._session
        return np.concatenate(list(pool.map(lambda ids: session.run(None, {"ids": ids})[0], rows)))

    @cached_property
    def _tokenizer(self):  # type: ignore[no-untyped-def]
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER_FILE))
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _session(self):  # type: ignore[no-untyped-def]
        from kb.encode.onnx_module import open_session

        session = open_session(self._folder / RERANKER_FILE, 1)
        return session, ThreadPoolExecutor(self._threads, thread_name_prefix="rerank")


def open_reranker(encoder: str = BUILTIN, threads: int = 2) -> Reranker | None:
    """The reranker that belongs to the encoder ``encoder`` (BUILTIN or a folder); None when it has none."""
    folder = ASSET_DIR if encoder == BUILTIN else Path(encoder)
    return Reranker(folder, threads) if (folder / RERANKER_FILE).is_file() else None
