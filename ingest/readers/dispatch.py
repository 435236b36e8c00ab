"""Bytes of any file to a ``ReadDocument``: the one door to all readers."""

from __future__ import annotations

import dataclasses
import re

from ingest.lines import Finding, ReadDocument
from ingest.readers.detect import Format, detect

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060-\u2065\ufeff]")
_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")


def read_bytes(content: bytes, name: str) -> ReadDocument:
    """Read a file; ``name`` (with the folders below what is ingested) tells its suffix and errors' place.

    Raises SourceError with the code of ``ingest.readers.detect`` or of the format's reader, always
    with place and way out. Opens nothing, keeps nothing.
    """
    kind, findings = detect(content, name)
    document = _read(kind, content, name)
    return dataclasses.replace(
        document, findings=(*findings, *document.findings, *_report_odd_characters(document))
    )


def _read(kind: Format, content: bytes, name: str) -> ReadDocument:
    # Each reader is imported when first needed: a child that reads Markdown never loads a PDF library.
    match kind:
        case Format.MARKDOWN:
            from ingest.readers.markdown import read_markdown

            return read_markdown(content, name)
        case Format.TEXT:
            from ingest.readers.text import read_text

            return read_text(content, name)
        case Format.HTML:
            from ingest.readers.html import read_html

            return read_html(content, name)
        case Format.DOCX:
            from ingest.readers.docx import read_docx

            return read_docx(content, name)
        case Format.PDF:
            from ingest.readers.pdf import read_pdf

            return read_pdf(content, name)
        case Format.CSV:
            from ingest.readers.csv_table import read_csv

            return read_csv(content, name)
        case Format.XLSX:
            from ingest.readers.xlsx import read_xlsx

            return read_xlsx(content, name)
        case Format.JSON:
            from ingest.readers.json_records import read_json

            return read_json(content, name)
        case Format.JSONL:
            from ingest.readers.json_records import read_jsonl

            return read_jsonl(content, name)
        case Format.YAML:
            from ingest.readers.yaml_records import read_yaml

            return read_yaml(content, name)


def _report_odd_characters(document: ReadDocument) -> tuple[Finding, ...]:
    """Say where characters stand that show otherwise than they are; normalising has cleaned the text."""
    findings = []
    for code, pattern, what in (
        ("bidi_characters", _BIDI, "改变显示顺序的双向控制符"),
        ("zero_width_characters", _ZERO_WIDTH, "零宽等不可见字符"),
        ("compatibility_characters", _RADICAL, "部首或兼容汉字（如⽇）"),
    ):
        odd = [(line.number, len(found)) for line in document.lines if (found := pattern.findall(line.raw))]
        if odd:
            total = sum(count for _, count in odd)
            message = f"有 {total} 个{what}，分布在 {len(odd)} 行，已在规范化时处理"
            findings.append(Finding(code, message, odd[0][0]))
    return tuple(findings)
