"""Damaged Word and PDF files: whatever the bytes, a document or an error that we explain, never another.

``LAWKB_FUZZ_SECONDS`` makes the run longer; the places of damage then come from the clock's seed.
"""

from __future__ import annotations

import io
import os
import random
import time
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.lines import ReadDocument
from ingest.readers.docx import read_docx
from ingest.readers.pdf import read_pdf
from kb.errors import LawkbError
from tests.ingest.readers.docx_samples import make_docx, numbered, numbering, pack
from tests.ingest.readers.page_samples import CODE, DECISION, LawSheet
from tests.ingest.readers.pdf_samples import UNNAMED_FONT, Layout, make_one_page, make_pdf, stream

Reader = Callable[[bytes, str], ReadDocument]

LAW = LawSheet.of_markdown(DECISION)
STYLED = make_docx(LawSheet.of_markdown(CODE))
WORD_FILES = [
    make_docx(LAW, "typed"),
    pack(numbered("甲。") * 3, {"word/numbering.xml": numbering(("decimal", "第%1条"))}, compression=0),
]
TEXT = b"BT /F1 12 Tf 72 700 Td (Text of a sample) Tj 0 -20 Td (and more of it) Tj ET"
PDF_FILES = [
    make_pdf(LAW, Layout(header="样例", canvas_options={"pageCompression": 0})),
    make_pdf(LAW),
    make_one_page(stream(TEXT), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
    make_one_page(stream(TEXT), UNNAMED_FONT),
]
WORDS = [
    b"obj",
    b"endobj",
    b"stream",
    b"endstream",
    b"<<",
    b">>",
    b"/Length",
    b"/Kids",
    b"/Count",
    b"/Filter",
    b"Tj",
]
XML_WORDS = [
    b"<w:p>",
    b"</w:p>",
    b"<w:r>",
    b"w:val",
    b'"',
    b"<",
    b">",
    b"&#x0;",
    b"<w:tbl>",
    b"w:numId",
    b"<w:del>",
]


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = parts_of(STYLED)
XML_PARTS = [name for name in PARTS if name.startswith("word/") and name.endswith((".xml", ".rels"))]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "copy", "word", "number"]),
        st.floats(0, 0.999999),
        st.integers(0, 255),
        st.integers(1, 200),
    ),
    min_size=1,
    max_size=6,
)


def damage(content: bytes, edits: list[tuple[str, float, int, int]], words: list[bytes]) -> bytes:
    """The bytes after edits: a byte set, a piece cut or copied, a word or a number put in."""
    data = bytearray(content)
    for kind, place, value, length in edits:
        at = int(place * (len(data) + 1))
        if kind == "set" and at < len(data):
            data[at] = value
        elif kind == "cut":
            del data[at : at + length]
        elif kind == "copy":
            data[at:at] = data[at : at + length] * (value % 4 + 1)
        elif kind == "word":
            data[at:at] = words[value % len(words)]
        elif kind == "number":
            data[at:at] = str([0, -1, 2**31, 10**18, value][length % 5]).encode()
    return bytes(data)


def attempt(read: Reader, content: bytes) -> ReadDocument | LawkbError:
    """What a person gets; anything but these two fails the test by itself."""
    try:
        return read(content, "坏文件")
    except LawkbError as error:
        return error


def survives(read: Reader, content: bytes) -> None:
    outcome = attempt(read, content)
    assert outcome.way_out if isinstance(outcome, LawkbError) else outcome.lines


QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@QUICK
@given(st.sampled_from(WORD_FILES), EDITS)
def test_word_files_with_damaged_bytes(content: bytes, edits: list[tuple[str, float, int, int]]) -> None:
    survives(read_docx, damage(content, edits, XML_WORDS))


@QUICK
@given(st.sampled_from(XML_PARTS), EDITS)
def test_word_files_with_damaged_parts(part: str, edits: list[tuple[str, float, int, int]]) -> None:
    survives(read_docx, repack(part, damage(PARTS[part], edits, XML_WORDS)))


@QUICK
@given(st.sampled_from(PDF_FILES), EDITS)
def test_pdf_files_with_damaged_bytes(content: bytes, edits: list[tuple[str, float, int, int]]) -> None:
    survives(read_pdf, damage(content, edits, WORDS))


def repack(part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in PARTS.items():
            archive.writestr(name, content if name == part else data)
    return out.getvalue()


@pytest.mark.skipif(
    "LAWKB_FUZZ_SECONDS" not in os.environ, reason="长时间模糊测试只在设置 LAWKB_FUZZ_SECONDS 时运行"
)
@pytest.mark.timeout(0)
def test_for_as_long_as_asked() -> None:
    seed = int(time.time())
    chance = random.Random(seed)
    until = time.monotonic() + float(os.environ["LAWKB_FUZZ_SECONDS"])
    runs, slowest = 0, 0.0
    while time.monotonic() < until:
        edits = [
            (
                chance.choice(["set", "cut", "copy", "word", "number"]),
                chance.random(),
                chance.randrange(256),
                chance.randrange(1, 200),
            )
            for _ in range(chance.randrange(1, 12))
        ]
        kind = chance.randrange(3)
        read: Reader = read_pdf if kind == 2 else read_docx
        if kind == 0:
            content = damage(chance.choice(WORD_FILES), edits, XML_WORDS)
        elif kind == 1:
            part = chance.choice(XML_PARTS)
            content = repack(part, damage(PARTS[part], edits, XML_WORDS))
        else:
            content = damage(chance.choice(PDF_FILES), edits, WORDS)
        started = time.monotonic()
        survives(read, content)
        slowest = max(slowest, time.monotonic() - started)
        runs += 1
    print(f"种子 {seed}：{runs} 次，最慢 {slowest:.2f} 秒")
    assert slowest < 20
