"""Where components compute. The engine that needs nothing does it in the thread of whoever waits for the result."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from flowkit_mockserver.components.core.interface import ComponentRun, PartyResult
from flowkit_mockserver.components.core.run import run_component
from flowkit_mockserver.computing.size import is_large
from flowkit_mockserver.computing.turns import Turns
from flowkit_mockserver.kinds.lookup import find_kind, is_added
from flowkit_mockserver.party import Party

__all__ = ["Engine", "Results", "SharedEngine", "ThreadEngine", "computes_long"]

#: What each party of a run is left with.
Results = dict[Party, PartyResult]

#: Held around kinds whose library keeps state for the whole process: the generator of torch, the filters of warnings.
_LIBRARY = threading.Lock()
#: Of large runs one computes at a time in this process; small ones do not wait.
_TURNS = Turns(1)


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
        with _turn() if computes_long(run) else nullcontext(), _alone(run):
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


def computes_long(run: ComponentRun) -> bool:
    """Say whether a run is large and does nothing but compute, so that it may wait for others or go elsewhere.

    A kind of the user's may wait for anything, and only this process has it. Kinds that touch what jobs have in common
    come one after the other; they must not be held up by what does not.
    """
    kind = find_kind(run.module)
    return not (kind is None or kind.in_server or is_added(run.module)) and is_large(run)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for the turn of a large run, which then computes in one thread.

    OpenBLAS, beneath numpy, has as many threads as there are processors, and those that have nothing to do spin for
    some milliseconds: on the processors that others need, for products that are too small to gain by them.
    """
    import numpy  # noqa: F401 - has the library whose threads are limited
    from threadpoolctl import threadpool_limits  # takes a while that small runs need not spend

    with _TURNS.taken(), threadpool_limits(1, user_api="blas"):
        yield
