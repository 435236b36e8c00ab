"""An answer made of what others wrote: whole sentences of provisions, blocks of guides, gists of cases.

Nothing is worded here. Each segment is cut from its source as it stands and carries its citation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb.answer.verify_types import VERDICT_LABELS, Verdict
from kb.domain.ask import NamedLink, ReplyCitation, Segment, SegmentKind
from kb.domain.search import SearchHit, SearchResult
from kb.domain.works import WorkKind

TOP_K = 10
"""Hits that are asked for; the judge of their worth looks at as many."""
MAX_LAWS, MAX_GUIDES, MAX_CASES = 3, 1, 1
MAX_QUOTE = 220
"""Characters of one quotation; the provision itself stands behind it."""
MAX_SENTENCES = 3
CASE_FORCE = "供参考，非裁判依据"
NOTE = "下面是可能有关的条文原文，不是对您这件事的结论；是不是适用，要看具体情况。"

FEATURES = (
    *("meaning_first", "meaning_five", "words_first", "words_five", "both", "same_work", "named"),
    *("length", "unknown_share", "nearest"),
)
"""What the judge of search results sees; see ``hit_features``."""

_LAW = frozenset((WorkKind.STATUTE, WorkKind.NORMATIVE))
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
_HEAD = re.compile(r"^[（(][一二三四五六七八九十百]{1,4}[）)]|^[0-9]{1,2}[.．、]")
_ENDS = "。！？；"

Weigh = Callable[[str], dict[str, float]]
"""A text's words with the rarity of each."""


@dataclass(frozen=True)
class Composed:
    """Segments with their citations; ``guides`` and ``cases`` are the works behind them."""

    segments: tuple[Segment, ...]
    citations: tuple[ReplyCitation, ...]
    guides: tuple[NamedLink, ...] = ()
    cases: tuple[NamedLink, ...] = ()


def hit_features(
    question: str, hits: Sequence[SearchHit], unknown_share: float, nearest: float
) -> npt.NDArray[np.float64]:
    """``FEATURES`` of a search result.

    Cosines of the best and the mean of five, the same for the score by words per character, how many of the
    first five both lists found, how many are of the work of the first, whether the question named a
    provision; then length, words that no standard answer has, and the best cosine to a known wording.
    """
    meaning = sorted(_scores(hits, "meaning"), reverse=True)
    words = sorted(_scores(hits, "words"), reverse=True)
    length = max(len(question), 1)
    first = hits[:5]
    both = sum(len({reason.signal for reason in hit.reasons} & {"meaning", "words"}) == 2 for hit in first)
    return np.array(
        [
            meaning[0] if meaning else 0.0,
            float(np.mean(meaning[:5])) if meaning else 0.0,
            words[0] / length if words else 0.0,
            float(np.mean(words[:5])) / length if words else 0.0,
            both,
            sum(hit.work_id == first[0].work_id for hit in first) if first else 0,
            float(any(reason.signal == "citation" for hit in hits for reason in hit.reasons)),
            float(np.log(length)),
            unknown_share,
            nearest,
        ]
    )


def compose_answer(question: str, found: SearchResult, weigh: Weigh) -> Composed:
    """The best sentences of the best hits; empty when none bears on the question."""
    wanted = weigh(question)
    segments: list[Segment] = []
    citations: list[ReplyCitation] = []
    guides: list[NamedLink] = []
    cases: list[NamedLink] = []
    left = {WorkKind.GUIDE: MAX_GUIDES, WorkKind.CASE: MAX_CASES}
    laws = MAX_LAWS
    for hit in found.hits:
        if hit.kind in _LAW and laws:
            quote = choose_sentences(hit.text, wanted, weigh)
            if not quote:
                continue
            laws -= 1
            citation = cite_hit(hit, f"c{len(citations) + 1}")
            segments.append(Segment(SegmentKind.QUOTE, quote_law(hit, quote), (citation.key,)))
        elif left.get(hit.kind):
            quote = choose_sentences(hit.text, wanted, weigh) or first_sentences(hit.text)
            if not quote:
                continue
            left[hit.kind] -= 1
            citation = cite_hit(hit, f"c{len(citations) + 1}")
            segments.append(_quote_record(hit, quote, citation.key))
            (guides if hit.kind is WorkKind.GUIDE else cases).append(NamedLink(hit.work_title, hit.work_id))
        else:
            continue
        citations.append(citation)
    if not laws < MAX_LAWS and not guides:
        return Composed((), ())
    order = {SegmentKind.QUOTE: 0, SegmentKind.STEP: 1, SegmentKind.GIST: 2}
    ranked = sorted(segments, key=lambda one: order[one.kind])
    return Composed((Segment(SegmentKind.NOTE, NOTE), *ranked), tuple(citations), tuple(guides), tuple(cases))


