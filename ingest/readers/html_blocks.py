"""The text blocks of a page in order, each with what is around it; hidden ones reported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PageElement, PreformattedString, Tag

from ingest.lines import Finding
from ingest.readers.html_names import attribute_of, hiding_names, name_furniture


@dataclass(eq=False)
class Table:
    """A table; one that only arranges the page (``is_layout``) gives paragraphs instead of rows."""

    parent: Table | None
    nested: bool = False
    wide_rows: int = 0
    long_cells: bool = False

    @property
    def is_layout(self) -> bool:
        """True when its cells hold a page's parts, not a record's fields."""
        return self.nested or self.long_cells or not self.wide_rows


@dataclass(eq=False)
class Row:
    """A row of a table; ``width`` counts columns, spans included."""

    table: Table
    width: int = 0
    filled: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Region:
    """An element that is furniture by its name; whether it goes is decided when all is known.

    ``strong`` for names that mean nothing else (nav, footer).
    """

    reason: str
    strong: bool
    parent: Region | None
    characters: int = 0
    linked: int = 0
    provisions: int = 0
    headings: int = 0


@dataclass(eq=False)
class Block:
    """One paragraph, heading or part of a cell. ``soft``: only a <br> parts it from the one before.

    ``linked`` counts the characters that are links to elsewhere, ``links`` the links.
    """

    text: str
    number: int
    level: int = 0
    centred: bool = False
    bold: bool = False
    soft: bool = False
    linked: int = 0
    links: int = 0
    region: Region | None = None
    row: Row | None = None
    column: int = 0

    @property
    def size(self) -> int:
        """Characters that are no blanks."""
        return len("".join(self.text.split()))


@dataclass(frozen=True)
class _Style:
    """What an element hands down to those inside it."""

    region: Region | None = None
    link: bool = False
    bold: bool = False
    centred: bool = False
    level: int = 0
    pre: bool = False
    hidden: str = ""
    table: Table | None = None
    row: Row | None = None
    column: int = 0


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _words("""
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hr html li main menu nav ol p pre section summary table tbody
    td tfoot th thead tr ul
""")
_SKIPPED = _words("""
    head script style template noscript iframe object embed svg canvas audio video map select option button
    input textarea math datalist noframes frameset frame
