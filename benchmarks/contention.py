"""How eight clients fare who ask for an ended job while another one trains on 100,000 rows.

``FLOWKIT_BENCHMARK_BASE`` names the Python of another build, which is measured in the same run for comparison.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.large import ROWS, submit_large, upload_large
from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure
from benchmarks.mock_rate import CLIENTS, latencies
from benchmarks.servers import flowkit_mock
from flowkit import FlowClient

__all__ = ["measure"]

BASE = "FLOWKIT_BENCHMARK_BASE"
IDLE = 3.0


@dataclass(frozen=True, slots=True)
class _Fared:
    """What eight clients saw: answers a second and the 99th percentile of their waits, idle and while one trains."""

    idle: float
    rate: float
    slow: float
    training: float


def measure() -> Iterator[Figure]:
    """Measure this build, and the other one if there is one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = _fare(sys.executable, folder)
        detail = (
            f"{found.rate:,.0f}/s beside {found.idle:,.0f}/s idle; the training took {found.training:.1f} s;"
            f" load {os.getloadavg()[0]:.1f}"
        )
        if base := os.environ.get(BASE):
            other = _fare(base, folder)
            detail += (
                f"; the other build: {other.slow * 1000:,.0f} ms, {other.rate:,.0f}/s beside"
                f" {other.idle:,.0f}/s, {other.training:.1f} s"
            )
    what = f"job.query of {CLIENTS} clients while one trains on {ROWS:,} rows"
    yield Figure(f"{what}, 99th percentile", found.slow * 1000, "ms", 50, True, detail)
    yield Figure(f"{what}, beside the rate at idle", found.rate / found.idle, "x", 0.5, False)


def _fare(python: str, folder: Path) -> _Fared:
    with flowkit_mock(python=python) as (_, port), FlowClient("127.0.0.1", port) as flow:
        ended = submit_training(flow, train_conf(flow, folder))
        flow.job.wait(ended)
        upload_large(flow, folder)
        body = f'{{"job_id": "{ended}", "role": "guest", "party_id": "9999"}}'.encode()
        over = threading.Event()
        threading.Timer(IDLE, over.set).start()
        idle = latencies(port, body, over)

        trained = threading.Event()
        took: list[float] = []

        def train() -> None:
            begun = time.perf_counter()
            with FlowClient("127.0.0.1", port, timeout=600) as trainer:
                trainer.job.wait(submit_large(trainer), timeout=600)
            took.append(time.perf_counter() - begun)
            trained.set()

        threading.Thread(target=train).start()
        waits = sorted(latencies(port, body, trained))
    slow = waits[int(len(waits) * 0.99)]
    return _Fared(len(idle) / IDLE, len(waits) / took[0], slow, took[0])
