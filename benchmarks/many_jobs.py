"""A state of 100,000 ended jobs: how long it takes to open, what it costs in memory, and what questions cost in it."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from benchmarks.measuring import Figure, alternate, seconds
from flowkit import FlowClient
from flowkit_mockserver import MockServer

__all__ = ["measure"]

MANY, FEW = 100_000, 10
ASKED, ROUNDS = 100, 15


def measure() -> Iterator[Figure]:
    """Measure a state of many jobs beside one of few."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        job = _seed(folder / "few")
        shutil.copytree(folder / "few", folder / "many")
        few, many = (
            _multiply(folder / where, job, count) for where, count in (("few", FEW), ("many", MANY))
        )
        yield from _opening(folder / "many")
        with ExitStack() as stack:
            flows = [
                stack.enter_context(stack.enter_context(MockServer(data=folder / where)).client())
                for where in ("few", "many")
            ]
            yield _ratio("job.query", [_query(flows[0], few), _query(flows[1], many)])
            yield _ratio("job.list", [_list(flow) for flow in flows])


def _seed(folder: Path) -> str:
    """Make a state with one ended job, and return that."""
    with MockServer(data=folder) as mock, mock.client() as flow:
        file = folder / "rows.csv"
        file.write_text("id,x\n1,2\n")
        conf = {"file": str(file), "head": 1, "partition": 1, "work_mode": 0}
        job = flow.data.upload({**conf, "namespace": "many", "table_name": "jobs"}).job_id
        flow.job.wait(job)
    return job


def _multiply(folder: Path, job: str, count: int) -> list[str]:
    """Copy the one job of a state as often, each under an id of its own; return some of the ids."""
    database = sqlite3.connect(folder / "flowkit-mock.sqlite3")
    with closing(database), database:
        documents = database.execute(
            "SELECT collection, key, document FROM flowkit_documents"
            " WHERE collection IN ('jobs', 'plans', 'outputs')"
        ).fetchall()
        ids = [f"{job[:8]}{number:013}" for number in range(count)]
        database.executemany(
            "INSERT INTO flowkit_documents (collection, key, document) VALUES (?, ?, ?)",
            (
                (collection, key.replace(job, new), document.replace(job, new))
                for new in ids
                for collection, key, document in documents
            ),
        )
    return ids[:: max(1, count // FEW)][:FEW]


def _opening(folder: Path) -> Iterator[Figure]:
    program = "import sys; from benchmarks.many_jobs import report; report(sys.argv[1])"
    found = [
        subprocess.run(
            [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(3)
    ]
    took, memory = (min(float(line[part]) for line in found) for part in (0, 1))
    yield Figure(f"opening a state of {MANY:,} ended jobs", took, "s", 1.0, True, "best of 3")
    yield Figure("peak memory of that process", memory, "MiB", 200, True)


def report(folder: str) -> None:
    """Open a state and print the seconds that took, and the peak memory of this process in MiB."""
    started = time.perf_counter()
    with MockServer(data=folder) as mock, mock.client() as flow:
        took = time.perf_counter() - started
        flow.job.list(limit=10)
    print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


Timed = Callable[[], float]


def _query(flow: FlowClient, ids: list[str]) -> Timed:
    def ask() -> float:
        return sum(seconds(partial(flow.job.query, job), ASKED // len(ids)) for job in ids)

    return ask


def _list(flow: FlowClient) -> Timed:
    return lambda: seconds(lambda: flow.job.list(limit=10), ASKED)


def _ratio(what: str, sides: list[Timed]) -> Figure:
    for side in sides:
        side()
    ratio, many, few = alternate(sides[1], sides[0], ROUNDS)
    detail = f"{many / ASKED * 1e6:,.0f} µs each beside {few / ASKED * 1e6:,.0f}"
    return Figure(f"{what} among {MANY:,} jobs beside {FEW}", ratio, "x", 1.2, True, detail)
