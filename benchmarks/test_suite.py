"""A test suite of 500 tests under pytest-xdist: on one shared mock with namespaces, and on a mock for each test.

Each test needs two tables, of which it asks the size, and makes a tag that no other test must see. On mocks of their
own the tests upload the tables; the shared server has them as seed data, in each namespace.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Figure, alternate
from flowkit.demo import DATA

__all__ = ["measure"]

TESTS = 500
WORKERS = 2
ROUNDS = 3
TABLES = ("guest", "host")

_SUITE = """
import pytest
from flowkit.demo import upload

@pytest.mark.parametrize("number", range({tests}))
def test_world(flow_client, number):
    {prepare}
    for name, rows in {rows}.items():
        assert int(flow_client.table.info("{namespace}", name).data["count"]) == rows
    flow_client.tag.create("mine")
    assert len(flow_client.tag.list().data["tags"]) == 1
"""
_SEEDED = """
import pytest

@pytest.fixture(scope="session")
def flow_mock_settings():
    return {"seed_data": "SEED"}
"""
_EMPTY = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_nothing(number):
    pass
"""
_TOOK = re.compile(rf"{TESTS} passed in ([0-9.]+)s")


def measure() -> Iterator[Figure]:
    """Measure both suites in turns, from the command to its end; and the same of a suite that does nothing."""
    with tempfile.TemporaryDirectory() as folder:
        own, shared, empty = (Path(folder, name) for name in ("own", "shared", "empty"))
        _lay_out(own, 'upload(flow_client, "guest"); upload(flow_client, "host")', "flowkit_demo")
        _lay_out(shared, "pass", "seed")
        seed = shared / "seed"
        seed.mkdir()
        for name in TABLES:
            (seed / f"{name}.csv").write_bytes((DATA / f"{name}.csv").read_bytes())
        (shared / "conftest.py").write_text(_SEEDED.replace("SEED", str(seed)))
        empty.mkdir()
        (empty / "test_nothing.py").write_text(_EMPTY.format(tests=TESTS))
        idle = statistics.median(_run(empty, "--flow=mock") for _ in range(ROUNDS + 1))
        ratio, slow, fast = alternate(
            lambda: _run(own, "--flow=mock"), lambda: _run(shared, "--flow=shared"), ROUNDS
        )
    detail = (
        f"{slow:.1f} s with uploads, {fast:.1f} s shared, {WORKERS} workers of pytest-xdist; {idle:.1f} s of each are"
        f" those of pytest, which takes them for {TESTS} tests that do nothing: without them"
        f" {(slow - idle) / max(fast - idle, 0.01):.2f} x; load {os.getloadavg()[0]:.1f}"
    )
    yield Figure(
        f"{TESTS} tests: a mock each beside one for all with namespaces",
        ratio,
        "x",
        3.0,
        False,
        detail,
    )


def _lay_out(folder: Path, prepare: str, namespace: str) -> None:
    folder.mkdir()
    rows = {
        name: len((DATA / f"{name}.csv").read_text("utf-8").splitlines()) - 1 for name in TABLES
    }
    text = _SUITE.format(tests=TESTS, prepare=prepare, namespace=namespace, rows=rows)
    (folder / "test_worlds.py").write_text(text)


def _run(folder: Path, mode: str) -> float:
    """Return the seconds that pytest says it took, the start of its workers and of the server included."""
    # Who runs tests all day has the bytecode of what they import.
    clean = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("FLOWKIT_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"-n{WORKERS}", mode]
    done = subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    took = _TOOK.search(done.stdout)
    if took is None:
        raise RuntimeError(done.stdout[-2000:])
    return float(took[1])
