"""Pinyin and wrong characters of the same sound."""

from __future__ import annotations

import pytest

from kb.text.amounts import spell_amounts
from kb.text.respelling import respell
from kb.text.tokenise import default_tokeniser

is_word = default_tokeniser().is_word


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("laobanbufagongzi", "老板不发工资"),
        ("lao ban tuo qian gong zi zen me ban", "老板拖欠工资怎么办"),
        ("lihunhouhaiziguishui", "离婚后孩子归谁"),
        ("gongshangpeichangduoshao", "工伤赔偿多少"),
        ("老板托欠工资怎么办", "老板拖欠工资怎么办"),
        ("离昏财产怎么分", "离婚财产怎么分"),
        ("劳动和同没签", "劳动合同没签"),
        ("房东不退押斤", "房东不退押金"),
        ("仲才时效", "仲裁时效"),
    ],
)
def test_what_was_meant_is_found(typed: str, meant: str) -> None:
    told = respell(typed, is_word)
    assert told.text == meant
    assert told.changed


@pytest.mark.parametrize(
    "question",
    [
        "老板拖欠工资怎么办",
        "老伴去世了房子归谁",  # 老伴 is a word of its own, not 老板
        "服务器租赁合同纠纷",
        "how to sue my boss",
        "hello world",
        "王建国欠我钱不还",
        "ab",
        "12345",
        "",
        "CEO",
        "我在XX公司上班",
    ],
)
def test_what_is_right_stays(question: str) -> None:
    assert respell(question, is_word).text == question


def test_long_letters_end_soon() -> None:
    assert respell("xi" * 500, is_word).text == "xi" * 500


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("借了30000元不还", ("三万元",)),
        ("欠我3万块", ("三万元",)),
        ("50,000元", ("五万元",)),
        ("15天内上诉", ("十五日",)),
        ("试用期3个月", ("三个月",)),
        ("8岁孩子", ("八周岁",)),
        ("1.5万元", ()),
        ("2024年的事", ()),
        ("第15条", ()),
        ("三万元", ()),
    ],
)
def test_amounts_as_statutes_write_them(question: str, spelled: tuple[str, ...]) -> None:
    assert spell_amounts(question) == spelled
