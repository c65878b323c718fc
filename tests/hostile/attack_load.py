"""Many clients at once: each is answered in time, and the memory of the server does not grow.

A client submits its next job when its last one has ended: jobs that are submitted faster than they run are a queue that
grows without end, which a server has to remember.
"""

from __future__ import annotations

import http.client
import json
import os

from tests.hostile.attack_requests import CONF, DSL
from tests.hostile.crowd import Client, ask_together, request
from tests.hostile.finding import Finding
from tests.hostile.served import ask, resident, served, upload, upload_request

__all__ = ["attack"]

CLIENTS = 64
#: Seconds that 99 of 100 answers take at most, and MiB by which the server may grow after the first third.
P99, GROWTH = 0.3, 32.0


def attack(seed: int, count: int) -> Finding:
    """Let 64 clients ask for `count` seconds."""
    found = Finding(f"{CLIENTS} clients", count)
    with served("--keep-jobs", "200", "--pace", "0.1") as (process, port):
        _stock(port)
        early: list[float] = []
        clients: list[Client] = [_Worker(seed + number) for number in range(CLIENTS)]
        answers = ask_together(port, clients, count, lambda: early.append(resident(process.pid)))
        growth = resident(process.pid) - early[0]
        spent = _processor_seconds(process.pid)
    found.faults += answers.faults
    waits = sorted(wait for waits in answers.waits.values() for wait in waits)
    p99 = _percentile(waits)
    if p99 > P99:
        found.faults.append(f"the 99th percentile is {p99:.2f} s")
    if growth > GROWTH:
        found.faults.append(f"the server grows by {growth:.0f} MiB")
    kinds = ", ".join(
        f"{kind} {_percentile(sorted(answers.waits[kind])):.3f}" for kind in sorted(answers.waits)
    )
    found.detail = (
        f"{len(waits)} answers, {len(waits) / count:,.0f}/s, p99 {p99:.3f} s ({kinds}),"
        f" {spent / max(1, len(waits)) * 1e6:,.0f} µs of processor each, {early[0]:.0f} MiB and {growth:+.1f}"
    )
    return found


def _percentile(waits: list[float]) -> float:
    return waits[int(len(waits) * 0.99)] if waits else 0.0


def _processor_seconds(process_id: int) -> float:
    """Return what a process has spent; 0 where the system does not tell."""
    try:
        with open(f"/proc/{process_id}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _stock(port: int) -> None:
    """Upload the tables of guest and host, and wait until they are there."""
    tables = {
        "guest": b"id,y,x0\n" + b"".join(b"%d,%d,1\n" % (i, i % 2) for i in range(50)),
        "host": b"id,x1\n" + b"".join(b"%d,2\n" % i for i in range(50)),
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for name, rows in tables.items():
        job_id = upload(connection, name, rows)["jobId"]
        while True:
            (row,) = ask(connection, "/v1/job/query", {"job_id": job_id})["data"]
            if row["f_status"] not in ("waiting", "running"):
                break
    connection.close()


def _conf() -> dict[str, object]:
    roles = {
        role: {"0": {"reader_0": {"table": {"name": role, "namespace": "kept"}}}}
        for role in ("guest", "host")
    }
    common = {**CONF["job_parameters"]["common"], "task_cores": 1}
    return {
        **CONF,
        "job_parameters": {"common": common},
        "component_parameters": {"role": roles},
    }


_SUBMIT = request(
    "/v1/job/submit", json.dumps({"job_dsl": DSL, "job_runtime_conf": _conf()}).encode()
)


class _Worker(Client):
    """Asks how a job stands, mostly; submits another or uploads a table now and then."""

    job_id = ""
    has_ended = True

    def ask(self) -> tuple[str, bytes]:
        kind = self.chance.random()
        if not self.job_id or (kind < 0.02 and self.has_ended):
            return "submit", _SUBMIT
        if kind < 0.04:
            path, body, content_type = upload_request(
                f"t{self.chance.randrange(50)}", b"id,x\n" + b"1,2\n" * 500
            )
            return "upload", request(path, body, content_type)
        if kind < 0.8:
            body = json.dumps({"job_id": self.job_id, "role": "guest"}).encode()
            return "query", request("/v1/job/query", body)
        body = json.dumps({"job_id": self.job_id}).encode()
        return "tasks", request("/v1/job/task/query", body)

    def hear(self, kind: str, status: int, body: bytes) -> str | None:
        answer = json.loads(body)
        if status != 200 or answer["retcode"] not in (0, 101):
            return f"{kind}: HTTP {status}, {body[:200]!r}"
        if kind == "submit":
            self.job_id, self.has_ended = answer["jobId"], False
        elif kind == "query":
            # Of jobs that have ended the server keeps the newest only.
            statuses = {row["f_status"] for row in answer.get("data") or ()}
            if statuses - {"waiting", "running", "success"}:
                return f"a job came to another end: {statuses}"
            self.has_ended = statuses <= {"success"}
        return None
