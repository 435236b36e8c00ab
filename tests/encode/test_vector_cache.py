"""Passage vectors on disk: what is kept, what a torn, damaged or foreign file costs, and a full disk."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from kb.encode.dense import DenseEncoder
from kb.encode.vector_cache import (
    PassageVectors,
    VectorFile,
    encode_missing,
    quantise_vectors,
    restore_vectors,
    text_key,
)

DIMENSION = 24
KEYS = [text_key(f"条文{i}") for i in range(6)]
PASSAGES = ["劳动法 工资：工资应当以货币形式按月支付。", "民法典 诉讼时效：诉讼时效期间为三年。", "短"]


def random_vectors(count: int, dimension: int = DIMENSION) -> np.ndarray:
    vectors = np.random.default_rng(7).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = random_vectors(len(KEYS))


def open_file(path: Path, encoder_id: str = "builtin:one", dimension: int = DIMENSION) -> VectorFile:
    return VectorFile(path, encoder_id, dimension)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the first four vectors."""
    path = tmp_path / "cache" / "vectors.bin"
    open_file(path).append(KEYS[:4], VECTORS[:4])
    return path


@contextmanager
def full_disk(at_bytes: int) -> Iterator[None]:
    """No file of this process grows past ``at_bytes`` (Python ignores SIGXFSZ: writing raises EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (at_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def assert_holds(file: VectorFile, which: range) -> None:
    """Exactly the vectors ``which`` of ``VECTORS``, each under its own key."""
    found = file.find(KEYS)
    assert sorted(found) == sorted(KEYS[i] for i in which)
    assert len(file) == len(which)
    for i in which:
        assert float(found[KEYS[i]] @ VECTORS[i]) > 0.999


def test_quantised_vectors_stay_close_and_of_length_one() -> None:
    vectors = random_vectors(500, 384)
    restored = restore_vectors(*quantise_vectors(vectors))
    assert (restored * vectors).sum(axis=1).min() > 0.999
    np.testing.assert_allclose(np.linalg.norm(restored, axis=1), 1.0, atol=1e-5)


def test_a_zero_vector_is_kept_as_it_is() -> None:
    zero = np.zeros((1, DIMENSION), np.float32)
    assert not restore_vectors(*quantise_vectors(zero)).any()


def test_hit_and_miss(path: Path) -> None:
    assert_holds(open_file(path), range(4))
    assert open_file(path).find([]) == {}
    assert open_file(path).find([text_key("没有")]) == {}


def test_a_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert len(open_file(tmp_path / "none.bin")) == 0
    assert not (tmp_path / "none.bin").exists(), "looking makes no file"


def test_appending_goes_on_in_the_same_file(path: Path) -> None:
    file = open_file(path)
    file.append(KEYS[4:], VECTORS[4:])
    assert_holds(file, range(6))
    assert_holds(open_file(path), range(6))


def test_a_key_given_twice_does_not_shift_the_others(path: Path) -> None:
    file = open_file(path)
    file.append([KEYS[0]], VECTORS[:1])
    file.append(KEYS[4:], VECTORS[4:])
    assert_holds(file, range(6))
    assert_holds(open_file(path), range(6))


@pytest.mark.parametrize("torn_bytes", [1, 20, 47])
def test_a_torn_last_record_is_cut_off_and_made_again(path: Path, torn_bytes: int) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-torn_bytes])
    file = open_file(path)
    assert_holds(file, range(3))
    file.append(KEYS[3:5], VECTORS[3:5])
    assert_holds(open_file(path), range(5))
    assert path.read_bytes()[: len(whole)] == whole


def test_a_damaged_record_and_what_follows_are_not_used(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-2 * (16 + 4 + DIMENSION + 4) + 20] ^= 1  # one bit in the third of four vectors
    path.write_bytes(data)
    assert_holds(open_file(path), range(2))


def test_a_file_of_another_encoder_is_not_used(path: Path) -> None:
    assert len(open_file(path, "builtin:other")) == 0
    assert len(open_file(path, dimension=DIMENSION + 1)) == 0
    other = open_file(path, "builtin:other")
    other.append(KEYS[:1], VECTORS[:1])
    assert_holds(open_file(path, "builtin:other"), range(1))


@pytest.mark.parametrize("content", [b"", b"lawkb-vec", b"\x00" * 1000, b"lawkb-vectors-1 builtin:one 24\n"])
def test_a_broken_file_counts_as_empty_and_is_written_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    file = open_file(path)
    assert len(file) == 0
    file.append(KEYS[:4], VECTORS[:4])
    assert_holds(open_file(path), range(4))


def test_a_full_disk_leaves_earlier_records(path: Path) -> None:
    file = open_file(path)
    with full_disk(path.stat().st_size + 60), pytest.raises(OSError, match="too large"):
        file.append(KEYS[4:], VECTORS[4:])
    assert_holds(file, range(4))
    assert set(open_file(path).find(KEYS)) >= set(KEYS[:4])
    file.append(KEYS[4:], VECTORS[4:])  # with room again, the same object goes on
    assert_holds(open_file(path), range(6))


def test_a_full_disk_at_the_first_byte_leaves_a_usable_file(tmp_path: Path) -> None:
    file = open_file(tmp_path / "vectors.bin")
    with full_disk(10), pytest.raises(OSError, match="too large"):
        file.append(KEYS[:4], VECTORS[:4])
    file.append(KEYS[:4], VECTORS[:4])
    assert_holds(open_file(tmp_path / "vectors.bin"), range(4))


# --- with the encoder ---------------------------------------------------------------------------


def test_cached_and_fresh_vectors_are_the_same(encoder: DenseEncoder, tmp_path: Path) -> None:
    fresh = PassageVectors(encoder, tmp_path, shipped=None).ensure(PASSAGES)
    cached = PassageVectors(encoder, tmp_path, shipped=None).find(PASSAGES)
    assert list(fresh) == list(dict.fromkeys(PASSAGES))
    assert {text: vector.tobytes() for text, vector in fresh.items()} == {
        text: vector.tobytes() for text, vector in cached.items()
    }
    plain = encoder.encode_passages(PASSAGES)
    for text, vector in zip(PASSAGES, plain, strict=True):
        assert float(fresh[text] @ vector) > 0.999


def test_only_what_is_missing_is_encoded_and_progress_ends_at_the_total(
    encoder: DenseEncoder, tmp_path: Path
) -> None:
    vectors = PassageVectors(encoder, tmp_path, shipped=None)
    vectors.ensure(PASSAGES[:2])
    size = next(tmp_path.iterdir()).stat().st_size
    told: list[tuple[int, int]] = []
    vectors.ensure([*PASSAGES, PASSAGES[0]], lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]
    assert next(tmp_path.iterdir()).stat().st_size - size == 16 + 4 + encoder.dimension + 4
    vectors.ensure(PASSAGES, lambda done, total: told.append((done, total)))
    assert told == [(3, 3)], "nothing to encode, nothing to tell"


def test_the_shipped_file_answers_first_and_is_never_written(encoder: DenseEncoder, tmp_path: Path) -> None:
    shipped = tmp_path / "shipped.bin"
    encode_missing(
        VectorFile(shipped, encoder.id, encoder.dimension),
        encoder.encode_passages,
        PASSAGES[:2],
        lambda *_: None,
    )
    before = shipped.read_bytes()
    vectors = PassageVectors(encoder, tmp_path / "local", shipped)
    assert set(vectors.find(PASSAGES)) == set(PASSAGES[:2])
    assert not (tmp_path / "local").exists()
    assert set(vectors.ensure(PASSAGES)) == set(PASSAGES)
    assert shipped.read_bytes() == before
    assert len(list((tmp_path / "local").iterdir())) == 1


def test_an_interrupted_run_goes_on_where_it_was(encoder: DenseEncoder, tmp_path: Path) -> None:
    path = tmp_path / "vectors.bin"
    texts = [f"第{i}条" for i in range(300)]  # two batches

    class KilledError(Exception):
        pass

    def die(done: int, total: int) -> None:
        raise KilledError(f"{done}/{total}")

    with pytest.raises(KilledError, match="256/300"):
        encode_missing(VectorFile(path, encoder.id, encoder.dimension), encoder.encode_passages, texts, die)
    told: list[tuple[int, int]] = []
    file = VectorFile(path, encoder.id, encoder.dimension)
    encode_missing(file, encoder.encode_passages, texts, lambda done, total: told.append((done, total)))
    assert told == [(300, 300)]
    assert len(VectorFile(path, encoder.id, encoder.dimension)) == 300
