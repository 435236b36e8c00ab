"""A reply as one text: headings with statements for citizens and 普法, a script for the hotline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from kb.domain.answers import SCRIPT_MAX
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
        first = [one for one in segments if one.kind in LEADING]
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
    """What the agent reads out: what must be said first, the approved script, else the first statements.

    Statements are left out where the whole would take longer than a minute; LEADING ones never.
    """
    lines = [one.text for one in segments if one.kind in LEADING]
    if retold:
        return "\n".join([*lines, retold])
    asked = []
    if ask_back is not None:
        asked = [ask_back.question + "，还是".join(one.label for one in ask_back.choices) + "？"]
    left = SCRIPT_MAX - sum(len(line) + 1 for line in (*lines, *asked))
    told = [one for one in segments if one.kind not in LEADING]
    for one in told[:SPOKEN_REFERRALS]:
        spoken = one.text if len(one.text) <= left else _name_source(one)
        if spoken and len(spoken) <= left:
            lines.append(spoken)
            left -= len(spoken) + 1
    return "\n".join([*lines, *asked])


def _name_source(one: Segment) -> str:
    """Where a quotation too long to be read out stands; empty for anything else."""
    head, quoted, _ = one.text.partition("：“")
    return f"{head}，原文请看页面。" if quoted and one.sources else ""
