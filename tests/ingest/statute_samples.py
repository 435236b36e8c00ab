"""Small invented statutes as a reader would hand them on."""

from __future__ import annotations

from ingest.drafts import Draft
from ingest.lines import Line, ReadDocument
from ingest.parsers.statute_lines import parse_statute

HEADER = (
    "# 样例条例",
    "2020年5月1日 国务院第9次常务会议通过",
    "2020年5月9日 中华人民共和国国务院令第900号公布",
)


def make_line(text: str, number: int) -> Line:
    """``# …`` to ``###### …`` are headings, ``a | b`` a row of a table."""
    bare = text.lstrip("#")
    level = len(text) - len(bare)
    if " | " in bare:
        cells = tuple(bare.split(" | "))
        return Line(" ".join(cells), text, number, cells=cells)
    return Line.of(bare.strip(), number, level=level)


def make_marked(
    *body: str, header: tuple[str, ...] = HEADER, name: str = "行政法规/样例条例(2020-05-09).md"
) -> ReadDocument:
    """A file of the layout with an end of its header."""
    lines = [make_line(text, number) for number, text in enumerate(header, start=1)]
    mark = len(header) + 1
    lines += [make_line(text, number) for number, text in enumerate(body, start=mark + 1)]
    return ReadDocument(name, "markdown", "0" * 64, tuple(lines), metadata={"info_end": str(mark)})


def make_plain(*lines: str, name: str = "样例法.docx") -> ReadDocument:
    """A file whose format marks nothing."""
    found = tuple(Line.of(text, number) for number, text in enumerate(lines, start=1))
    return ReadDocument(name, "docx", "0" * 64, found)


def read_one(document: ReadDocument) -> Draft:
    (draft,) = parse_statute(document)
    return draft


def list_labels(draft: Draft) -> list[str]:
    return [one.label for one in draft.provisions]


def list_codes(draft: Draft) -> list[str]:
    return [one.code for one in draft.findings]
