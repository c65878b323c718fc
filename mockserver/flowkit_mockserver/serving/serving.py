"""The server for use: one process that holds the state, and several threads."""

from __future__ import annotations

import http.client
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.serving.listening import open_port
from flowkit_mockserver.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["serve"]

#: A request takes a thread from its first byte to its last, so slow uploads need some to spare; but
#: threads get in each other's way: with eight the server answers half as often as with three.
THREADS = 3
PATIENCE = 10.0


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 9380,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; must be called in the main thread.

    Args:
        settings: the choices made for the server.
        host: the address to listen at; anybody who reaches it can use the server.
        port: the port; 0 takes any free one.
        ready: called with the server's URL, in another thread, once it answers.

    Raises:
        OSError: the port cannot be had.
        StoreInUse: another server uses the data directory.
        RuntimeError: the server ended by itself; the reason is in its log.
    """
    with open_port(host, port) as listener:
        port = listener.getsockname()[1]
    # What is wrong with the directory becomes an exception here, and not the death of a worker.
    if settings.data is not None:
        from flowkit_mockserver.store import Store

        Store(settings.data).close()
    shown = f"[{host}]" if ":" in host else host
    if ready is not None:
        url = f"http://{shown}:{port}"
        threading.Thread(target=_announce, args=(host, port, url, ready), daemon=True).start()
    # The worker is ended by a signal, so it is up to this process to tidy up behind it.
    with tempfile.TemporaryDirectory(prefix="flowkit-mock-") as scratch:
        _run(settings, Path(scratch), host, port)


def _run(settings: Settings, scratch: Path, host: str, port: int) -> None:
    # A second's tenth to import, and of no use to those who embed the server.
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "flowkit_mockserver",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
    )
    try:
        server.serve(target_loader=partial(_load, settings, scratch), wrap_loader=False)
    except SystemExit as end:
        if end.code:
            raise RuntimeError("the server ended unexpectedly; see its log") from end


def _load(settings: Settings, scratch: Path) -> Flask:
    """Return the application; runs in the process that answers."""
    from flowkit_mockserver.app import create_app
    from flowkit_mockserver.state import ServerState

    return create_app(ServerState(settings, scratch=scratch))


def _announce(host: str, port: int, url: str, ready: Callable[[str], Any]) -> None:
    """Call `ready` as soon as the server answers; give up after a while, when it never will."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        connection = http.client.HTTPConnection(host, port, timeout=1)
        try:
            connection.request("GET", "/_flowkit")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
        else:
            ready(url)
            return
        finally:
            connection.close()
