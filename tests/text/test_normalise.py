"""One spelling for Chinese text, with a map back to the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.normalise import normalise, normalise_query


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("⽇期", "日期"),
        ("⺠法典", "民法典"),
        ("⻋⻓见⻔", "车长见门"),
        ("\uf98e齡", "年齡"),
        ("１２ＡＢｃ", "12ABc"),
        ("㈠受理㈢", "（一）受理（三）"),
        ("工资，《劳动法》（2018）。", "工资，《劳动法》（2018）。"),
        ("民\u200b法\u202e典\ufeff", "民法典"),
        ("合\x00同\x1b[0m", "合同[0m"),
        ("甲\ud800乙", "甲乙"),
        ("关 于 印 发", "关于印发"),
        ("《中华人民共和国\u3000劳动法》", "《中华人民共和国劳动法》"),
        ("《 Law of X 法 》", "《Law of X法》"),
        ("第 17 条", "第17条"),
        ("第十条\u3000\u3000为了保护 公民", "第十条 为了保护公民"),
        ("第一章　总　则", "第一章 总则"),
        ("第 一 百 条　内容", "第一百条 内容"),
        ("labour  contract 法", "labour contract 法"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
    ],
)
def test_normalise_writes_one_spelling(written: str, clean: str) -> None:
    assert normalise(written).text == clean


def test_a_span_leads_back_to_the_original() -> None:
    original = "依 据《⺠ 法\u200b典》第１２条"
    clean = normalise(original)
    start = clean.text.index("《民法典》")
    first, last = clean.locate(start, start + 5)
    assert original[first:last] == "《⺠ 法\u200b典》"
    assert clean.locate(len(clean.text), len(clean.text)) == (len(original), len(original))


def test_one_character_written_as_several_keeps_its_place() -> None:
    clean = normalise("甲㈡乙")
    assert clean.text == "甲（二）乙"
    assert clean.locate(1, 4) == (1, 2)


legal_text = st.text(alphabet="一法条第章《》 \u3000\n⺠１a9，\u200b\x00\ud800㈠", max_size=60) | st.text(
    max_size=60
)


@given(legal_text)
def test_the_map_fits_the_text(original: str) -> None:
    clean = normalise(original)
    assert len(clean.offsets) == len(clean.text) + 1
    assert clean.offsets[-1] == len(original)
    assert list(clean.offsets) == sorted(clean.offsets)


@given(legal_text)
def test_clean_text_stays_as_it_is(original: str) -> None:
    clean = normalise(original).text
    assert normalise(clean).text == clean
    clean.encode()
    assert "\x00" not in clean


def test_a_question_keeps_the_blanks_between_its_words() -> None:
    assert normalise_query("  拖欠工资\u3000劳动法\n第５０条\u200b ") == "拖欠工资 劳动法 第50条"
    assert normalise_query("\x00 \ud800") == ""
