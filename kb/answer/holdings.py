"""What checking an answer reads of the law: works by title, and every text that an article has had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from kb.domain.works import Work, WorkBundle, provision_id
from kb.store import works as store
from kb.store.database import Connection
from kb.store.rows import LoadedProvision
from kb.text.catalogue import title_key


class Holdings(Protocol):
    """The laws that answers are checked against."""

    def works(self) -> Sequence[Work]:
        """Every work held."""
        ...

    def texts(self, work_id: str, number: tuple[int, int]) -> Sequence[LoadedProvision]:
        """Every text that an article has had, oldest start first; empty when there is none."""
        ...

    def provisions(self) -> Iterator[LoadedProvision]:
        """Everything held, for looking through."""
        ...


class BundleHoldings:
    """Works straight from their source, without a store: what an author has at hand."""

    def __init__(self, bundles: Iterable[WorkBundle]) -> None:  # noqa: D107 - see the class
        self._bundles = tuple(bundles)
        self._texts: dict[str, list[LoadedProvision]] = {}
        for loaded in self.provisions():
            self._texts.setdefault(loaded.provision.id, []).append(loaded)

    def works(self) -> Sequence[Work]:
        """Every work of the bundles."""
        return tuple(bundle.work for bundle in self._bundles)

    def texts(self, work_id: str, number: tuple[int, int]) -> Sequence[LoadedProvision]:
        """Every text of the article, oldest start first."""
        found = self._texts.get(provision_id(work_id, number), ())
        return sorted(found, key=lambda one: one.version.effective_from)

    def provisions(self) -> Iterator[LoadedProvision]:
        """All provisions of all versions in the order of the bundles."""
        for bundle in self._bundles:
            for text in bundle.versions:
                for provision in text.provisions:
                    yield LoadedProvision(bundle.work, text.version, provision)


class StoreHoldings:
    """The works of a store; ``connection`` stays the caller's."""

    def __init__(self, connection: Connection) -> None:  # noqa: D107 - see the class
        self._connection = connection
        self._works: tuple[Work, ...] | None = None

    def works(self) -> Sequence[Work]:
        """Every work in the store."""
        if self._works is None:
            found: list[Work] = []
            total = 1
            while len(found) < total:
                page, total = store.list_works(self._connection, limit=store.MAX_LIMIT, offset=len(found))
                found += [listing.work for listing in page]
            self._works = tuple(found)
        return self._works

    def texts(self, work_id: str, number: tuple[int, int]) -> Sequence[LoadedProvision]:
        """Every text of the article, oldest start first."""
        found = store.provision_versions(self._connection, provision_id(work_id, number))
        return tuple(one for one in found if not one.version.superseded_by)

    def provisions(self) -> Iterator[LoadedProvision]:
        """All provisions by work and version."""
        for batch in store.iter_provisions(self._connection):
            yield from batch


class JoinedHoldings:
    """Several holdings as one; a title that an earlier one holds is not looked for in a later one."""

    def __init__(self, parts: Sequence[Holdings]) -> None:  # noqa: D107 - see the class
        self._owners: dict[str, tuple[Work, Holdings]] = {}
        for part in parts:
            for work in part.works():
                self._owners.setdefault(work.id, (work, part))

    def works(self) -> Sequence[Work]:
        """Every work of every part, each once."""
        return tuple(work for work, _ in self._owners.values())

    def texts(self, work_id: str, number: tuple[int, int]) -> Sequence[LoadedProvision]:
        """The texts of the part that owns the work."""
        owner = self._owners.get(work_id)
        return owner[1].texts(work_id, number) if owner else ()

    def provisions(self) -> Iterator[LoadedProvision]:
        """All provisions, each work from the part that owns it."""
        for part in dict.fromkeys(owner for _, owner in self._owners.values()):
            for loaded in part.provisions():
                if self._owners[loaded.work.id][1] is part:
                    yield loaded


class TitleIndex:
    """Works of ``holdings`` by full title, and by the names that people use."""

    def __init__(self, holdings: Holdings) -> None:  # noqa: D107 - see the class
        self._full: dict[str, list[Work]] = {}
        self._names: dict[str, list[Work]] = {}
        for work in holdings.works():
            self._full.setdefault(title_key(work.title), []).append(work)
            for name in {title_key(one) for one in (work.title, work.short_title, *work.aliases) if one}:
                self._names.setdefault(name, []).append(work)

    def by_title(self, title: str) -> Work | None:
        """The work with exactly this full title; None when none or several bear it."""
        found = self._full.get(title_key(title), [])
        return found[0] if len(found) == 1 else None

    def by_name(self, name: str) -> tuple[Work, ...]:
        """Works known by this title, short title or alias."""
        return tuple(self._names.get(title_key(name), ()))

    def like(self, part: str) -> tuple[str, ...]:
        """Titles that contain ``part`` without 中华人民共和国, shortest first, at most five."""
        wanted = title_key(part).removeprefix("中华人民共和国")
        found = {work.title for key, held in self._names.items() if wanted and wanted in key for work in held}
        return tuple(sorted(found, key=lambda title: (len(title), title))[:5])
