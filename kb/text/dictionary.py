"""jieba's dictionary with our words added, prepared once and kept in a private file.

jieba itself keeps such a file in the shared temp folder, where anyone could put another one.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import tempfile
from array import array
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

WordFrequencies = dict[str, int]
"""Frequency per word; every beginning of a word is in it too, with 0 when it is no word itself."""

_MAGIC = b"lawkb-words-1\n"
_LONGEST_PART = 12


def load_dictionary(added: Iterable[str], cache_dir: Path | None) -> tuple[WordFrequencies, int]:
    """Frequencies and their sum, with every word of ``added`` frequent enough to be cut whole.

    With ``cache_dir`` the result is kept there under a name of its own per content; a file that is
    damaged, truncated or not writable is prepared anew and never trusted.
    """
    words = tuple(added)
    if cache_dir is None:
        return _prepare(words)
    digest = hashlib.blake2b("\n".join((version("jieba"), *words)).encode(), digest_size=8).hexdigest()
    path = cache_dir / f"words-{digest}.bin"
    with contextlib.suppress(OSError, ValueError):
        return _unpack(path.read_bytes())
    frequencies, total = _prepare(words)
    with contextlib.suppress(OSError):
        _write_whole(path, _pack(frequencies, total))
    return frequencies, total


def _prepare(added: tuple[str, ...]) -> tuple[WordFrequencies, int]:
    """Read the dictionary inside the jieba package and add words, shorter ones first."""
    frequencies: WordFrequencies = {}
    total = 0
    for line in files("jieba").joinpath("dict.txt").read_text("utf-8").splitlines():
        word, count, _ = line.split(" ", 2)
        total += int(count)
        frequencies[word] = int(count)
        _enter_beginnings(frequencies, word)
    for word in sorted(added, key=lambda word: (len(word), word)):
        # The rule of jieba's suggest_freq: one more than the likeliest way to cut the word in parts.
        frequency = max(int(_best_split(word, frequencies, total) * total) + 1, frequencies.get(word, 0))
        total += frequency - frequencies.get(word, 0)
        frequencies[word] = frequency
        _enter_beginnings(frequencies, word)
    return frequencies, total


def _enter_beginnings(frequencies: WordFrequencies, word: str) -> None:
    for end in range(1, len(word)):
        beginning = word[:end]
        if beginning not in frequencies:
            frequencies[beginning] = 0


def _best_split(word: str, frequencies: Mapping[str, int], total: int) -> float:
    """Probability of the likeliest way to cut ``word`` into two or more known parts."""
    log_total = math.log(total)
    best = [0.0] + [-math.inf] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST_PART), end):
            if end - start == len(word):
                continue
            count = frequencies.get(word[start:end], 0)
            if count or end - start == 1:
                best[end] = max(best[end], best[start] + math.log(count or 1) - log_total)
    return math.exp(best[-1])


def _pack(frequencies: WordFrequencies, total: int) -> bytes:
    """Magic, digest of the rest, then sum, frequencies and words."""
    counts = array("q", [total, len(frequencies), *frequencies.values()])
    payload = counts.tobytes() + "\n".join(frequencies).encode()
    return _MAGIC + hashlib.blake2b(payload, digest_size=16).digest() + payload


def _unpack(raw: bytes) -> tuple[WordFrequencies, int]:
    """Raises ValueError for anything that ``_pack`` did not write whole."""
    head = len(_MAGIC) + 16
    payload = memoryview(raw)[head:]
    if raw[: len(_MAGIC)] != _MAGIC or len(payload) < 16:
        raise ValueError("not a dictionary file")
    if hashlib.blake2b(payload, digest_size=16).digest() != raw[len(_MAGIC) : head]:
        raise ValueError("damaged dictionary file")
    total, size = array("q", payload[:16].tobytes())
    counts = array("q", payload[16 : 16 + 8 * size].tobytes())
    words = str(payload[16 + 8 * size :], "utf-8").split("\n")
    return dict(zip(words, counts, strict=True)), total


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that no reader sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
