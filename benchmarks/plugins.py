"""What the bundled plugins cost: a call through the in-process mock with all of them, beside one with none."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure, alternate, seconds
from flowkit_auth import Auth
from flowkit_cache import Cache
from flowkit_faults import Faults, Rule
from flowkit_logging import Logging
from flowkit_mockserver import MockServer
from flowkit_progress import Progress
from flowkit_telemetry import Telemetry

__all__ = ["measure"]

CALLS, ROUNDS = 150, 15


def measure() -> Iterator[Figure]:
    """Measure a read that is never kept, so that every plugin does all of its work each time."""
    # As in a program that logs: calls at INFO, into a handler that drops them.
    logger = logging.getLogger("flowkit.benchmark")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    plugins = [
        Logging(logger),
        Telemetry(),
        Cache(),
        Progress(),
        Faults([Rule("delay", operation="job.query", nth=(1,))]),
        Auth("benchmark", "secret"),
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        MockServer() as mock,
        mock.client() as bare,
        mock.client(plugins=plugins) as full,
    ):
        job = submit_training(bare, train_conf(bare, Path(folder)))
        bare.job.wait(job)
        ratio, ours, theirs = alternate(
            lambda: seconds(lambda: full.job.query(job), CALLS),
            lambda: seconds(lambda: bare.job.query(job), CALLS),
            ROUNDS,
        )
    detail = f"{ours / CALLS * 1e6:,.0f} µs with {len(plugins)} plugins, {theirs / CALLS * 1e6:,.0f} µs with none"
    what = "job.query through the in-process mock with all bundled plugins, beside none"
    yield Figure(what, ratio, "x", 1.5, True, detail)
