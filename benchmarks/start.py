"""What it takes to start: importing the client, and ``flowkit mock`` until it answers."""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.measuring import Figure, alternate

__all__ = ["measure"]

ROUNDS = 21
TIMED = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"


def measure() -> Iterator[Figure]:
    """Measure both."""
    ratio, ours, theirs = alternate(
        lambda: _import("from flowkit import FlowClient"),
        lambda: _import("import urllib3, pluggy"),
        ROUNDS,
    )
    detail = f"{ours * 1000:.0f} ms beside {theirs * 1000:.0f} ms"
    what = "from flowkit import FlowClient beside import urllib3, pluggy"
    yield Figure(what, ratio, "x", 1.3, True, detail)
    times = sorted(_mock_start() for _ in range(5))
    detail = f"best {times[0]:.2f} s, worst {times[-1]:.2f} s of {len(times)}"
    yield Figure("flowkit mock, until it answers", statistics.median(times), "s", 1.0, True, detail)


def _import(statement: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(statement)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _mock_start() -> float:
    """Return the seconds from the command to the first answer."""
    script = Path(sysconfig.get_path("scripts"), "flowkit")
    command = shutil.which("flowkit", path=str(script.parent)) or "flowkit"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    begun = time.perf_counter()
    with subprocess.Popen(
        [command, "mock", "--port", str(port)], stdout=subprocess.DEVNULL
    ) as process:
        try:
            while not _answers(port):
                time.sleep(0.005)
            return time.perf_counter() - begun
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/v1/version/get", b"{}", {"Content-Type": "application/json"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
