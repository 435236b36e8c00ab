"""BM25 vectors of words and bigrams, and the IDF table that a generation freezes."""

import math
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.encode.idf import IdfTable
from kb.encode.sparse import Bm25Settings, SparseEncoder, token_id
from kb.encode.vectors import SparseVector
from kb.errors import IndexStateError
from kb.text.tokenise import LegalTokeniser

WAGES = "工资应当以货币形式按月支付给劳动者本人。不得克扣或者无故拖欠劳动者的工资。"
ARTICLES = {
    "劳动法50": ("中华人民共和国劳动法", ("第五章 工资",), WAGES),
    "民法典1077": (
        "中华人民共和国民法典",
        ("第五编 婚姻家庭", "第四章 离婚"),
        "自婚姻登记机关收到离婚登记申请之日起三十日内，任何一方不愿意离婚的，可以撤回离婚登记申请。",
    ),
    "民法典188": (
        "中华人民共和国民法典",
        ("第一编 总则", "第九章 诉讼时效"),
        "向人民法院请求保护民事权利的诉讼时效期间为三年。",
    ),
    "食品安全法148": (
        "中华人民共和国食品安全法",
        ("第九章 法律责任",),
        "消费者因不符合食品安全标准的食品受到损害的，可以向经营者要求赔偿损失，也可以向生产者要求赔偿损失。",
    ),
}


@pytest.fixture(scope="module")
def tokeniser(tmp_path_factory: pytest.TempPathFactory) -> LegalTokeniser:
    return LegalTokeniser(["中华人民共和国食品安全法"], tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="module")
def documents(tokeniser: LegalTokeniser) -> dict[str, SparseVector]:
    encoder = SparseEncoder(tokeniser)
    return {
        name: encoder.encode_document(text, title=title, headings=headings)
        for name, (title, headings, text) in ARTICLES.items()
    }


@pytest.fixture(scope="module")
def encoder(tokeniser: LegalTokeniser, documents: dict[str, SparseVector]) -> SparseEncoder:
    return SparseEncoder(tokeniser).freeze_idf(documents.values())


def score(query: SparseVector, document: SparseVector) -> float:
    weights = dict(zip(document.indices, document.values, strict=True))
    return sum(weights.get(i, 0.0) * value for i, value in zip(query.indices, query.values, strict=True))


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("老板拖欠工资怎么办", "劳动法50"),
        ("离婚登记后可以撤回吗", "民法典1077"),
        ("诉讼时效是几年", "民法典188"),
        ("吃了不安全的食品找谁赔偿", "食品安全法148"),
    ],
)
def test_a_question_finds_the_article_that_shares_its_words(
    encoder: SparseEncoder, documents: dict[str, SparseVector], question: str, article: str
) -> None:
    query = encoder.encode_query(question)
    assert max(documents, key=lambda name: score(query, documents[name])) == article


def test_document_weights_are_bm25_worked_by_hand(tokeniser: LegalTokeniser) -> None:
    encoder = SparseEncoder(
        tokeniser, settings=Bm25Settings(k1=1.0, b=0.5, average_words=2, average_bigrams=3)
    )
    vector = encoder.encode_document("工资工资")  # two words 工资, three bigrams 工资 资工 工资
    weights = dict(zip(vector.indices, vector.values, strict=True))
    # length equals the average, so tf * (k1 + 1) / (tf + k1)
    assert weights[token_id("w:工资")] == pytest.approx(4 / 3)
    assert weights[token_id("b:工资")] == pytest.approx(4 / 3)
    assert weights[token_id("b:资工")] == pytest.approx(1.0)


def test_title_and_headings_count_as_words_of_the_document(encoder: SparseEncoder) -> None:
    bare = encoder.encode_document(WAGES)
    headed = encoder.encode_document(WAGES, title="中华人民共和国劳动法", headings=["第五章 工资"])
    query = encoder.encode_query("劳动法工资")
    assert score(query, headed) > score(query, bare)
    assert token_id("b:五章") not in headed.indices


def test_vectors_are_ascending_unique_and_32_bit(documents: dict[str, SparseVector]) -> None:
    for vector in documents.values():
        assert list(vector.indices) == sorted(set(vector.indices))
        assert all(0 <= i < 2**32 for i in vector.indices)
        assert all(value > 0 for value in vector.values)


def test_token_ids_never_change() -> None:
    assert token_id("123456789") == 0xCBF43926  # the check value of CRC-32 in every catalogue
    assert token_id("w:工资") == 2_246_678_050
    assert token_id("b:工资") != token_id("w:工资")


