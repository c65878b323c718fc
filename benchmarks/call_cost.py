"""A call over HTTP, beside the same bytes through a bare urllib3 pool with json."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import urllib3

from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure, alternate, seconds
from benchmarks.servers import canned, flowkit_mock
from flowkit import FlowClient

__all__ = ["measure"]

HEADERS = {"Content-Type": "application/json"}
CALLS, ROUNDS = 150, 31


def measure() -> Iterator[Figure]:
    """Compare on the mock server, and on one that does nothing but answer."""
    with tempfile.TemporaryDirectory() as folder, flowkit_mock() as (_, port):
        with FlowClient("127.0.0.1", port) as flow:
            job = submit_training(flow, train_conf(flow, Path(folder)))
            answer = json.dumps(dict(flow.job.query(job, "guest", 9999))).encode()
        yield _compare(port, job, "job.query on the mock server")
        file = Path(folder, "answer")
        file.write_bytes(answer)
        with canned(file) as dumb:
            yield _compare(
                dumb, job, f"job.query, {len(answer):,} bytes from a server that does nothing"
            )


def _compare(port: int, job: str, what: str) -> Figure:
    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, retries=False)
    timeout = urllib3.Timeout(connect=5, read=60)
    fields = {"job_id": job, "role": "guest", "party_id": "9999"}

    def bare() -> object:
        body = json.dumps(fields).encode()
        answer = pool.urlopen("POST", "/v1/job/query", body=body, headers=HEADERS, timeout=timeout)
        return json.loads(answer.data)

    with FlowClient("127.0.0.1", port) as flow, pool:

        def ours() -> object:
            return flow.job.query(job, "guest", 9999)

        assert ours() == bare()
        ratio, one, other = alternate(
            lambda: seconds(ours, CALLS), lambda: seconds(bare, CALLS), ROUNDS
        )
    detail = f"{one / CALLS * 1e6:,.0f} µs beside {other / CALLS * 1e6:,.0f} µs"
    return Figure(what, ratio, "x", 1.12, True, detail)
