"""Reading Word files (.docx): paragraphs and table rows in order, with their automatic numbers.

Headers, footers, footnotes, endnotes and comments are no part of the text; what they are is told in findings.
"""

from __future__ import annotations

import hashlib
from typing import Any

from ingest.lines import Finding, Line, ReadDocument
from ingest.readers.docx_body import Block, BodyReader
from ingest.readers.docx_numbering import Numbering
from ingest.readers.docx_package import WORD, DocxPackage
from ingest.readers.docx_styles import Styles
from ingest.readers.docx_tally import Tally
from kb.errors import SourceError
from kb.text.normalise import normalise

MAX_BLOCKS = 200_000
MAX_RELATION_PARTS = 200
NOTE_CHARS = 300
_CORE_TITLE = "{http://purl.org/dc/elements/1.1/}title"


def read_docx(content: bytes, name: str) -> ReadDocument:
    """Read a Word file.

    ``Line.number`` counts paragraphs and table rows of the body from 1, empty ones too; paragraphs of a text
    box follow the paragraph that holds it. A footnote becomes a finding with its text.

    Raises SourceError: ``docx_not_docx``, ``docx_old_doc``, ``docx_encrypted``, ``docx_truncated``,
    ``docx_damaged``, ``docx_zip_bomb``, ``docx_too_large``, ``docx_unsafe_path``, ``docx_dtd``,
    ``docx_no_document``, ``docx_no_text``.
    """
    package = DocxPackage(content, name)
    try:
        body, tally = _read_body(package, name)
        findings = (*tally.findings(), *_read_notes(package, body))
        metadata = _read_metadata(package)
    except RecursionError as error:
        raise SourceError(
            "docx_too_large",
            "Word 文件的结构嵌套过深，已停止读取。",
            place=name,
            way_out="请用 Word 或 WPS 打开并另存为 .docx 后再试。",
        ) from error
    lines = tuple(line for line in map(_to_line, body.blocks) if line.text)
    if not lines:
        raise SourceError(
            "docx_no_text",
            "Word 文件里没有可读的文字（可能只有图片）。",
            place=name,
            way_out="如果内容是扫描图片，需 OCR 识别成文字后再导入。",
        )
    return ReadDocument(
        name=name,
        format="docx",
        sha256=hashlib.sha256(content).hexdigest(),
        lines=lines,
        metadata=metadata,
        findings=findings,
    )


def _read_body(package: DocxPackage, name: str) -> tuple[BodyReader, Tally]:
    """Read the body; once more with the contents kept when their field never ends."""
    related = {
        relation.kind: relation.target
        for relation in package.relations(package.main_part)
        if not relation.external
    }
    styles = Styles(package.tree(related.get("styles", "word/styles.xml")))
    numbering_root = package.tree(related.get("numbering", "word/numbering.xml"))
    for keep_contents in (False, True):
        tally = Tally()
        _note_parts(package, tally)
        if keep_contents:
            tally.add("field_unclosed")
        body = BodyReader(styles, Numbering(numbering_root, styles), tally, keep_contents=keep_contents)
        for element in package.body_children(package.main_part):
            body.read(element)
            if max(body.count, len(body.blocks)) > MAX_BLOCKS:
                raise SourceError(
                    "docx_too_large",
                    f"Word 文件超过 {MAX_BLOCKS} 段，已停止读取。",
                    place=name,
                    way_out="请确认文件来源；确属正常文件的，请拆分后再导入。",
                )
        body.finish()
        if not body.contents_open:
            break
    return body, tally


def _to_line(block: Block) -> Line:
    if not block.cells:
        return Line.of(block.raw, block.number, level=block.level, centred=block.centred, bold=block.bold)
    cells = tuple(" ".join(normalise(cell).text.split()) for cell in block.cells)
    text = " ".join(cell for cell in cells if cell)
    return Line(text, block.raw, block.number, bold=block.bold, cells=cells)


def _note_parts(package: DocxPackage, tally: Tally) -> None:
    """Note parts beside the body: macros, outside links, comments, headers and footers."""
    if any(part.lower().endswith("vbaproject.bin") for part in package.names):
        tally.add("macros_ignored")
    relation_parts = [part for part in package.names if part.endswith(".rels")][:MAX_RELATION_PARTS]
    for part in relation_parts:
        folder, _, base = part.removesuffix(".rels").rpartition("_rels/")
        for relation in package.relations(f"{folder}{base}"):
            if relation.external:
                tally.add("external_links_ignored", sample=relation.target[:40])
    if "word/comments.xml" in package.names:
        root = package.tree("word/comments.xml")
        count = sum(1 for _ in root.iter(f"{WORD}comment")) if root is not None else 0
        if count:
            tally.add("comments_dropped", count=count)
    for part in package.names:
        if part.startswith(("word/header", "word/footer")) and part.endswith(".xml"):
            text = _all_text(package.tree(part))
            if text:
                tally.add("header_footer_dropped", sample=text)


def _read_notes(package: DocxPackage, body: BodyReader) -> list[Finding]:
    """Footnotes and endnotes that the text refers to, each with its words."""
    found: list[Finding] = []
    roots = {part: package.tree(f"word/{part}.xml") for part in {part for part, _, _ in body.notes}}
    texts = {
        (part, item.get(f"{WORD}id", "")): _all_text(item)
        for part, root in roots.items()
        if root is not None
        for item in root
    }
    for part, note_id, line in body.notes:
        text = texts.get((part, note_id), "")
        kind = "脚注" if part == "footnotes" else "尾注"
        found.append(
            Finding("footnotes_dropped", f"{kind}不列入正文：{text[:NOTE_CHARS]}", line, lost=bool(text))
        )
    return found


def _read_metadata(package: DocxPackage) -> dict[str, str]:
    core = package.tree("docProps/core.xml")
    title = core.findtext(_CORE_TITLE, "") if core is not None else ""
    return {"title": title.strip()[:200]} if title and title.strip() else {}


def _all_text(root: Any | None) -> str:
    return "" if root is None else "".join(root.itertext(f"{WORD}t")).strip()
