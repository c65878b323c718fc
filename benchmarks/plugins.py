"""What the bundled plugins cost: a call through the in-process mock with all of them, beside one with none."""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure, seconds
from flowkit import FlowClient
from flowkit_auth import Auth
from flowkit_cache import Cache
from flowkit_faults import Faults, Rule
from flowkit_logging import Logging
from flowkit_mockserver import MockServer
from flowkit_progress import Progress
from flowkit_telemetry import Telemetry

__all__ = ["measure"]

CALLS, ROUNDS = 25, 120


def measure() -> Iterator[Figure]:
    """Measure a read that is never kept, so that every plugin does all of its work each time."""
    with (
        tempfile.TemporaryDirectory() as folder,
        MockServer() as mock,
        mock.client() as none,
        mock.client(plugins=_plugins(Logging())) as every,
        mock.client(plugins=_plugins(Logging(_dropping()))) as logging_too,
    ):
        job = submit_training(none, train_conf(none, Path(folder)))
        none.job.wait(job)
        ratio, ours, theirs = _compare(every, none, job)
        logged, _, _ = _compare(logging_too, none, job)
    detail = (
        f"{ours:,.0f} µs beside {theirs:,.0f} µs; {logged:.2f} x where each call is logged, "
        "which happens if the program configures it"
    )
    what = "job.query through the in-process mock with all bundled plugins, beside none"
    yield Figure(what, ratio, "x", 1.5, True, detail)


def _plugins(logs: Logging) -> list[object]:
    faults = Faults([Rule("delay", operation="job.query", nth=(1,))])
    return [logs, Telemetry(), Cache(), Progress(), faults, Auth("benchmark", "secret")]


def _dropping() -> logging.Logger:
    """Return a logger for which every event is made, and then dropped."""
    logger = logging.getLogger("flowkit.benchmark")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [logging.NullHandler()]
    return logger


def _compare(one: FlowClient, other: FlowClient, job: str) -> tuple[float, float, float]:
    """Return the ratio of a call with either client, and the microseconds of each.

    The best of many short rounds, in turns: what else the machine does only ever adds.
    """
    best = {one: math.inf, other: math.inf}
    for _ in range(ROUNDS):
        for flow in (one, other):
            best[flow] = min(best[flow], seconds(lambda flow=flow: flow.job.query(job), CALLS))  # type: ignore[misc]
    return best[one] / best[other], best[one] / CALLS * 1e6, best[other] / CALLS * 1e6
