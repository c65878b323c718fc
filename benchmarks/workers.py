"""``flowkit mock --workers 2`` beside one worker, both on a PostgreSQL of this machine: questions, and trainings.

Clients, workers and PostgreSQL share the processors of the machine: with two of them two workers cannot be twice as
fast, and the figures say how many there were.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure, alternate
from benchmarks.mock_rate import rate
from benchmarks.servers import flowkit_mock
from flowkit import FlowClient

__all__ = ["measure"]

#: Where the tests start a PostgreSQL.
SUPPORT = str(Path(__file__).parents[1] / "tests" / "support")
ROUNDS, TRAININGS, CUSTOMERS = 7, 8, 20_000


def measure() -> Iterator[Figure]:
    """Measure both kinds of work; nothing where there is no PostgreSQL."""
    sys.path.append(SUPPORT)
    try:
        databases = import_module("databases")
    finally:
        sys.path.remove(SUPPORT)
    if databases.find_postgresql() is None:
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(databases.postgresql())
        ports = [
            stack.enter_context(
                flowkit_mock(
                    "--workers", f"{count}", "--database", server.create(), "--executor", "thread"
                )
            )[1]
            for count in (2, 1)
        ]
        yield _questions(ports, folder)
        yield _trainings(ports, folder)


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


def _trainings(ports: list[int], folder: Path) -> Figure:
    confs = []
    for port in ports:
        with FlowClient("127.0.0.1", port) as flow:
            confs.append(train_conf(flow, folder, CUSTOMERS))

    def train(side: int) -> None:
        with FlowClient("127.0.0.1", ports[side]) as flow:
            flow.job.wait(submit_training(flow, confs[side]))

    def work(side: int) -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(TRAININGS) as clients:
            list(clients.map(train, [side] * TRAININGS))
        return TRAININGS / (time.perf_counter() - started)

    ratio, two, one = alternate(lambda: work(0), lambda: work(1), 3)
    return _figure(f"trainings of {CUSTOMERS:,} rows", ratio, 1.5, two, one)
