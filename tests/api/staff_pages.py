"""An application with accounts over an invented law, and browsers in which people are signed in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from api.app import create_app
from api.services import Readiness, ReadinessState, Services
from kb.answer.desk import AnswerDesk
from kb.domain.editing import Role
from kb.store.database import Database
from kb.store.works import save_bundle, save_source
from tests.access.staff import PASSWORD, Clock, Staff, open_staff
from tests.answer.small_answers import make_bundles
from tests.api.small_library import LetterDoor
from tests.store.records import SOURCE

ORIGIN = "http://testserver"


@dataclass
class Browser:
    """A client that sends forms as a page of ours does, and JSON as a program does."""

    client: TestClient
    csrf: str = ""
    name: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": ORIGIN})

    def get(self, path: str, **params: str) -> Response:
        return self.client.get(path, params=params, follow_redirects=False)

    def send(self, path: str, **fields: str | list[str]) -> Response:
        data = {"csrf": self.csrf, **fields}
        return self.client.post(path, data=data, headers=self.headers, follow_redirects=False)

    def call(self, method: str, path: str, body: object = None) -> Response:
        headers = {**self.headers, "X-CSRF-Token": self.csrf}
        return self.client.request(method, path, json=body, headers=headers, follow_redirects=False)

    def read_csrf(self, path: str = "/account") -> str:
        """The token that a page's forms carry."""
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.get(path).text)
        self.csrf = found.group(1) if found else ""
        return self.csrf

    def sign_in(self, name: str, password: str = PASSWORD) -> Response:
        response = self.send("/sign-in", name=name, password=password)
        self.name = name
        if response.status_code == 303:
            self.read_csrf(response.headers["location"].partition("?")[0])
        return response

    @property
    def token(self) -> str:
        return self.client.cookies.get("lawkb") or ""


@dataclass
class Office:
    """The application with its staff."""

    staff: Staff
    app: FastAPI
    services: Services

    def browser(self, *roles: Role, name: str = "") -> Browser:
        """A new browser; with ``roles`` somebody who has them is signed in."""
        browser = Browser(TestClient(self.app))
        if roles:
            name = name or "-".join(sorted(roles))
            if name not in {one.name for one in self.staff.access.accounts.accounts()}:
                self.staff.hire(name, *roles)
            assert browser.sign_in(name).status_code == 303
        return browser


@cache
def _template() -> bytes:
    """A store that holds the invented law, made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lawkb.db"
        database = Database(f"sqlite:///{path}")
        database.migrate()
        with database.writing() as connection:
            save_source(connection, replace(SOURCE, id="sample"))
            for bundle in make_bundles():
                save_bundle(connection, bundle)
        database.close()
        return path.read_bytes()


def open_office(folder: Path, clock: Clock | None = None, *, public_url: str = "") -> Office:
    """Nobody has an account yet; the law of umbrellas is held."""
    path = folder / "lawkb.db"
    path.write_bytes(_template())
    database = Database(f"sqlite:///{path}")
    staff = open_staff(database, folder, clock)
    services = Services(
        door=LetterDoor(database),
        database=database,
        readiness=lambda: Readiness(ReadinessState.READY),
        access=staff.access,
        desk=AnswerDesk(database, staff.auditor),
        public_url=public_url,
    )
    return Office(staff, create_app(services), services)
