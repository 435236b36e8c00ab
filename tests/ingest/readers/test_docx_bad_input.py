"""Word files that are broken, foreign or meant to harm: each gets its own error in Chinese."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from ingest.readers import docx_package
from ingest.readers.docx import read_docx
from kb.errors import SourceError
from tests.ingest.readers.docx_samples import WORD_NS, make_docx, pack, paragraph
from tests.ingest.readers.page_samples import DECISION, LawSheet

GOOD = make_docx(LawSheet.of_markdown(DECISION))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DTD = '<!DOCTYPE w:document [<!ENTITY a "啊"><!ENTITY b "&a;&a;">]>'


def refused(content: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_docx(content, "坏/样例.docx")
    assert caught.value.place.startswith("坏/样例.docx")
    assert caught.value.way_out
    return caught.value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "docx_not_docx"),
        ("<html>网页</html>".encode(), "docx_not_docx"),
        (b"{\\rtf1 x}", "docx_not_docx"),
        (OLE + b"\0" * 600, "docx_old_doc"),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "docx_encrypted"),
        (GOOD[: len(GOOD) // 2], "docx_truncated"),
        (pack("", {"word/document.xml": "<w:document"}), "docx_damaged"),
        (pack("", {"word/document.xml": f"<w:document {WORD_NS}/>"}), "docx_no_document"),
        (pack(paragraph("")), "docx_no_text"),
        (pack("<w:p><w:r><w:drawing/></w:r></w:p>"), "docx_no_text"),
        (pack(paragraph("甲"), {"../../etc/x": "y"}), "docx_unsafe_path"),
        (pack(paragraph("甲"), {"C:\\x": "y"}), "docx_unsafe_path"),
        (pack(paragraph("甲"), {"word/styles.xml": f"{DTD}<w:styles {WORD_NS}/>"}), "docx_dtd"),
        (
            pack(
                "",
                {"word/document.xml": f"{DTD}<w:document {WORD_NS}><w:body/></w:document>".encode("utf-16")},
            ),
            "docx_dtd",
        ),
        (
            pack("", {"word/document.xml": b"<?xml version='1.0' encoding='UTF-7'?><a/>"}),
            "docx_damaged",
        ),
        (pack("", {"word/document.xml": "<a>" * 100_000}), "docx_damaged"),
        (pack(paragraph("甲"), {"docx": b"\0" * (5 << 20)}), "docx_zip_bomb"),
        (pack(paragraph("甲"), {"word/document.xml": b" " * (65 << 20)}, compression=0), "docx_zip_bomb"),
    ],
)
def test_each_gets_its_error(content: bytes, code: str) -> None:
    assert refused(content).code == code


def test_a_renamed_archive_and_a_renamed_workbook() -> None:
    def archive(name: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr(name, "x")
        return out.getvalue()

    assert refused(archive("读我.txt")).code == "docx_no_document"
    assert "Excel" in refused(archive("xl/workbook.xml")).message


def test_an_entity_is_never_resolved() -> None:
    secret = "<!DOCTYPE d [<!ENTITY s SYSTEM 'file:///etc/hostname'>]>"
    document = (
        f"{secret}<w:document {WORD_NS}><w:body><w:p><w:r><w:t>&s;</w:t></w:r></w:p></w:body></w:document>"
    )
    assert refused(pack("", {"word/document.xml": document})).code == "docx_dtd"


def test_a_part_that_is_larger_than_it_says() -> None:
    content = bytearray(pack(paragraph("甲" * 5_000)))
    # The sizes of the directory are made small, so that inflating gives more than was promised.
    for start in range(len(content) - 46):
        if content[start : start + 4] == b"PK\x01\x02":
            content[start + 24 : start + 28] = struct.pack("<I", 10)
    assert refused(bytes(content)).code == "docx_damaged"


def test_too_many_paragraphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.docx.MAX_BLOCKS", 100)
    assert refused(pack(paragraph("甲") * 101)).code == "docx_too_large"
    assert refused(pack("<w:p/>" * 101)).code == "docx_too_large"
    assert len(read_docx(pack(paragraph("甲") * 100), "多.docx").lines) == 100


def test_one_paragraph_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_package, "MAX_LIVE_NODES", 1_000)
    assert refused(pack(f"<w:p>{'<w:r/>' * 1_000}</w:p>")).code == "docx_too_large"


def test_the_same_part_twice() -> None:
    out = io.BytesIO(pack(paragraph("甲")))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", "<x/>")
    assert refused(out.getvalue()).code == "docx_damaged"


def wrapped(depth: int) -> bytes:
    return pack("<w:sdt><w:sdtContent>" * depth + paragraph("甲") + "</w:sdtContent></w:sdt>" * depth)


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    assert len(read_docx(wrapped(100), "深.docx").lines) == 1
    assert refused(wrapped(2_000)).code == "docx_damaged"
