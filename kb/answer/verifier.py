"""The last gate before a reply leaves: citations in force, quotations as they stand, numbers with a source.

A segment that fails is taken out with the reason logged; where the conclusion fails, or a citation that the
statements rest on, nothing of the answer is left and the caller refers instead.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kb.answer.hotlines import HOTLINES
from kb.answer.numbers import leftover_digits, missing_quantities
from kb.answer.verify_types import Verdict
from kb.domain.ask import ReplyCitation, Segment, SegmentKind

log = logging.getLogger(__name__)

# Provisions quote words themselves (本法关于“五日”的规定), so the quotation ends with the segment.
_QUOTED = re.compile(r"：“(.{1,2000})”\Z", re.DOTALL)
QUOTING = frozenset((SegmentKind.QUOTE, SegmentKind.GIST))
OUR_OWN = frozenset((SegmentKind.SAFETY, SegmentKind.REFERRAL, SegmentKind.NOTE, SegmentKind.DEADLINE))
"""Kinds worded by this service: numbers to call and days that it reckoned itself."""
ESSENTIAL = frozenset(
    (
        *(SegmentKind.CONCLUSION, SegmentKind.LIMIT, SegmentKind.URGENT),
        *(SegmentKind.TIME_LIMIT, SegmentKind.AMOUNT),
    )
)
"""Kinds without which an answer must not be given. A length or a sum that its source no longer states means
that the law has changed under the answer."""


@dataclass(frozen=True)
class Refused:
    """What may not leave, and why in Chinese."""

    place: str
    why: str


@dataclass(frozen=True)
class Verified:
    """What may leave. ``whole`` is False when something essential was refused."""

    segments: tuple[Segment, ...]
    citations: tuple[ReplyCitation, ...]
    refused: tuple[Refused, ...] = ()
    whole: bool = True


def verify_reply(
    segments: Sequence[Segment],
    citations: Sequence[ReplyCitation],
    sources: Sequence[str],
    as_of: dt.date,
    ended: Collection[str] = (),
) -> Verified:
    """Check every citation and every segment.

    ``sources`` are texts in which numbers may stand besides those of the citations (all the provisions that
    an answer rests on, its dated amounts). ``ended`` are ids of provisions repealed by the day.
    """
    refused: list[Refused] = []
    good: dict[str, ReplyCitation] = {}
    for one in citations:
        why = _fault_of_citation(one, as_of, ended)
        if why:
            refused.append(Refused(f"《{one.title}》{one.label}", why))
        else:
            good[one.key] = one
    kept: list[Segment] = []
    whole = True
    for segment in segments:
        why = _fault_of_segment(segment, good, sources)
        if why:
            refused.append(Refused(segment.kind.value, why))
            whole = whole and segment.kind not in ESSENTIAL
        else:
            kept.append(segment)
    for fault in refused:
        log.warning("refused %s: %s", fault.place, fault.why)
    used = {key for segment in kept for key in segment.sources}
    lost = {key for segment in segments for key in segment.sources} - used
    left = tuple(
        one for one in citations if one.key in good and (one.key in used or (whole and one.key not in lost))
    )
    return Verified(tuple(kept), left, tuple(refused), whole)


def _fault_of_citation(one: ReplyCitation, as_of: dt.date, ended: Collection[str]) -> str:
    if not one.verified:
        return "" if one.verdict == Verdict.OUTSIDE_HOLDINGS.value and not one.text else one.verdict_label
    if one.verdict != Verdict.IN_FORCE.value:
        return one.verdict_label
    if one.provision_id in ended:
        return "这一条已经废止"
    if one.effective_from is not None and one.effective_from > as_of:
        return f"{as_of}尚未生效"
    return "" if one.text else "没有原文"


def _fault_of_segment(
    segment: Segment,
    good: dict[str, ReplyCitation],
    sources: Sequence[str],
) -> str:
    missing = [key for key in segment.sources if key not in good]
    if missing:
        return f"所依据的 {'、'.join(missing)} 不能用"
    if segment.kind in QUOTING or (segment.kind is SegmentKind.STEP and "办事指引《" in segment.text[:6]):
        return _fault_of_quote(segment, good)
    if segment.kind in OUR_OWN:
        return _fault_of_numbers_to_call(segment.text)
    waiting = [key for key in segment.sources or good if not good[key].verified]
    if waiting:  # what a work says that we do not hold cannot be compared; the citation says so
        return _fault_of_numbers_to_call(segment.text)
    held = [one.text for one in good.values()]
    extra = missing_quantities(segment.text, [*held, *sources])
    if extra:
        return f"“{extra[0].written}”没有出处"
    return _fault_of_numbers_to_call(segment.text)


def _fault_of_quote(segment: Segment, good: dict[str, ReplyCitation]) -> str:
    quoted = _QUOTED.search(segment.text)
    if quoted is None or len(segment.sources) != 1:
        return "引文没有出处"
    source = good[segment.sources[0]]
    at = 0
    for line in quoted[1].split("\n"):
        place = source.text.find(line, at)
        if place < 0:
            return f"引文不在{source.label}里"
        at = place + len(line)
    head = segment.text[: quoted.start()]
    return "" if source.title in head and source.label in head else "引文的出处写得不对"


def _fault_of_numbers_to_call(text: str) -> str:
    strange = [digits for digits in leftover_digits(text) if digits not in HOTLINES]
    return f"“{strange[0]}”不是核对过的电话" if strange else ""
