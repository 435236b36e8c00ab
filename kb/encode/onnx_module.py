"""A sentence-transformers module that runs our int8 ONNX encoder.

It is the only module of ``SentenceTransformer(modules=[OnnxEncoderModule(...)])``: pooling and the
unit norm are part of the graph. Each text runs by itself, so a vector never depends on its
neighbours in a batch or on the number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from sentence_transformers.base.modules import InputModule
from tokenizers import Tokenizer

from kb.encode.dense import MODEL_FILE, TOKENIZER_FILE
from kb.encode.vectors import FloatArray

PieceIds = npt.NDArray[np.int64]


def open_session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """A session that runs one text on ``threads`` threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def run_session(session: onnxruntime.InferenceSession, ids: PieceIds) -> FloatArray:
    """Unit vector of the text with piece ids ``ids``, shape (dimension,)."""
    vector: FloatArray = session.run(None, {"ids": ids})[0]
    return vector


class OnnxEncoderModule(InputModule):
    """Text in, unit vectors out, over the folder ``model_dir`` (``model.onnx``, ``tokenizer.json``).

    A single text (a question) is spread over ``threads`` threads; of a batch that many texts run at the
    same time on one thread each, in a session opened at the first batch. Both give the same bits: the
    matrix products are integer, and every other number is computed by one thread in one order. Longer
    texts are cut after ``max_seq_length`` pieces.
    """

    config_keys: list[str] = ["max_seq_length"]  # noqa: RUF012 - declared so by the base class

    def __init__(self, model_dir: Path, threads: int = 2, max_seq_length: int = 512) -> None:
        """Open the session; raises FileNotFoundError when a file of the folder is missing."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.model_dir = model_dir
        self.max_seq_length = max_seq_length
        for name in (MODEL_FILE, TOKENIZER_FILE):
            if not (model_dir / name).is_file():
                raise FileNotFoundError(model_dir / name)
        self.tokenizer = Tokenizer.from_file(str(model_dir / TOKENIZER_FILE))
        self.tokenizer.enable_truncation(max_seq_length)
        self.threads = threads
        self._single = open_session(model_dir / MODEL_FILE, threads)
        self.dimension = int(self._single.get_outputs()[0].shape[0])

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, torch.Tensor | Any]:
        """Piece ids of each text, one int64 array per text, under ``piece_ids``."""
        texts = [f"{prompt or ''}{text}" for text in inputs]
        return {"piece_ids": [np.array(one.ids, np.int64) for one in self.tokenizer.encode_batch_fast(texts)]}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add ``sentence_embedding``, fp32 of shape (texts, dimension)."""
        pieces = features["piece_ids"]
        if len(pieces) == 1:
            vectors = [run_session(self._single, pieces[0])]
        else:
            session, pool = self._batch
            vectors = list(pool.map(lambda ids: run_session(session, ids), pieces))
        features["sentence_embedding"] = torch.from_numpy(np.stack(vectors))
        return features

    @cached_property
    def _batch(self) -> tuple[onnxruntime.InferenceSession, ThreadPoolExecutor]:
        session = open_session(self.model_dir / MODEL_FILE, 1)
        return session, ThreadPoolExecutor(self.threads, thread_name_prefix="encode")

    def get_embedding_dimension(self) -> int:
        """Length of a vector (384)."""
        return self.dimension

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Copy the folder's two files to ``output_path`` beside the module's configuration."""
        target = Path(output_path)
        target.mkdir(parents=True, exist_ok=True)
        for name in (MODEL_FILE, TOKENIZER_FILE):
            (target / name).write_bytes((self.model_dir / name).read_bytes())
        self.save_config(output_path)

    @classmethod
    def load(cls, model_name_or_path: str, *args: Any, **kwargs: Any) -> OnnxEncoderModule:
        """Open a folder written by ``save``."""
        config = cls.load_config(model_name_or_path)
        return cls(Path(model_name_or_path), max_seq_length=int(config["max_seq_length"]))
