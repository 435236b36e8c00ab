"""A draft back to the text that it was read from: the reverse of ``parse_statute`` for the body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.drafts import DraftProvision
from ingest.parsers.provisions import WHOLE_TEXT
from ingest.parsers.statute_blocks import INTRODUCTION

_SILENT = (WHOLE_TEXT, INTRODUCTION, "落款")
_REPEATED = "（重复之"


def render_statute(provisions: Iterable[DraftProvision], base: tuple[str, ...] = ()) -> Iterator[str]:
    """The lines of the body: every heading once, then the provisions below it.

    Articles read 第…条 and a blank, items 一、 as written; blocks named after a heading, 引言, 全文 and
    annexes bear their words already. ``base`` is what no heading of the body says: the part of a work.
    """
    path = base
    for one in provisions:
        label = one.label.partition(_REPEATED)[0]
        annexed = label.startswith("附") and one.number is None
        if not annexed:
            shared = _count_shared(path, one.path)
            yield from one.path[shared:]
            path = one.path
        text = one.text
        if one.number is not None or (label.startswith("第") and label.endswith("条")):
            yield f"{label} {text}".rstrip(" ") if text else label
        elif annexed:
            article = label.partition(" ")[2]
            inside = article.startswith("第") and article.endswith("条") and one.path
            yield f"{article} {text}" if inside else text
        elif label == "序言":
            yield label
            yield text
        elif label in _SILENT or (one.path and label == one.path[-1]):
            yield text
        else:
            yield label + text


def _count_shared(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    shared = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        shared += 1
    return shared