def test_a_query_weighs_rare_words_more(encoder: SparseEncoder) -> None:
    query = encoder.encode_query("民法典拖欠")
    weights = dict(zip(query.indices, query.values, strict=True))
    assert weights[token_id("w:民法典")] == pytest.approx(math.log(1 + 2.5 / 2.5))
    assert weights[token_id("w:拖欠")] == pytest.approx(math.log(1 + 3.5 / 1.5))
    assert encoder.encode_query("工资工资") == encoder.encode_query("工资工资工资")


@pytest.mark.parametrize("question", ["", "？！……", "怎么办", "\x00\ud800", "😀"])
def test_a_question_without_words_gives_an_empty_vector(encoder: SparseEncoder, question: str) -> None:
    assert encoder.encode_query(question) == SparseVector((), ())


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_can_be_encoded(encoder: SparseEncoder, text: str) -> None:
    document = encoder.encode_document(text)
    assert len(document.indices) == len(document.values)
    assert set(encoder.encode_query(text).indices) <= set(document.indices)


def test_a_saved_encoder_comes_back_the_same(encoder: SparseEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "sparse.idf")
    loaded = SparseEncoder.load(tmp_path / "sparse.idf")
    assert loaded.id == encoder.id
    assert loaded.tokeniser.titles == ("食品安全法",)
    assert loaded.encode_query("食品安全法拖欠工资") == encoder.encode_query("食品安全法拖欠工资")
    assert [path.name for path in tmp_path.iterdir()] == ["sparse.idf"]


def test_the_order_of_documents_makes_no_difference(documents: dict[str, SparseVector]) -> None:
    forward = IdfTable.build(documents.values(), "x")
    backward = IdfTable.build(reversed(documents.values()), "x")
    assert forward.digest == backward.digest
    assert forward.documents == 4
    assert min(forward.counts) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"",
        lambda raw: raw[:-3],
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        lambda raw: raw.replace("食品安全法".encode(), "食品卫生法".encode()),
        lambda raw: b"SQLite format 3\x00",
        lambda raw: raw.partition(b"\n")[0] + b"\n[]\n",
    ],
)
def test_a_damaged_table_is_refused(encoder: SparseEncoder, tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "sparse.idf"
    encoder.save(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(IndexStateError) as caught:
        SparseEncoder.load(path)
    assert caught.value.code == "idf_damaged"


def test_a_missing_table_and_another_weighting_are_named(encoder: SparseEncoder, tmp_path: Path) -> None:
    with pytest.raises(IndexStateError) as caught:
        SparseEncoder.load(tmp_path / "none")
    assert caught.value.code == "idf_unreadable"
    encoder.save(tmp_path / "sparse.idf")
    with pytest.raises(IndexStateError) as caught:
        SparseEncoder.load(tmp_path / "sparse.idf", settings=Bm25Settings(k1=1.5))
    assert caught.value.code == "sparse_encoder_mismatch"
    with pytest.raises(IndexStateError) as caught:
        SparseEncoder(encoder.tokeniser).encode_query("工资")
    assert caught.value.code == "idf_missing"


def test_two_processes_make_the_same_vector(encoder: SparseEncoder) -> None:
    program = (
        "from kb.encode.sparse import SparseEncoder; from kb.text.tokenise import LegalTokeniser;"
        "v = SparseEncoder(LegalTokeniser(['食品安全法'])).encode_document('拖欠工资，买到过期食品');"
        "print(v.indices, v.values)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
        cwd=Path(__file__).parents[2],
    )
    ours = encoder.encode_document("拖欠工资，买到过期食品")
    assert done.stdout.strip() == f"{ours.indices} {ours.values}"
    assert done.stderr == ""


def test_added_words_count_less_and_never_lower_a_word_of_the_question() -> None:
    drafting = SparseEncoder(LegalTokeniser())
    encoder = drafting.freeze_idf(
        [drafting.encode_document("出租人应当履行维修义务"), drafting.encode_document("承租人")]
    )
    asked = dict(zip(*astuple(encoder.encode_query("出租人")), strict=True))
    both = dict(zip(*astuple(encoder.encode_expanded("出租人", ["出租人", "维修"], 0.5)), strict=True))
    extra = dict(zip(*astuple(encoder.encode_query("维修")), strict=True))
    assert {number: both[number] for number in asked} == asked
    assert {n: w for n, w in both.items() if n not in asked} == {
        n: w * 0.5 for n, w in extra.items() if n not in asked
    }
