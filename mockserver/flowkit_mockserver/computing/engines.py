"""The engines by the names that `--executor` takes."""

from __future__ import annotations

from flowkit_mockserver.computing.engine import Engine, ThreadEngine
from flowkit_mockserver.settings import Executor

__all__ = ["make_engine"]


def make_engine(executor: Executor) -> Engine:
    """Return the engine of an executor; what it needs is imported now.

    Raises:
        RuntimeError: a library is missing, and the text names the extra that brings it.
        OSError: nobody answers at the address of a cluster.
    """
    if executor.kind == "processes":
        from flowkit_mockserver.computing.processes import ProcessEngine

        return ProcessEngine(executor.count)
    if executor.kind == "dask":
        from flowkit_mockserver.computing.cluster import DaskEngine

        return DaskEngine(executor.address)
    return ThreadEngine()
