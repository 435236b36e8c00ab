"""What judging a citation reads of the store: works, their versions, the texts of an article, repeals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from kb.answer.verify_quotes import squeeze
from kb.domain.validity import ProvisionState, StatedRepeal
from kb.domain.works import Provision, Version, Work, provision_id
from kb.store import works as store
from kb.store.database import Connection
from kb.store.documents import finding_codes
from kb.store.rows import LoadedProvision
from kb.store.validity import provision_states_on, repeals_of_title, repeals_of_work

INCOMPLETE = frozenset(("article_missing", "candidates_unread", "closing_missing", "provisions_missing"))
"""Codes of findings (``ingest.checks``) after which a missing article proves nothing."""


@dataclass(frozen=True)
class KnownRepeal:
    """A text that we hold says that a work is over, or an article of it; ``by_label`` is where it says so."""

    stated: StatedRepeal
    by_title: str
    by_label: str

    @property
    def day(self) -> dt.date | None:
        """First day without force, None when the text does not say."""
        return self.stated.day


class Shelf(Protocol):
    """The reading interface; ``StoreShelf`` is the one over the database."""

    def work(self, work_id: str) -> Work:
        """The work."""
        ...

    def versions(self, work_id: str) -> tuple[Version, ...]:
        """All its versions, oldest start first."""
        ...

    def texts(self, work_id: str, number: tuple[int, int]) -> tuple[LoadedProvision, ...]:
        """Every text that an article has had, oldest start first."""
        ...

    def articles(self, version_id: str) -> tuple[Provision, ...]:
        """All provisions of a version in order."""
        ...

    def squeezed(self, version_id: str) -> tuple[str, ...]:
        """``articles`` without marks and blanks, in the same order."""
        ...

    def is_whole(self, work_id: str) -> bool:
        """False when we hold only a part of the work, so that a missing article proves nothing."""
        ...

    def repeals_of_title(self, title: str) -> tuple[KnownRepeal, ...]:
        """What held texts say of the end of the work with this title, or of articles of it, held or not."""
        ...

    def repeals_of_work(self, work_id: str) -> tuple[KnownRepeal, ...]:
        """The same for a held work."""
        ...

    def states(self, provision_id: str, as_of: dt.date) -> tuple[ProvisionState, ...]:
        """What became of this article or of parts of it, as it holds on the day."""
        ...


class StoreShelf:
    """Reads one snapshot of the store and remembers what it has read."""

    def __init__(self, connection: Connection) -> None:
        """``connection`` stays the caller's."""
        self._connection = connection
        self._works: dict[str, Work] = {}
        self._versions: dict[str, tuple[Version, ...]] = {}
        self._texts: dict[str, tuple[LoadedProvision, ...]] = {}
        self._articles: dict[str, tuple[Provision, ...]] = {}
        self._squeezed: dict[str, tuple[str, ...]] = {}
        self._repeals: dict[str, tuple[KnownRepeal, ...]] = {}

    def work(self, work_id: str) -> Work:
        """The work; raises NotFoundError ``work_not_found``."""
        if work_id not in self._works:
            self._works[work_id] = store.get_work(self._connection, work_id)
        return self._works[work_id]

    def versions(self, work_id: str) -> tuple[Version, ...]:
        """All versions of a work that serve or served, oldest start first."""
        if work_id not in self._versions:
            held = store.list_versions(self._connection, work_id)
            self._versions[work_id] = tuple(one for one in held if not one.superseded_by)
        return self._versions[work_id]

    def texts(self, work_id: str, number: tuple[int, int]) -> tuple[LoadedProvision, ...]:
        """Every text of an article, oldest start first; empty when there is none."""
        wanted = provision_id(work_id, number)
        if wanted not in self._texts:
            found = store.provision_versions(self._connection, wanted)
            self._texts[wanted] = tuple(one for one in found if not one.version.superseded_by)
        return self._texts[wanted]

    def articles(self, version_id: str) -> tuple[Provision, ...]:
        """All provisions of a version in order."""
        if version_id not in self._articles:
            self._articles[version_id] = store.list_provisions(self._connection, version_id)
        return self._articles[version_id]

    def squeezed(self, version_id: str) -> tuple[str, ...]:
        """Texts of ``articles`` as ``verify_quotes.squeeze`` gives them."""
        if version_id not in self._squeezed:
            self._squeezed[version_id] = tuple(squeeze(one.text) for one in self.articles(version_id))
        return self._squeezed[version_id]

    def is_whole(self, work_id: str) -> bool:
        """False when a file that a text of the work was read from looked incomplete."""
        return not INCOMPLETE & finding_codes(self._connection, work_id)

    def repeals_of_title(self, title: str) -> tuple[KnownRepeal, ...]:
        """What held texts state of the end of a work or of its articles."""
        return self._known(repeals_of_title(self._connection, title))

    def repeals_of_work(self, work_id: str) -> tuple[KnownRepeal, ...]:
        """The same for a held work."""
        if work_id not in self._repeals:
            self._repeals[work_id] = self._known(repeals_of_work(self._connection, work_id))
        return self._repeals[work_id]

    def states(self, provision_id: str, as_of: dt.date) -> tuple[ProvisionState, ...]:
        """What became of an article or of parts of it."""
        return provision_states_on(self._connection, [provision_id], as_of).get(provision_id, ())

    def _known(self, stated: tuple[StatedRepeal, ...]) -> tuple[KnownRepeal, ...]:
        keys = [(one.by_provision, one.by_version) for one in stated]
        loaded = store.load_provisions(self._connection, keys) if keys else {}
        known = []
        for one, key in zip(stated, keys, strict=True):
            by = loaded.get(key)
            title = by.work.title if by else store.get_version(self._connection, one.by_version).work_id
            known.append(KnownRepeal(one, title, by.provision.label if by else ""))
        return tuple(known)
