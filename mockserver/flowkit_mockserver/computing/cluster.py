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
            import distributed  # noqa: F401 - to say at once that it is missing
        except ModuleNotFoundError as missing:
            raise RuntimeError(
                f"--executor dask://{address} needs {missing.name}: pip install 'fate-flowkit[cluster]'"
            ) from missing
        self._address = address
        self._here: Engine = ThreadEngine()
        self._waiting: set[Any] = set()
        self._lock = threading.Lock()
        self._closed = False
        # The rows go with the run: kept at one worker they would be lost with it.
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"})
        self._client: Any = _connect(address)

    def compute(self, run: ComponentRun) -> Results:
        """Run a component, on the cluster if it is worth it."""
        if not is_worth_sending(run):
            return self._here.compute(run)
        from distributed import KilledWorker

        portable = PortableRun.of(run)
        with self._lock:
            client = self._connected(run)
        future = client.submit(compute, portable, pure=False)
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

    def _connected(self, run: ComponentRun) -> Any:
        """Return a client; a new one when the last has given the scheduler up, which may be back by now."""
        if self._closed:
            raise ComponentFailed("the server was closed", run.parties[0])
        if self._client.status == "closed":
            try:
                self._client = _connect(self._address)
            except OSError as error:
                raise ComponentFailed(str(error), run.parties[0]) from error
        return self._client

    def close(self) -> None:
        """Cancel what computes and leave the cluster."""
        with self._lock:
            self._closed = True
            waiting = list(self._waiting)
        if self._client.status == "running":
            self._client.cancel(waiting, force=True)
        self._client.close(timeout=PATIENCE)


def _connect(address: str) -> Any:
    """Return a client of the scheduler at an address.

    Raises:
        OSError: nobody answers there.
    """
    from distributed import Client

    try:
        return Client(
            f"tcp://{address}", timeout=PATIENCE, set_as_default=False, name="flowkit-mock"
        )
    except OSError as error:
        raise OSError(
            f"no Dask scheduler answers at {address}: start one with `dask scheduler`, and workers with"
            f" `dask worker {address}`, or correct --executor"
        ) from error
