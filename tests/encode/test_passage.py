"""What the encoder reads for a provision."""

import pytest

from kb.encode.passage import passage_text, short_title


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("中华人民共和国劳动合同法", "劳动合同法"),
        ("国务院关于职工工作时间的规定", "国务院关于职工工作时间的规定"),
        ("中华人民共和国", "中华人民共和国"),
        ("全国人民代表大会关于中华人民共和国宪法的决定", "全国人民代表大会关于中华人民共和国宪法的决定"),
    ],
)
def test_short_title(title: str, short: str) -> None:
    assert short_title(title) == short


@pytest.mark.parametrize(
    ("headings", "head"),
    [
        ([], "劳动法"),
        (["第五章 工资"], "劳动法 工资"),
        (["第一编　总　则", "第九章　诉讼时效"], "劳动法 总则 诉讼时效"),
        (["第二分编 典型合同", "第12章 借款合同", "第一节 一般规定"], "劳动法 典型合同 借款合同 一般规定"),
        (["附则"], "劳动法 附则"),
        (["第六章"], "劳动法"),
    ],
)
def test_headings_lose_their_numbers_and_blanks(headings: list[str], head: str) -> None:
    assert passage_text("中华人民共和国劳动法", headings, "正文") == f"{head}：正文"


def test_the_text_is_one_line() -> None:
    text = "有下列情形之一的：\n（一）甲；\n\u3000\u3000（二）乙。 "
    assert passage_text("劳动法", [], text) == "劳动法：有下列情形之一的： （一）甲； （二）乙。"
