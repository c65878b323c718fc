"""Independent trainings of 100,000 rows on two Dask workers, beside the same on one.

Needs the extra ``cluster``. Scheduler, workers and mock server are processes of their own, on this machine: with less
than three processors for them there is nothing to win.
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
from pathlib import Path

from benchmarks.large import ROWS, submit_large, upload_large
from benchmarks.measuring import Figure, alternate, seconds
from benchmarks.servers import await_port, flowkit_mock
from flowkit import FlowClient

__all__ = ["measure"]

TRAININGS, ITERATIONS, ROUNDS = 2, 150, 3


def measure() -> Iterator[Figure]:
    """Measure both in turns."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        one, two = (stack.enter_context(_served(workers, folder)) for workers in (1, 2))
        ratio, slow, quick = alternate(
            lambda: seconds(lambda: _train(one)), lambda: seconds(lambda: _train(two)), ROUNDS
        )
    detail = f"{quick:.1f} s beside {slow:.1f} s; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    what = f"{TRAININGS} trainings of {ROWS:,} rows on two Dask workers, times as fast as on one"
    yield Figure(what, ratio, "x", 1.5, False, detail)


@contextmanager
def _served(workers: int, folder: Path) -> Iterator[int]:
    """Run a cluster and a mock server on it, with the tables uploaded; yield the server's port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    address = f"127.0.0.1:{port}"
    here = ("--host", "127.0.0.1", "--no-dashboard")
    with ExitStack() as stack:
        _start(stack, "dask_scheduler", "--port", str(port), *here)
        await_port(port)
        for _ in range(workers):
            _start(stack, "dask_worker", address, "--no-nanny", "--nthreads", "1", *here)
        _, served = stack.enter_context(flowkit_mock("--executor", f"dask://{address}"))
        with FlowClient("127.0.0.1", served) as flow:
            upload_large(flow, folder)
            flow.job.wait(submit_large(flow, 1), timeout=600)
        yield served


def _start(stack: ExitStack, program: str, *arguments: str) -> None:
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.kill)


def _train(port: int) -> None:
    def train(_: int) -> None:
        with FlowClient("127.0.0.1", port, timeout=600) as flow:
            flow.job.wait(submit_large(flow, ITERATIONS), timeout=600)

    with ThreadPoolExecutor(TRAININGS) as clients:
        list(clients.map(train, range(TRAININGS)))


if __name__ == "__main__":
    for figure in measure():
        print(figure)