def choose_sentences(text: str, wanted: dict[str, float], weigh: Weigh) -> str:
    """Neighbouring whole sentences of ``text`` that share most with ``wanted``, as they stand in it.

    Empty when no sentence shares a rare word. An item brings the line that opens its list.
    """
    spans = [match.span() for match in _SENTENCE.finditer(text) if match[0].strip()]
    worth = [_overlap(text[start:end], wanted, weigh) for start, end in spans]
    if not spans or max(worth) <= 0:
        return ""
    best = max(range(len(spans)), key=lambda place: (worth[place], -place))
    first, last = best, best
    while last - first + 1 < MAX_SENTENCES:
        before = worth[first - 1] if first else -1.0
        after = worth[last + 1] if last + 1 < len(spans) else -1.0
        if max(before, after) < 0.4 * worth[best] or spans[last][1] - spans[first][0] >= MAX_QUOTE:
            break
        wider = (first - 1, last) if before >= after else (first, last + 1)
        if spans[wider[1]][1] - spans[wider[0]][0] > MAX_QUOTE:
            break
        first, last = wider
    start, end = spans[first][0], spans[last][1]
    # A clause that ends with a semicolon goes on: the rest of its sentence belongs to it.
    while text[end - 1] == "；" and last + 1 < len(spans) and spans[last + 1][1] - start <= 2 * MAX_QUOTE:
        last += 1
        end = spans[last][1]
    opening = _opening_of(text, start)
    if opening is not None:
        return f"{text[slice(*opening)].strip()}\n{text[start:end].strip()}"
    return text[start:end].strip()


def first_sentences(text: str) -> str:
    """The opening of a block, whole sentences only."""
    end = 0
    for match in _SENTENCE.finditer(text):
        if match.end() > MAX_QUOTE and end:
            break
        end = match.end()
    return text[:end].strip()


def quote_law(hit: SearchHit, quote: str) -> str:
    """``《…法》第三十条：“……”``; a line break in the quotation stays where pieces were parted."""
    return f"《{hit.work_title}》{hit.label}：“{quote}”"


def cite_hit(hit: SearchHit, key: str) -> ReplyCitation:
    """A hit as a citation; the search gave only what is in force on the day."""
    return ReplyCitation(
        key=key,
        kind=hit.kind.value,
        title=hit.work_title,
        label=hit.label,
        verdict=Verdict.IN_FORCE.value,
        verdict_label=VERDICT_LABELS[Verdict.IN_FORCE] if hit.kind in _LAW else _record_label(hit),
        verified=True,
        text=hit.text,
        work_id=hit.work_id,
        provision_id=hit.provision_id,
        version_id=hit.version_id,
        effective_from=hit.effective_from,
    )


def _record_label(hit: SearchHit) -> str:
    return CASE_FORCE if hit.kind is WorkKind.CASE else "办事指引"


def _quote_record(hit: SearchHit, quote: str, key: str) -> Segment:
    if hit.kind is WorkKind.GUIDE:
        return Segment(SegmentKind.STEP, f"办事指引《{hit.work_title}》{hit.label}：“{quote}”", (key,))
    return Segment(SegmentKind.GIST, f"《{hit.work_title}》{hit.label}（{CASE_FORCE}）：“{quote}”", (key,))


def _opening_of(text: str, start: int) -> tuple[int, int] | None:
    """The line that opens the list in which an item at ``start`` stands; None when it is no item."""
    line_start = text.rfind("\n", 0, start) + 1
    if not _HEAD.match(text[line_start : line_start + 8]):
        return None
    while line_start > 0:
        end = line_start - 1
        line_start = text.rfind("\n", 0, end) + 1
        if not _HEAD.match(text[line_start : line_start + 8]):
            return (line_start, end) if end - line_start <= MAX_QUOTE else None
    return None


def _overlap(sentence: str, wanted: dict[str, float], weigh: Weigh) -> float:
    shared = wanted.keys() & weigh(sentence).keys()
    return sum(wanted[token] for token in shared)


def _scores(hits: Iterable[SearchHit], signal: str) -> list[float]:
    return [
        reason.score
        for hit in hits
        for reason in hit.reasons
        if reason.signal == signal and reason.score is not None
    ]
