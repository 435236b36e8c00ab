"""A real PostgreSQL for the tests: Debian's binaries, a temporary cluster, a unix socket only.

Other test folders reuse it with ``from tests.store.postgres import postgres_server`` and ask
``new_database`` for an empty database each.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REQUIRE_ALL = "LAWKB_TEST_REQUIRE_ALL"
_numbers = itertools.count(1)


class PostgresServer:
    """A running cluster, reached through its socket folder."""

    def __init__(self, socket_folder: Path) -> None:
        self.socket_folder = socket_folder

    def url(self, database: str) -> str:
        return f"postgresql://lawkb@/{database}?host={self.socket_folder}"

    def new_database(self, options: str = "") -> str:
        """URL of an empty database; ``options`` are added to CREATE DATABASE."""
        name = f"lawkb_{os.getpid()}_{next(_numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def connect(self, database: str = "postgres") -> Any:
        import psycopg

        return psycopg.connect(
            host=str(self.socket_folder), dbname=database, user="lawkb", autocommit=True, connect_timeout=5
        )


def find_binaries() -> Path | None:
    """The folder of initdb and postgres: the newest of Debian's, else whatever is on PATH."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_version, reverse=True):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb and shutil.which("postgres") else None


def _major_version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def unprivileged_user() -> dict[str, Any]:
    """Arguments of subprocess to leave root, which PostgreSQL refuses; none when we are not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("no unprivileged user to run PostgreSQL")


@contextlib.contextmanager
def run_postgres(binaries: Path) -> Iterator[PostgresServer]:
    """Start a fresh cluster, stop it and remove its files at the end."""
    user = unprivileged_user()
    # Not pytest's tmp_path: its parents are closed to other users, and socket paths are short.
    folder = Path(tempfile.mkdtemp(prefix="lawkb-pg-"))
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        data = folder / "data"
        subprocess.run(
            [
                *(binaries / "initdb", "-D", data, "-U", "lawkb", "-A", "trust", "-E", "UTF8", "--no-sync"),
                # A locale that sorts unlike code points, as a server in the field may have.
                *("--locale=C", "--locale-provider=icu", "--icu-locale=zh"),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            env=environment,
            **user,
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(binaries / "postgres", "-D", data, "-k", folder, "-h", "", "-c", "max_connections=60"),
                    *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=64MB"),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                **user,
            )
        server = PostgresServer(folder)
        try:
            _wait_until_ready(server, process, folder / "log")
            yield server
        finally:
            # At once and without a checkpoint: the files go anyway.
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 60
    while True:
        try:
            with server.connect():
                return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run; skips without PostgreSQL, fails where everything is required."""
    binaries = find_binaries()
    missing = "" if binaries else "initdb and postgres are not installed"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        missing = missing or "psycopg is not installed (extra: postgres)"
    if binaries is None or missing:
        if os.environ.get(REQUIRE_ALL) == "1":
            pytest.fail(f"{REQUIRE_ALL}=1, but {missing}")
        pytest.skip(missing)
    with run_postgres(binaries) as server:
        yield server
