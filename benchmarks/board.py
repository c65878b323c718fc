"""The board's list of jobs, with a thousand jobs of three parties on the mock."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks.measuring import Figure, seconds
from flowkit import demo
from flowkit_mockserver import MockServer

__all__ = ["measure"]

JOBS = 1000
TIMES = 15
#: Milliseconds of the server that somebody who opens the board waits.
TARGET = 300.0
PAGES = {"page 2": "?page=2", "failed ones": "?status=failed", "the oldest": "?page=40"}


def measure() -> Iterator[Figure]:
    """Measure the first list, the first look at it, and other pages of it."""
    with MockServer(pace="manual") as mock, mock.client() as flow:
        for role, _ in (demo.GUEST, demo.HOST):
            demo.upload(flow, role)
        for _ in range(JOBS):
            demo.train(flow)
        http = mock.app.test_client()

        def look(query: str = "") -> float:
            return 1000 * seconds(lambda: http.get(f"/board/{query}"))

        first = look()
        usual = statistics.median(look() for _ in range(TIMES))
        others = ", ".join(f"{name} {look(query):.0f} ms" for name, query in PAGES.items())
    detail = f"the very first {first:.0f} ms; {others}"
    yield Figure(f"the board's list of {JOBS:,} jobs", usual, "ms", TARGET, True, detail)
