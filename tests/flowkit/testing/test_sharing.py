"""One mock server for all processes of a run: started by the first, ended with the last, however that ends."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3

from flowkit.testing.sharing import LOG, PORT, lease_server, namespace_name

HOLD = """
import pathlib, sys
from flowkit.testing.sharing import lease_server
with lease_server(pathlib.Path(sys.argv[1]), {}) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
PATIENCE = 30.0


def holder(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a process that holds the server; and where that is."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def answers(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/healthz", retries=False, timeout=5.0).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def test_processes_share_a_server_that_ends_with_the_last_even_when_they_are_killed(
    tmp_path: Path,
) -> None:
    first, url = holder(tmp_path)
    second, other = holder(tmp_path)
    with first, second:
        assert url == other
        first.kill()
        first.wait(PATIENCE)
        assert answers(url)

        second.kill()
        second.wait(PATIENCE)
        ends = time.monotonic() + PATIENCE
        while answers(url):
            assert time.monotonic() < ends, "the server is still there"


def test_after_the_last_one_has_left_another_server_is_started(tmp_path: Path) -> None:
    with lease_server(tmp_path, {"seed": 3}) as first:
        assert answers(first)
    with lease_server(tmp_path, {}) as second:
        assert answers(second)


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match=r"does not start: ValueError: .*'9.9'"),
        lease_server(tmp_path, {"fate_version": "9.9"}),
    ):
        raise AssertionError("it has started")
    assert (tmp_path / LOG).is_file()
    assert not (tmp_path / PORT).exists()


def test_settings_must_be_values_that_another_process_can_be_handed(tmp_path: Path) -> None:
    with (
        pytest.raises(pytest.UsageError, match="values of JSON"),
        lease_server(tmp_path, {"a": {1}}),
    ):
        raise AssertionError("it has started")


def test_names_of_namespaces_differ_from_test_to_test() -> None:
    first, second = namespace_name("a.py::test_x[ä/1]"), namespace_name("a.py::test_x[ä/2]")
    assert first.startswith("test-x-1-")
    assert first != second
    assert len(namespace_name("x" * 500)) <= 64
