"""The server for use: one process that listens, holds the state and answers.

uvicorn speaks HTTP, because it takes in any number of bodies in one thread and ends when it is told to. Servers that
give a request a thread from its first byte on (granian's WSGI, gunicorn's threads, cheroot) are stopped by as many
half-sent bodies as they have threads. With httptools and uvloop an answer to ``job.query`` costs as much as it did with
granian: 154 µs of processor time on one connection where granian took 183, and 146 on each of eight where it took 127.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.serving.listening import open_port
from flowkit_mockserver.settings import Settings

if TYPE_CHECKING:
    from flowkit_mockserver.serving.gateway import Gateway

__all__ = ["serve", "serve_gateway", "url_of"]

#: Seconds for which a server that was told to end waits for requests and the lock.
STOP_TIME = 3
#: Seconds after which a connection that asks nothing is closed.
KEEP_ALIVE = 75
#: Connections that can be open, most of them waiting.
CONNECTIONS = 2048


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 9380,
    ready: Callable[[str], None] | None = None,
    *,
    listener: socket.socket | None = None,
    scratch: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; must be called in the main thread.

    Args:
        settings: the choices made for the server.
        host: the address to listen at; anybody who reaches it can use the server.
        port: the port; 0 takes any free one.
        ready: called with the server's URL once it answers.
        listener: a socket that listens already; None opens one at `host` and `port`.
        scratch: a directory for what nobody keeps, removed by the caller; None makes one.

    Raises:
        OSError: the port cannot be had.
        StoreInUse: another server uses the data directory, or one with other settings the database.
        StateDamaged: what is in the data directory or the database cannot be read.
        StoreUnreachable: the database does not answer.
    """
    from flowkit_mockserver.app import create_app
    from flowkit_mockserver.http.access import refuse_head
    from flowkit_mockserver.serving.gateway import BodyLimits, Gateway
    from flowkit_mockserver.state import ServerState

    settings = replace(settings, allow_hosts=(*settings.allow_hosts, host))
    # A state that nobody keeps lies below a directory that vanishes whatever happens to the store.
    with (
        listener or open_port(host, port) as listening,
        tempfile.TemporaryDirectory(
            prefix="flowkit-mock-", dir=scratch, ignore_cleanup_errors=True
        ) as home,
    ):
        state = ServerState(settings, scratch=Path(home))
        limits = BodyLimits(settings.max_json_bytes, settings.max_upload_bytes)
        app = create_app(state)
        gateway = Gateway(
            app.wsgi_app,
            limits,
            state.store.spool,
            refuse_head=lambda environ: refuse_head(settings, state.clock, environ),
            # Rules of faults may delay an answer, which must not delay the others.
            at_once=None if settings.fault_rules else state.answer_at_once,
        )
        try:
            serve_gateway(gateway, listening, ready)
        finally:
            # A thread may still work on a request that nobody waits for; it must not keep the process.
            state.close(timeout=STOP_TIME)


def serve_gateway(
    gateway: Gateway, listener: socket.socket, ready: Callable[[str], None] | None = None
) -> None:
    """Serve an application until SIGINT or SIGTERM; see `serve`.

    Args:
        gateway: the application.
        listener: the socket that listens.
        ready: called with the server's URL once it answers.
    """
    # A tenth of a second to import, and of no use to those who embed the server.
    from uvicorn import Config, Server

    from flowkit_mockserver.serving.protocol import Protocol

    class Announcing(Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if ready is not None:
                ready(url_of(listener))

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            def abort() -> None:
                for connection in list(self.server_state.connections):
                    connection.transport.abort()

            asyncio.get_running_loop().call_later(STOP_TIME - 0.5, abort)
            await super().shutdown(sockets)

    config = Config(
        gateway,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=STOP_TIME,
    )
    _allow_open_files()
    # uvicorn raises the signals that ended it once more when it is through; by then they have done their work.
    with _ignored_after(signal.SIGINT, signal.SIGTERM):
        Announcing(config).run(sockets=[listener])


def url_of(listener: socket.socket) -> str:
    """Return the URL of a socket that listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _allow_open_files() -> None:
    """Let this process have as many open files as connections take, where the system lets it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + 256
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


@contextlib.contextmanager
def _ignored_after(*signals: signal.Signals) -> Iterator[None]:
    """Let `signals` do nothing where no other handler is set, until the block ends."""
    before: dict[signal.Signals, Any] = {
        number: signal.signal(number, lambda *_: None) for number in signals
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
