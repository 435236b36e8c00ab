"""What a file is, by its bytes and its name; what we cannot read is refused with its own code."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum
from pathlib import PurePosixPath

from ingest.lines import Finding
from kb.errors import SourceError

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Laws are far below 1 MB; a scanned book is not something that readers can help with."""


class Format(StrEnum):
    """Formats that a reader exists for; the values are ``ReadDocument.format``."""

    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    DOCX = "docx"
    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSONL = "jsonl"
    YAML = "yaml"


_BY_SUFFIX = {
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".shtml": Format.HTML,
    ".xhtml": Format.HTML,
    ".docx": Format.DOCX,
    ".docm": Format.DOCX,
    ".pdf": Format.PDF,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
}
_OLD_OFFICE = {".doc": Format.DOCX, ".wps": Format.DOCX, ".xls": Format.XLSX, ".et": Format.XLSX}
_NAMES = {
    Format.MARKDOWN: "Markdown",
    Format.TEXT: "纯文本",
    Format.HTML: "网页（HTML）",
    Format.DOCX: "Word 文档（docx）",
    Format.PDF: "PDF",
    Format.CSV: "CSV 表格",
    Format.XLSX: "Excel 工作簿（xlsx）",
    Format.JSON: "JSON",
    Format.JSONL: "JSONL",
    Format.YAML: "YAML",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = ((b"Rar!", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"))
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
)
_HTML_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s{1,400}+|<!--[^>]{0,400}-->|<\?xml[^>]{0,200}\?>){0,20}<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE,
)
_MHTML_HEAD = re.compile(
    rb"(?:From:|MIME-Version:|Snapshot-Content-Location:)[^\0]{0,4000}multipart/related", re.I
)
_SAVE_AS_DOCX = "请用 Word 或 WPS 打开，另存为 .docx 后重试"


def detect(content: bytes, name: str) -> tuple[Format, tuple[Finding, ...]]:
    """The format of a file named ``name``, with a finding where name and content differ harmlessly.

    Raises SourceError: ``file_empty``, ``file_too_large``, ``doc_legacy``, ``xls_legacy``,
    ``office_encrypted``, ``ole_unknown``, ``zip_truncated``, ``zip_unknown``, ``ofd_unsupported``,
    ``rtf_unsupported``, ``mhtml_unsupported``, ``archive_unsupported``, ``image_needs_ocr``,
    ``html_named_pdf``, ``format_mismatch``, ``format_unknown``.
    """
    if len(content) > MAX_FILE_BYTES:
        raise too_large(name, len(content))
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceError(
            "file_empty", "文件是空的", place=name, way_out="请核对文件是否完整，重新取得后再试"
        )
    suffix = PurePosixPath(name).suffix.lower()
    by_name = _BY_SUFFIX.get(suffix)
    found = _by_content(content, name, suffix)
    if found is None:
        return _textual(content, name, by_name, suffix)
    if found is by_name or (found is Format.HTML and by_name in (Format.MARKDOWN, Format.TEXT)):
        return found, _renamed(found, by_name)
    if by_name is None and found in (
        _OLD_OFFICE.get(suffix),
        Format.HTML,
        Format.PDF,
        Format.DOCX,
        Format.XLSX,
    ):
        if suffix in _OLD_OFFICE and found is not _OLD_OFFICE[suffix]:
            raise _mismatch(name, suffix, found)
        return found, _renamed(found, None) if suffix else ()
    raise _mismatch(name, suffix, found)


def too_large(name: str, size: int) -> SourceError:
    """The error for a file over ``MAX_FILE_BYTES``."""
    return SourceError(
        "file_too_large",
        f"文件有 {size / 1048576:.0f} MB，超过上限 {MAX_FILE_BYTES // 1048576} MB",
        place=name,
        way_out="请删去文件里的图片或拆分后重试",
    )


def _renamed(found: Format, by_name: Format | None) -> tuple[Finding, ...]:
    if found is by_name:
        return ()
    return (Finding("format_by_content", f"文件名的后缀与内容不符，已按内容作为{_NAMES[found]}读取"),)


def _by_content(content: bytes, name: str, suffix: str) -> Format | None:
    """The format that the first bytes prove; None for any kind of text."""
    if b"%PDF-" in content[:1024] and not _HTML_HEAD.match(content[:4096]):
        return Format.PDF
    if content.startswith(_OLE):
        raise _old_office(content, name, suffix)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _by_package(content, name)
    if content.startswith(b"{\\rtf"):
        raise SourceError("rtf_unsupported", "不支持 RTF 文件", place=name, way_out=_SAVE_AS_DOCX)
    for magic, kind in _ARCHIVES:
        if content.startswith(magic):
            way_out = "请先解压，再导入里面的文件"
            raise SourceError("archive_unsupported", f"这是 {kind} 压缩包", place=name, way_out=way_out)
    for magic, kind in _IMAGES:
        if content.startswith(magic) and b"\0" in content[:64]:
            raise SourceError(
                "image_needs_ocr",
                f"这是图片（{kind}），没有文字，需 OCR",
                place=name,
                way_out="请取得有文字的版本，或先用 OCR 软件识别并核对后导入",
            )
    head = content[:16384]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    if _HTML_HEAD.match(head):
        return Format.HTML
    if _MHTML_HEAD.match(head):
        way_out = "请用浏览器打开，另存为“网页，仅 HTML”后重试"
        raise SourceError("mhtml_unsupported", "不支持 MHTML 网页存档", place=name, way_out=way_out)
    return None


