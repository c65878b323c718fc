"""Independent trainings of 100,000 rows on two Dask workers, beside the same on one.

Needs the extra ``cluster``. Scheduler, workers and mock server are processes of their own, on this machine. The
trainings are long enough to be worth a cluster, 400 iterations of 313 batches each, each worker computes in one thread,
and what scheduler and mock server take of the processors beside them is said as processor time.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from benchmarks.large import ROWS, submit_large, upload_large
from benchmarks.measuring import Figure, Unmeasured, alternate, seconds
from benchmarks.servers import await_port, flowkit_mock, processor_seconds
from flowkit import FlowClient

__all__ = ["measure"]

TRAININGS, ITERATIONS, ROUNDS = 2, 400, 3


def measure() -> Iterator[Figure]:
    """Measure both in turns.

    Raises:
        Unmeasured: Dask is not installed.
    """
    if find_spec("distributed") is None:
        raise Unmeasured("it needs Dask: pip install 'fate-flowkit[cluster]'")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (one, _), (two, processes) = (
            stack.enter_context(_served(workers, folder)) for workers in (1, 2)
        )
        before = [processor_seconds(process) for process in processes]
        ratio, slow, quick = alternate(
            lambda: seconds(lambda: _train(one)), lambda: seconds(lambda: _train(two)), ROUNDS
        )
        spent = [
            (processor_seconds(process) - start) / TRAININGS / ROUNDS
            for process, start in zip(processes, before, strict=True)
        ]
    scheduler, *workers, mock = spent
    detail = (
        f"{quick:.1f} s beside {slow:.1f} s; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; a training on"
        f" two takes {' + '.join(f'{worker:.2f}' for worker in workers)} s of processor time in the workers,"
        f" {scheduler:.2f} s in the scheduler and {mock:.2f} s in the mock server"
    )
    what = f"{TRAININGS} trainings of {ROWS:,} rows on two Dask workers, times as fast as on one"
    yield Figure(what, ratio, "x", 1.5, False, detail)


@contextmanager
def _served(workers: int, folder: Path) -> Iterator[tuple[int, list[int]]]:
    """Run a cluster and a mock server on it, with the tables uploaded.

    Yields:
        the server's port, and the processes: scheduler, workers, mock server.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    address = f"127.0.0.1:{port}"
    here = ("--host", "127.0.0.1", "--no-dashboard")
    with ExitStack() as stack:
        processes = [_start(stack, "dask_scheduler", "--port", str(port), *here)]
        await_port(port)
        processes += [
            _start(stack, "dask_worker", address, "--no-nanny", "--nthreads", "1", *here)
            for _ in range(workers)
        ]
        mock, served = stack.enter_context(flowkit_mock("--executor", f"dask://{address}"))
        with FlowClient("127.0.0.1", served) as flow:
            upload_large(flow, folder)
            flow.job.wait(submit_large(flow, 1), timeout=600)
        yield served, [*processes, mock.pid]


def _start(stack: ExitStack, program: str, *arguments: str) -> int:
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments]
    # As a worker's nanny has it: a worker computes in the threads that it was given.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process.pid


def _train(port: int) -> None:
    def train(_: int) -> None:
        with FlowClient("127.0.0.1", port, timeout=600) as flow:
            flow.job.wait(submit_large(flow, ITERATIONS), timeout=600)

    with ThreadPoolExecutor(TRAININGS) as clients:
        list(clients.map(train, range(TRAININGS)))
