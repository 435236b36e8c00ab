"""Taking files into the store: read and parse in child processes, put together, save, all or nothing.

A file whose bytes the store already holds from this source, read by the same parsers with the same
corrections, is not read again. Files of a work of which one changed are read together, so that a text
spread over several files stays whole. What could not be read is in quarantine with file, line and reason.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.assemble import Assembly, Placed, assemble, title_keys
from ingest.drafts import Draft
from ingest.file_manifest import LOCAL_FILES, LOCAL_PRIORITY, FileManifest, TextFix
from ingest.file_report import FileReport, report_placed, total
from ingest.manifest import DateCorrections, load_file_corrections
from ingest.paths import FoundFile
from ingest.readers.pool import ReaderPool
from ingest.reading import read_drafts
from ingest.run import Progress
from kb.clock import utc_now
from kb.domain.documents import Document, DocumentFinding, QuarantineEntry
from kb.domain.works import Source, WorkKind
from kb.errors import LawkbError, SourceError
from kb.store.database import Connection, Database
from kb.store.documents import (
    documents_of_source,
    list_quarantine,
    prune_documents,
    quarantine_files,
    save_document,
)
from kb.store.works import (
    SaveSummary,
    all_works,
    list_sources,
    remove_work,
    save_bundle,
    save_source,
    works_of_source,
)

PARSERS_VERSION = "1"
"""Raised whenever the same bytes would give other drafts, so that files are read again."""

READING, PLACING, SAVING = "读取文件", "整理版本", "写入数据库"


@dataclass(frozen=True)
class FilesRun:
    """What is taken in: the files, the source they come from, and how they are to be read.

    ``complete`` says that ``files`` are all that the source has, so that what is missing is withdrawn.
    """

    source: Source
    files: tuple[FoundFile, ...]
    kind: WorkKind | None = None
    fixes: tuple[TextFix, ...] = ()
    aliases: tuple[tuple[str, tuple[str, ...]], ...] = ()
    complete: bool = False


@dataclass(frozen=True)
class FilesReport:
    """What a run did. ``unchanged`` files were held already; ``dry_run`` wrote nothing."""

    source: Source
    documents: tuple[FileReport, ...]
    saved: SaveSummary
    unchanged: int
    dry_run: bool

    @property
    def errors(self) -> tuple[FileReport, ...]:
        """Files that could not be taken in."""
        return tuple(document for document in self.documents if document.error is not None)

    def to_json(self) -> dict[str, object]:
        """Plain values for ``json.dumps``."""
        saved = self.saved
        return {
            "source_id": self.source.id,
            "dry_run": self.dry_run,
            "unchanged_files": self.unchanged,
            "totals": total(self.documents),
            "written": {
                "works": saved.works.added + saved.works.changed,
                "versions": saved.versions.added + saved.versions.changed,
                "provisions": saved.provisions.added + saved.provisions.changed,
                "removed_works": saved.works.removed,
                "removed_versions": saved.versions.removed,
            },
            "differing": [dataclasses.asdict(one) for one in saved.differing],
            "documents": [document.to_json() for document in self.documents],
        }


def describe_local_files(corrections: DateCorrections) -> Source:
    """The source of files that somebody gives without a manifest."""
    return Source(
        id=LOCAL_FILES,
        title="本地文件",
        publisher="使用者",
        licence="由使用者负责",
        url="",
        package_version=name_recipe("", corrections),
        sha256=hashlib.sha256(LOCAL_FILES.encode()).hexdigest(),
        retrieved_on=dt.date(2000, 1, 1),
        current_to=dt.date(2000, 1, 1),
        priority=LOCAL_PRIORITY,
    )


def plan_run(
    manifest: FileManifest, digest: str, files: tuple[FoundFile, ...], corrections: DateCorrections
) -> FilesRun:
    """The run of a manifest. Raises SourceError ``source_count_mismatch`` when files are missing."""
    wanted = manifest.expected.files
    if wanted is not None and wanted != len(files):
        raise SourceError(
            "source_count_mismatch",
            f"来源应有 {wanted} 个文件，实有 {len(files)} 个",
            place=manifest.id,
            way_out="请核对目录；若来源确有增减，请更新清单的 expected",
        )
    source = dataclasses.replace(manifest.describe(digest), package_version=name_recipe(digest, corrections))
    aliases = tuple((title, tuple(names)) for title, names in manifest.aliases.items())
    return FilesRun(source, files, manifest.kind, tuple(manifest.fixes), aliases, manifest.complete)


def name_recipe(manifest_digest: str, corrections: DateCorrections) -> str:
    """12 hex digits over everything beside the bytes that decides the records."""
    parts = "\x1f".join((manifest_digest, corrections.digest, PARSERS_VERSION))
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


def ingest_files(
    database: Database,
    run: FilesRun,
    corrections: DateCorrections | None = None,
    progress: Progress | None = None,
    *,
    dry_run: bool = False,
    workers: int | None = None,
) -> FilesReport:
    """Bring the files into ``database`` in one transaction: readers see the state before or after.

    A file that cannot be read goes to quarantine and does not stop the others. Links between texts are
    read afterwards by ``ingest.linking.link_texts``.
    """
    tell = progress or _say_nothing
    corrections = corrections or load_file_corrections()
    todo, unchanged = _choose_files(database, run)
    drafts, failed = _read_files(todo, run, tell, workers)
    tell(PLACING, 0, 1)
    with database.reading() as connection:
        held = title_keys(all_works(connection))
    assembly = assemble(_name_aliases(drafts, run.aliases), held, corrections, run.source.id)
    tell(PLACING, 1, 1)
    saved = SaveSummary()
    if todo and not dry_run:
        with database.writing() as connection:
            saved = _save(connection, run, todo, assembly, failed, tell)
    return FilesReport(run.source, _report(assembly, failed), saved, unchanged, dry_run)


def _choose_files(database: Database, run: FilesRun) -> tuple[tuple[FoundFile, ...], int]:
    """Files that have to be read, and how many need not.

    Of a complete source all or none. Otherwise the new ones, and those beside them in a folder: a text may
    be spread over several.
    """
    with database.reading() as connection:
        before = {source.id: source for source in list_sources(connection)}.get(run.source.id)
        if before is None or before.package_version != run.source.package_version:
            return run.files, 0
        known = documents_of_source(connection, run.source.id)
        known |= {entry.sha256 for entry in list_quarantine(connection, run.source.id)}
    fresh = [file for file in run.files if file.sha256 not in known]
    if run.complete:
        vanished = known - {file.sha256 for file in run.files}
        return (run.files, 0) if fresh or vanished else ((), len(run.files))
    folders = {_folder_of(file.name) for file in fresh}
    chosen = tuple(file for file in run.files if _folder_of(file.name) in folders)
    return chosen, len(run.files) - len(chosen)


def _folder_of(name: str) -> str:
    return name.rpartition("/")[0]


def _read_files(
    files: Sequence[FoundFile], run: FilesRun, tell: Progress, workers: int | None
) -> tuple[list[Draft], list[tuple[FoundFile, LawkbError]]]:
    drafts: list[Draft] = []
    failed: list[tuple[FoundFile, LawkbError]] = []
    if not files:
        return drafts, failed
    by_name = {file.name: file for file in files}
    work: Callable[[bytes, str], tuple[Draft, ...]] = functools.partial(
        read_drafts, kind=run.kind, fixes=run.fixes
    )
    tell(READING, 0, len(files))
    with ReaderPool(workers) as pool:
        read = pool.map_files(work, [(file.path, file.name) for file in files])
        for done, (name, outcome) in enumerate(read, start=1):
            if isinstance(outcome, LawkbError):
                failed.append((by_name[name], outcome))
            else:
                drafts.extend(outcome)
            tell(READING, done, len(files))
    return drafts, failed


def _name_aliases(drafts: Iterable[Draft], aliases: Sequence[tuple[str, tuple[str, ...]]]) -> list[Draft]:
    named = dict(aliases)
    return [
        dataclasses.replace(draft, aliases=(*draft.aliases, *named[draft.title]))
        if draft.title in named
        else draft
        for draft in drafts
    ]


def _save(
    connection: Connection,
    run: FilesRun,
    files: Sequence[FoundFile],
    assembly: Assembly,
    failed: Sequence[tuple[FoundFile, LawkbError]],
    tell: Progress,
) -> SaveSummary:
    source = run.source
    save_source(connection, source)
    _save_documents(connection, run, files, assembly)
    saved = SaveSummary()
    for done, bundle in enumerate(assembly.bundles):
        tell(SAVING, done, len(assembly.bundles))
        saved += save_bundle(connection, bundle, complete=run.complete)
    if run.complete:
        given = {bundle.work.id for bundle in assembly.bundles}
        for stale in works_of_source(connection, source.id):
            if stale not in given:
                saved += remove_work(connection, stale, source_id=source.id)
    quarantine_files(
        connection, source.id, [file.name for file in files], list(_quarantined(run, assembly, failed))
    )
    if run.complete:
        prune_documents(connection, source.id, [file.sha256 for file in run.files])
    tell(SAVING, len(assembly.bundles), len(assembly.bundles))
    return saved


def _quarantined(
    run: FilesRun, assembly: Assembly, failed: Sequence[tuple[FoundFile, LawkbError]]
) -> Iterator[QuarantineEntry]:
    """Every file that could not be read, and every part of one that became no record."""
    moment = utc_now()
    for file, error in failed:
        reason = f"{error.message}（{error.place}）" if error.place else error.message
        yield QuarantineEntry(run.source.id, file.name, 0, error.code, reason, moment, file.sha256)
    for one in assembly.placed:
        for found in one.findings:
            if found.lost:
                yield QuarantineEntry(
                    run.source.id,
                    one.draft.file,
                    found.line,
                    found.code,
                    found.message,
                    moment,
                    one.draft.file_sha256,
                )


def _save_documents(
    connection: Connection, run: FilesRun, files: Sequence[FoundFile], assembly: Assembly
) -> None:
    by_file: dict[str, list[Placed]] = {}
    for one in assembly.placed:
        by_file.setdefault(one.draft.file, []).append(one)
    for file in files:
        placed = by_file.get(file.name)
        if not placed:
            continue
        findings = tuple(
            DocumentFinding(one.code, one.message, one.line, one.lost)
            for part in placed
            for one in part.findings
        )
        document = Document(
            id=file.sha256,
            name=file.name,
            format=file.path.suffix.lstrip(".").lower(),
            kind=placed[0].draft.kind,
            source_id=run.source.id,
            retrieved_at=utc_now(),
            size=file.size,
            findings=findings,
        )
        save_document(connection, document, _read_again(file))


def _read_again(file: FoundFile) -> bytes:
    """The bytes that were read. Raises SourceError ``file_changed`` when the file is another by now."""
    content = file.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise SourceError(
            "file_changed", "文件在导入期间被改动，没有写入任何内容", place=file.name, way_out="请重新导入"
        )
    return content


def _report(assembly: Assembly, failed: Sequence[tuple[FoundFile, LawkbError]]) -> tuple[FileReport, ...]:
    """Every draft and every failure, by file."""
    versions = {text.version.id: text.version for bundle in assembly.bundles for text in bundle.versions}
    reports = [report_placed(one, versions.get(one.version_id)) for one in assembly.placed]
    reports += [FileReport(file=file.name, error=error) for file, error in failed]
    return tuple(sorted(reports, key=lambda report: (report.file, report.title)))


def _say_nothing(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
