"""A Dask cluster that computes: for what one machine is too small for.

Dask finds a worker, moves the run there, and begins it anew elsewhere when the worker dies. Its own tools start and
watch the cluster; its workers need flowkit with the extras of the server, and nothing else of it.
"""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun
from flowkit_mockserver.computing.engine import Engine, Results, ThreadEngine
from flowkit_mockserver.computing.portable import PortableRun, compute, is_worth_sending

__all__ = ["DaskEngine"]

#: Seconds in which a scheduler has to answer when the server starts.
PATIENCE = 5


class DaskEngine:
    """Computes on a Dask cluster, and small runs in the thread that asks.

    Args:
        address: the scheduler, ``HOST:PORT``.

    Raises:
        RuntimeError: Dask is not installed.
        OSError: nobody answers at the address.
    """

    def __init__(self, address: str) -> None:
        try:
            import dask
            from distributed import Client
        except ModuleNotFoundError as missing:
            raise RuntimeError(
                f"--executor dask://{address} needs {missing.name}: pip install 'fate-flowkit[cluster]'"
            ) from missing
        self._here: Engine = ThreadEngine()
        # The rows go with the run: kept at one worker they would be lost with it.
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"})
        try:
            self._client: Any = Client(
                f"tcp://{address}", timeout=PATIENCE, set_as_default=False, name="flowkit-mock"
            )
        except OSError as error:
            raise OSError(
                f"no Dask scheduler answers at {address}: start one with `dask scheduler`, and workers with"
                f" `dask worker {address}`, or correct --executor"
            ) from error
        self._waiting: set[Any] = set()
        self._lock = threading.Lock()

    def compute(self, run: ComponentRun) -> Results:
        """Run a component, on the cluster if it is worth it."""
        if not is_worth_sending(run):
            return self._here.compute(run)
        from distributed import KilledWorker

        future = self._client.submit(compute, PortableRun.of(run), pure=False)
        with self._lock:
            self._waiting.add(future)
        try:
            return PortableRun.unpack(run, future.result())
        except KilledWorker as death:
            text = f"{run.component} could not be computed: {death}"
            raise ComponentFailed(text, run.parties[0]) from death
        except CancelledError as cancelled:
            text = f"{run.component} could not be computed: the Dask cluster has gone, or the server was closed"
            raise ComponentFailed(text, run.parties[0]) from cancelled
        finally:
            with self._lock:
                self._waiting.discard(future)
            future.release()

    def close(self) -> None:
        """Cancel what computes and leave the cluster."""
        with self._lock:
            waiting = list(self._waiting)
        if self._client.status == "running":
            self._client.cancel(waiting, force=True)
        self._client.close(timeout=PATIENCE)
