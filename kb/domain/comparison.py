"""新旧对照: what became of each provision between two versions of a work."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from kb.domain.works import Provision


class ChangeKind(StrEnum):
    """What became of a provision; the first that applies, in this order: added, removed, renumbered …"""

    ADDED = "added"
    REMOVED = "removed"
    RENUMBERED = "renumbered"
    """Stands under another number; its text may have changed too (``text_changed``)."""
    CHANGED = "changed"
    MOVED = "moved"
    """Number and text stayed, the heading that it stands under is another."""
    UNCHANGED = "unchanged"


CHANGE_LABELS = {
    ChangeKind.ADDED: "新增",
    ChangeKind.REMOVED: "删除",
    ChangeKind.RENUMBERED: "条序变化",
    ChangeKind.CHANGED: "修改",
    ChangeKind.MOVED: "移动位置",
    ChangeKind.UNCHANGED: "未变",
}


class SegmentKind(StrEnum):
    """On which side a stretch of text stands."""

    EQUAL = "equal"
    DELETE = "delete"
    """In the old text only."""
    INSERT = "insert"
    """In the new text only."""


@dataclass(frozen=True)
class Segment:
    """A stretch of text that both sides have, or one."""

    kind: SegmentKind
    text: str


@dataclass(frozen=True)
class ProvisionChange:
    """One provision on both sides; ``old`` is None when it was added, ``new`` when it was removed.

    ``segments`` in order, equal and deleted ones making the old text, equal and inserted ones the new;
    empty when the two are the same to the letter. ``text_changed`` leaves spelling variants and blanks
    out of account; ``heading_changed`` the numbers of headings.
    """

    kind: ChangeKind
    old: Provision | None
    new: Provision | None
    segments: tuple[Segment, ...] = ()
    text_changed: bool = False
    heading_changed: bool = False


@dataclass(frozen=True)
class Comparison:
    """Every provision of both versions once, in the order of the new one, removed ones at their old place."""

    changes: tuple[ProvisionChange, ...]

    def count(self) -> dict[ChangeKind, int]:
        """How many provisions of each kind."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in ChangeKind}


def old_text(segments: tuple[Segment, ...]) -> str:
    """The old side of a diff."""
    return "".join(one.text for one in segments if one.kind is not SegmentKind.INSERT)


def new_text(segments: tuple[Segment, ...]) -> str:
    """The new side of a diff."""
    return "".join(one.text for one in segments if one.kind is not SegmentKind.DELETE)
