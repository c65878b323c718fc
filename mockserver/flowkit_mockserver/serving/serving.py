"""The server for use: one process that listens, holds the state and answers.

uvicorn speaks HTTP, because it takes in any number of bodies in one thread and ends when it is told to. Servers that
give a request a thread from its first byte on (granian's WSGI, gunicorn's threads, cheroot) are stopped by as many
half-sent bodies as they have threads. With httptools and uvloop an answer to ``job.query`` costs as much as it did with
granian: 154 µs of processor time on one connection where granian took 183, and 146 on each of eight where it took 127.
"""

from __future__ import annotations

import contextlib
import logging
import math
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.serving.listening import browser_url, listening_url, open_port
from flowkit_mockserver.serving.logs import Format, configure_logs
from flowkit_mockserver.serving.privilege import Privilege
from flowkit_mockserver.settings import Settings

if TYPE_CHECKING:
    from ssl import SSLContext

    from flowkit_mockserver.http.monitor import Monitor
    from flowkit_mockserver.serving.accepting import Turns
    from flowkit_mockserver.serving.gateway import Gateway
    from flowkit_mockserver.serving.protocol import Refused
    from flowkit_mockserver.serving.tls import Certificate

__all__ = ["Service", "WorkerFailed", "serve", "serve_gateway"]

log = logging.getLogger(__name__)

#: Seconds for which a server that has ended waits for the lock.
STOP_TIME = 3
#: Seconds after which a connection that asks nothing is closed.
KEEP_ALIVE = 75
#: Connections that can be open, most of them waiting.
CONNECTIONS = 2048


class WorkerFailed(Exception):
    """One of several processes that serve together cannot start; the text says why."""


