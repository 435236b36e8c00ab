"""One small law in a real store behind a real index by words, for the tests of the answer door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kb.settings import Settings
from tests.answer.small_answers import make_bundles
from tests.answer.umbrellas import SmallWorld
from tests.conftest import build_index, open_library
from tests.small_corpus import describe_installed_source, fill_store


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallWorld]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("umbrellas"))
    source = describe_installed_source().id
    database = fill_store(settings, [replace(one, source_id=source) for one in make_bundles()])
    build_index(settings, database, None)
    library = open_library(settings, database, None)
    yield SmallWorld(database, library.door)
    library.holder.close()
    database.close()
