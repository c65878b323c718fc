"""A test that uploads its tables to a server of its own, beside one that has a namespace which starts with them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Figure, alternate, seconds
from flowkit.demo import DATA, upload
from flowkit_mockserver import MockServer

__all__ = ["measure"]

ROUNDS = 15
TESTS = 5
ROLES = ("guest", "host")


def measure() -> Iterator[Figure]:
    """Measure both, in this process."""
    with TemporaryDirectory() as folder:
        seed = Path(folder, "flowkit_demo")
        seed.mkdir()
        for role in ROLES:
            (seed / f"{role}.csv").write_bytes((DATA / f"{role}.csv").read_bytes())
        with MockServer(seed_data=seed) as shared:
            numbers = count()
            ratio, alone, together = alternate(
                lambda: seconds(_own_server, TESTS),
                lambda: seconds(lambda: _namespace(shared, next(numbers)), TESTS),
                ROUNDS,
            )
    detail = f"{alone / TESTS * 1000:.1f} ms a test beside {together / TESTS * 1000:.1f} ms"
    yield Figure("a server and uploads beside a namespace", ratio, "x", 3.0, False, detail)


def _own_server() -> None:
    with MockServer() as mock, mock.client() as flow:
        for role in ROLES:
            upload(flow, role)
        flow.table.info("flowkit_demo", "guest")


def _namespace(shared: MockServer, number: int) -> None:
    with shared.namespace(f"test-{number}") as world, world.client() as flow:
        flow.table.info("flowkit_demo", "guest")
