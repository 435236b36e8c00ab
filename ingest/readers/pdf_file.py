"""Opening a PDF file that nobody vouches for: what it really is, whether it is whole, what it unpacks to."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from bisect import bisect_left
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from kb.errors import SourceError

MAX_PAGES = 5_000
MAX_STREAM_BYTES = 64 << 20
"""Inflated size of one stream that is no picture; a page of text takes some 20 KiB."""
MAX_INFLATED_BYTES = 512 << 20
_TAIL_BYTES = 2_048
_DICTIONARY_BYTES = 1_024
_INFLATE_STEP = 1 << 20
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)(?![A-Za-z])")
_LAST_XREF = re.compile(rb"startxref\s{1,8}(\d{1,12})")


def open_pdf(content: bytes, name: str) -> Any:
    """The document, ready to give pages; close it after use.

    Raises SourceError ``pdf_not_pdf``, ``pdf_truncated``, ``pdf_bomb``, ``pdf_encrypted``, ``pdf_damaged``,
    ``pdf_too_large``.
    """
    _check_head(content, name)
    tail = content[-_TAIL_BYTES:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise SourceError(
            "pdf_truncated",
            "PDF 文件不完整，缺少结尾部分。",
            place=name,
            way_out="请重新下载或复制原文件后再试。",
        )
    _check_streams(content, name)
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise SourceError(
                "pdf_encrypted",
                "PDF 文件设有打开密码，无法读取。",
                place=name,
                way_out="请去掉密码后另存再导入。",
            ) from error
        raise damaged(name, "结构无法识别") from error
    pages = len(document)
    if pages == 0 or pages > MAX_PAGES:
        document.close()
        if pages:
            raise _too_large(name, f"共 {pages} 页，超过 {MAX_PAGES} 页")
        raise damaged(name, "没有页面")
    return document


def was_mended(content: bytes) -> bool:
    """True when the table of objects is not where the file says, so that it had to be rebuilt."""
    found = _LAST_XREF.findall(content[-_TAIL_BYTES:])
    if not found:
        return True
    target = content[int(found[-1]) : int(found[-1]) + 40].lstrip()
    return not (target.startswith(b"xref") or re.match(rb"\d{1,10}\s{1,4}\d{1,5}\s{1,4}obj", target))


def damaged(name: str, detail: str) -> SourceError:
    """The error for a file that cannot be read further."""
    return SourceError(
        "pdf_damaged",
        f"PDF 文件已损坏：{detail}。",
        place=name,
        way_out="请重新获取原文件，或用阅读器打开后另存再试。",
    )


def _too_large(name: str, detail: str) -> SourceError:
    return SourceError(
        "pdf_too_large",
        f"PDF 文件过大，已停止读取：{detail}。",
        place=name,
        way_out="请确认文件来源；确属正常文件的，请拆分后再导入。",
    )


def _check_head(content: bytes, name: str) -> None:
    head = content[:1024]
    if b"%PDF-" in head:
        return
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        detail, way_out = "内容是网页", "请打开网址确认，下载真正的 PDF；或把扩展名改为 .html 后按网页导入。"
    elif start.startswith(b"pk"):
        detail, way_out = "内容是压缩包或 Office 文件", "请改正文件扩展名后再导入。"
    else:
        detail = "文件是空的" if not content else "文件开头不是 PDF 的标志"
        way_out = "请重新获取原文件后再试。"
    raise SourceError("pdf_not_pdf", f"不是 PDF 文件：{detail}。", place=name, way_out=way_out)


def _check_streams(content: bytes, name: str) -> None:
    """Inflate every packed stream piece by piece, keeping nothing, before the renderer may do so in one go.

    Each stream is looked at on its own and all of them together, so a file that names the same bytes many
    times is refused too.
    """
    ends = [match.start() for match in re.finditer(rb"endstream", content)]
    inflated = consumed = 0
    for match in _STREAM.finditer(content):
        begin = match.end()
        place = bisect_left(ends, begin)
        end = ends[place] if place < len(ends) else len(content)
        dictionary = content[max(0, match.start() - _DICTIONARY_BYTES) : match.start()].rpartition(b"obj")[2]
        if b"/Image" in dictionary and b"/Width" in dictionary:
            continue  # never unpacked: only text is read
        consumed += end - begin
        if consumed > 4 * len(content) + _INFLATE_STEP:
            raise _bomb(name, "数据流互相重叠")
        inflated += _inflated_size(content[begin:end], dictionary, name)
        if inflated > MAX_INFLATED_BYTES:
            raise _bomb(name, f"全部数据流展开后超过 {MAX_INFLATED_BYTES >> 20} MiB")


def _inflated_size(data: bytes, dictionary: bytes, name: str) -> int:
    """Size of a stream after its filters; 0 for one that is not deflated."""
    try:
        if re.search(rb"/(?:ASCII85Decode|A85)(?![A-Za-z])", dictionary):
            data = base64.a85decode(b"<~" + data.strip().removeprefix(b"<~"), adobe=True)
        elif re.search(rb"/(?:ASCIIHexDecode|AHx)(?![A-Za-z])", dictionary):
            data = binascii.unhexlify(re.sub(rb"[^0-9A-Fa-f]", b"", data))
    except (ValueError, binascii.Error):
        return 0
    layers = min(len(_FLATE.findall(dictionary)), 3) or int(_looks_deflated(data))
    size = 0
    for layer in range(layers):
        size, data = _inflate(data, name, keep=layer + 1 < layers)
    return size


def _looks_deflated(data: bytes) -> bool:
    return len(data) > 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


def _inflate(data: bytes, name: str, *, keep: bool) -> tuple[int, bytes]:
    inflater = zlib.decompressobj()
    kept: list[bytes] = []
    size = 0
    try:
        while data and not inflater.eof:
            piece = inflater.decompress(data, _INFLATE_STEP)
            data = inflater.unconsumed_tail
            size += len(piece)
            if size > MAX_STREAM_BYTES:
                raise _bomb(name, f"一个数据流展开后超过 {MAX_STREAM_BYTES >> 20} MiB")
            if keep:
                kept.append(piece)
            if not piece and not data:
                break
    except zlib.error:
        pass  # a broken stream is the renderer's to judge; what it gave so far counts
    return size, b"".join(kept)


def _bomb(name: str, detail: str) -> SourceError:
    return SourceError(
        "pdf_bomb",
        f"PDF 文件展开后过大，已停止读取：{detail}。",
        place=name,
        way_out="请不要使用该文件，向来源单位索取正常文件。",
    )
