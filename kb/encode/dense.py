"""The dense encoder: questions and passages to unit vectors, through sentence-transformers.

The default weights ship in ``assets/encoder``; any other sentence-transformers model is taken by path
or name (setting ``encoder``). sentence-transformers takes seconds to import, so it is imported when
an encoder is opened, not before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.encode.vectors import FloatArray
from kb.errors import LawkbError, ServiceError
from kb.settings import silence_libraries

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUILTIN = "builtin"
ASSET_DIR = Path(__file__).parent / "assets" / "encoder"
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
PROMPTS = {"query": "query: ", "passage": "passage: "}
ENCODE_BATCH = 64
MODEL_SUFFIXES = frozenset({".safetensors", ".onnx", ".bin", ".json", ".txt", ".model"})


class DenseEncoder:
    """A loaded encoder.

    ``id`` names weights and tokenizer by content, so an index built with others is told apart;
    ``dimension`` is the length of a vector.
    """

    def __init__(self, model: SentenceTransformer, encoder_id: str, dimension: int) -> None:
        """Wrap a model; use ``open_dense_encoder`` instead of calling this."""
        self._model = model
        own = model.prompts  # another model has its own prompts, or none; many call a passage a document
        self._prompts = {
            "query": own.get("query") or "",
            "passage": own.get("passage") or own.get("document") or "",
        }
        self.id = encoder_id
        self.dimension = dimension

    def encode_query(self, text: str) -> FloatArray:
        """Unit vector of one question, shape (dimension,).

        Runs the model's own two steps without the batching of ``encode``, which costs as much as a fifth
        of a short question; the bits are the same.
        """
        import torch

        with torch.inference_mode():
            features = self._model.preprocess([_readable(text)], prompt=self._prompts["query"])
            embedding = self._model(features)["sentence_embedding"]
            vector: FloatArray = torch.nn.functional.normalize(embedding, p=2, dim=1)[0].numpy()
        return vector

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors of questions, shape (len(texts), dimension)."""
        return self._encode(texts, "query")

    def encode_passages(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors of passages (see ``passage.passage_text``), shape (len(texts), dimension)."""
        return self._encode(texts, "passage")

    def _encode(self, texts: Sequence[str], prompt_name: str) -> FloatArray:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        prompt = self._prompts[prompt_name]
        vectors = self._model.encode(
            [_readable(text) for text in texts],
            prompt=prompt,
            batch_size=ENCODE_BATCH,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        return np.asarray(vectors, np.float32)


def _readable(text: str) -> str:
    """``text`` without lone surrogates: they are no characters, and tokenizers refuse them."""
    return text.encode("utf-8", "replace").decode()


def folder_encoder_id(folder: Path = ASSET_DIR) -> str:
    """``builtin:`` and 12 hex digits over the weights and tokenizer files; needs no model loaded.

    Raises ServiceError ``encoder_missing`` when one of them is not there.
    """
    digest = hashlib.sha256()
    for name in (MODEL_FILE, TOKENIZER_FILE):
        if not (folder / name).is_file():
            raise _missing_file(folder, name)
        digest.update((folder / name).read_bytes())
    return f"{BUILTIN}:{digest.hexdigest()[:12]}"


def open_dense_encoder(name: str = BUILTIN, threads: int = 2) -> DenseEncoder:
    """Load the built-in encoder, an exported folder, or any sentence-transformers model by path or name.

    Raises ServiceError ``encoder_missing`` when the shipped files are not there, ``encoder_unavailable``
    when it cannot be loaded. Nothing is downloaded: a model that is not on this machine is an error.
    """
    silence_libraries()
    try:
        if name == BUILTIN:
            return open_folder_encoder(ASSET_DIR, threads)
        if (Path(name) / MODEL_FILE).is_file():  # written by ``lawkb encoder export``
            return open_folder_encoder(Path(name), threads)
        return _open_by_name(name)
    except LawkbError:
        raise
    except Exception as error:  # any loader of any model may fail in its own way
        raise ServiceError(
            "encoder_unavailable",
            f"无法加载稠密编码器“{name}”：{type(error).__name__}",
            place=str(error)[:200],
            way_out="检查 LAWKB_ENCODER 的路径或名称；用 builtin 可回到随包附带的编码器",
        ) from error


def _missing_file(folder: Path, name: str) -> ServiceError:
    return ServiceError(
        "encoder_missing",
        f"缺少编码器文件 {name}",
        place=folder.name,
        way_out="重新安装 lawkb，或运行 lawkb encoder export 重新生成",
    )


def open_folder_encoder(folder: Path, threads: int = 2) -> DenseEncoder:
    """The encoder of a folder made by ``lawkb encoder export``. Raises ServiceError ``encoder_missing``."""
    silence_libraries()
    encoder_id = folder_encoder_id(folder)
    from sentence_transformers import SentenceTransformer

    from kb.encode.onnx_module import OnnxEncoderModule

    module = OnnxEncoderModule(folder, threads)
    model = SentenceTransformer(modules=[module], device="cpu", prompts=PROMPTS)
    return DenseEncoder(model, encoder_id, module.dimension)


def _open_by_name(name: str) -> DenseEncoder:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(name, device="cpu", local_files_only=True)
    dimension = model.get_embedding_dimension()
    if dimension is None:
        raise ServiceError("encoder_unavailable", f"模型“{name}”没有给出向量维数")
    return DenseEncoder(model, _named_encoder_id(name), int(dimension))


def _named_encoder_id(name: str) -> str:
    """A folder is named by what lies in it, wherever it lies; a model of the hub's cache by its name."""
    folder = Path(name)
    digest = hashlib.sha256()
    if not folder.is_dir():
        digest.update(name.encode())
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.suffix in MODEL_SUFFIXES and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return f"st:{folder.name}:{digest.hexdigest()[:12]}"
