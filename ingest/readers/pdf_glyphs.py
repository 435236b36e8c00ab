"""The characters of a PDF page with their places, as PDFium finds them."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_INVISIBLE_MODES = frozenset({3, 7})
_PICTURE = pdfium.FPDF_PAGEOBJ_IMAGE
_MAX_OBJECTS = 2_000


class Glyph(NamedTuple):
    """One character; measures in points, y (of the baseline) growing upwards."""

    char: str
    x0: float
    x1: float
    y: float
    size: float


@dataclass(frozen=True)
class Page:
    """What one page shows.

    ``number`` counts from 1; ``box`` is left, bottom, right, top. ``unmapped`` counts characters for which
    the file does not say what they are, ``askew`` holds those of watermarks and the like that run in
    another direction, ``invisible`` those that are not drawn. ``recognised`` is True when all text is undrawn
    over a picture: the layer that OCR leaves.
    """

    number: int
    box: tuple[float, float, float, float]
    glyphs: tuple[Glyph, ...]
    unmapped: int = 0
    askew: str = ""
    invisible: str = ""
    pictures: int = 0
    annotations: int = 0
    recognised: bool = False


def read_page(page: Any, number: int) -> Page:
    """Characters of a page that ``pypdfium2`` opened, turned upright, in the order of the file."""
    text = page.get_textpage()
    try:
        raw = _read_glyphs(text)
    finally:
        text.close()
    pictures = sum(
        1 for _, item in zip(range(_MAX_OBJECTS), page.get_objects(filter=(_PICTURE,)), strict=False)
    )
    directions = Counter(item.direction for item in raw if item.char.strip())
    main = directions.most_common(1)[0][0] if directions else 0
    box = _turn_box(page.get_bbox(), main)
    drawn = [item for item in raw if not item.invisible]
    recognised = bool(raw) and pictures > 0 and len(drawn) < 0.1 * len(raw)
    shown = raw if recognised else drawn
    glyphs: list[Glyph] = []
    for item in shown:
        if item.direction != main or item.unmapped:
            continue
        x0, y0, x1, _ = _turn_box(item.box, main)
        x, y = _turn(*item.origin, main)
        if box[0] - 1 <= (x0 + x1) / 2 <= box[2] + 1 and box[1] - 1 <= y <= box[3] + 1:
            glyphs.append(Glyph(item.char, min(x, x0), max(x1, x), y, item.size or max(y - y0, 1) * 4))
    return Page(
        number,
        box,
        tuple(glyphs),
        unmapped=sum(1 for item in shown if item.unmapped),
        askew="".join(item.char for item in shown if item.direction != main and not item.unmapped),
        invisible="" if recognised else "".join(item.char for item in raw if item.invisible),
        pictures=pictures,
        annotations=max(pdfium.FPDFPage_GetAnnotCount(page), 0),
        recognised=recognised,
    )


class _Raw(NamedTuple):
    char: str
    box: tuple[float, float, float, float]
    origin: tuple[float, float]
    size: float
    direction: int
    unmapped: bool
    invisible: bool


def _read_glyphs(text: Any) -> list[_Raw]:
    found: list[_Raw] = []
    box = pdfium.FS_RECTF()
    matrix = pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    modes: dict[int, bool] = {}
    high = 0
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if pdfium.FPDFText_IsGenerated(text, index) == 1:
            continue
        if 0xD800 <= code < 0xDC00:  # the first half of a rare character; the second follows
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        pdfium.FPDFText_GetLooseCharBox(text, index, box)
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        pdfium.FPDFText_GetMatrix(text, index, matrix)
        scale = math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))
        angle = pdfium.FPDFText_GetCharAngle(text, index)
        values = (box.left, box.bottom, box.right, box.top, x.value, y.value, scale)
        if not all(map(math.isfinite, values)):
            continue
        found.append(
            _Raw(
                "-" if code == 2 else chr(code) if code <= 0x10FFFF else "\ufffd",
                (box.left, box.bottom, box.right, box.top),
                (x.value, y.value),
                pdfium.FPDFText_GetFontSize(text, index) * scale,
                _direction(angle),
                _is_unmapped(code) or pdfium.FPDFText_HasUnicodeMapError(text, index) == 1,
                _is_invisible(text, index, modes),
            )
        )
    return found


def _is_unmapped(code: int) -> bool:
    """A character that no font outside the file knows: none, private use, or the mark of replacement."""
    return code in (0, 0xFFFD, 0xFFFE, 0xFFFF) or 0xE000 <= code <= 0xF8FF or 0xF0000 <= code <= 0x10FFFF


def _is_invisible(text: Any, index: int, modes: dict[int, bool]) -> bool:
    item = pdfium.FPDFText_GetTextObject(text, index)
    if not item:
        return False
    address = ctypes.addressof(item.contents)
    if address not in modes:
        modes[address] = pdfium.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE_MODES
    return modes[address]


def _direction(angle: float) -> int:
    """0 to 3 quarter turns clockwise, or -1 for anything slanting."""
    if not math.isfinite(angle):
        return -1
    quarters = angle / (math.pi / 2)
    nearest = round(quarters)
    return nearest % 4 if abs(quarters - nearest) < 0.05 else -1


def _turn(x: float, y: float, quarters: int) -> tuple[float, float]:
    return ((x, y), (-y, x), (-x, -y), (y, -x))[max(quarters, 0)]


def _turn_box(box: tuple[float, float, float, float], quarters: int) -> tuple[float, float, float, float]:
    ax, ay = _turn(box[0], box[1], quarters)
    bx, by = _turn(box[2], box[3], quarters)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)
