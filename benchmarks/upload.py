"""An upload of 256 MiB: by how much the memory of client and server grows."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.material import upload
from benchmarks.measuring import Figure
from benchmarks.servers import flowkit_mock
from flowkit import FlowClient

__all__ = ["measure"]

MEBIBYTE = 1024 * 1024
SIZE = 256 * MEBIBYTE
ROW = ",".join(["0.123456"] * 22)


def measure() -> Iterator[Figure]:
    """Upload a small table first, so that what is needed once is there, then the large one."""
    with tempfile.TemporaryDirectory() as name, flowkit_mock() as (server, port):
        small, large = Path(name, "small.csv"), Path(name, "large.csv")
        _write(small, MEBIBYTE)
        rows = _write(large, SIZE)
        command = [sys.executable, "-m", "benchmarks.upload", str(port), str(small), str(large)]
        workers = _processes(server.pid)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdout.readline()  # the small table is there
            sizes = {pid: _mark(pid) for pid in [client.pid, *workers]}
            begun = time.perf_counter()
            client.stdin.write(b"go\n")
            client.stdin.flush()
            stored = int(client.stdout.readline())
            elapsed = time.perf_counter() - begun
            grown = {pid: _peak(pid) - size for pid, size in sizes.items()}
        assert stored == rows
    detail = f"{rows:,} rows in {elapsed:.1f} s"
    yield Figure(
        "256 MiB upload: growth of the client", grown.pop(client.pid), "MiB", 32, True, detail
    )
    yield Figure(
        "256 MiB upload: growth of the server", sum(grown.values()), "MiB", 32, True, detail
    )


def _write(file: Path, size: int) -> int:
    """Write a table of about that size and return the number of its rows."""
    rows = size // (len(ROW) + 10)
    with file.open("w") as stream:
        stream.write("id," + ",".join(f"x{number}" for number in range(22)) + "\n")
        stream.writelines(f"{number:08},{ROW}\n" for number in range(rows))
    return rows


def _processes(pid: int) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _mark(pid: int) -> float:
    """Forget the peak so far and return the resident memory in MiB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _status(pid, "VmRSS")


def _peak(pid: int) -> float:
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def _client(port: int, small: Path, large: Path) -> None:
    """Upload the small table, wait for a line, upload the large one, print its number of rows."""
    with FlowClient("127.0.0.1", port, timeout=(5, 300)) as flow:
        upload(flow, small, "small")
        print("ready", flush=True)
        sys.stdin.readline()
        upload(flow, large, "large")
        print(flow.table.info("benchmark", "large").data["count"], flush=True)
        # Its memory is read from outside, so it must not end before that is done.
        os.read(sys.stdin.fileno(), 1)


if __name__ == "__main__":
    _client(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
