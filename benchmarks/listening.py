"""``job.query`` through the server of `MockServer(port=…)`, beside cheroot around the same application."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure, alternate
from benchmarks.mock_rate import exchange, rate
from benchmarks.servers import started
from flowkit import FlowClient
from flowkit_mockserver import MockServer

__all__ = ["measure"]

ROUNDS = 5
#: Connections, and the least ratio; with many the two are about even.
TARGETS = {1: 1.0, 8: 0.6}


def measure() -> Iterator[Figure]:
    """Measure with one connection and with eight."""
    command = (sys.executable, "-m", "benchmarks.listening")
    with (
        started(*command, "own") as (_, own),
        started(*command, "cheroot") as (_, other),
        tempfile.TemporaryDirectory() as name,
    ):
        bodies = {port: _prepare(port, Path(name)) for port in (own, other)}
        for clients, target in TARGETS.items():
            ratio, ours, theirs = alternate(
                lambda clients=clients: rate(own, bodies[own], clients=clients),  # type: ignore[misc]
                lambda clients=clients: rate(other, bodies[other], clients=clients),  # type: ignore[misc]
                ROUNDS,
            )
            what = f"job.query over a port of MockServer, {clients} connections, beside cheroot"
            yield Figure(what, ratio, "x", target, False, f"{ours:,.0f}/s beside {theirs:,.0f}/s")


def _prepare(port: int, folder: Path) -> bytes:
    """Train, ask once, and return the body of a question."""
    with FlowClient("127.0.0.1", port) as flow:
        job = submit_training(flow, train_conf(flow, folder))
        flow.job.wait(job)
    body = f'{{"job_id": "{job}", "role": "guest", "party_id": "9999"}}'.encode()
    exchange(port, body)
    return body


def serve(kind: str) -> None:
    """Serve a mock on a free port, whose address is printed, until the process is ended."""
    if kind == "own":
        mock = MockServer(port=0)
        print(mock.url, flush=True)
        threading.Event().wait()
        return
    from cheroot import wsgi

    server = wsgi.Server(("127.0.0.1", 0), MockServer().app, numthreads=10)
    server.keep_alive_conn_limit = None  # type: ignore[assignment]
    server.prepare()
    print(f"http://127.0.0.1:{server.bind_addr[1]}", flush=True)
    server.serve()


if __name__ == "__main__":
    serve(sys.argv[1])
