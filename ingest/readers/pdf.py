"""Reading PDF files with a text layer: paragraphs in reading order, each with its page.

Running headers and footers, page numbers, footnotes, watermarks and tables of contents are no part of the
text and are told in findings. Pictures of text are not read: that takes OCR, outside of this system.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.lines import Finding, Line, ReadDocument
from ingest.readers.pdf_file import damaged, open_pdf, was_mended
from ingest.readers.pdf_glyphs import Page, read_page
from ingest.readers.pdf_margins import Margins, find_margins
from ingest.readers.pdf_paragraphs import Paragraph, drop_contents, join_rows
from ingest.readers.pdf_rows import common_gutter, find_rows, order_rows
from kb.errors import SourceError
from kb.text.normalise import HAN_CLASS, normalise

MAX_GLYPHS = 3_000_000
"""Some 3,000 full pages."""
MAX_UNREADABLE_SHARE = 0.1
_MIN_FAMILIAR_SHARE = 0.7
_MIN_TEXT_PAGES_SHARE = 0.1
_SAMPLE_CHARS = 60
_FAMILIAR = re.compile(
    f"[{HAN_CLASS}\u0020-\u007e\u3000-\u303f\uff00-\uffef\u2010-\u2027\u2460-\u249b·×°%—…\u2e80-\u2fdf]"
)
_HAN = re.compile(f"[{HAN_CLASS}\u2e80-\u2fdf]")


def read_pdf(content: bytes, name: str) -> ReadDocument:
    """Read a PDF file that holds text.

    ``Line.number`` counts paragraphs from 1, ``Line.page`` is the page where each begins.

    Raises SourceError: ``pdf_not_pdf``, ``pdf_truncated``, ``pdf_damaged``, ``pdf_encrypted``, ``pdf_bomb``,
    ``pdf_too_large``, ``pdf_no_text`` (a scan, which needs OCR), ``pdf_unreadable_text`` (fonts that
    do not say which characters they draw).
    """
    document = open_pdf(content, name)
    try:
        pages = _read_pages(document, name)
        attachments = pdfium.FPDFDoc_GetAttachmentCount(document)
        protected = pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0
        metadata = _read_metadata(document, len(pages))
    finally:
        document.close()
    _check_readable(pages, name)
    rows_of = {page.number: find_rows(page) for page in pages}
    margins = find_margins(pages, rows_of)
    gutter = common_gutter([(page, margins.of(page.number)) for page in pages])
    rows = [row for page in pages for row in order_rows(page, margins.of(page.number), gutter)]
    paragraphs, contents = drop_contents(join_rows(rows))
    lines = tuple(
        line
        for number, paragraph in enumerate(paragraphs, start=1)
        if (line := _to_line(paragraph, number)).text
    )
    if not lines:
        raise _no_text(name)
    findings = [*_page_findings(pages), *_margin_findings(margins)]
    if contents:
        sample = "……".join(paragraph.text.strip()[:20] for paragraph in contents)
        findings.append(_tell("contents_dropped", f"目录不是正文，已略去 {len(contents)} 段", sample))
    uncertain = sum(paragraph.uncertain for paragraph in paragraphs)
    if uncertain:
        findings.append(
            Finding(
                "paragraph_ends_uncertain",
                f"版面没有首行缩进，{uncertain} 处不能确定是否另起一段，已按同一段处理。",
            )
        )
    if was_mended(content):
        findings.append(Finding("pdf_mended", "文件的索引已损坏，按内容重建后读取，可能有缺失。", lost=True))
    if attachments > 0:
        findings.append(Finding("attachments_ignored", f"含附件 {attachments} 个，未读取。", lost=True))
    if protected:
        findings.append(Finding("pdf_protected", "文件设有权限密码（可打开），按可见内容读取。"))
    return ReadDocument(
        name=name,
        format="pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        lines=lines,
        metadata=metadata,
        findings=tuple(findings),
    )


def _read_pages(document: Any, name: str) -> list[Page]:
    pages: list[Page] = []
    glyphs = 0
    for index in range(len(document)):
        try:
            page = document[index]
            try:
                pages.append(read_page(page, index + 1))
            finally:
                page.close()
        except pypdfium2.PdfiumError as error:
            raise damaged(name, f"第 {index + 1} 页无法读取") from error
        glyphs += len(pages[-1].glyphs)
        if glyphs > MAX_GLYPHS:
            raise SourceError(
                "pdf_too_large",
                f"PDF 文件过大，已停止读取：到第 {index + 1} 页已超过 {MAX_GLYPHS} 字。",
                place=name,
                way_out="请确认文件来源；确属正常文件的，请拆分后再导入。",
            )
    return pages


def _check_readable(pages: Sequence[Page], name: str) -> None:
    """Refuse scans and files whose fonts hide what their characters are."""
    text = "".join(glyph.char for page in pages for glyph in page.glyphs if glyph.char.strip())
    unmapped = sum(page.unmapped for page in pages)
    if not text and not unmapped:
        raise _no_text(name)
    familiar = len(_FAMILIAR.findall(text))
    letters = sum(1 for char in text if char.isascii() and char.isalpha())
    garbled = familiar < _MIN_FAMILIAR_SHARE * len(text)
    foreign = len(_HAN.findall(text)) < 0.02 * len(text) and letters < 0.6 * len(text) and len(text) > 20
    if unmapped > MAX_UNREADABLE_SHARE * (len(text) + unmapped) or garbled or foreign:
        raise SourceError(
            "pdf_unreadable_text",
            "PDF 的字体没有写明文字（缺少 ToUnicode 对照），取出的是乱码。",
            place=name,
            way_out="请取得 Word 或网页版本；只有该 PDF 的，需 OCR 识别成文字后再导入。",
        )
    written = sum(1 for page in pages if page.glyphs)
    if written < _MIN_TEXT_PAGES_SHARE * len(pages) and any(page.pictures for page in pages):
        raise _no_text(name)


def _no_text(name: str) -> SourceError:
    return SourceError(
        "pdf_no_text",
        "PDF 里没有文字，可能是扫描件，需 OCR。",
        place=name,
        way_out="请先用 OCR 软件识别成带文字的 PDF 或 Word，核对后再导入。",
    )


def _to_line(paragraph: Paragraph, number: int) -> Line:
    if not paragraph.cells:
        return Line.of(paragraph.text, number, page=paragraph.page, centred=paragraph.centred)
    cells = tuple(" ".join(normalise(cell).text.split()) for cell in paragraph.cells)
    return Line(" ".join(cells), "\t".join(paragraph.cells), number, page=paragraph.page, cells=cells)


def _page_findings(pages: Sequence[Page]) -> list[Finding]:
    found: list[Finding] = []
    empty = [str(page.number) for page in pages if not page.glyphs and page.pictures]
    if empty:
        found.append(
            _tell("pages_without_text", "下列页是图片，没有文字，需 OCR", "、".join(empty), lost=True)
        )
    unmapped = sum(page.unmapped for page in pages)
    if unmapped:
        first = next(page.number for page in pages if page.unmapped)
        message = f"{unmapped} 个字符无法辨认，已略去（首见第 {first} 页）"
        found.append(_tell("characters_unreadable", message, lost=True))
    askew = [page for page in pages if page.askew.strip()]
    if askew:
        message = f"{len(askew)} 页有斜排或另一方向的文字（如水印），不列入正文"
        found.append(_tell("watermark_dropped", message, askew[0].askew, lost=True))
    invisible = [page for page in pages if page.invisible.strip()]
    if invisible:
        message = f"{len(invisible)} 页有看不见的文字，不采用"
        found.append(_tell("hidden_text_dropped", message, invisible[0].invisible, lost=True))
    recognised = [str(page.number) for page in pages if page.recognised]
    if recognised:
        found.append(_tell("text_from_ocr", "下列页的文字出自 OCR，须与原件核对", "、".join(recognised)))
    pictures = sum(page.pictures for page in pages if page.glyphs and not page.recognised)
    if pictures:
        found.append(_tell("pictures_not_read", f"图片 {pictures} 张，其中的文字不能读取", lost=True))
    return found


def _margin_findings(margins: Margins) -> list[Finding]:
    found: list[Finding] = []
    running = [row for rows in margins.running.values() for row in rows]
    if running:
        samples = dict.fromkeys(row.text.strip() for row in running)
        message = f"页眉页脚 {len(running)} 行不列入正文"
        found.append(_tell("header_footer_dropped", message, "；".join(samples)))
    numbers = sum(map(len, margins.numbers.values()))
    if numbers:
        found.append(_tell("page_numbers_dropped", f"页码 {numbers} 个不列入正文"))
    for page, rows in margins.notes.items():
        if rows:
            text = "".join(row.text for row in rows)
            found.append(Finding("footnotes_dropped", f"第 {page} 页脚注不列入正文：{text[:300]}", lost=True))
    return found


def _tell(code: str, message: str, sample: str = "", *, lost: bool = False) -> Finding:
    shown = f"：{sample.strip()[:_SAMPLE_CHARS]}" if sample.strip() else ""
    return Finding(code, f"{message}{shown}。", lost=lost)


def _read_metadata(document: Any, pages: int) -> dict[str, str]:
    values = {"pages": str(pages)}
    for key in ("Title", "Producer"):
        value = str(document.get_metadata_value(key) or "").strip()[:200]
        if value and value.lower() not in ("untitled", "anonymous"):
            values[key.lower()] = value
    return values
