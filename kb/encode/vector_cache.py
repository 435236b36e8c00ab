"""Vectors of passages and questions on disk, keyed by encoder and text: nothing is encoded twice.

A file is a header line naming the encoder and the dimension, then fixed-size records
``key (16 bytes) | scale (fp32) | int8 vector | CRC-32``. Records are only appended and flushed per batch:
a build that is killed resumes where it was, and a torn last record is cut off at the next opening.
A passage vector is always the quantised one, whether it was read here or made just now, so an index
does not depend on what was cached. (Mean cosine to the unquantised vector: above 0.9999.)
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kb.encode.dense import DenseEncoder
from kb.encode.vectors import FloatArray

MAGIC = b"lawkb-vectors-1"
KEY_BYTES = 16
BATCH = 256

SHIPPED_CACHE = Path(__file__).parent / "assets" / "passage_vectors.bin"
SHIPPED_QUESTIONS = Path(__file__).parent / "assets" / "question_vectors.bin"

Encode = Callable[[Sequence[str]], FloatArray]
"""Texts to unit vectors, shape (texts, dimension)."""


def _record_type(dimension: int) -> np.dtype[np.void]:
    return np.dtype(
        [("key", f"V{KEY_BYTES}"), ("scale", "<f4"), ("vector", "i1", (dimension,)), ("crc", "<u4")]
    )


def text_key(text: str) -> bytes:
    """BLAKE2b-128 of the passage text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def quantise_vectors(vectors: FloatArray) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """Symmetric int8 per vector: (n, d) -> int8 (n, d) and scales (n,)."""
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-12).astype(np.float32) / np.float32(127)
    return np.clip(np.rint(vectors / scales[:, None]), -127, 127).astype(np.int8), scales


def restore_vectors(quantised: npt.NDArray[np.int8], scales: FloatArray) -> FloatArray:
    """Unit vectors of the quantised ones, shape (n, d)."""
    vectors = quantised.astype(np.float32) * scales[:, None]
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), np.float32)


