"""What the styles of a Word file say of a paragraph and of a run, with inheritance resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.readers.docx_package import WORD

MAX_STYLE_CHAIN = 20
_OFF = frozenset({"0", "false", "off"})
_HEADING_NAME = re.compile(r"(?:heading|标题) ?([1-9])", re.IGNORECASE)
_TOC_NAME = re.compile(r"(?:toc|目录) ?(?:[1-9]|heading|标题)", re.IGNORECASE)


@dataclass(frozen=True)
class RunLook:
    """What is set on a run; None where nothing is said. ``size`` is in half points."""

    bold: bool | None = None
    hidden: bool | None = None
    white: bool | None = None
    size: int | None = None

    def over(self, below: RunLook) -> RunLook:
        """This look where it says something, otherwise ``below``."""
        return RunLook(
            below.bold if self.bold is None else self.bold,
            below.hidden if self.hidden is None else self.hidden,
            below.white if self.white is None else self.white,
            below.size if self.size is None else self.size,
        )

    @property
    def unseen(self) -> bool:
        """A reader of the printed page does not see it: hidden, white on nothing, or a point high."""
        return bool(self.hidden or self.white or (self.size is not None and self.size <= 2))


@dataclass(frozen=True)
class ParagraphLook:
    """What is set on a paragraph. ``outline`` 0 to 8 are headings; ``num_id`` and ``num_level`` number it."""

    align: str | None = None
    outline: int | None = None
    num_id: int | None = None
    num_level: int | None = None
    shaded: bool = False
    toc: bool = False
    run: RunLook = field(default_factory=RunLook)

    def over(self, below: ParagraphLook) -> ParagraphLook:
        """This look where it says something, otherwise ``below``."""
        return ParagraphLook(
            below.align if self.align is None else self.align,
            below.outline if self.outline is None else self.outline,
            below.num_id if self.num_id is None else self.num_id,
            below.num_level if self.num_level is None else self.num_level,
            self.shaded or below.shaded,
            self.toc or below.toc,
            self.run.over(below.run),
        )


@dataclass(frozen=True)
class _Style:
    based_on: str
    look: ParagraphLook


class Styles:
    """Looks by style id; a file without styles gives looks that say nothing."""

    def __init__(self, root: Any | None) -> None:  # noqa: D107 - root of styles.xml or None
        self._styles: dict[str, _Style] = {}
        self._resolved: dict[str, ParagraphLook] = {}
        self._default = ""
        self._base = ParagraphLook()
        if root is None:
            return
        defaults = root.find(f"{WORD}docDefaults/{WORD}rPrDefault/{WORD}rPr")
        self._base = ParagraphLook(run=read_run_look(defaults))
        for item in root.iter(f"{WORD}style"):
            style_id = item.get(f"{WORD}styleId", "")
            name = value_of(item.find(f"{WORD}name"))
            look = read_paragraph_look(item.find(f"{WORD}pPr"), item.find(f"{WORD}rPr"))
            self._styles[style_id] = _Style(
                value_of(item.find(f"{WORD}basedOn")), _name_look(name).over(look)
            )
            if item.get(f"{WORD}type") == "paragraph" and item.get(f"{WORD}default") in ("1", "true", "on"):
                self._default = style_id

    def look(self, style_id: str) -> ParagraphLook:
        """The look of a style with what it is based on; of the default style for ``""``."""
        style_id = style_id or self._default
        known = self._resolved.get(style_id)
        if known is not None:
            return known
        look = ParagraphLook()
        step: str = style_id
        for _ in range(MAX_STYLE_CHAIN):
            style = self._styles.get(step)
            if style is None:
                break
            look = look.over(style.look)
            step = style.based_on
        look = look.over(self._base)
        self._resolved[style_id] = look
        return look

    def run_look(self, style_id: str) -> RunLook:
        """What a character style says."""
        look = RunLook()
        step = style_id
        for _ in range(MAX_STYLE_CHAIN):
            style = self._styles.get(step)
            if style is None:
                break
            look = look.over(style.look.run)
            step = style.based_on
        return look


def read_paragraph_look(properties: Any | None, run_properties: Any | None = None) -> ParagraphLook:
    """What w:pPr says itself, without its style."""
    run = read_run_look(run_properties)
    if properties is None:
        return ParagraphLook(run=run)
    align = properties.find(f"{WORD}jc")
    number = properties.find(f"{WORD}numPr")
    return ParagraphLook(
        align=value_of(align) if align is not None else None,
        outline=int_of(properties.find(f"{WORD}outlineLvl")),
        num_id=int_of(number.find(f"{WORD}numId")) if number is not None else None,
        num_level=int_of(number.find(f"{WORD}ilvl")) if number is not None else None,
        shaded=_is_shaded(properties),
        run=run,
    )


def read_run_look(properties: Any | None) -> RunLook:
    """What w:rPr says itself, without its style."""
    if properties is None or not len(properties):
        return RunLook()
    colour = properties.find(f"{WORD}color")
    shaded = _is_shaded(properties) or properties.find(f"{WORD}highlight") is not None
    return RunLook(
        bold=_switch(properties.find(f"{WORD}b")),
        hidden=_switch(properties.find(f"{WORD}vanish")),
        white=None if colour is None else value_of(colour).upper() == "FFFFFF" and not shaded,
        size=int_of(properties.find(f"{WORD}sz")),
    )


def value_of(element: Any | None) -> str:
    """The w:val of an element, empty when there is none."""
    return "" if element is None else str(element.get(f"{WORD}val", ""))


def int_of(element: Any | None) -> int | None:
    """The w:val of an element as a number of at most nine digits, None when it is none."""
    value = value_of(element)
    return int(value) if re.fullmatch(r"-?[0-9]{1,9}", value) else None


def _switch(element: Any | None) -> bool | None:
    return None if element is None else value_of(element).lower() not in _OFF


def _is_shaded(properties: Any) -> bool:
    shade = properties.find(f"{WORD}shd")
    return shade is not None and shade.get(f"{WORD}fill", "auto").upper() not in ("AUTO", "FFFFFF", "")


def _name_look(name: str) -> ParagraphLook:
    """What the name of a built-in style tells."""
    heading = _HEADING_NAME.fullmatch(name)
    if heading:
        return ParagraphLook(outline=int(heading[1]) - 1)
    if name.lower() in ("title", "标题"):
        return ParagraphLook(outline=0)
    return ParagraphLook(toc=_TOC_NAME.fullmatch(name) is not None)
