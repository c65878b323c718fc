"""``flowkit mock --workers 2`` beside one worker, both on a PostgreSQL of this machine: questions, and trainings.

Clients, workers and PostgreSQL share the processors of the machine: with two of them two workers cannot be twice as
fast, and the figures say how many there were. The trainings are bound by computing, in the threads of the workers: a
worker's own interpreter lets one compute at a time, so that each worker takes one processor. What they cost beside that
is said as processor time by process; where that of the workers is nearly all, a machine with a processor for each of
them, and one to spare, shows what the ratio can be.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from benchmarks.large import submit_large, upload_large
from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure, Unmeasured, alternate
from benchmarks.mock_rate import rate
from benchmarks.servers import flowkit_mock, processor_seconds
from flowkit import FlowClient

__all__ = ["measure"]

#: Where the tests start a PostgreSQL.
SUPPORT = str(Path(__file__).parents[1] / "tests" / "support")
ROUNDS = 7
#: Trainings at a time, their rows and iterations.
TRAININGS, CUSTOMERS, ITERATIONS = 8, 20_000, 300


def measure() -> Iterator[Figure]:
    """Measure both kinds of work.

    Raises:
        Unmeasured: there is no PostgreSQL.
    """
    sys.path.append(SUPPORT)
    try:
        databases = import_module("databases")
    finally:
        sys.path.remove(SUPPORT)
    if databases.find_postgresql() is None:
        raise Unmeasured("it needs the programs of PostgreSQL: apt-get install postgresql")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(databases.postgresql())
        started = [
            stack.enter_context(
                flowkit_mock(
                    "--workers", f"{count}", "--database", server.create(), "--executor", "thread"
                )
            )
            for count in (2, 1)
        ]
        ports = [port for _, port in started]
        yield _questions(ports, folder)
        yield _trainings(ports, folder, [*(process.pid for process, _ in started), server.pid])


def _figure(what: str, ratio: float, target: float, two: float, one: float) -> Figure:
    detail = f"{two:,.1f}/s beside {one:,.1f}/s; {os.cpu_count()} processors for clients, workers and PostgreSQL"
    return Figure(f"{what}, two workers beside one", ratio, "x", target, False, detail)


def _questions(ports: list[int], folder: Path) -> Figure:
    bodies = []
    for port in ports:
        with FlowClient("127.0.0.1", port) as flow:
            job = submit_training(flow, train_conf(flow, folder))
            flow.job.wait(job)
        bodies.append(f'{{"job_id": "{job}", "role": "guest", "party_id": "9999"}}'.encode())
    ratio, two, one = alternate(
        lambda: rate(ports[0], bodies[0]), lambda: rate(ports[1], bodies[1]), ROUNDS
    )
    return _figure("job.query", ratio, 1.7, two, one)


def _trainings(ports: list[int], folder: Path, processes: list[int]) -> Figure:
    for port in ports:
        with FlowClient("127.0.0.1", port) as flow:
            upload_large(flow, folder, CUSTOMERS)

    def train(side: int) -> None:
        with FlowClient("127.0.0.1", ports[side]) as flow:
            flow.job.wait(submit_large(flow, ITERATIONS), timeout=600)

    def work(side: int) -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(TRAININGS) as clients:
            list(clients.map(train, [side] * TRAININGS))
        return TRAININGS / (time.perf_counter() - started)

    rounds = 3
    before, own = [processor_seconds(process) for process in processes], time.process_time()
    ratio, two, one = alternate(lambda: work(0), lambda: work(1), rounds)
    spent = [
        processor_seconds(process) - start for process, start in zip(processes, before, strict=True)
    ]
    trained = TRAININGS * rounds
    costs = (
        f"a training takes {spent[0] / trained:.2f} s of processor time in two workers, {spent[1] / trained:.2f} s in"
        f" one, {spent[2] / trained / 2:.2f} s in PostgreSQL and {(time.process_time() - own) / trained / 2:.2f} s in"
        f" its client; load {os.getloadavg()[0]:.1f}"
    )
    what = f"trainings of {CUSTOMERS:,} rows in {ITERATIONS} iterations"
    figure = _figure(what, ratio, 1.5, two, one)
    return replace(figure, detail=f"{figure.detail}; {costs}")
