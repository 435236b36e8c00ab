"""A reply as one text: headings with statements for citizens and 普法, a script for the hotline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from kb.domain.ask import AskBack, Channel, ReplyCitation, Segment, SegmentKind

LEADING = (SegmentKind.SAFETY, SegmentKind.URGENT, SegmentKind.DEADLINE)
"""Said before a script, which does not hold them."""
SPOKEN_REFERRALS = 3


def write_reply(
    channel: Channel,
    segments: Sequence[Segment],
    citations: Sequence[ReplyCitation],
    ask_back: AskBack | None,
    retold: str,
    notes: Sequence[str],
) -> str:
    """The text for ``channel``; ``retold`` is the answer's own script or 普法 text, where it has one.

    ``notes`` close a written text; a script is spoken and has none.
    """
    if channel is Channel.HOTLINE:
        return _write_script(segments, ask_back, retold)
    if channel is Channel.EDUCATION and retold:
        first = [one for one in segments if one.kind is SegmentKind.SAFETY]
        return "\n".join([*(one.text for one in first), retold, *notes])
    blocks = [
        block(label, [one.text for one in run])
        for label, run in ((label, list(run)) for label, run in groupby(segments, key=lambda one: one.label))
    ]
    if ask_back is not None:
        lines = [
            ask_back.question,
            *(f"{place}. {one.label}" for place, one in enumerate(ask_back.choices, 1)),
        ]
        blocks.append("请先告诉我们\n" + "\n".join(lines))
    if citations:
        blocks.append(block("依据", [describe_citation(one) for one in citations]))
    blocks.append(block("说明", notes))
    return "\n".join(one for one in blocks if one)


def block(heading: str, lines: Iterable[str]) -> str:
    """A heading with its statements; empty without any."""
    told = [f"· {line}" for line in lines]
    return "\n".join([heading, *told]) if told else ""


def describe_citation(one: ReplyCitation) -> str:
    """``《…法》第三十八条（现行有效）：……``."""
    words = f"：{one.says}" if one.says else ""
    return f"《{one.title}》{one.label}（{one.verdict_label}）{words}"


def _write_script(segments: Sequence[Segment], ask_back: AskBack | None, retold: str) -> str:
    """What the agent reads out: safety first, then the approved script, else the first statements."""
    lines = [one.text for one in segments if one.kind is SegmentKind.SAFETY]
    lines += [one.text for one in segments if one.kind is SegmentKind.DEADLINE]
    if retold:
        return "\n".join([*lines, retold])
    lines += [one.text for one in segments if one.kind not in (SegmentKind.SAFETY, SegmentKind.DEADLINE)][
        :SPOKEN_REFERRALS
    ]
    if ask_back is not None:
        lines.append(ask_back.question + "，还是".join(one.label for one in ask_back.choices) + "？")
    return "\n".join(lines)
