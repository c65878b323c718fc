"""Components that compute for as long as a test wants them to."""

from __future__ import annotations

import threading

import pytest

from flowkit_mockserver.components.core.interface import ComponentRun, PartyResult
from flowkit_mockserver.components.core.run import run_component
from flowkit_mockserver.party import Party

__all__ = ["PATIENCE", "Gate", "count_queued"]

#: Seconds after which a test gives up that waits for a thread.
PATIENCE = 30


class Gate:
    """Stands in front of all components of a process, and stops those of one kind until it is opened.

    Args:
        monkeypatch: takes it away again.
        module: the kind that is stopped.
        before: whether it is stopped before it computes, or after.

    Attributes:
        runs: job and component of every run, in their order.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, module: str, *, before: bool = True
    ) -> None:
        self._module = module
        self._before = before
        self._arrived = threading.Semaphore(0)
        self._opened = threading.Event()
        self.runs: list[tuple[str, str]] = []
        monkeypatch.setattr("flowkit_mockserver.computing.engine.run_component", self._run)

    def _run(self, run: ComponentRun) -> dict[Party, PartyResult]:
        self.runs.append((run.job_id, run.component))
        found = None if self._before else run_component(run)
        if run.module == self._module:
            self._arrived.release()
            if not self._opened.wait(PATIENCE):
                raise TimeoutError("nobody opened the gate")
        return run_component(run) if found is None else found

    def await_arrival(self, count: int = 1) -> None:
        """Return once so many components have come to the gate, since the last time."""
        for _ in range(count):
            if not self._arrived.acquire(timeout=PATIENCE):
                raise TimeoutError("no component came to the gate")

    def open(self) -> None:
        """Let all components through, from now on."""
        self._opened.set()

    def close(self) -> None:
        """Stop components again."""
        self._opened.clear()


def count_queued(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Return what counts the threads that have come to wait for a turn to compute."""
    arrivals = threading.Semaphore(0)

    class Announced(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            arrivals.release()
            return super().wait(timeout)

    monkeypatch.setattr("flowkit_mockserver.computing.turns.Event", Announced)
    return arrivals
