"""Where a text that a source gives belongs: a new version, a further witness, another reading of a day.

No text is ever overwritten by another. The one exception is a better reading of the very same bytes,
which corrects in place. See ``place_text`` for the cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from kb.domain.works import Provision, VersionedText, WorkKind
from kb.store.outbox import OutboxOp
from kb.store.summary import SaveSummary, Tally, TextDifference
from kb.store.texts import (
    Changes,
    differing_provisions,
    held_text,
    ids_in,
    insert_version,
    remove_version,
    targets_of,
    update_version,
    write_details,
    write_text,
)
from kb.store.witnesses import (
    Family,
    Origin,
    Statement,
    Witness,
    delete_witness,
    digest_bytes,
    digest_content,
    move_witnesses,
    name_reading,
    write_witness,
)


@dataclass
class Placing:
    """One source's texts of one work on their way into the store, and what was done with them."""

    connection: sa.Connection
    origin: Origin
    kind: WorkKind
    changes: Changes
    families: dict[str, Family]
    added: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    removed: int = 0
    provisions: Tally = field(default_factory=Tally)
    witnesses: Tally = field(default_factory=Tally)
    fresh: list[str] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    superseded: list[tuple[str, str]] = field(default_factory=list)
    differing: list[TextDifference] = field(default_factory=list)
    loosened: set[str] = field(default_factory=set)
    """Works whose end a text stated that no longer serves."""

    # -- giving ----------------------------------------------------------------------------------

    def place_text(self, text: VersionedText) -> None:
        """Take in what the source gives under a version id.

        - The first text under the id becomes the version.
        - The same wording again (spelling variants and blanks apart) is a witness; of several, the
          reading of the highest priority is kept.
        - Another wording from the same bytes corrects in place.
        - Another wording from other bytes, or from a source of higher priority, serves under an id of its own
          (``work@date~digest``); the older text is kept, superseded, and still reads when asked for.
        - Another wording from a source of no higher priority than one that agrees with the held text is told.
        """
        family = self.families.get(text.version.id)
        word = Witness(
            self.origin.source_id,
            self.origin.priority,
            Statement.of(text.version),
            digest_bytes(text, self.origin),
            digest_content(text, self.origin.priority),
        )
        if family is None:
            self._begin(text, word)
            return
        mine = family.witnesses.get(self.origin.source_id)
        if mine is not None and replace(word, differing=mine.differing) == mine:
            self.provisions += Tally(unchanged=len(text.provisions))
            self.witnesses += Tally(unchanged=1)
            self._tell_difference(family, mine)
            return
        held = held_text(self.connection, family.current.id)
        differing = differing_provisions(held, text.provisions)
        if not differing:
            self._attest(family, text, word, held)
        elif family.strength_without(self.origin.source_id) >= self.origin.priority:
            self._keep_apart(family, text, word, differing)
        elif (
            mine is not None
            and mine.agrees
            and mine.bytes_sha256 == word.bytes_sha256
            and family.serving == self.origin.source_id
        ):
            self._correct(family, text, word, held, differing)
        else:
            self._supersede(family, text, word, differing)

    def _begin(self, text: VersionedText, word: Witness) -> None:
        insert_version(self.connection, text.version, self.origin.source_id)
        family = Family(text.version, self.origin.source_id)
        self.families[text.version.id] = family
        self.added.add(text.version.id)
        self.fresh.append(text.version.id)
        self._write(text, ())
        self._bear_witness(family, word, text.documents)

    def _attest(
        self, family: Family, text: VersionedText, word: Witness, held: tuple[Provision, ...]
    ) -> None:
        self._bear_witness(family, word, text.documents)
        best = family.best_witness()
        if best is None or best.source_id == self.origin.source_id:
            self._write(_under(text, family.current.id), held)
        else:
            self.provisions += Tally(unchanged=len(text.provisions))

    def _keep_apart(
        self, family: Family, text: VersionedText, word: Witness, differing: tuple[str, ...]
    ) -> None:
        told = replace(word, differing=differing)
        self._bear_witness(family, told, text.documents)
        self._tell_difference(family, told)
        self.provisions += Tally(unchanged=len(text.provisions))

    def _correct(
        self,
        family: Family,
        text: VersionedText,
        word: Witness,
        held: tuple[Provision, ...],
        differing: tuple[str, ...],
    ) -> None:
        self._write(_under(text, family.current.id), held)
        self._bear_witness(family, word, text.documents)
        self.rewritten.append(family.current.id)
        self._doubt_others(family, differing)

    def _supersede(
        self, family: Family, text: VersionedText, word: Witness, differing: tuple[str, ...]
    ) -> None:
        before = family.current
        self.loosened |= targets_of(self.connection, before.id)
        after = next(
            (
                one
                for one in family.older.values()
                if not differing_provisions(held_text(self.connection, one.id), text.provisions)
            ),
            None,
        )
        if after is None:
            taken = (before.id, *family.older)
            reading = replace(text.version, id=name_reading(text, taken))
            insert_version(self.connection, reading, self.origin.source_id)
            self.added.add(reading.id)
        else:
            del family.older[after.id]
            reading = replace(after, superseded_by="")
            update_version(self.connection, reading, self.origin.source_id)
            self.changes.put(OutboxOp.UPSERT, reading.id, ids_in(self.connection, reading.id))
            self.changed.add(reading.id)
        ended = replace(
            before,
            effective_to=before.effective_from,
            effective_to_certain=True,
            superseded_by=reading.id,
        )
        update_version(self.connection, ended, family.serving)
        self.changes.put(OutboxOp.DELETE, ended.id, ids_in(self.connection, ended.id))
        family.older[ended.id] = ended
        self.changed.add(ended.id)
        family.current, family.serving = reading, self.origin.source_id
        move_witnesses(self.connection, ended.id, reading.id)
        self.fresh.append(reading.id)
        self._write(_under(text, reading.id), held_text(self.connection, reading.id))
        self._bear_witness(family, word, text.documents)
        self.superseded.append((ended.id, reading.id))
        self._doubt_others(family, differing)

    def _doubt_others(self, family: Family, differing: tuple[str, ...]) -> None:
        """Another text serves: who agreed with the old one differs, who differed is looked at again."""
        for other in list(family.witnesses.values()):
            if other.source_id == self.origin.source_id:
                continue
            if other.agrees:
                other = replace(other, differing=differing)
                self._tell_difference(family, other)
            else:
                other = replace(other, content_sha256="")
            self._bear_witness(family, other, None)

    def _write(self, text: VersionedText, held: tuple[Provision, ...]) -> None:
        done = write_text(self.connection, text, held, self.changes)
        details_changed = write_details(self.connection, text, self.kind)
        self.provisions += done.tally
        if details_changed or not done.tally.is_noop:
            self.changed.add(text.version.id)
        if done.text_changed and text.version.id not in self.fresh:
            self.fresh.append(text.version.id)

    def _bear_witness(self, family: Family, word: Witness, documents: tuple[str, ...] | None) -> None:
        known = word.source_id in family.witnesses
        write_witness(self.connection, family.current.id, word, documents)
        family.witnesses[word.source_id] = word
        self.witnesses += Tally(changed=1) if known else Tally(added=1)

    def _tell_difference(self, family: Family, witness: Witness) -> None:
        if not witness.agrees:
            self.differing.append(
                TextDifference(family.current.id, witness.source_id, family.serving, witness.differing)
            )

    # -- taking back -------------------------------------------------------------------------------

    def withdraw(self, base: str) -> None:
        """The source gives this version no longer; it goes when nobody else does."""
        family = self.families[base]
        if family.witnesses.pop(self.origin.source_id, None) is None:
            return
        self.witnesses += Tally(removed=1)
        if not family.witnesses:
            for version_id in (family.current.id, *family.older):
                self.loosened |= targets_of(self.connection, version_id)
                self.provisions += remove_version(self.connection, version_id, self.changes)
                self.removed += 1
            del self.families[base]
            return
        delete_witness(self.connection, family.current.id, self.origin.source_id)
        if family.serving == self.origin.source_id:
            # What serves is still this source's reading: whoever gives the version next puts its own.
            for other in list(family.witnesses.values()):
                self._bear_witness(family, replace(other, content_sha256=""), None)

    # -- summing up --------------------------------------------------------------------------------

    def sum_up(self, given: Mapping[str, object], works: Tally, rows_changed: frozenset[str]) -> SaveSummary:
        """What was done; ``given`` are ids that the source gave, ``rows_changed`` what settling changed."""
        changed = (self.changed | rows_changed) - self.added
        current = {self.families[base].current.id for base in given if base in self.families}
        return SaveSummary(
            works=works,
            versions=Tally(
                added=len(self.added),
                changed=len(changed),
                removed=self.removed,
                unchanged=len(current - changed - self.added),
            ),
            provisions=self.provisions,
            outbox_rows=self.changes.append_to(self.connection),
            rewritten_versions=tuple(self.rewritten),
            witnesses=self.witnesses,
            fresh_versions=tuple(self.fresh),
            superseded_versions=tuple(self.superseded),
            differing=tuple(self.differing),
        )


def _under(text: VersionedText, version_id: str) -> VersionedText:
    """The text under the id of the reading that it becomes."""
    if text.version.id == version_id:
        return text
    return replace(
        text,
        version=replace(text.version, id=version_id),
        provisions=tuple(replace(one, version_id=version_id) for one in text.provisions),
    )
