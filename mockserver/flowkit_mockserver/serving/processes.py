"""Several workers at one port: a process that serves nobody starts them, looks after them and ends with them.

Each worker is a server of its own on the shared database. One that dies is started again; when the process that looks
after them dies, whatever killed it, they end as well, so that nobody keeps the port.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

from flowkit_mockserver.serving.accepting import Turns
from flowkit_mockserver.serving.listening import listening_url, open_port
from flowkit_mockserver.serving.logs import configure_logs
from flowkit_mockserver.serving.serving import Service, WorkerFailed, serve
from flowkit_mockserver.settings import Settings

__all__ = ["serve_workers"]

log = logging.getLogger(__name__)

#: Seconds before a worker that died is started again: at first, and at most.
PAUSE, LONGEST_PAUSE = 0.2, 5.0
#: Connections of a worker that is not there: nobody leaves it any.
NOT_THERE = 2**31 - 1

Child = tuple[BaseProcess, Connection]


def serve_workers(
    settings: Settings,
    count: int,
    host: str = "127.0.0.1",
    port: int = 9380,
    ready: Callable[[str], None] | None = None,
    service: Service | None = None,
) -> None:
    """Serve with several processes until SIGINT or SIGTERM; must be called in the main thread.

    Args:
        settings: the choices made for the server, with a database that the workers share.
        count: how many workers.
        host: the address to listen at.
        port: the port; 0 takes any free one.
        ready: called with the server's URL once all workers answer.
        service: how each of them is run.

    Raises:
        OSError: the port cannot be had.
        ValueError: certificate or key cannot be used.
        WorkerFailed: a worker cannot start.
    """
    service = service or Service()
    if service.log_format is not None:
        configure_logs(service.log_format, service.log_level)
    if service.tls is not None:
        service.tls.context()  # to be told here, and once, that it cannot be used
    scheme = "http" if service.tls is None else "https"
    with (
        open_port(host, port) as listener,
        tempfile.TemporaryDirectory(prefix="flowkit-mock-", ignore_cleanup_errors=True) as scratch,
    ):
        notes = Path(scratch) / "notes"
        notes.mkdir()
        service = replace(service, notes=notes)
        workers = _Workers(settings, host, listener, Path(scratch), count, service)
        workers.run(lambda: ready(listening_url(listener, scheme)) if ready is not None else None)


class _Workers:
    def __init__(
        self,
        settings: Settings,
        host: str,
        listener: socket.socket,
        scratch: Path,
        count: int,
        service: Service,
    ) -> None:
        self._service = service
        self._settings = settings
        self._host = host
        self._listener = listener
        self._scratch = scratch
        self._context = multiprocessing.get_context("spawn")
        self._ending = False
        self._started = 0
        self._pause = PAUSE
        # A signal handler wakes the loop by writing here.
        self._wake, self._woken = os.pipe()
        self._children: dict[int, Child] = {}
        self._count = count
        # By worker, how many connections it has; see `accepting`.
        self._connections = self._context.RawArray("i", [NOT_THERE] * count)

    def run(self, ready: Callable[[], None]) -> None:
        """Start the workers and look after them until a signal ends all of it."""
        before = {
            number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            self._children = {number: self._start(number) for number in range(self._count)}
            for number in self._children:
                if (problem := self._await(self._children[number])) is not None:
                    raise WorkerFailed(problem)
            if not self._ending:
                ready()
            while not self._ending:
                self._look_after()
        finally:
            self._stop()
            for signal_number, handler in before.items():
                signal.signal(signal_number, handler)
            os.close(self._wake)
            os.close(self._woken)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True
        os.write(self._woken, b"\0")

    def _start(self, number: int) -> Child:
        self._started += 1
        service = self._service
        if sys.platform != "win32":  # where sockets cannot be watched in this way
            service = replace(service, turns=Turns(self._connections, number))
        scratch = self._scratch / str(self._started)
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=_work,
            args=(self._settings, self._host, self._listener, scratch, theirs, service),
            name=f"flowkit-mock-{self._started}",
        )
        process.start()
        theirs.close()
        return process, ours

    def _await(self, child: Child) -> str | None:
        """Wait for a worker to answer; return why it does not, None when it does or all is to end."""
        process, ours = child
        wait([ours, process.sentinel, self._wake])
        if self._ending:
            return None
        try:
            problem: str | None = ours.recv()
        except EOFError:
            process.join()
            return f"a worker ended with exit code {process.exitcode}"
        return problem

    def _look_after(self) -> None:
        """Wait until a worker dies, and start another in its place."""
        sentinels = {child[0].sentinel: number for number, child in self._children.items()}
        for sentinel in wait([*sentinels, self._wake]):
            number = sentinels.get(sentinel) if isinstance(sentinel, int) else None
            if number is None or self._ending:
                continue
            process, ours = self._children[number]
            process.join()
            ours.close()
            self._connections[number] = NOT_THERE
            log.warning("worker %s ended with exit code %s", process.name, process.exitcode)
            self._children[number] = self._start(number)
            problem = self._await(self._children[number])
            if problem is None:
                self._pause = PAUSE
            elif not self._ending:
                log.error("worker cannot start: %s", problem)
                wait([self._wake], self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _stop(self) -> None:
        # Nobody is to wait for an answer once the workers listen no more.
        self._listener.close()
        for process, _ in self._children.values():
            process.terminate()
        ends = time.monotonic() + self._service.patience
        for process, ours in self._children.values():
            process.join(max(0.0, ends - time.monotonic()))
            if process.exitcode is None:
                process.kill()
                process.join()
            ours.close()


def _work(
    settings: Settings,
    host: str,
    listener: socket.socket,
    scratch: Path,
    tell: Connection,
    service: Service,
) -> None:
    """Be a worker: serve until told to end, or until nobody is left to tell it."""
    # Ctrl+C reaches all processes of a terminal; the one that looks after the workers ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(
        target=_end_with_parent, args=(service.patience,), name="flowkit-mock-parent", daemon=True
    ).start()
    try:
        scratch.mkdir()
        serve(
            settings,
            host,
            ready=lambda url: tell.send(None),
            service=service,
            listener=listener,
            scratch=scratch,
        )
    # Whatever it is, the process that waits says it.
    except Exception as error:
        log.debug("worker", exc_info=True)
        tell.send(str(error) or type(error).__name__)
        sys.exit(1)


def _end_with_parent(patience: float) -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    os._exit(1)
