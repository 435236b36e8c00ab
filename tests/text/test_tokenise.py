"""Words and bigrams of legal text."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb.text.dictionary import load_dictionary
from kb.text.tokenise import BIGRAM, WORD, LegalTokeniser, read_word_list

TITLES = ["中华人民共和国消费者权益保护法", "中华人民共和国反家庭暴力法", "关于办理（试行）的规定"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("words")


@pytest.fixture(scope="module")
def tokeniser(cache: Path) -> LegalTokeniser:
    return LegalTokeniser(TITLES, cache)


def test_titles_and_legal_terms_are_words_with_the_words_inside_them(tokeniser: LegalTokeniser) -> None:
    words, _ = tokeniser.split("依照《中华人民共和国消费者权益保护法》请求惩罚性赔偿")
    assert "消费者权益保护法" in words
    assert {"消费者", "权益", "保护法", "惩罚性赔偿", "赔偿"} <= set(words)


def test_every_shipped_term_is_one_word(tokeniser: LegalTokeniser) -> None:
    missing = [term for term in read_word_list("legal_terms.txt") if term not in tokeniser.split(term)[0]]
    assert missing == []


def test_the_word_list_is_large_enough_and_clean() -> None:
    terms = read_word_list("legal_terms.txt")
    assert len(terms) >= 500
    assert not [term for term in terms if len(term) < 2 or " " in term]


def test_words_and_bigrams_never_collide(tokeniser: LegalTokeniser) -> None:
    tokens = tokeniser.tokenise("拖欠工资")
    assert {WORD + "工资", BIGRAM + "工资", BIGRAM + "欠工"} <= set(tokens)
    assert all(token.startswith((WORD, BIGRAM)) for token in tokens)


def test_bigrams_do_not_cross_punctuation(tokeniser: LegalTokeniser) -> None:
    assert tokeniser.split("离婚，工资")[1] == ["离婚", "工资"]


def test_stop_words_are_left_out(tokeniser: LegalTokeniser) -> None:
    assert tokeniser.split("请问怎么办") == ([], ["问怎"])


def test_spelling_makes_no_difference(tokeniser: LegalTokeniser) -> None:
    assert tokeniser.tokenise("⺠事 诉讼ＡＢ１２") == tokeniser.tokenise("民事诉讼ab12")


def test_the_order_of_calls_makes_no_difference(cache: Path) -> None:
    texts = ["反家庭暴力法规定的人身安全保护令", "消费者权益保护法第五十五条", "老板拖欠工资"]
    first, second = LegalTokeniser(TITLES, cache), LegalTokeniser(reversed(TITLES), cache)
    forward = [first.tokenise(text) for text in texts]
    backward = [second.tokenise(text) for text in reversed(texts)]
    assert forward == backward[::-1]
    assert first.id == second.id
    assert first.id != LegalTokeniser(TITLES[:1]).id


def test_hostile_input_is_cut_too(tokeniser: LegalTokeniser) -> None:
    for text in ("", "\x00\ud800", "龘" * 20_000, "工" * 20_000, "a" * 20_000, "一 " * 10_000):
        tokeniser.tokenise(text)


def test_a_damaged_cache_is_prepared_anew(tmp_path: Path) -> None:
    fresh = load_dictionary(["离婚冷静期"], tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for damaged in (whole[:1000], whole[:-1] + b"x"):
        path.write_bytes(damaged)
        assert load_dictionary(["离婚冷静期"], tmp_path) == fresh
        assert path.read_bytes() == whole


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert load_dictionary(["离婚冷静期"], tmp_path / "file")[0]["离婚冷静期"] > 0


def test_nothing_is_printed_and_the_shared_temp_folder_stays_empty(tmp_path: Path) -> None:
    program = "from kb.text.tokenise import tokenise; print(len(tokenise('拖欠工资怎么办')) > 0)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=ROOT,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert list(tmp_path.iterdir()) == []


def test_importing_the_module_does_not_load_jieba() -> None:
    program = "import sys, kb.text.tokenise; print('jieba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "False\n"
