"""What saving did, for reports."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tally:
    """How many records of one sort were added, changed, removed or left as they were."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
            self.unchanged + other.unchanged,
        )

    @property
    def is_noop(self) -> bool:
        """Whether nothing was written."""
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True)
class TextDifference:
    """A source holds another text for a day than the one that serves, which comes from a source before it.

    ``provision_ids`` are those whose text differs or that only one of the two has, in order.
    """

    version_id: str
    source_id: str
    serving_source_id: str
    provision_ids: tuple[str, ...]


@dataclass(frozen=True)
class SaveSummary:
    """What saving did.

    ``witnesses`` counts what sources state of versions, where the versions themselves may be as they were.
    ``fresh_versions`` are ids of versions whose stored text is new or changed: what is derived from texts
    (citations, repeals) is to be made again for them. ``rewritten_versions`` are those of them whose text was
    corrected in place, because the same bytes were read better. ``superseded_versions`` are pairs (older
    text, text that took its place under the same day). ``differing`` repeats with every save as long as
    it is so. ``outbox_rows`` is what the indexes have to follow.
    """

    works: Tally = field(default_factory=Tally)
    versions: Tally = field(default_factory=Tally)
    provisions: Tally = field(default_factory=Tally)
    outbox_rows: int = 0
    rewritten_versions: tuple[str, ...] = ()
    witnesses: Tally = field(default_factory=Tally)
    fresh_versions: tuple[str, ...] = ()
    superseded_versions: tuple[tuple[str, str], ...] = ()
    differing: tuple[TextDifference, ...] = ()

    def __add__(self, other: SaveSummary) -> SaveSummary:
        """Both together, for a run over many works."""
        return SaveSummary(
            self.works + other.works,
            self.versions + other.versions,
            self.provisions + other.provisions,
            self.outbox_rows + other.outbox_rows,
            self.rewritten_versions + other.rewritten_versions,
            self.witnesses + other.witnesses,
            self.fresh_versions + other.fresh_versions,
            self.superseded_versions + other.superseded_versions,
            self.differing + other.differing,
        )

    @property
    def is_noop(self) -> bool:
        """Whether nothing was written."""
        return (
            self.works.is_noop
            and self.versions.is_noop
            and self.provisions.is_noop
            and self.witnesses.is_noop
        )
