"""Processes of this machine that compute, so that whoever answers requests does not share the interpreter with them.

A process is started when the first run comes that is worth it, and ends with the server, however that ends: its end
of the pipe closes. One that dies takes its run with it, which another process computes once more.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from multiprocessing.connection import Connection
from queue import LifoQueue
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun
from flowkit_mockserver.computing.engine import Engine, Results, ThreadEngine
from flowkit_mockserver.computing.portable import PortableRun, compute, is_worth_sending

__all__ = ["ProcessEngine"]

log = logging.getLogger(__name__)

#: How often a run is begun whose process dies: the first time may have been an accident.
ATTEMPTS = 2

# What a child of a threaded process may do after a fork is next to nothing; a fresh interpreter can do anything.
_CONTEXT = multiprocessing.get_context("spawn")


class _Died(Exception):
    """The process died while it computed."""


class ProcessEngine:
    """Computes in processes of its own, and small runs in the thread that asks.

    Args:
        count: how many processes there are at most; None for as many as this machine has processors.
    """

    def __init__(self, count: int | None = None) -> None:
        self._here: Engine = ThreadEngine()
        self._closed = False
        self._lock = threading.Lock()
        self._workers = [_Worker() for _ in range(count or os.cpu_count() or 1)]
        # The last one that was used comes first, so that no more are started than are needed.
        self._idle: LifoQueue[_Worker] = LifoQueue()
        for worker in reversed(self._workers):
            self._idle.put(worker)

    def compute(self, run: ComponentRun) -> Results:
        """Run a component, in a process if it is worth it; waits for one that is idle."""
        if not is_worth_sending(run):
            return self._here.compute(run)
        worker = self._idle.get()
        try:
            return self._compute(worker, run)
        finally:
            self._idle.put(worker)

    def _compute(self, worker: _Worker, run: ComponentRun) -> Results:
        for _ in range(ATTEMPTS):
            if self._closed:
                raise ComponentFailed("the server was closed", run.parties[0])
            try:
                return PortableRun.unpack(run, worker.compute(PortableRun.of(run)))
            except _Died as death:
                log.warning("component %s of job %s: %s", run.component, run.job_id, death)
        raise ComponentFailed(
            f"the process that computed {run.component} died {ATTEMPTS} times; did it run out of memory?",
            run.parties[0],
        )

    def close(self) -> None:
        """End the processes, whatever they compute."""
        self._closed = True
        for worker in self._workers:
            worker.end()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that run."""
        return [worker.pid for worker in self._workers if worker.pid is not None]


class _Worker:
    """One process, started when it is needed first. It computes one run at a time."""

    def __init__(self) -> None:
        self._process: Any = None
        self._pipe: Connection | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Its id while it runs."""
        process = self._process
        pid: int | None = None if process is None else process.pid
        return pid

    def compute(self, portable: PortableRun) -> Results:
        """Compute a run there.

        Raises:
            ComponentFailed: it failed.
            _Died: the process died.
        """
        pipe = self._started()
        try:
            pipe.send(portable)
            answer: Results | Exception = pipe.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise _Died(f"a worker process died: {error!r}") from error
        # An answer that nobody took must not be taken for that of the next run.
        except BaseException:
            self.end()
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _started(self) -> Connection:
        with self._lock:
            if self._pipe is None:
                self._pipe, theirs = _CONTEXT.Pipe()
                self._process = _CONTEXT.Process(
                    target=_work, args=(theirs,), name="flowkit-mock-compute", daemon=True
                )
                self._process.start()
                theirs.close()
            return self._pipe

    def end(self) -> None:
        """End the process, if it runs."""
        with self._lock:
            process, pipe = self._process, self._pipe
            self._process = self._pipe = None
        if process is not None:
            process.kill()
            process.join()
        if pipe is not None:
            pipe.close()


def _work(pipe: Connection) -> None:
    """Compute what comes through a pipe, until the server lets go of its end."""
    # Ctrl+C in a terminal reaches all its processes; the server says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            portable = pipe.recv()
        except EOFError:
            return
        try:
            answer: Results | Exception = compute(portable)
        except ComponentFailed as failure:
            answer = failure
        # Whatever it is belongs to whoever waits for the result; not every exception survives the way.
        except Exception as error:
            answer = RuntimeError(str(error) or type(error).__name__)
            answer.add_note(traceback.format_exc())
        try:
            pipe.send(answer)
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            pipe.send(RuntimeError(f"the result cannot leave its process: {error}"))


def _end_with_parent() -> None:
    """End this process with the one that started it, in the middle of a run, too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
