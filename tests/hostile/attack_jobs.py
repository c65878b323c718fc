"""Two workers on one database, and many jobs at once: each task runs once, and each job ends as it should."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from databases import find_postgresql, postgresql
from tests.hostile.finding import Finding
from tests.hostile.served import ask, children, resident, served, upload

__all__ = ["attack"]

CLIENTS = 16
#: Seconds that a job may take on the way, whoever is before it, and MiB that a worker may have in the end.
PATIENCE, MEMORY = 0.6, 400.0
END = {"success", "failed", "canceled", "timeout"}
#: Where a worker notes each run.
NOTES = "FLOWKIT_TEST_RUNS"

#: A distribution with a kind that notes each of its runs before it hands its table on.
KIND = f'''
import os

from flowkit_mockserver.components.core.interface import PartyResult
from flowkit_mockserver.components.core.run import first_table
from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in


def run(run):
    note = os.open(os.environ["{NOTES}"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(note, f"{{run.job_id}} {{run.component}}\\n".encode())
    os.close(note)
    return {{party: PartyResult([first_table(run, party, "data")]) for party in run.parties}}


KIND = Kind(
    name="Noted",
    algorithm="noted_kind:run",
    exactness=Exactness.EXACT,
    accuracy="Nothing is computed.",
    param_class="NotedParam",
    defaults={{"need_run": True}},
    rules=(),
    code_path=code_in("federatedml/noted", guest="noted.py/Noted", host="noted.py/Noted"),
    alone=True,
)
'''
_OFFER = "[flowkit.kinds]\nNoted = noted_kind:KIND\n"

DSL: dict[str, Any] = {
    "components": {
        "reader_0": {"module": "Reader", "output": {"data": ["d"]}},
        **{
            f"noted_{number}": {
                "module": "Noted",
                "input": {"data": {"data": ["reader_0.d" if not number else "noted_0.d"]}},
                "output": {"data": ["d"]},
            }
            for number in range(3)
        },
    }
}
CONF: dict[str, Any] = {
    "dsl_version": 2,
    "initiator": {"role": "guest", "party_id": 7001},
    "role": {"guest": [7001]},
    "job_parameters": {"common": {"work_mode": 0, "backend": 0, "task_cores": 1}},
    "component_parameters": {
        "role": {"guest": {"0": {"reader_0": {"table": {"name": "guest", "namespace": "kept"}}}}}
    },
}


def attack(seed: int, count: int) -> Finding:
    """Submit `count` jobs at once to two workers, and ask for all of them until they have ended."""
    found = Finding("jobs at once", count)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        notes = folder / "runs"
        place = f"sqlite:///{folder}/shared.sqlite3"
        if find_postgresql() is not None:
            place = stack.enter_context(postgresql()).create()
        path = f"{_offer_kind(folder)}:{os.environ.get('PYTHONPATH', '')}".rstrip(":")
        environment = {**os.environ, "PYTHONPATH": path, NOTES: str(notes)}
        options = ("--workers", "2", "--executor", "thread", "--database", place)
        with served(*options, environment=environment) as (process, port):
            _attack(found, random.Random(seed), count, port)
            memory = max(map(resident, children(process.pid)))
        runs = Counter(notes.read_text().splitlines() if notes.exists() else [])
    found.faults += [f"{run} ran {times} times" for run, times in runs.items() if times > 1]
    if (expected := 3 * count) != len(runs):
        found.faults.append(f"{len(runs)} tasks ran in place of {expected}")
    if memory > MEMORY:
        found.faults.append(f"a worker has {memory:.0f} MiB")
    found.detail += f", {memory:.0f} MiB"
    return found


def _offer_kind(folder: Path) -> Path:
    """Put a distribution with the kind where Python finds it; return where that is."""
    site = folder / "site"
    site.mkdir()
    (site / "noted_kind.py").write_text(KIND)
    told = site / "noted_kind-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: noted-kind\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(_OFFER)
    return site


def _attack(found: Finding, chance: random.Random, count: int, port: int) -> None:
    with _connection(port) as connection:
        upload(connection, "guest", b"id,x\n" + b"".join(b"%d,%d\n" % (i, i) for i in range(100)))
    together = threading.Barrier(CLIENTS)
    shares = [len(range(client, count, CLIENTS)) for client in range(CLIENTS)]
    ends = time.monotonic() + 30 + PATIENCE * count
    begun = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        submitted = list(clients.map(lambda share: _submit(port, share, together, found), shares))
        seconds = time.monotonic() - begun
        jobs = [job_id for share in submitted for job_id in share]
        chance.shuffle(jobs)
        parts = [jobs[client::CLIENTS] for client in range(CLIENTS)]
        states = [
            state for part in clients.map(lambda p: _await(port, p, ends), parts) for state in part
        ]
    if len(set(jobs)) != count:
        found.faults.append(f"{len(set(jobs))} jobs have an id of their own")
    found.faults += [
        f"{n} jobs are {state}" for state, n in Counter(states).items() if state != "success"
    ]
    total = time.monotonic() - begun
    found.detail = f"submitted in {seconds:.1f} s, ended after {total:.1f} s"


@contextlib.contextmanager
def _connection(port: int) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as one:
        yield one


def _submit(port: int, count: int, together: threading.Barrier, found: Finding) -> list[str]:
    jobs = []
    with _connection(port) as connection:
        together.wait()
        for _ in range(count):
            body = {"job_dsl": DSL, "job_runtime_conf": CONF}
            answer = ask(connection, "/v1/job/submit", body)
            if answer["retcode"] == 0:
                jobs.append(str(answer["jobId"]))
            else:
                found.faults.append(f"{answer}")
    return jobs


def _await(port: int, jobs: list[str], ends: float) -> list[str]:
    """Return how jobs have ended, or stand when time is up."""
    wait = threading.Event()
    with _connection(port) as connection:
        return [_until(lambda one=job: _status(connection, one), ends, wait) for job in jobs]


def _until(look: Callable[[], str], ends: float, wait: threading.Event) -> str:
    while (status := look()) not in END and time.monotonic() < ends:
        wait.wait(0.05)
    return status


def _status(connection: http.client.HTTPConnection, job_id: str) -> str:
    rows = ask(connection, "/v1/job/query", {"job_id": job_id, "role": "guest"}).get("data")
    return str(rows[0]["f_status"]) if rows else "gone"