class VectorFile:
    """One cache file, wholly in memory as raw records; foreign or damaged files count as empty."""

    def __init__(self, path: Path, encoder_id: str, dimension: int) -> None:
        """Read ``path`` if it is there and made by ``encoder_id``."""
        self.path = path
        self._type = _record_type(dimension)
        self._header = b"%s %s %d\n" % (MAGIC, encoder_id.encode(), dimension)
        self._records = np.zeros(0, self._type)
        self._rows: dict[bytes, int] = {}
        self._usable_bytes = 0
        self._read()

    def __len__(self) -> int:
        """Number of vectors held."""
        return len(self._rows)

    def _read(self) -> None:
        if not self.path.is_file():
            return
        data = self.path.read_bytes()
        if not data.startswith(self._header):
            return
        body = memoryview(data)[len(self._header) :]
        count = len(body) // self._type.itemsize
        records = np.frombuffer(body[: count * self._type.itemsize], self._type)
        intact = count
        for row in range(count):
            raw = records[row].tobytes()
            if zlib.crc32(raw[:-4]) != int(records[row]["crc"]):
                intact = row
                break
            self._rows[raw[:KEY_BYTES]] = row
        self._records = records[:intact]
        self._usable_bytes = len(self._header) + intact * self._type.itemsize

    def find(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        """Vectors of those ``keys`` that are held."""
        held = [key for key in dict.fromkeys(keys) if key in self._rows]
        if not held:
            return {}
        picked = self._records[[self._rows[key] for key in held]]
        vectors = restore_vectors(picked["vector"], picked["scale"])
        return dict(zip(held, vectors, strict=True))

    def append(self, keys: Sequence[bytes], vectors: FloatArray) -> None:
        """Add records and flush them to disk. Raises OSError when the disk is full."""
        quantised, scales = quantise_vectors(vectors)
        records = np.zeros(len(keys), self._type)
        records["key"] = np.frombuffer(b"".join(keys), f"V{KEY_BYTES}")
        records["scale"], records["vector"] = scales, quantised
        for row in range(len(records)):
            records[row]["crc"] = zlib.crc32(records[row].tobytes()[:-4])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            header = b"" if self._usable_bytes else self._header
            file.seek(self._usable_bytes)
            file.truncate()
            file.write(header + records.tobytes())
            file.flush()
            os.fsync(file.fileno())
        self._usable_bytes += len(header) + records.nbytes
        self._rows.update({key: len(self._records) + place for place, key in enumerate(keys)})
        self._records = np.concatenate([self._records, records])


class TextVectors:
    """Vectors of texts of one kind: from the shipped file, the local one, or the encoder."""

    def __init__(self, encoder: DenseEncoder, local: Path, shipped: Path | None, encode: Encode) -> None:
        """Open both files for ``encoder``; the local one is made when first needed."""
        self._encode = encode
        files = [VectorFile(local, encoder.id, encoder.dimension)]
        if shipped is not None:
            files.append(VectorFile(shipped, encoder.id, encoder.dimension))
        self._files = files

    def find(self, texts: Iterable[str]) -> dict[str, FloatArray]:
        """Vectors already held, by text; encodes nothing."""
        by_key = {text_key(text): text for text in texts}
        found: dict[str, FloatArray] = {}
        for file in self._files:
            missing = [key for key in by_key if by_key[key] not in found]
            found.update({by_key[key]: vector for key, vector in file.find(missing).items()})
        return found

    def ensure(
        self, texts: Iterable[str], progress: Callable[[int, int], None] | None = None
    ) -> dict[str, FloatArray]:
        """Vectors of all ``texts``, encoding what is not held; ``progress(done, total)`` per batch.

        Raises OSError when the disk is full; what was encoded before stays.
        """
        unique = list(dict.fromkeys(texts))
        found = self.find(unique)
        missing = [text for text in unique if text not in found]
        before = len(unique) - len(missing)

        def tell(done: int, _: int) -> None:
            if progress is not None:
                progress(before + done, len(unique))

        encode_missing(self._files[0], self._encode, missing, tell)
        return {**found, **self.find(missing)}


class PassageVectors(TextVectors):
    """Vectors of provisions, encoded as passages."""

    def __init__(self, encoder: DenseEncoder, local_dir: Path, shipped: Path | None = SHIPPED_CACHE) -> None:
        """The local file lies in ``local_dir``."""
        super().__init__(
            encoder, local_dir / f"vectors-{_file_name(encoder)}.bin", shipped, encoder.encode_passages
        )


class QuestionVectors(TextVectors):
    """Vectors of the questions of the bank, encoded as questions."""

    def __init__(
        self, encoder: DenseEncoder, local_dir: Path, shipped: Path | None = SHIPPED_QUESTIONS
    ) -> None:
        """The local file lies in ``local_dir``."""
        super().__init__(
            encoder, local_dir / f"questions-{_file_name(encoder)}.bin", shipped, encoder.encode_queries
        )


def _file_name(encoder: DenseEncoder) -> str:
    return encoder.id.replace(":", "-").replace("/", "-")


def encode_missing(
    file: VectorFile, encode: Encode, texts: Sequence[str], progress: Callable[[int, int], None]
) -> None:
    """Encode those ``texts`` that ``file`` does not hold and append them, batch by batch.

    Texts of like length go together, so no thread waits long for another. Raises OSError when the disk
    is full; what was written before stays.
    """
    by_key = {text_key(text): text for text in texts}
    held = file.find(list(by_key))
    missing = sorted((key for key in by_key if key not in held), key=lambda key: (len(by_key[key]), key))
    for start in range(0, len(missing), BATCH):
        keys = missing[start : start + BATCH]
        file.append(keys, encode([by_key[key] for key in keys]))
        progress(len(held) + start + len(keys), len(by_key))
