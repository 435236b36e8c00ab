"""What checking a citation gives: the verdict and everything that a reader needs beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from kb.text.citations import CitationForm


class Verdict(StrEnum):
    """What is to be said of a citation on a given day."""

    IN_FORCE = "in_force"
    AMENDED = "amended"
    """It pins or quotes an older text."""
    REPEALED = "repealed"
    """The work, or this provision."""
    NOT_YET_IN_FORCE = "not_yet_in_force"
    NEVER_EXISTED = "never_existed"
    """In a work that we hold in full there is no such article, 款 or 项, in any version."""
    OUTSIDE_HOLDINGS = "outside_holdings"
    """We do not hold the work, or the text does not say which it is: nothing is said of the citation."""
    QUOTE_DIFFERS = "quote_differs"
    """The provision stands; the words quoted from it are other words."""


VERDICT_LABELS = {
    Verdict.IN_FORCE: "现行有效",
    Verdict.AMENDED: "引用的是旧文本",
    Verdict.REPEALED: "已废止",
    Verdict.NOT_YET_IN_FORCE: "尚未生效",
    Verdict.NEVER_EXISTED: "不存在",
    Verdict.OUTSIDE_HOLDINGS: "本库未收录",
    Verdict.QUOTE_DIFFERS: "引文与原文不符",
}


@dataclass(frozen=True)
class CheckedCitation:
    """One citation with its verdict on the day ``as_of``.

    ``text[span]`` is how it stands in the text. ``title`` is the full title of the work when we
    hold it, else as named; ``label`` the article with 款 and 项. ``provision_text`` is the whole
    article in the version ``version_id``: the one in force, else the last that was, else the first that
    will be. ``successor`` names what took the place of a repealed work, ``renumbered_to`` the article
    that the older text has become. ``region`` is where the work applies and ``applies`` whether the
    citation holds on that day in the reader's region; None when that is not known. ``reason`` is a
    Chinese sentence.
    """

    text: str
    span: tuple[int, int]
    form: CitationForm
    verdict: Verdict
    as_of: dt.date
    reason: str
    title: str = ""
    label: str = ""
    document_number: str = ""
    work_id: str | None = None
    provision_id: str | None = None
    version_id: str | None = None
    provision_text: str = ""
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    successor: str = ""
    renumbered_to: str = ""
    region: str = ""
    applies: bool | None = None
    quote: str = ""

    @property
    def verdict_label(self) -> str:
        """The verdict in Chinese."""
        return VERDICT_LABELS[self.verdict]
