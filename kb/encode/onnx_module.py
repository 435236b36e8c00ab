"""A sentence-transformers module that runs our int8 ONNX encoder.

It is the only module of ``SentenceTransformer(modules=[OnnxEncoderModule(...)])``: pooling and the
unit norm are part of the graph. Each text runs alone, on one thread, so a vector never depends on its
neighbours in a batch or on the number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from sentence_transformers.base.modules import InputModule
from tokenizers import Tokenizer

from kb.encode.dense import MODEL_FILE, TOKENIZER_FILE


class OnnxEncoderModule(InputModule):
    """Text in, unit vectors out, over the folder ``model_dir`` (``model.onnx``, ``tokenizer.json``).

    ``threads`` texts run at the same time. Longer texts are cut after ``max_seq_length`` pieces.
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
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model_dir / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="encode") if threads > 1 else None
        self.dimension = int(self._session.get_outputs()[0].shape[0])

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, torch.Tensor | Any]:
        """Piece ids of each text, one int64 array per text, under ``piece_ids``."""
        texts = [f"{prompt or ''}{text}" for text in inputs]
        return {"piece_ids": [np.array(one.ids, np.int64) for one in self.tokenizer.encode_batch_fast(texts)]}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add ``sentence_embedding``, fp32 of shape (texts, dimension)."""
        pieces = features["piece_ids"]
        if self._pool is None or len(pieces) == 1:
            vectors = [self._run(ids) for ids in pieces]
        else:
            vectors = list(self._pool.map(self._run, pieces))
        features["sentence_embedding"] = torch.from_numpy(np.stack(vectors))
        return features

    def _run(self, ids: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.float32]]:
        vector: np.ndarray[Any, np.dtype[np.float32]] = self._session.run(None, {"ids": ids})[0]
        return vector

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