@dataclass(frozen=True, slots=True)
class Service:
    """How a server is run, as opposed to what it is.

    Attributes:
        tls: certificate and key; None speaks plain HTTP.
        access_log: whether each request is a line in the access log.
        drain: seconds for which a server that was told to end still answers, while ``/readyz`` says no.
        stop_timeout: seconds for which it then waits for requests that are under way.
        log_format: how the process logs; None leaves that to whoever calls.
        log_level: the level from which on it logs.
        notes: folder in which processes that serve together count their requests together; None for one alone.
        turns: the place of a process among those that listen at the same socket; None for one alone.
    """

    tls: Certificate | None = None
    access_log: bool = False
    drain: float = 0.0
    stop_timeout: float = 20.0
    log_format: Format | None = None
    log_level: str = "info"
    notes: Path | None = None
    turns: Turns | None = None

    @property
    def patience(self) -> float:
        """Seconds after which a server that was told to end must be gone."""
        return self.drain + self.stop_timeout + 2 * STOP_TIME


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 9380,
    ready: Callable[[str], None] | None = None,
    service: Service | None = None,
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
        service: how it is run.
        listener: a socket that listens already; None opens one at `host` and `port`.
        scratch: a directory for what nobody keeps, removed by the caller; None makes one.

    Raises:
        OSError: the port cannot be had, or nothing can be written anywhere.
        ValueError: certificate or key cannot be used.
        StoreInUse: another server uses the data directory, or one with other settings the database.
        StateDamaged: what is in the data directory or the database cannot be read.
        StoreUnreachable: the database does not answer.
    """
    from flowkit_mockserver.app import create_app
    from flowkit_mockserver.control.journal.denials import Denials
    from flowkit_mockserver.control.worlds.namespaces import NAMESPACES
    from flowkit_mockserver.http.access import PROBES, READINESS
    from flowkit_mockserver.http.monitor import Monitor
    from flowkit_mockserver.serving.gateway import BodyLimits, Gateway
    from flowkit_mockserver.state import ServerState
    from flowkit_mockserver.store import Interrupted

    settings = replace(settings, allow_hosts=(*settings.allow_hosts, host))
    service = service or Service()
    if service.log_format is not None:
        configure_logs(service.log_format, service.log_level)
    tls = None if service.tls is None else service.tls.context()
    monitor = Monitor(service.access_log, service.notes)
    # A state that nobody keeps lies below a directory that vanishes whatever happens to the store.
    with (
        listener or open_port(host, port) as listening,
        _scratch(settings.data, scratch) as home,
    ):
        if settings.own_url is None:
            settings = replace(settings, own_url=browser_url(listening, _scheme(tls)))
        state = ServerState(settings, scratch=Path(home))
        limits = BodyLimits(
            settings.max_json_bytes, settings.max_upload_bytes, settings.max_control_bytes
        )
        app = create_app(state, monitor)
        denials = Denials(state, app.extensions[NAMESPACES])
        gateway = Gateway(
            app.wsgi_app,
            limits,
            state.store.spool,
            refuse_head=app.extensions[NAMESPACES].refuse_head,
            privilege=Privilege(state),
            # What takes no time otherwise waits for a database here.
            probes=PROBES if settings.database is None else PROBES - {READINESS},
            monitor=monitor,
            denied=denials.note,
        )
        try:
            if settings.seed_data:
                # Imported by those only who have some.
                from flowkit_mockserver.seeding.seeds import apply_seed_data

                apply_seed_data(app, state)
            serve_gateway(
                gateway,
                listening,
                ready,
                service=service,
                monitor=monitor,
                tls=tls,
                refused=denials.note_unreadable,
            )
        finally:
            # A thread may still work on a request that nobody waits for; it must not keep the process.
            if state.sharing is not None:
                with contextlib.suppress(
                    Interrupted
                ):  # without the database, what is known has to do
                    state.sharing.look()
            for line in state.faults.unmatched():
                log.warning("ordered, and has hit nothing: %s", line)
            app.extensions[NAMESPACES].close(timeout=STOP_TIME)
            state.close(timeout=STOP_TIME)


def _scratch(data: Path | None, place: Path | None) -> tempfile.TemporaryDirectory[str]:
    """Return a directory for what is not kept: in `place`, else in the data directory if no other can be written to."""
    options: dict[str, Any] = {"prefix": "flowkit-mock-", "ignore_cleanup_errors": True}
    try:
        return tempfile.TemporaryDirectory(**options, dir=place)
    except FileNotFoundError as error:  # it names the places that were tried
        if data is None:
            text = f"{error.strerror}; name one with TMPDIR, or with --data"
            raise OSError(error.errno, text) from error
    data.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(**options, dir=data)


def serve_gateway(
    gateway: Gateway,
    listener: socket.socket,
    ready: Callable[[str], None] | None = None,
    *,
    service: Service | None = None,
    monitor: Monitor | None = None,
    tls: SSLContext | None = None,
    refused: Refused | None = None,
) -> None:
    """Serve an application until SIGINT or SIGTERM; see `serve`.

    Args:
        gateway: the application.
        listener: the socket that listens.
        ready: called with the server's URL once it answers.
        service: how it is run.
        monitor: is told that the server is about to end.
        tls: what connections are encrypted with; None for plain HTTP.
        refused: told of what clients send that is no request; see `Protocol`.
    """
    # A tenth of a second to import, and of no use to those who embed the server.
    from uvicorn import Config

    from flowkit_mockserver.http.monitor import Monitor
    from flowkit_mockserver.serving.accepting import Turns
    from flowkit_mockserver.serving.lifecycle import GracefulServer
    from flowkit_mockserver.serving.protocol import Protocol

    service = service or Service()
    turns = service.turns
    if (
        turns is None and tls is not None
    ):  # connections are taken where it is told that one speaks no TLS
        turns = Turns([0], 0)

    def announce() -> None:
        if ready is not None:
            ready(listening_url(listener, _scheme(tls)))

    config = Config(
        gateway,
        http=partial(Protocol, refused=refused),  # type: ignore[arg-type] # uvicorn calls it
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=math.ceil(service.stop_timeout),
    )
    config.load()
    config.ssl = tls
    _allow_open_files()
    server = GracefulServer(
        config,
        announce,
        monitor or Monitor(),
        service.drain,
        service.stop_timeout,
        turns,
        refused,
    )
    # uvicorn raises the signals that ended it once more when it is through; by then they have done their work.
    with _ignored_after(signal.SIGINT, signal.SIGTERM):
        server.run(sockets=[listener])


def _scheme(tls: SSLContext | None) -> str:
    return "http" if tls is None else "https"


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