""")
_UNREAD = {
    "img": "图片",
    "iframe": "内嵌网页",
    "object": "内嵌对象",
    "embed": "内嵌对象",
    "frame": "框架网页",
}
_BOLD = frozenset(("b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"))
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN_STYLE = re.compile(
    r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}(?:hidden|collapse)"
    r"|font-size\s{0,4}:\s{0,4}0(?:\.0{1,6})?(?:px|pt|em|rem|%)?\s{0,4}(?:;|!|$)"
    r"|opacity\s{0,4}:\s{0,4}0(?:\.0{1,6})?\s{0,4}(?:;|!|$)|text-indent\s{0,4}:\s{0,4}-\d{4}",
    re.IGNORECASE,
)
_CENTRED_STYLE = re.compile(r"text-align\s{0,4}:\s{0,4}center", re.IGNORECASE)
_BOLD_STYLE = re.compile(r"font-weight\s{0,4}:\s{0,4}(?:bold|[6-9]00)", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_PROVISION = re.compile(r"\s{0,20}第[0-9零〇一二三四五六七八九十百千]{1,9}条")
_LONG_CELL = 1200
_MANY_PARAGRAPHS = 12


def read_blocks(soup: BeautifulSoup) -> tuple[list[Block], list[Finding]]:
    """All visible text of the page, with findings for what is hidden or no text; linear in the page."""
    walker = _Walker(hiding_names(soup))
    walker.walk(soup)
    return walker.blocks, [*walker.report_hidden(), *walker.report_unread()]


class _Walker:
    def __init__(self, hiding: frozenset[str]) -> None:
        self.blocks: list[Block] = []
        self._hiding = hiding
        self._regions: list[Region] = []
        self._hidden: dict[str, list[str]] = {}
        self._hidden_at = 0
        self._unread: dict[str, list[int]] = {}
        self._parts: list[str] = []
        self._linked = 0
        self._links = 0
        self._plain = 0
        self._first: _Style | None = None
        self._soft = False
        self._number = 0
        self._cell_sizes: dict[tuple[int, int], list[int]] = {}

    def walk(self, soup: BeautifulSoup) -> None:
        """Go through the page in order with a stack of our own."""
        stack: list[tuple[Tag, Iterator[PageElement], _Style]] = [(soup, iter(soup.contents), _Style())]
        while stack:
            tag, children, style = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                if tag.name in _BLOCKS:
                    self._flush()
            elif isinstance(child, Tag):
                if child.name == "br":
                    self._flush(soft=True)
                elif child.name in _UNREAD and not style.hidden:
                    self._note_unread(child.name, style)
                elif child.name not in _SKIPPED:
                    if child.name in _BLOCKS:
                        self._flush()
                    stack.append((child, iter(child.contents), self._enter(child, style)))
            elif isinstance(child, NavigableString) and (
                isinstance(child, CData) or not isinstance(child, PreformattedString)
            ):
                self._add_text(str(child), style)
        self._flush()
        for region in reversed(self._regions):
            if region.parent is not None:
                region.parent.characters += region.characters
                region.parent.linked += region.linked
                region.parent.provisions += region.provisions
                region.parent.headings += region.headings

    def _note_unread(self, name: str, style: _Style) -> None:
        if style.region is None and not style.link:
            self._unread.setdefault(_UNREAD[name], []).append(self._number + 1)

    def report_unread(self) -> list[Finding]:
        """One finding for each kind of content that is not text, outside of furniture."""
        return [
            Finding("embedded_not_read", f"有 {len(places)} 处{what}，其中的文字未读取", places[0], lost=True)
            for what, places in self._unread.items()
        ]

    def report_hidden(self) -> list[Finding]:
        """One finding for each way of hiding."""
        findings = []
        for way, texts in self._hidden.items():
            whole = " ".join(" ".join(texts).split())
            if not whole:
                continue
            provisions = sum(1 for text in texts if _PROVISION.match(text))
            note = f"，其中 {provisions} 处以“第X条”开头" if provisions else ""
            message = f"略去页面上看不见的文字 {len(whole)} 字（{way}）{note}：{whole[:60]}"
            findings.append(Finding("hidden_text", message, self._hidden_at, lost=True))
        return findings

    def _enter(self, tag: Tag, style: _Style) -> _Style:
        name = tag.name
        inline = attribute_of(tag, "style")
        region = style.region
        if named := name_furniture(tag):
            region = Region(*named, parent=style.region)
            self._regions.append(region)
        href = attribute_of(tag, "href") if name == "a" else ""
        link = style.link or (bool(href) and not href.startswith("#"))
        if name == "a" and link and not style.hidden:
            self._links += 1
        centred = style.centred or name == "center" or attribute_of(tag, "align").lower() == "center"
        table, row, column = style.table, style.row, style.column
        if name == "table":
            if table is not None:
                table.nested = True
            table, row = Table(table), None
        elif name == "tr" and table is not None:
            row = Row(table)
        elif name in ("td", "th") and row is not None:
            column = row.width
            row.width = min(row.width + _span(tag), 10_000)
        return _Style(
            region=region,
            link=link,
            bold=style.bold or name in _BOLD or bool(inline and _BOLD_STYLE.search(inline)),
            centred=centred or bool(inline and _CENTRED_STYLE.search(inline)),
            level=_LEVELS.get(name, style.level),
            pre=style.pre or name == "pre",
            hidden=style.hidden or self._hides(tag, inline),
            table=table,
            row=row,
            column=column,
        )

    def _hides(self, tag: Tag, inline: str) -> str:
        if inline and _HIDDEN_STYLE.search(inline):
            return "样式隐藏"
        if tag.has_attr("hidden"):
            return "hidden 属性"
        if self._hiding:
            names = [f".{part}" for part in attribute_of(tag, "class").split()]
            names.append(f"#{attribute_of(tag, 'id')}")
            if any(name in self._hiding for name in names):
                return "样式表隐藏"
        return ""

    def _add_text(self, text: str, style: _Style) -> None:
        if style.hidden:
            if text.strip():
                self._hidden_at = self._hidden_at or self._number + 1
                self._hidden.setdefault(style.hidden, []).append(text)
            return
        if style.pre:
            for index, part in enumerate(text.split("\n")):
                if index:
                    self._flush(soft=True)
                self._add_part(part.strip("\r"), style)
            return
        self._add_part(_BLANKS.sub(" ", text), style)

    def _add_part(self, text: str, style: _Style) -> None:
        bare = len("".join(text.split()))
        if bare:
            self._first = self._first or style
            if style.link:
                self._linked += bare
            if not style.bold:
                self._plain += bare
        self._parts.append(text)

    def _flush(self, *, soft: bool = False) -> None:
        """End the block that was being collected."""
        text = "".join(self._parts).strip(" ")
        style = self._first
        if text.strip() and style is not None:
            self._number += 1
            block = Block(
                text,
                self._number,
                style.level,
                style.centred,
                self._plain == 0,
                self._soft,
                self._linked,
                self._links,
                style.region,
                style.row,
                style.column,
            )
            self._count(block)
            self.blocks.append(block)
            self._soft = soft
        elif not soft:
            self._soft = False
        elif text or self._parts:
            self._soft = soft
        self._parts = []
        self._linked = self._links = self._plain = 0
        self._first = None

    def _count(self, block: Block) -> None:
        size = block.size
        if block.region is not None:
            block.region.characters += size
            block.region.linked += block.linked
            block.region.provisions += bool(_PROVISION.match(block.text))
            block.region.headings += block.level == 1
        if block.row is not None:
            table = block.row.table
            sizes = self._cell_sizes.setdefault((id(block.row), block.column), [0, 0])
            sizes[0] += size
            sizes[1] += 1
            table.long_cells |= sizes[0] > _LONG_CELL or sizes[1] > _MANY_PARAGRAPHS
            if block.column not in block.row.filled:
                block.row.filled.add(block.column)
                table.wide_rows += len(block.row.filled) == 2


def _span(tag: Tag) -> int:
    value = attribute_of(tag, "colspan")
    return min(max(int(value), 1), 100) if value.isascii() and value.isdigit() and len(value) < 6 else 1
