"""What a file is, by bytes and name; what is refused, and how."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest.readers.detect import MAX_FILE_BYTES, Format, detect
from kb.errors import SourceError
from tests.ingest.readers.pages import page

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def package(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        for name in names:
            opened.writestr(name, "<x/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (b"# \xe6\xa0\x87", "a.md", Format.MARKDOWN),
        (b"text", "a.TXT", Format.TEXT),
        (page().encode("gb18030"), "a.htm", Format.HTML),
        (b"<p>fragment", "a.html", Format.HTML),
        (page().encode("utf-16"), "a.txt", Format.HTML),
        (b"%PDF-1.7\n", "a.pdf", Format.PDF),
        (package("word/document.xml"), "a.docx", Format.DOCX),
        (package("word/document.xml"), "a.doc", Format.DOCX),
        (package("xl/workbook.xml"), "a.xlsx", Format.XLSX),
        (b"a,b\n", "a.csv", Format.CSV),
        (b"[]", "a.json", Format.JSON),
        (b"{}", "a.jsonl", Format.JSONL),
        (b"a: 1", "a.yml", Format.YAML),
        (b"%PDF-1.7\n", "noname", Format.PDF),
        (b"plain", "noname", Format.TEXT),
    ],
)
def test_recognises(content: bytes, name: str, found: Format) -> None:
    assert detect(content, name)[0] is found


def test_a_harmless_difference_of_name_and_content_is_reported() -> None:
    assert [finding.code for finding in detect(page().encode(), "a.txt")[1]] == ["format_by_content"]
    assert [finding.code for finding in detect(b"plain", "a.xyz")[1]] == ["format_assumed_text"]
    assert detect(page().encode(), "a.html")[1] == ()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.md", "file_empty"),
        (b"\xef\xbb\xbf \r\n", "a.md", "file_empty"),
        (b"\0" * 4096, "a.pdf", "file_empty"),
        (page().encode(), "a.pdf", "html_named_pdf"),
        (page().encode(), "a.docx", "format_mismatch"),
        (b"%PDF-1.7\n", "a.docx", "format_mismatch"),
        (b"plain text", "a.pdf", "format_mismatch"),
        (package("xl/workbook.xml"), "a.docx", "format_mismatch"),
        (package("a.txt"), "a.docx", "zip_unknown"),
        (package("ppt/presentation.xml"), "a.docx", "zip_unknown"),
        (package("OFD.xml"), "a.ofd", "ofd_unsupported"),
        (package("word/document.xml")[:60], "a.docx", "zip_truncated"),
        (OLE + wide("WordDocument"), "a.doc", "doc_legacy"),
        (OLE + wide("WordDocument"), "a.docx", "doc_legacy"),
        (OLE, "a.wps", "doc_legacy"),
        (OLE + wide("Workbook"), "a.xls", "xls_legacy"),
        (OLE + wide("EncryptedPackage"), "a.docx", "office_encrypted"),
        (OLE, "a.msg", "ole_unknown"),
        (b"{\\rtf1\\ansi", "a.doc", "rtf_unsupported"),
        (b"Rar!\x1a\x07", "a.docx", "archive_unsupported"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.pdf", "image_needs_ocr"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n", "a.mht", "mhtml_unsupported"),
        (b"\x7fELF" + bytes(range(256)) * 8, "a.bin", "format_unknown"),
    ],
)
def test_refuses_with_its_own_code(content: bytes, name: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        detect(content, name)
    assert caught.value.code == code
    assert caught.value.place == name
    assert caught.value.way_out


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        detect(b"a" * (MAX_FILE_BYTES + 1), "a.txt")
    assert caught.value.code == "file_too_large"
