"""What readers give and parsers take: the lines of one file, each with its place.

A reader turns bytes into a ``ReadDocument`` and decides nothing about law; a parser turns a
``ReadDocument`` into ``ingest.drafts.Draft`` records and opens no file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kb.text.normalise import normalise


@dataclass(frozen=True)
class Finding:
    """Something odd in a file, and what was done about it; nothing is skipped without one.

    ``code`` is stable (lower_snake_case), ``message`` Chinese; ``line`` is ``Line.number`` or 0 when
    the whole file is meant. ``lost`` is True when content of the file did not become a record.
    """

    code: str
    message: str
    line: int = 0
    lost: bool = False


@dataclass(frozen=True)
class Line:
    """One logical paragraph, heading or table row of a file.

    ``text`` is normalised (``kb.text.normalise``), one paragraph without line breaks; ``raw`` is how it
    stands in the file, so that ``normalise(raw).offsets`` leads from one to the other. ``number`` counts
    from 1: the line of a text file, the paragraph of a DOCX or HTML body, the row of a table; for a
    paragraph joined of several lines it is the first. ``page`` is 0 where the format has none.
    ``level`` is 1 to 6 for a heading that the format marks as one, else 0. ``cells`` are the texts of a
    table row, whose
    ``text`` joins them by a blank.
    """

    text: str
    raw: str
    number: int
    page: int = 0
    level: int = 0
    centred: bool = False
    bold: bool = False
    cells: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        raw: str,
        number: int,
        *,
        page: int = 0,
        level: int = 0,
        centred: bool = False,
        bold: bool = False,
    ) -> Line:
        """A paragraph with its text normalised."""
        text = " ".join(normalise(raw).text.split("\n")).strip()
        return cls(text, raw, number, page, level, centred, bold)


@dataclass(frozen=True)
class Row:
    """One record of a table or of a JSON file: field names to values as text, with its place.

    Nested JSON values stay JSON text. ``number`` is the row of the sheet (the header is row 1) or the
    line of a JSONL file.
    """

    number: int
    values: dict[str, str]
    sheet: str = ""


@dataclass(frozen=True)
class ReadDocument:
    """A file as its reader understood it.

    ``name`` is the file's name with the folders below what was ingested (``民法典/总则.md``), never an
    absolute path. ``format`` is markdown, text, html, docx, pdf, csv, xlsx, json, jsonl or yaml.
    Documents have ``lines``, registers have ``rows``; ``metadata`` holds what the format itself says (title,
    encoding, pages, generator). ``findings`` tells what the reader dropped or mended.
    """

    name: str
    format: str
    sha256: str
    lines: tuple[Line, ...] = ()
    rows: tuple[Row, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
