"""PDF files for tests, drawn by reportlab with a font that every reader knows and no file holds."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.ingest.readers.page_samples import LawSheet, spread_heading

FONT = "STSong-Light"
_NEVER_FIRST = "，。；：、！？）》〉」』”’〕】%"
_WORD_AT_END = re.compile(r"[!-~]{1,20}\Z")
_NEVER_LAST = "（《〈「『“‘〔【"

pdfmetrics.registerFont(UnicodeCIDFont(FONT))


@dataclass
class Layout:
    """Measures of a page in points."""

    size: float = 16
    pitch: float = 28
    left: float = 79.4
    right: float = 73.7
    top: float = 105
    bottom: float = 99
    header: str = ""
    page_number: str = "- {page} -"
    columns: int = 1
    column_gap: float = 24
    page_size: tuple[float, float] = A4
    canvas_options: dict[str, object] = field(default_factory=dict)


def width_of(text: str, size: float) -> float:
    """Width in points."""
    return float(pdfmetrics.stringWidth(text, FONT, size))


def break_lines(text: str, size: float, width: float, indent: float) -> list[str]:
    """Lines of a paragraph; no mark that closes begins one and none that opens ends one."""
    lines: list[str] = []
    line, room = "", width - indent
    for char in text:
        step = width_of(char, size)
        if step > room and char not in _NEVER_FIRST and char != " ":
            kept = _WORD_AT_END.sub("", line) if char.isascii() else line
            kept = kept.rstrip(_NEVER_LAST) or line
            carried = line[len(kept) :]
            lines.append(kept)
            line, room = carried, width - width_of(carried, size)
        line += char
        room -= step
    return [*lines, line]


class PageMaker:
    """Draws paragraphs one below the other over columns and pages."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._out = io.BytesIO()
        self._canvas = Canvas(self._out, pagesize=layout.page_size, **layout.canvas_options)
        self._page = 1
        self._column = 0
        self._y = layout.page_size[1] - layout.top
        inner = layout.page_size[0] - layout.left - layout.right
        self._width = (inner - layout.column_gap * (layout.columns - 1)) / layout.columns
        self._draw_frame()

    def add(self, text: str, *, centred: bool = False, size: float = 0, indent: bool = True) -> None:
        size = size or self.layout.size
        first = 0.0 if centred or not indent else 2 * size
        for number, line in enumerate(break_lines(text, size, self._width, first)):
            self._draw(line, size, first if number == 0 else 0, centred)

    def add_contents_row(self, text: str, page: int) -> None:
        size = self.layout.size
        dots = int((self._width - width_of(f"{text}{page}", size)) / width_of("…", size))
        self._draw(f"{text}{'…' * max(dots, 3)}{page}", size, 0, False)

    def finish(self) -> bytes:
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    def new_page(self) -> None:
        self._canvas.showPage()
        self._page += 1
        self._column = 0
        self._y = self.layout.page_size[1] - self.layout.top
        self._draw_frame()

    def _draw_frame(self) -> None:
        layout = self.layout
        if layout.header:
            self._canvas.setFont(FONT, 9)
            self._canvas.drawCentredString(layout.page_size[0] / 2, layout.page_size[1] - 45, layout.header)
        if layout.page_number:
            self._canvas.setFont(FONT, 10)
            number = layout.page_number.format(page=self._page)
            self._canvas.drawCentredString(layout.page_size[0] / 2, 40, number)

    def _draw(self, line: str, size: float, indent: float, centred: bool) -> None:
        layout = self.layout
        if self._y < layout.bottom:
            if self._column + 1 < layout.columns:
                self._column += 1
                self._y = layout.page_size[1] - layout.top
            else:
                self.new_page()
        self._canvas.setFont(FONT, size)
        x = layout.left + self._column * (self._width + layout.column_gap) + indent
        if centred:
            x += (self._width - width_of(line, size)) / 2
        self._canvas.drawString(x, self._y, line)
        self._y -= layout.pitch * size / layout.size


def make_pdf(law: LawSheet, layout: Layout | None = None, *, contents: bool = True) -> bytes:
    """A law as printed: running header, page numbers, contents, lines broken inside sentences."""
    layout = layout or Layout(header=law.title)
    maker = PageMaker(layout)
    maker.add(law.title, centred=True, size=layout.size * 1.375)
    if law.notes:
        maker.add("（" + "　".join(law.notes) + "）", centred=True)
    if contents and law.headings:
        maker.add("目　　录", centred=True)
        for number, item in enumerate(law.headings):
            maker.add_contents_row(spread_heading(item.text), 1 + number // 3)
        maker.new_page()
    for item in law.body:
        if item.level:
            maker.add(spread_heading(item.text), centred=True)
        else:
            maker.add(_print_label(item.text))
    return maker.finish()


def make_plain_pdf(*paragraphs: str, layout: Layout | None = None) -> bytes:
    """Indented paragraphs and nothing else."""
    maker = PageMaker(layout or Layout(page_number=""))
    for text in paragraphs:
        maker.add(text)
    return maker.finish()


def _print_label(text: str) -> str:
    label, blank, rest = text.partition(" ")
    return f"{label}　{rest}" if blank and label.startswith("第") and "条" in label else text


def make_raw_pdf(*objects: bytes) -> bytes:
    """A PDF file from the bodies of its objects 1, 2, …; object 1 is the catalogue."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Body of an object that is a stream."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def make_one_page(content: bytes, font: bytes, *more: bytes) -> bytes:
    """A page with a content stream (object 4) and a font F1 (object 5)."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    return make_raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content, font, *more
    )


UNNAMED_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+X/Encoding/Identity-H/DescendantFonts[<</Type/Font"
    b"/Subtype/CIDFontType2/BaseFont/ABCDEF+X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
    b"/Supplement 0>>/FontDescriptor<</Type/FontDescriptor/FontName/ABCDEF+X/Flags 4/FontBBox[0 0 1 1]"
    b"/ItalicAngle 0/Ascent 1/Descent 0/CapHeight 1/StemV 1>>>>]>>"
)
"""A font that numbers its glyphs and does not say which characters they are."""
