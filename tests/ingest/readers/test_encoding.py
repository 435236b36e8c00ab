"""Which encoding a file is in, whatever its label says."""

from __future__ import annotations

import pytest

from ingest.readers.encoding import decode
from kb.errors import SourceError

LAW = "第一条　为了管理公共长椅，方便群众休息，制定本办法。\n第二条　街道办事处负责维护，任何人不得占用。\n"
TRADITIONAL = "第一條　為了管理公共長椅，方便群眾休息，制定本辦法。街道辦事處負責維護。\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("gb2312", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_finds_the_encoding_of_chinese_text(encoding: str, found: str) -> None:
    decoded = decode(LAW.encode(encoding), "样例.txt")
    assert (decoded.text, decoded.encoding, decoded.findings) == (LAW, found, ())


def test_reads_traditional_text_in_big5() -> None:
    assert decode(TRADITIONAL.encode("big5"), "样例.txt").text == TRADITIONAL


@pytest.mark.parametrize("text", ["你好", "条例", "长椅", "第一条", "a,b\n1,2\n"])
def test_short_text_in_gbk_is_not_taken_for_utf8(text: str) -> None:
    assert decode(text.encode("gbk"), "样例.txt").text == text


def test_a_wrong_label_is_reported_and_not_followed() -> None:
    decoded = decode(LAW.encode("gb18030"), "样例.html", declared="utf-8")
    assert decoded.text == LAW
    assert [finding.code for finding in decoded.findings] == ["encoding_mislabelled"]
    assert decode(LAW.encode("gb18030"), "样例.html", declared="GB2312").findings == ()


def test_cut_utf8_is_damaged_and_never_read_as_nonsense_in_gb18030() -> None:
    for cut in (1, 2):
        with pytest.raises(SourceError) as caught:
            decode(LAW.encode()[: -1 - cut], "样例.txt")
        assert caught.value.code == "encoding_damaged"
        assert caught.value.place == "样例.txt 第 2 行"
        assert "截断" in caught.value.message


def test_a_broken_byte_is_named_with_its_line() -> None:
    with pytest.raises(SourceError) as caught:
        decode(LAW.encode() + b"\xff" + LAW.encode(), "样例.txt")
    assert (caught.value.code, caught.value.place) == ("encoding_damaged", "样例.txt 第 3 行")


def test_leniently_a_broken_byte_is_a_loss_that_is_reported() -> None:
    decoded = decode(LAW.encode() + b"\xff" + LAW.encode(), "样例.html", lenient=True)
    assert decoded.text == LAW + "\ufffd" + LAW
    assert [(finding.code, finding.lost) for finding in decoded.findings] == [
        ("encoding_bytes_replaced", True)
    ]


@pytest.mark.parametrize("content", [bytes(range(1, 256)) * 20, b"\x81\xff\xfe\xfd" * 50])
def test_bytes_that_are_no_text_are_refused(content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        decode(content, "样例.txt")
    assert caught.value.code == "encoding_unknown"


def test_replacement_characters_of_an_earlier_conversion_are_reported() -> None:
    decoded = decode((LAW + "第三条　\ufffd\ufffd\n").encode(), "样例.txt")
    assert [(finding.code, finding.line) for finding in decoded.findings] == [("replacement_characters", 3)]
