"""What a driver printed is counted, and what was wrong is named; the drivers themselves need Python 3.8."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.official.environments import VERSIONS
from tests.official.run import read, table

REFUSED = {
    "step": "job.stop",
    "detail": "unknown",
    "good": False,
    "raised": "",
    "exchanges": [["POST", "/v1/job/stop", 200, 102, "can not found job"]],
}


def test_calls_are_counted_and_wrong_ones_told() -> None:
    found = read(
        "1.6.1",
        "sdk",
        [
            {"step": "job.query", "good": True, "exchanges": []},
            {"step": "job.query", "detail": "status", "good": True, "exchanges": []},
            REFUSED,
            {"step": "job.log", "good": False, "raised": "KeyError: 'x'"},
            {"step": "tag.list", "missing": True},
        ],
    )

    assert (found.names, found.calls, found.right) == (3, 4, 2)
    assert found.wrong == [
        "job.stop unknown: /v1/job/stop 200 102 can not found job",
        "job.log: KeyError: 'x'",
        "tag.list: no step calls it",
    ]
    assert table([found]).splitlines() == [
        "client  surface    names  calls  right",
        "1.6.1   sdk            3      4      2",
        "    job.stop unknown: /v1/job/stop 200 102 can not found job",
        "    job.log: KeyError: 'x'",
        "    tag.list: no step calls it",
    ]


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "driver").glob("*.py")))
def test_the_drivers_are_of_python_3_8(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_every_client_meets_a_server_of_its_line() -> None:
    for client, server in VERSIONS.items():
        assert client.split(".")[:2] == server.split(".")[:2]
