"""Servers in processes of their own, for measurements over a port."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["await_port", "canned", "flowkit_mock", "processor_seconds", "serve_canned", "started"]

PATIENCE = 10.0
ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)")


@contextmanager
def started(*command: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start a server that prints its address, and yield its process and port."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            found = ADDRESS.search(line)
            if found is None:
                raise RuntimeError(f"{' '.join(command)} printed no address but {line!r}")
            port = int(found[1])
            await_port(port)
            yield process, port
        finally:
            process.terminate()


def await_port(port: int) -> None:
    """Return once a port accepts connections."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)


@contextmanager
def flowkit_mock(
    *options: str, python: str = sys.executable
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run ``flowkit mock`` on a free port, of this build or of the one that a Python has installed."""
    command = (python, "-m", "flowkit_mockserver", "--port", "0", *options)
    with started(*command) as server:
        yield server


def processor_seconds(process: int) -> float:
    """Return the processor time of a process, its children and those that have ended; 0 where no /proc tells."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = " ".join((task / "children").read_text() for task in tasks).split()
    except OSError:
        return 0.0
    ticks = sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK") + sum(processor_seconds(int(one)) for one in children)


@contextmanager
def canned(answer: Path) -> Iterator[int]:
    """Run a server that does nothing but answer every request with the bytes of a file."""
    with started(sys.executable, "-m", "benchmarks.servers", str(answer)) as (_, port):
        yield port


def serve_canned(answer: bytes) -> None:
    """Answer every request with the same bytes, on a free port whose address is printed."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
    message = head.encode() + answer
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, message), daemon=True).start()


def _answer(connection: socket.socket, message: bytes) -> None:
    """Serve one connection until it is closed."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = connection.makefile("rb")
    while stream.readline():
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b""):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        stream.read(length)
        connection.sendall(message)


if __name__ == "__main__":
    serve_canned(Path(sys.argv[1]).read_bytes())
