"""Starting the web service on a port."""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

import typer

from kb.errors import ServiceError
from kb.settings import get_settings, silence_libraries

if TYPE_CHECKING:
    import uvicorn

    from kb.cli.service import Service


def bind_port(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ServiceError ``port_in_use`` or ``host_unusable``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With protocol 0 asyncio leaves Nagle's algorithm on, and every answer waits 40 ms for it.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ServiceError(
                "port_in_use",
                f"端口 {port} 已被占用",
                place=f"{host}:{port}",
                way_out="停止占用它的程序，或换一个端口：lawkb run --port 8001",
            ) from error
        raise ServiceError(
            "host_unusable", f"不能在 {host}:{port} 上监听", place=str(error), way_out="检查 --host 与 --port"
        ) from error
    return listener


def serve(host: str | None, port: int | None, *, build: bool) -> None:
    """Serve until interrupted; with ``build`` the default corpus is loaded and indexed on the way."""
    silence_libraries()
    import uvicorn

    from api.app import create_app
    from api.services import Services
    from kb.answer.desk import AnswerDesk
    from kb.cli import compose
    from kb.cli.accounts import open_installed_access
    from kb.cli.desk import open_auditor
    from kb.cli.feedback import open_callback_desk, open_feedback_box
    from kb.cli.progress import TerminalProgress
    from kb.cli.service import Service, log_to_file

    settings = get_settings()
    host, port = host or settings.host, port or settings.port
    listener = bind_port(host, port)
    paths = compose.prepare_paths(settings)
    log_to_file(paths.data)
    database = compose.open_database(settings)
    shown = f"http://{'[' + host + ']' if ':' in host else host}:{port}"
    with TerminalProgress() as progress:
        service = Service(settings, database, progress, build=build)
        service.on_ready = lambda: typer.echo(f"可以检索了：{shown}", err=True)
        service.start(shown)
        doors = Services(
            door=service,
            database=database,
            readiness=service.readiness,
            asker=service,
            feedback=open_feedback_box(settings, database),
            callbacks=open_callback_desk(settings, database),
            access=open_installed_access(settings, database),
            desk=AnswerDesk(database, open_auditor(settings, database)),
            public_url=settings.public_url,
        )
        app = create_app(doors)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off")
        )
        typer.echo(f"网页：{shown} （建库期间可打开看进度；Ctrl+C 停止）", err=True)
        _stop_on_failure(service, server)
        # uvicorn raises a signal again when it has stopped: leave by the door below, not at once.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            server.run(sockets=[listener])
        finally:
            service.stop()
            database.close()
    if service.failure is not None:
        raise service.failure


def _stop_on_failure(service: Service, server: uvicorn.Server) -> None:
    """End the server when the service behind it could not come up: a shell script must notice."""

    def watch() -> None:
        service.ended.wait()
        if service.failure is not None:
            server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
