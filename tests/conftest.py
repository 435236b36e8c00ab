"""What several folders share and what is dear to make: made once, when first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kb.cli import compose
from kb.domain.works import WorkBundle
from kb.encode.dense import DenseEncoder
from kb.encode.vector_cache import SHIPPED_CACHE
from kb.index.rebuild import Encoders, build_from_store
from kb.search.door import SearchService
from kb.search.generation import GenerationHolder
from kb.settings import Settings
from kb.store.database import Database
from tests.small_corpus import choose_small, fill_store, read_installed_bundles


@dataclass(frozen=True)
class Library:
    """A built installation, open for searching in this process."""

    settings: Settings
    database: Database
    holder: GenerationHolder
    door: SearchService


def build_index(settings: Settings, database: Database, encoder: DenseEncoder | None) -> str:
    """Build a generation of all that the store holds and switch to it; returns its id."""
    vectors = compose.open_vectors(settings, encoder) if encoder else None
    encoders = Encoders(encoder, vectors, settings.data_dir / "cache")
    generations = compose.open_generations(settings)
    return build_from_store(database, generations, encoders, lambda *_: None, keep=10).id


def open_library(settings: Settings, database: Database, encoder: DenseEncoder | None) -> Library:
    """Open the current generation of ``settings``."""
    holder = GenerationHolder()
    generations = compose.open_generations(settings)
    holder.switch(compose.open_serving(settings, generations, encoder.id if encoder else None))
    return Library(settings, database, holder, SearchService(database, holder, encoder))


@pytest.fixture(scope="session")
def encoder() -> DenseEncoder:
    """The encoder that ships."""
    return compose.open_encoder(Settings())


@pytest.fixture(scope="session")
def installed_bundles() -> tuple[WorkBundle, ...]:
    """All works of the installed data package, as parsed."""
    return read_installed_bundles()


@pytest.fixture(scope="session")
def small_library(
    tmp_path_factory: pytest.TempPathFactory,
    installed_bundles: tuple[WorkBundle, ...],
    encoder: DenseEncoder,
) -> Iterator[Library]:
    """About 350 provisions of four laws, found by words and by meaning; not to be changed by a test."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("small"))
    database = fill_store(settings, choose_small(installed_bundles))
    build_index(settings, database, encoder)
    library = open_library(settings, database, encoder)
    yield library
    library.holder.close()
    database.close()


@pytest.fixture(scope="session")
def words_only_dir(
    tmp_path_factory: pytest.TempPathFactory, installed_bundles: tuple[WorkBundle, ...]
) -> Path:
    """Data directory of the same four laws, by words only; copy it (``copy_data_dir``) to change it."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("words") / "data")
    database = fill_store(settings, choose_small(installed_bundles))
    build_index(settings, database, None)
    database.close()
    return settings.data_dir


@pytest.fixture(scope="session")
def full_library(tmp_path_factory: pytest.TempPathFactory, encoder: DenseEncoder) -> Iterator[Library]:
    """The whole default corpus with the vectors that ship (about half a minute on two cores)."""
    if not SHIPPED_CACHE.is_file():
        pytest.skip("the shipped passage vectors are not there: encoding all of it takes minutes")
    from ingest.run import ingest_default

    settings = Settings(data_dir=tmp_path_factory.mktemp("full"))
    database = Database(settings.resolved_database_url)
    ingest_default(database)
    build_index(settings, database, encoder)
    library = open_library(settings, database, encoder)
    yield library
    library.holder.close()
    database.close()
