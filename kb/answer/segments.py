"""The statements of a standard answer as segments of a reply, each with the keys of its sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.answer.basis import BasisState, FoundBasis
from kb.answer.parts import branch_slots
from kb.answer.rendering import describe_limit, used_basis
from kb.answer.verify_types import VERDICT_LABELS, Verdict
from kb.domain.answers import Amount, Branch, LimitKind, RiskClass, Slots, StandardAnswer
from kb.domain.ask import ReplyCitation, Segment, SegmentKind
from kb.domain.works import WorkKind

UNVERIFIED = "本库未收录原文，未核验"
LOSING = frozenset(kind for kind in LimitKind if kind is not LimitKind.HANDLING)
"""Kinds of limits after which a right of the person asking is lost."""


def slots_of(answer: StandardAnswer, branch: Branch | None) -> Slots:
    """What holds: the common slots, or those of ``branch`` before them."""
    return answer.slots if branch is None else branch_slots(answer, branch)


def say_answer(
    answer: StandardAnswer, branch: Branch | None, deadlines: Sequence[Segment] = ()
) -> tuple[Segment, ...]:
    """All segments in the order in which they are read; a limit that must not pass comes first.

    ``deadlines`` are last days that were reckoned; they stand before the limits.
    """
    slots = slots_of(answer, branch)
    limits = [
        Segment(
            SegmentKind.LIMIT if limit.kind in LOSING else SegmentKind.TIME_LIMIT,
            describe_limit(limit),
            (limit.basis,),
        )
        for limit in slots.time_limits
    ]
    pressing = answer.risk is RiskClass.TIME_CRITICAL
    first = [one for one in limits if pressing and one.kind is SegmentKind.LIMIT]
    return (
        *([Segment(SegmentKind.URGENT, answer.urgent)] if answer.urgent else ()),
        *deadlines,
        *first,
        *_statements(SegmentKind.CONCLUSION, slots.conclusion.split("\n"), slots.support),
        *_statements(SegmentKind.CONDITION, slots.conditions, slots.support),
        *_statements(SegmentKind.STEP, slots.steps, slots.support),
        *(one for one in limits if one not in first),
        *(Segment(SegmentKind.AMOUNT, describe_amount(amount), (amount.basis,)) for amount in slots.amounts),
        *_statements(SegmentKind.EVIDENCE, slots.evidence),
        *_statements(SegmentKind.MATERIAL, slots.materials),
        *_statements(SegmentKind.COMPETENT, slots.competent.split("\n")),
        *([Segment(SegmentKind.ROUTE, "、".join(slots.routes))] if slots.routes else ()),
        *_statements(SegmentKind.WHERE, [*slots.where.split("\n"), answer.transfer]),
        *_statements(SegmentKind.EXCEPTION, slots.exceptions, slots.support),
    )


def describe_amount(amount: Amount) -> str:
    """``双方没有约定的赔偿：二倍``, with year and source where it changes by year."""
    dated = f"（{amount.year}年，{amount.source}，用到{amount.usable_until}）" if amount.source else ""
    return f"{amount.what}：{amount.value}{dated}"


def cite_basis(
    answer: StandardAnswer, branch: Branch | None, found: Sequence[FoundBasis]
) -> tuple[ReplyCitation, ...]:
    """The basis on which the slots shown rest, as it stands on the day of ``found``."""
    by_key = {one.basis.key: one for one in found}
    used = used_basis(answer, slots_of(answer, branch))
    return tuple(cite_found(by_key[basis.key]) for basis in used if basis.key in by_key)


def cite_found(found: FoundBasis) -> ReplyCitation:
    """A basis as a citation; one whose work is not held is told as such and never as verified."""
    basis = found.basis
    if found.loaded is None or found.state is not BasisState.IN_FORCE:
        verdict = Verdict.OUTSIDE_HOLDINGS if found.state is BasisState.WAITING else Verdict.NEVER_EXISTED
        label = UNVERIFIED if verdict is Verdict.OUTSIDE_HOLDINGS else found.why
        return ReplyCitation(
            basis.key,
            WorkKind.STATUTE.value,
            basis.title,
            basis.label,
            verdict.value,
            label,
            verified=False,
            says=basis.says,
        )
    loaded = found.loaded
    return ReplyCitation(
        key=basis.key,
        kind=loaded.work.kind.value,
        title=loaded.work.title,
        label=basis.label,
        verdict=Verdict.IN_FORCE.value,
        verdict_label=VERDICT_LABELS[Verdict.IN_FORCE],
        verified=True,
        text=found.text,
        says=basis.says,
        work_id=loaded.work.id,
        provision_id=loaded.provision.id,
        version_id=loaded.version.id,
        version_date=loaded.version.version_date,
        effective_from=loaded.version.effective_from,
        changes_on=found.changes_on,
    )


def _statements(kind: SegmentKind, texts: Sequence[str], sources: tuple[str, ...] = ()) -> Iterator[Segment]:
    for text in texts:
        if text:
            yield Segment(kind, text, sources)
