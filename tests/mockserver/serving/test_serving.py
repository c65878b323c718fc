"""The server as one starts it from a command line."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start the server and yield its process and port, once it answers."""
    command = [sys.executable, "-m", "flowkit_mockserver", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            found = re.search(r"at http://127\.0\.0\.1:(\d+)", line)
            assert found, f"no address in {line!r}"
            yield process, int(found[1])
        finally:
            if process.poll() is None:
                process.terminate()


def version(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/v1/version/get", body='{"module":"FATE"}', headers=headers)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_interrupted(ending: signal.Signals, tmp_path: Path) -> None:
    with running("--data", str(tmp_path / "state")) as (process, port):
        assert '"FATE":"1.6.1"' in version(port)

        process.send_signal(ending)

        assert process.wait(timeout=10) == 0
    assert (tmp_path / "state" / "flowkit-mock.sqlite3").is_file()
