"""One small library and one application for the whole folder; each test talks to it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.services import Readiness, ReadinessState, Services
from kb.access.access import open_access
from kb.answer.audit import Auditor
from kb.answer.callbacks import CallbackDesk
from kb.answer.desk import AnswerDesk
from kb.answer.feedback_box import FeedbackBox
from kb.answer.reading import load_shipped
from kb.store.database import Database
from tests.access.staff import QUICK
from tests.answer.small_ask import open_small_ask
from tests.api.small_library import LetterDoor, fill_library

READY = Readiness(ReadinessState.READY, "服务就绪")


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = fill_library(tmp_path_factory.mktemp("library") / "lawkb.db")
    yield database
    database.close()


@pytest.fixture(scope="session")
def door(database: Database) -> LetterDoor:
    return LetterDoor(database)


@pytest.fixture(scope="session")
def services(database: Database, door: LetterDoor, tmp_path_factory: pytest.TempPathFactory) -> Services:
    asker = open_small_ask(database, door, load_shipped())
    folder = tmp_path_factory.mktemp("contacts")
    auditor = Auditor(database, folder)
    return Services(
        door=door,
        database=database,
        readiness=lambda: READY,
        asker=asker,
        feedback=FeedbackBox(database, keep_days=30),
        callbacks=CallbackDesk(database, auditor, folder, keep_days=30),
        access=open_access(database, auditor, folder, passwords=QUICK),
        desk=AnswerDesk(database, auditor),
    )


@pytest.fixture(scope="session")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        yield client
