"""Requests by the ten thousand, and bodies as large and as nested as they come: the server does not grow."""

from __future__ import annotations

import http.client

from tests.hostile.attack_requests import CONF, DSL
from tests.hostile.finding import Finding
from tests.hostile.served import ask, resident, served

__all__ = ["attack"]

#: MiB by which the server may grow over the last two thirds of the requests, and over the largest bodies.
GROWTH, BODIES = 16.0, 120.0


def attack(seed: int, count: int) -> Finding:
    """Send `count` requests, a tenth of which submit, and then bodies that are large."""
    found = Finding("memory", count)
    with served("--keep-jobs", "100") as (process, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        early = 0.0
        for number in range(count):
            if number == count // 3:
                early = resident(process.pid)
            if number % 10 == 0:
                ask(connection, "/v1/job/submit", {"job_dsl": DSL, "job_runtime_conf": CONF})
            elif number % 10 == 1:
                ask(connection, "/v1/job/stop", {"job_id": f"unknown{number}"})
            else:
                ask(connection, "/v1/job/query", {"job_id": str(number), "role": "guest"})
        late = resident(process.pid)
        if late - early > GROWTH:
            found.faults.append(f"{count} requests let the server grow by {late - early:.0f} MiB")
        for body in (
            b"[" * 63_000_000,
            b"[[],[],[]," * 400_000,
            b"[" + b"{}," * 1_300_000 + b"{}]",
        ):
            _send(port, body)
        grown = resident(process.pid) - late
        if grown > BODIES:
            found.faults.append(f"large bodies let the server grow by {grown:.0f} MiB")
        ask(connection, "/v1/version/get", {})
        connection.close()
    found.detail = f"{early:.0f} MiB, {late - early:+.1f} by requests, {grown:+.1f} by large bodies"
    return found


def _send(port: int, body: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/job/submit", body=body, headers=headers)
        connection.getresponse().read()
    # A body that is refused before it was sent is what is wanted.
    except (ConnectionError, http.client.HTTPException):
        pass
    finally:
        connection.close()
