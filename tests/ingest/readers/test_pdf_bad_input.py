"""PDF files that are broken, foreign, unreadable or meant to harm: each gets its own error in Chinese."""

from __future__ import annotations

import base64
import io
import zlib

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from ingest.readers import pdf_file
from ingest.readers.pdf import read_pdf
from kb.errors import SourceError
from tests.ingest.readers.page_samples import DECISION, LawSheet
from tests.ingest.readers.pdf_samples import (
    UNNAMED_FONT,
    Layout,
    make_one_page,
    make_pdf,
    make_plain_pdf,
    make_raw_pdf,
    stream,
)

GOOD = make_pdf(LawSheet.of_markdown(DECISION))
NAMED_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
NUMBERED = b"BT /F1 12 Tf 72 700 Td <" + bytes(range(1, 61)).hex().encode() + b"> Tj ET"
LETTERS = b"BT /F1 12 Tf 72 700 Td (" + bytes(range(62, 92)) + b") Tj ET"
SIGNS_FONT = (
    b"<</Type/Font/Subtype/TrueType/BaseFont/A/Encoding<</Differences[62"
    + b"".join(b"/g%d" % number for number in range(40))
    + b"]>>>>"
)
ZEROS = zlib.compress(b" " * (65 << 20), 9)


def refused(content: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_pdf(content, "坏/样例.pdf")
    assert caught.value.place.startswith("坏/样例.pdf")
    assert caught.value.way_out
    return caught.value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "pdf_not_pdf"),
        ("<!DOCTYPE html><html>页面不存在</html>".encode(), "pdf_not_pdf"),
        (b"PK\x03\x04", "pdf_not_pdf"),
        (GOOD[:-40], "pdf_truncated"),
        (GOOD[: len(GOOD) // 2], "pdf_truncated"),
        (b"%PDF-1.4\nnothing\nstartxref\n0\n%%EOF", "pdf_damaged"),
        (make_raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"), "pdf_damaged"),
        (make_one_page(stream(b""), NAMED_FONT), "pdf_no_text"),
        (make_one_page(stream(NUMBERED), UNNAMED_FONT), "pdf_unreadable_text"),
        (make_one_page(stream(LETTERS), SIGNS_FONT), "pdf_unreadable_text"),
        (make_one_page(stream(ZEROS, b"/Filter/FlateDecode"), NAMED_FONT), "pdf_bomb"),
        (make_one_page(stream(ZEROS, b"/Filter 6 0 R"), NAMED_FONT, b"/FlateDecode"), "pdf_bomb"),
        (
            make_one_page(stream(zlib.compress(ZEROS, 9), b"/Filter[/FlateDecode/FlateDecode]"), NAMED_FONT),
            "pdf_bomb",
        ),
        (
            make_one_page(
                stream(base64.a85encode(ZEROS) + b"~>", b"/Filter[/ASCII85Decode/FlateDecode]"), NAMED_FONT
            ),
            "pdf_bomb",
        ),
    ],
)
def test_each_gets_its_error(content: bytes, code: str) -> None:
    assert refused(content).code == code


def test_a_web_page_named_pdf_says_so() -> None:
    error = refused("﻿<html><body>404</body></html>".encode())
    assert (error.code, "网页" in error.message) == ("pdf_not_pdf", True)


def test_a_scan_is_told_to_need_ocr() -> None:
    assert "需 OCR" in refused(make_one_page(stream(b""), NAMED_FONT)).message


def encrypted(user: str) -> bytes:
    canvas = Canvas(io.BytesIO(), encrypt=StandardEncryption(user, ownerPassword="o", canCopy=0))
    canvas.drawString(72, 700, "This text is protected and may not be copied at all.")
    return bytes(canvas.getpdfdata())


def test_a_password_to_open_is_an_error_one_to_copy_is_not() -> None:
    assert refused(encrypted("secret")).code == "pdf_encrypted"
    document = read_pdf(encrypted(""), "限制.pdf")
    assert document.lines[0].text.startswith("This text")
    assert [finding.code for finding in document.findings] == ["pdf_protected"]


def test_many_small_streams_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_file, "MAX_INFLATED_BYTES", 1 << 20)
    part = stream(zlib.compress(b" " * (300 << 10)), b"/Filter/FlateDecode")
    assert refused(make_one_page(part, NAMED_FONT, part, part, part)).code == "pdf_bomb"


def test_streams_inside_streams_are_not_inflated_forever() -> None:
    nested = b"stream\n" * 20_000
    assert refused(make_one_page(stream(nested), NAMED_FONT)).code == "pdf_bomb"


def test_too_many_pages_and_too_many_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    long = make_plain_pdf("样例应当真实地反映所要说明的做法，" * 80, layout=Layout())
    monkeypatch.setattr(pdf_file, "MAX_PAGES", 1)
    assert "共 3 页" in refused(long).message
    monkeypatch.undo()
    monkeypatch.setattr("ingest.readers.pdf.MAX_GLYPHS", 700)
    error = refused(long)
    assert (error.code, "第 2 页" in error.message) == ("pdf_too_large", True)


def test_a_file_whose_index_is_wrong_is_read_and_marked() -> None:
    start = int(GOOD.rpartition(b"startxref\n")[2].split()[0])
    content = GOOD.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + 7))
    document = read_pdf(content, "错位.pdf")
    assert [line.text for line in document.lines] == [line.text for line in read_pdf(GOOD, "好.pdf").lines]
    finding = next(finding for finding in document.findings if finding.code == "pdf_mended")
    assert finding.lost


def test_some_unreadable_characters_are_counted() -> None:
    mixed = (
        b"BT /F1 12 Tf 72 700 Td ("
        + b"The quick brown fox jumps over the lazy dog " * 2
        + bytes([62, 63])
        + b") Tj ET"
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[62/g1/g2]>>>>"
    document = read_pdf(make_one_page(stream(mixed), font), "混.pdf")
    finding = next(finding for finding in document.findings if finding.code == "characters_unreadable")
    assert (finding.message, finding.lost) == ("2 个字符无法辨认，已略去（首见第 1 页）。", True)
