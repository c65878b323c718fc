"""Where components compute. The engine that needs nothing does it in the thread of whoever waits for the result."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from flowkit_mockserver.components.core.interface import ComponentRun, PartyResult
from flowkit_mockserver.components.core.run import run_component
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.party import Party

__all__ = ["Engine", "Results", "SharedEngine", "ThreadEngine"]

#: What each party of a run is left with.
Results = dict[Party, PartyResult]

#: Held around kinds whose library keeps state for the whole process: the generator of torch, the filters of warnings.
_LIBRARY = threading.Lock()


class Engine(Protocol):
    """Carries runs out, each a pure function of its tables and parameters."""

    def compute(self, run: ComponentRun) -> Results:
        """Run a component on all its parties; called by several threads at a time, without the server's lock.

        Raises:
            ComponentFailed: it failed.
        """

    def close(self) -> None:
        """Give back what computes; runs under way fail. Harmless when repeated."""


class ThreadEngine:
    """Computes in the thread that asks."""

    def compute(self, run: ComponentRun) -> Results:
        """Run a component in this thread."""
        with _alone(run):
            return run_component(run)

    def close(self) -> None:
        """There is nothing to give back."""


class SharedEngine:
    """Another's engine, which that one closes.

    Args:
        engine: the engine.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def compute(self, run: ComponentRun) -> Results:
        """Run a component there."""
        return self._engine.compute(run)

    def close(self) -> None:
        """It goes on for its owner."""


def _alone(run: ComponentRun) -> AbstractContextManager[object]:
    """Return what keeps runs apart that share the state of a library."""
    kind = find_kind(run.module)
    return nullcontext() if kind is None or kind.extra is None else _LIBRARY
