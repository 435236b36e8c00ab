"""The order of a law on a page: headings where they begin, articles under them, a table of contents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kb.domain.works import Provision

_ITEM = re.compile(r"（[一二三四五六七八九十百]{1,5}）")
_LAW_WORDS = ("法条", "条文", "法律依据", "关联索引")
_SUBITEM = re.compile(r"[0-9]{1,3}[.．、]")


@dataclass(frozen=True)
class Paragraph:
    """One line of an article; ``form`` is clause (款), item (项) or subitem (目)."""

    text: str
    form: str


@dataclass(frozen=True)
class Article:
    """One provision as shown: ``anchor`` is ``a17-1`` for 第十七条之一."""

    anchor: str
    label: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Heading:
    """编, 分编, 章 or 节; ``level`` counts from 0."""

    anchor: str
    text: str
    level: int


@dataclass
class Entry:
    """A heading in the table of contents, with the articles it spans."""

    heading: Heading
    first: str = ""
    last: str = ""
    children: list[Entry] = field(default_factory=list)

    @property
    def span(self) -> str:
        """``第一条—第十二条``."""
        return self.first if self.first == self.last else f"{self.first}—{self.last}"


def anchor_of(provision_id: str) -> str:
    """``a17-1`` from ``w…:a17-1``."""
    return provision_id.partition(":")[2]


def split_paragraphs(text: str) -> tuple[Paragraph, ...]:
    """The lines of a provision, each with its form told from how it begins."""
    return tuple(Paragraph(line.strip(), form_of(line.strip())) for line in text.splitlines() if line.strip())


def form_of(line: str) -> str:
    """clause, item or subitem, told from how a line begins."""
    if _ITEM.match(line):
        return "item"
    if _SUBITEM.match(line):
        return "subitem"
    return "clause"


def lay_out(provisions: Iterable[Provision]) -> list[Heading | Article]:
    """Headings and articles in the order of the text: a heading stands where its path first appears."""
    blocks: list[Heading | Article] = []
    path: tuple[str, ...] = ()
    for provision in provisions:
        kept = _shared_length(path, provision.path)
        for level in range(kept, len(provision.path)):
            blocks.append(Heading(f"h{len(blocks)}", provision.path[level], level))
        path = provision.path
        blocks.append(Article(anchor_of(provision.id), provision.label, split_paragraphs(provision.text)))
    return blocks


def _shared_length(left: Sequence[str], right: Sequence[str]) -> int:
    length = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        length += 1
    return length


def table_of_contents(blocks: Iterable[Heading | Article]) -> list[Entry]:
    """The headings of ``blocks`` as a tree; empty for a law without headings."""
    roots: list[Entry] = []
    open_entries: list[Entry] = []
    for block in blocks:
        if isinstance(block, Heading):
            entry = Entry(block)
            del open_entries[block.level :]
            (open_entries[-1].children if open_entries else roots).append(entry)
            open_entries.append(entry)
        else:
            for entry in open_entries:
                entry.first = entry.first or block.label
                entry.last = block.label
    return roots


def list_sections(blocks: Iterable[Heading | Article]) -> list[tuple[str, str]]:
    """(anchor, label) of the labelled blocks of a record, in order."""
    return [(block.anchor, block.label) for block in blocks if isinstance(block, Article) and block.label]


def find_law_section(blocks: Iterable[Heading | Article]) -> str:
    """Anchor of the block in which a case lists the provisions that it rests on; empty when it has none."""
    named = (anchor for anchor, label in list_sections(blocks) if any(word in label for word in _LAW_WORDS))
    return next(named, "")
