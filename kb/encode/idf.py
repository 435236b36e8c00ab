"""The table of document frequencies that is frozen with an index generation.

File: one line of magic, one line of JSON (format, encoder id, counts, titles, digest), then the token
ids and their document counts as little-endian unsigned 32-bit numbers. Tokens of a single document are
left out: they weigh as much as tokens never seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kb.encode.vectors import SparseVector
from kb.errors import IndexStateError

IdArray = npt.NDArray[np.uint32]

_MAGIC = b"lawkb-idf-1\n"
_CHUNK = 4096
_WAY_OUT = "请重新建立索引，或切换回上一代索引。"


@dataclass(frozen=True, eq=False)
class IdfTable:
    """In how many of ``documents`` documents each token id stands; ids ascending, counts 2 or more."""

    encoder_id: str
    documents: int
    ids: IdArray
    counts: IdArray

    @classmethod
    def build(cls, vectors: Iterable[SparseVector], encoder_id: str) -> IdfTable:
        """Count the documents of every token; what order the vectors come in makes no difference."""
        ids, counts = np.empty(0, np.uint32), np.empty(0, np.int64)
        chunk: list[int] = []
        documents = 0
        for vector in vectors:
            documents += 1
            chunk.extend(vector.indices)
            if documents % _CHUNK == 0:
                ids, counts = _merge(ids, counts, chunk)
                chunk = []
        ids, counts = _merge(ids, counts, chunk)
        kept = counts > 1
        return cls(encoder_id, documents, ids[kept], counts[kept].astype(np.uint32))

    def weigh(self, ids: Sequence[int]) -> list[float]:
        """Inverse document frequency ``ln(1 + (N - n + 0.5) / (n + 0.5))`` of each id; never negative.

        Source: Robertson & Zaragoza, The Probabilistic Relevance Framework (2009), in the form of Lucene.
        """
        if not ids:
            return []
        wanted = np.asarray(ids, dtype=np.uint32)
        found = np.ones(len(wanted))
        if len(self.ids):
            places = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
            held = self.ids[places] == wanted
            found[held] = self.counts[places][held]
        weights: list[float] = np.log1p((max(self.documents, 1) - found + 0.5) / (found + 0.5)).tolist()
        return weights

    @property
    def digest(self) -> str:
        """Hex digest of everything in the table."""
        state = hashlib.blake2b(f"{self.encoder_id}\n{self.documents}\n".encode(), digest_size=16)
        state.update(self.ids.astype("<u4").tobytes())
        state.update(self.counts.astype("<u4").tobytes())
        return state.hexdigest()


def write_idf(path: Path, table: IdfTable, titles: Sequence[str]) -> None:
    """Write the table and the titles that the tokeniser knew, through a file beside ``path``."""
    head = {
        "encoder": table.encoder_id,
        "documents": table.documents,
        "tokens": len(table.ids),
        "titles": list(titles),
    }
    head["digest"] = _digest(head, table)
    content = _MAGIC + json.dumps(head, ensure_ascii=False).encode() + b"\n"
    content += table.ids.astype("<u4").tobytes() + table.counts.astype("<u4").tobytes()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_idf(path: Path) -> tuple[IdfTable, tuple[str, ...]]:
    """Table and titles. Raises IndexStateError: ``idf_unreadable`` (no such file) or ``idf_damaged``."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise IndexStateError(
            "idf_unreadable", "读不到索引的词频表。", place=str(path), way_out=_WAY_OUT
        ) from error
    try:
        return _parse(raw)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexStateError(
            "idf_damaged", "索引的词频表已损坏或不是本程序写的。", place=str(path), way_out=_WAY_OUT
        ) from error


def _parse(raw: bytes) -> tuple[IdfTable, tuple[str, ...]]:
    if not raw.startswith(_MAGIC):
        raise ValueError("foreign file")
    line, separator, body = raw[len(_MAGIC) :].partition(b"\n")
    head = json.loads(line)
    size = int(head["tokens"])
    if not separator or len(body) != 8 * size:
        raise ValueError("truncated file")
    ids = np.frombuffer(body, "<u4", size).astype(np.uint32)
    counts = np.frombuffer(body, "<u4", size, 4 * size).astype(np.uint32)
    table = IdfTable(str(head["encoder"]), int(head["documents"]), ids, counts)
    if head.pop("digest") != _digest(head, table):
        raise ValueError("digest differs")
    return table, tuple(map(str, head["titles"]))


def _digest(head: dict[str, object], table: IdfTable) -> str:
    """Digest of titles and table together."""
    listed = json.dumps(head, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(f"{listed}\n{table.digest}".encode(), digest_size=16).hexdigest()


def _merge(
    ids: IdArray, counts: npt.NDArray[np.int64], chunk: Sequence[int]
) -> tuple[IdArray, npt.NDArray[np.int64]]:
    """Add one count for every id in ``chunk``."""
    fresh, times = np.unique(np.asarray(chunk, dtype=np.uint32), return_counts=True)
    merged, where = np.unique(np.concatenate((ids, fresh)), return_inverse=True)
    total = np.bincount(where, weights=np.concatenate((counts, times)), minlength=len(merged))
    return merged, total.astype(np.int64)
