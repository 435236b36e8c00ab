"""Which other texts a text ends: 《…》同时废止, a decision to repeal, a single article that lapses.

Only what is said is read. A title that tells how the target was amended (根据《关于修改…的决定》修正的…)
is no target; a day is given only where the clause, or the start of a first text, states one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from ingest.parsers.validity import read_closing_clause
from kb.domain.validity import StatedRepeal, Unit
from kb.domain.works import Provision, Version
from kb.text.citations import find_citations
from kb.text.quoted_titles import QuotedTitle, find_quoted_titles

_SENTENCE = re.compile(r"[^。；\n]++")
_ENDS = re.compile(r"(?:废止|失效|停止执行|停止施行)(?:[）)]|执行|适用)?[ ]?\Z")
_DECIDES = re.compile(r"(?:决定|予以|宣布|现)?废止")
_CHANGES = re.compile(r"修改|修正|修订")
_AMENDED_BY = re.compile(
    r"(?:第[一二三四五六七八九十]{1,3}次)?(?:修正|修订|修改)|(?:进行|作)了?修(?:正|订|改)"
)
_REPEAL_DECISION = re.compile(r"废止|宣布失效|清理结果")
_NOT_A_TARGET = re.compile(r"(?:关于)?(?:修改|修订|废止)[^《》]{0,200}(?:决定|公告|通知)\Z")
_AFTER_TITLE = 24
"""Characters behind a title in which its amendment would be told."""


def find_stated_repeals(
    title: str, version: Version, provisions: Sequence[Provision], *, first_text: bool
) -> tuple[StatedRepeal, ...]:
    """Every end of another text that this one states, each target once, in order.

    ``first_text`` says that the version is no later amendment, so that 同时 means its own start; in an
    amended text the clause still speaks of the first one, and its day is then known only if it names it.
    """
    own_start = version.effective_from if first_text and version.effective_from_certain else None
    found: dict[tuple[str, tuple[int, int] | None], StatedRepeal] = {}
    decision = bool(_REPEAL_DECISION.search(title))
    if decision:
        for target in _targets_of_title(title):
            by = provisions[0].id if provisions else ""
            found[target, None] = _stated(version, by, target, own_start, f"《{title}》", None, ())
    listing = False
    for provision in provisions:
        closing = read_closing_clause((provision,))
        day = (closing.day if closing and closing.day else None) or own_start
        for sentence in _SENTENCE.findall(provision.text):
            ends = bool(_ENDS.search(sentence))
            if decision:
                listing = _keeps_listing(sentence, listing)
            if not ends and not (decision and listing):
                continue
            for target, number, units in _targets(sentence):
                if target != title and (target, number) not in found:
                    basis = f"《{title}》{provision.label}：{_shorten(sentence)}"
                    found[target, number] = _stated(version, provision.id, target, day, basis, number, units)
    return tuple(found.values())


def _stated(
    version: Version,
    by: str,
    target: str,
    day: dt.date | None,
    basis: str,
    number: tuple[int, int] | None,
    units: tuple[Unit, ...],
) -> StatedRepeal:
    return StatedRepeal(version.id, by, target, day, basis, number, units)


def _keeps_listing(sentence: str, listing: bool) -> bool:
    """In a decision: whether the titles of this sentence and those that follow are being repealed."""
    if _DECIDES.search(sentence) or _ENDS.search(sentence):
        return True
    return listing and not _CHANGES.search(sentence)


def _targets_of_title(title: str) -> Iterator[str]:
    """``关于废止〈A〉的决定`` ends A."""
    _, _, tail = title.partition("废止")
    tail = _CHANGES.split(tail)[0]
    for match in re.finditer(r"〈([^〈〉]{2,100})〉|《([^《》]{2,100})》", tail):
        yield match[1] or match[2]


def _targets(sentence: str) -> Iterator[tuple[str, tuple[int, int] | None, tuple[Unit, ...]]]:
    titles = [one for one in find_quoted_titles(sentence) if _is_target(sentence, one)]
    if not titles:
        return
    cited = [one for one in find_citations(sentence) if one.title]
    for one in titles:
        parts = [found for found in cited if found.title == one.title and found.span[0] >= one.start]
        if not parts:
            yield one.title, None, ()
        for part in parts:
            if part.number is not None:
                units = tuple((unit.paragraph, unit.item, unit.point) for unit in part.units)
                yield one.title, part.number, units


def _is_target(sentence: str, title: QuotedTitle) -> bool:
    behind = sentence[title.end : title.end + _AFTER_TITLE]
    return not _AMENDED_BY.match(behind) and not _NOT_A_TARGET.search(title.title)


def _shorten(sentence: str) -> str:
    text = sentence.strip()
    return text if len(text) <= 160 else f"{text[:80]}……{text[-70:]}"
