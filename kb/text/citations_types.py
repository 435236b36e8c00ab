"""What a citation is: how the work is named, which article and parts, the quote that follows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.text.numerals import format_article_label


class TitleKind(StrEnum):
    """How the work is named in the text."""

    QUOTED = "quoted"
    """In 《》."""
    BARE = "bare"
    """A whole known name without 《》: 民法典第1254条."""
    RELATIVE = "relative"
    """本法, 本条例, 该法: the reader must know which work is meant."""
    UNKNOWN = "unknown"
    """A name stands there (台湾民法典第5条) that is not known whole: never to be taken for 本法."""
    NONE = "none"
    """第五条 alone."""
    NUMBER = "number"
    """A document number alone: 法释〔2020〕17号."""


class CitationForm(StrEnum):
    """What is cited, and so how much of it can be checked."""

    ARTICLE = "article"
    """第X条 of some work."""
    PLACE = "place"
    """An article or part of one named from where the reader stands: 前条, 本条第二款, 前款, 该条."""
    WORK = "work"
    """A work without any article: 《劳动合同法》."""
    DOCUMENT = "document"
    """A document by its number."""


class PlaceBase(StrEnum):
    """From where a place is counted."""

    HERE = "here"
    """本条, 本款: the enclosing article or paragraph."""
    BEFORE = "before"
    """前条, 前两款: what stands before it."""
    AFTER = "after"
    """下条."""
    CITED = "cited"
    """该条, 同条: the article cited last."""


class PlaceLevel(StrEnum):
    """What a place counts."""

    ARTICLE = "article"
    PARAGRAPH = "paragraph"
    ITEM = "item"


@dataclass(frozen=True)
class Place:
    """前两款 is (BEFORE, PARAGRAPH, 2)."""

    base: PlaceBase
    level: PlaceLevel
    count: int = 1


@dataclass(frozen=True)
class CitedUnit:
    """A part of an article: 第二款 (paragraph), 第（三）项 (item), 第1目 (point); None where not named."""

    paragraph: int | None = None
    item: int | None = None
    point: int | None = None

    @property
    def label(self) -> str:
        """第二款第三项."""
        parts = ((self.paragraph, "款"), (self.item, "项"), (self.point, "目"))
        written = [format_article_label((n, 0))[:-1] + name for n, name in parts if n]
        return "".join(written)


@dataclass(frozen=True)
class FoundQuote:
    """Words in quotation marks that a citation is said to hold; ``span`` is without the marks."""

    text: str
    span: tuple[int, int]


@dataclass(frozen=True)
class FoundCitation:
    """One citation: an article, a place, a work or a document.

    ``span`` covers the characters that name it (for the first article of a list the title too, for a
    range the whole range) and ``text`` is what stands there. ``title`` is as written, without 《》; None
    for kinds UNKNOWN, NONE and NUMBER. ``number`` is (17, 1) for 第十七条之一 and None for a work, a
    document or a place; empty ``units`` mean all of it. ``full_title`` is what the text itself says that
    ``title`` is short for (以下简称). ``edition`` is the year that the text pins (2012年修正), ``former``
    True for 原《…》.
    """

    text: str
    span: tuple[int, int]
    title: str | None
    title_kind: TitleKind
    number: tuple[int, int] | None
    units: tuple[CitedUnit, ...] = ()
    form: CitationForm = CitationForm.ARTICLE
    place: Place | None = None
    document_number: str | None = None
    full_title: str | None = None
    edition: int | None = None
    former: bool = False
    quote: FoundQuote | None = None

    @property
    def label(self) -> str:
        """The article as statutes write it: 第十七条之一; empty when none is named."""
        return format_article_label(self.number) if self.number else ""


@dataclass(frozen=True)
class ResolvedCitation:
    """A citation with the id of the work that it means; None when no one work bears that name.

    ``number`` and ``units`` are what the citation comes to where it stands (前条 of 第十条 is 第九条);
    ``candidates`` are the works that share the name when it is not one.
    """

    found: FoundCitation
    work_id: str | None
    number: tuple[int, int] | None
    units: tuple[CitedUnit, ...] = ()
    candidates: tuple[str, ...] = ()
