"""A training on the mock server at instant pace, from submit to metrics."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure, seconds
from benchmarks.servers import flowkit_mock
from flowkit import FlowClient
from flowkit_mockserver import MockServer

__all__ = ["measure"]

TRAININGS = 9


def measure() -> Iterator[Figure]:
    """Measure in process and over a port."""
    with MockServer() as mock, mock.client() as flow:
        yield _train(flow, "in process")
    with flowkit_mock() as (_, port), FlowClient("127.0.0.1", port) as flow:
        yield _train(flow, "over a port")


def _train(flow: FlowClient, where: str) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        conf = train_conf(flow, Path(folder))

    def train() -> None:
        job = submit_training(flow, conf)
        flow.job.wait(job)
        metrics = flow.component.metric_all(job, "guest", 9999, "evaluation_0").data
        assert metrics["train"]["hetero_lr_0"]["data"]

    times = [seconds(train) for _ in range(TRAININGS)]
    what = f"hetero LR, 569 rows, 30 features, {where}, from submit to metrics"
    return Figure(what, statistics.median(times), "s", 0.2, True, f"slowest {max(times):.3f} s")
