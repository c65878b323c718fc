"""Components compute on a Dask cluster, whose workers may die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from daemons import free_port, running
from flowkit_mockserver.components.core.interface import ComponentFailed
from flowkit_mockserver.computing import size
from flowkit_mockserver.computing.cluster import DaskEngine
from flowkit_mockserver.computing.engine import ThreadEngine
from flowkit_mockserver.settings import Executor
from gates import PATIENCE
from held_rows import HeldRows
from jobbing import bench
from portable_runs import ROWS, run_on, values

pytest.importorskip("distributed", reason="a cluster is Dask's, the extra cluster")


@contextmanager
def dask_cluster(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a scheduler and two workers in processes of their own; yield the scheduler's address."""
    support = str(Path(__file__).parents[2] / "support")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([support, *filter(None, sys.path)]))
    port = free_port()
    address = f"127.0.0.1:{port}"
    dask = [sys.executable, "-m"]
    scheduler = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    worker = ["distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1"]
    with ExitStack() as stack:
        stack.enter_context(running([*dask, *scheduler, "--no-dashboard"], port, folder))
        log = stack.enter_context((folder / "workers.log").open("wb"))
        for _ in range(2):
            command = [*dask, *worker, "--host", "127.0.0.1", "--no-dashboard"]
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield address


def test_runs_compute_on_the_cluster_and_outlive_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "CELLS", 1)
    with dask_cluster(tmp_path, monkeypatch) as address, ThreadPoolExecutor() as threads:
        engine = DaskEngine(address)
        engine._client.wait_for_workers(2, timeout=PATIENCE)
        expected = values(run_on(ROWS), ThreadEngine())
        assert values(run_on(ROWS), engine) == expected

        with pytest.raises(ComponentFailed) as failed:
            engine.compute(run_on(ROWS, "Intersection"))
        assert failed.value.party == ("guest", "1")

        rows = HeldRows(tmp_path, ROWS)
        computing = threads.submit(values, run_on(rows), engine)
        killed = rows.reader()
        assert killed != os.getpid()
        os.kill(killed, signal.SIGKILL)
        assert computing.result(PATIENCE) == expected

        # As after a scheduler that was away for too long.
        engine._client.close()
        assert values(run_on(ROWS), engine) == expected

        with bench(executor=Executor("dask", address=address)) as mock:
            assert mock.finish(mock.submit()) == "success"

        (tmp_path / "more").mkdir()
        rows = HeldRows(tmp_path / "more", ROWS)
        computing = threads.submit(values, run_on(rows), engine)
        rows.reader()
        engine.close()
        with pytest.raises(ComponentFailed, match="server was closed"):
            computing.result(PATIENCE)
        with pytest.raises(ComponentFailed, match="server was closed"):
            engine.compute(run_on(ROWS))


def test_a_run_that_costs_too_many_workers_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "CELLS", 1)
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with dask_cluster(tmp_path, monkeypatch) as address, ThreadPoolExecutor() as threads:
        engine = DaskEngine(address)
        engine._client.wait_for_workers(2, timeout=PATIENCE)
        rows = HeldRows(tmp_path, ROWS)
        computing = threads.submit(values, run_on(rows), engine)

        os.kill(rows.reader(), signal.SIGKILL)

        with pytest.raises(ComponentFailed, match="c_0 could not be computed"):
            computing.result(PATIENCE)
        assert len(values(run_on(ROWS), engine)) == 2
        engine.close()


def test_an_address_at_which_nobody_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowkit_mockserver.computing.cluster.PATIENCE", 0.5)
    address = f"127.0.0.1:{free_port()}"

    with pytest.raises(OSError, match=f"no Dask scheduler answers at {address}"):
        DaskEngine(address)


def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(RuntimeError, match=r"fate-flowkit\[cluster\]"):
        DaskEngine("127.0.0.1:8786")