def _old_office(content: bytes, name: str, suffix: str) -> SourceError:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return SourceError(
            "office_encrypted",
            "文件设了打开密码，无法读取",
            place=name,
            way_out="请用密码打开，去掉密码后另存再试",
        )
    if "WordDocument".encode("utf-16-le") in content:
        return SourceError(
            "doc_legacy", "这是旧版 Word 文档（.doc），不能直接读取", place=name, way_out=_SAVE_AS_DOCX
        )
    if any(word.encode("utf-16-le") in content for word in ("Workbook", "Book")):
        way_out = "请用 Excel 或 WPS 打开，另存为 .xlsx 后重试"
        return SourceError(
            "xls_legacy", "这是旧版 Excel 工作簿（.xls），不能直接读取", place=name, way_out=way_out
        )
    if suffix in (".doc", ".wps", ".docx"):
        return SourceError(
            "doc_legacy", "这是旧版 Word 或 WPS 文档，不能直接读取", place=name, way_out=_SAVE_AS_DOCX
        )
    return SourceError(
        "ole_unknown", "这是旧版 Office 的文件，认不出是哪一种", place=name, way_out=_SAVE_AS_DOCX
    )


def _by_package(content: bytes, name: str) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError):
        raise SourceError(
            "zip_truncated",
            "文件不完整或已损坏（压缩包没有目录）",
            place=name,
            way_out="请重新取得完整的文件",
        ) from None
    if "word/document.xml" in names or "word/document2.xml" in names:
        return Format.DOCX
    if "xl/workbook.xml" in names:
        return Format.XLSX
    if "OFD.xml" in names:
        way_out = "请用 OFD 阅读器打开，另存或打印为 PDF 后重试"
        raise SourceError("ofd_unsupported", "不支持 OFD 版式文件", place=name, way_out=way_out)
    kind = "幻灯片（pptx）" if "ppt/presentation.xml" in names else "压缩包"
    raise SourceError(
        "zip_unknown",
        f"这是{kind}，里面没有 Word 正文，也没有 Excel 工作簿",
        place=name,
        way_out="压缩包请先解压，再导入里面的文件；其他格式请另存为 .docx 或 .xlsx",
    )


def _textual(
    content: bytes, name: str, by_name: Format | None, suffix: str
) -> tuple[Format, tuple[Finding, ...]]:
    if by_name in (Format.PDF, Format.DOCX, Format.XLSX):
        raise SourceError(
            "format_mismatch",
            f"文件名的后缀是 {suffix}，内容却不是{_NAMES[by_name]}",
            place=name,
            way_out="请核对文件是否下载完整、后缀是否改错",
        )
    if by_name is not None:
        return by_name, ()
    if b"\0" in content[:4096] and _is_binary(content[:4096]):
        raise SourceError(
            "format_unknown",
            "认不出文件的格式",
            place=name,
            way_out="可以导入的有：Markdown、纯文本、网页、docx、PDF、CSV、xlsx、JSON、JSONL、YAML",
        )
    finding = Finding("format_assumed_text", f"后缀 {suffix or '（无）'} 不认识，按纯文本读取")
    return Format.TEXT, (finding,)


def _is_binary(head: bytes) -> bool:
    """True when the bytes are no UTF-16 text either."""
    wide = max(
        sum(1 for low, high in zip(head[::2], head[1::2], strict=False) if high == 0 and low >= 9),
        sum(1 for high, low in zip(head[::2], head[1::2], strict=False) if high == 0 and low >= 9),
    )
    return not head.startswith((b"\xff\xfe", b"\xfe\xff")) and wide < len(head) // 40


def _mismatch(name: str, suffix: str, found: Format) -> SourceError:
    code = "html_named_pdf" if found is Format.HTML and suffix == ".pdf" else "format_mismatch"
    if found is Format.HTML:
        way_out = "多半是下载时网站给了错误页或登录页：请用浏览器打开核对；确是正文的请改后缀为 .html"
    else:
        way_out = "请核对文件；内容无误的请把后缀改对后重试"
    return SourceError(code, f"文件名的后缀是 {suffix}，内容却是{_NAMES[found]}", place=name, way_out=way_out)
