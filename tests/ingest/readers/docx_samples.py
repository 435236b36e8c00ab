"""Word files for tests: a law as the national database lays it out, and small files that show one trait."""

from __future__ import annotations

import io
import re
import zipfile

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.shared import Pt

from tests.ingest.readers.page_samples import LawSheet, spread_heading

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORD_NS = (
    f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_LABEL = re.compile(r"(第[^ ]{1,12}条(?:之[^ ]{1,3})?) (.+)", re.DOTALL)


def make_docx(law: LawSheet, contents: str = "field") -> bytes:
    """A law with centred title, note in brackets, contents (``field``, ``typed`` or ``none``), bold 第X条."""
    document = docx.Document()
    document.core_properties.title = law.title
    document.sections[0].header.paragraphs[0].text = law.title
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(law.title)
    run.bold, run.font.size = True, Pt(22)
    if law.notes:
        note = document.add_paragraph("（" + "　".join(law.notes) + "）")
        note.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if contents != "none" and law.headings:
        _add_contents(document, law, contents)
    for item in law.body:
        paragraph = document.add_paragraph()
        if item.level:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.add_run(spread_heading(item.text)).font.name = "黑体"
            continue
        paragraph.paragraph_format.first_line_indent = Pt(32)
        label = _LABEL.fullmatch(item.text)
        if label:
            paragraph.add_run(label[1]).bold = True
            paragraph.add_run("　" + label[2])
        else:
            paragraph.add_run(item.text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_contents(document: docx.document.Document, law: LawSheet, contents: str) -> None:
    heading = document.add_paragraph("目　　录")
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for index, item in enumerate(law.headings):
        paragraph = document.add_paragraph()
        if contents == "field" and index == 0:
            _add_field_mark(paragraph, "begin")
            instruction = parse_xml(f'<w:r {WORD_NS}><w:instrText> TOC \\o "1-3" \\h </w:instrText></w:r>')
            paragraph._p.append(instruction)
            _add_field_mark(paragraph, "separate")
        paragraph.add_run(spread_heading(item.text))
        if contents == "field" and index == len(law.headings) - 1:
            _add_field_mark(paragraph, "end")
    document.add_paragraph()


def _add_field_mark(paragraph: docx.text.paragraph.Paragraph, kind: str) -> None:
    paragraph._p.append(parse_xml(f'<w:r {WORD_NS}><w:fldChar w:fldCharType="{kind}"/></w:r>'))


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    """XML of one paragraph."""
    runs = f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def pack(
    body: str, parts: dict[str, str | bytes] | None = None, *, compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A Word file around the XML of a body; ``parts`` adds parts or replaces them."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document {WORD_NS}><w:body>{body}</w:body></w:document>'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    all_parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns='
        '"http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relations(f'Id="r1" Type="{office}" Target="word/document.xml"'),
        "word/document.xml": document,
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in all_parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def relations(*items: str) -> str:
    """XML of a part of links from their attributes."""
    inner = "".join(f"<Relationship {item}/>" for item in items)
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def numbering(*levels: tuple[str, str], extra: str = "", nums: str = "") -> str:
    """XML of numbering.xml with one list (numId 1) of (format, text) levels."""
    inner = "".join(
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/>{extra if index else ""}</w:lvl>'
        for index, (form, text) in enumerate(levels)
    )
    return (
        f'<w:numbering {WORD_NS}><w:abstractNum w:abstractNumId="0">{inner}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{nums}</w:numbering>'
    )


def numbered(text: str, level: int = 0, num_id: int = 1) -> str:
    """XML of a paragraph of a list."""
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num_id}"/></w:numPr>')
