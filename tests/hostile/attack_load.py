"""Many clients at once: each is answered in time, and the memory of the server does not grow."""

from __future__ import annotations

import http.client
import random
import threading
import time

from tests.hostile.attack_requests import CONF, DSL
from tests.hostile.finding import Finding
from tests.hostile.served import ask, resident, served, upload

__all__ = ["attack"]

CLIENTS = 64
#: Seconds that 99 of 100 answers take at most, and MiB by which the server may grow after the first third.
P99, GROWTH = 0.3, 32.0


def attack(seed: int, count: int) -> Finding:
    """Let 64 clients ask for `count` seconds."""
    found = Finding(f"{CLIENTS} clients", count)
    times: list[float] = []
    ends = time.monotonic() + count
    with served("--keep-jobs", "200", "--pace", "0.1") as (process, port):
        _stock(port)
        threads = [
            threading.Thread(target=_work, args=(port, seed + number, ends, times, found))
            for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(count / 3)
        early = resident(process.pid)
        for thread in threads:
            thread.join()
        growth = resident(process.pid) - early
    times.sort()
    p99 = times[int(len(times) * 0.99)] if times else 0.0
    if p99 > P99:
        found.faults.append(f"the 99th percentile is {p99:.2f} s")
    if growth > GROWTH:
        found.faults.append(f"the server grows by {growth:.0f} MiB")
    found.detail = (
        f"{len(times)} answers, {len(times) / count:,.0f}/s, p99 {p99:.3f} s, {early:.0f} MiB"
        f" and {growth:+.1f}"
    )
    return found


def _stock(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    upload(
        connection, "guest", b"id,y,x0\n" + b"".join(b"%d,%d,1\n" % (i, i % 2) for i in range(50))
    )
    upload(connection, "host", b"id,x1\n" + b"".join(b"%d,2\n" % i for i in range(50)))
    connection.close()


def _conf() -> dict[str, object]:
    roles = {
        role: {"0": {"reader_0": {"table": {"name": role, "namespace": "kept"}}}}
        for role in ("guest", "host")
    }
    return {**CONF, "component_parameters": {"role": roles}}


def _work(port: int, seed: int, ends: float, times: list[float], found: Finding) -> None:
    chance = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    job_id = ""
    try:
        while time.monotonic() < ends:
            kind = chance.random()
            begun = time.monotonic()
            if kind < 0.02 or not job_id:
                body = {"job_dsl": DSL, "job_runtime_conf": _conf()}
                answer = ask(connection, "/v1/job/submit", body)
                job_id = answer["jobId"]
            elif kind < 0.04:
                answer = upload(connection, f"t{chance.randrange(50)}", b"id,x\n" + b"1,2\n" * 500)
            elif kind < 0.8:
                answer = ask(connection, "/v1/job/query", {"job_id": job_id, "role": "guest"})
            else:
                answer = ask(connection, "/v1/job/task/query", {"job_id": job_id})
            times.append(time.monotonic() - begun)
            if answer["retcode"] not in (0, 101):
                found.faults.append(f"{answer}")
    except (OSError, http.client.HTTPException) as error:
        found.faults.append(f"{error!r}")
    finally:
        connection.close()
