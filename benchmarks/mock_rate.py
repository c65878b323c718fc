"""How many ``job.query`` the mock server answers: in process, and over a port to eight clients."""

from __future__ import annotations

import selectors
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.material import submit_training, train_conf
from benchmarks.measuring import Figure, alternate, seconds
from benchmarks.servers import flowkit_mock, started
from flowkit import FlowClient
from flowkit_mockserver import MockServer

__all__ = ["CLIENTS", "exchange", "latencies", "measure", "rate"]

CLIENTS, PERIOD, ROUNDS = 8, 0.5, 9


def measure() -> Iterator[Figure]:
    """Measure both ways."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield _in_process(folder)
        yield _over_a_port(folder)


def _in_process(folder: Path) -> Figure:
    with MockServer() as mock, mock.client() as flow:
        job = submit_training(flow, train_conf(flow, folder))
        flow.job.wait(job)
        best = min(seconds(lambda: flow.job.query(job, "guest", 9999), 500) for _ in range(7)) / 500
        size = len(str(flow.job.query(job, "guest", 9999)))
    detail = f"one row of {size:,} characters, decoded; best of 7"
    return Figure("job.query through the in-process mock", 1 / best, "/s", 3000, False, detail)


def _over_a_port(folder: Path) -> Figure:
    with flowkit_mock() as (_, port):
        with FlowClient("127.0.0.1", port) as flow:
            job = submit_training(flow, train_conf(flow, folder))
            flow.job.wait(job)
        body = f'{{"job_id": "{job}", "role": "guest", "party_id": "9999"}}'.encode()
        answer = exchange(port, body)
        file = folder / "answer"
        file.write_bytes(answer)
        with started(sys.executable, "-m", "benchmarks.bare_flask", str(file)) as (_, bare):
            assert exchange(bare, body) == answer
            ratio, ours, theirs = alternate(
                lambda: rate(port, body), lambda: rate(bare, body), ROUNDS
            )
            unread = rate(bare, body, "/unread")
    detail = (
        f"{ours:,.0f}/s beside {theirs:,.0f}/s, {len(answer):,} bytes each; "
        f"a route that does not read what it is asked: {unread:,.0f}/s"
    )
    what = f"job.query over a port, {CLIENTS} clients, beside a bare Flask route on the same server"
    return Figure(what, ratio, "x", 0.5, False, detail)


def _request(body: bytes, path: str = "/v1/job/query") -> bytes:
    head = f"Host: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"POST {path} HTTP/1.1\r\n{head}\r\n\r\n".encode() + body


def exchange(port: int, body: bytes) -> bytes:
    """Return the body of one answer."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(_request(body))
        return _Answer().whole(connection)


def rate(port: int, body: bytes, path: str = "/v1/job/query", *, clients: int = CLIENTS) -> float:
    """Return the answers a second to some clients, each of which asks again once it is answered."""
    started_at = time.perf_counter()
    waits = _ask(port, body, lambda: time.perf_counter() - started_at >= PERIOD, path, clients)
    return len(waits) / (time.perf_counter() - started_at)


def latencies(port: int, body: bytes, over: threading.Event) -> list[float]:
    """Return how long eight clients waited for each answer, until something is over."""
    return _ask(port, body, over.is_set, "/v1/job/query", CLIENTS)


def _ask(port: int, body: bytes, over: Callable[[], bool], path: str, clients: int) -> list[float]:
    """Return the seconds until each answer to some clients, which ask again once they are answered.

    One loop over plain sockets plays all of them: it costs the machine as little as possible.
    """
    request = _request(body, path)
    selector = selectors.DefaultSelector()
    asked: dict[int, float] = {}
    for _ in range(clients):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        asked[connection.fileno()] = time.perf_counter()
        selector.register(connection, selectors.EVENT_READ, _Answer())
    waits = []
    while not over():
        for key, _ in selector.select(0.1):
            connection = key.fileobj  # type: ignore[assignment]
            if key.data.feed(connection.recv(65536)):
                now = time.perf_counter()
                waits.append(now - asked[key.fd])
                asked[key.fd] = now
                connection.sendall(request)
    now = time.perf_counter()
    # Who is not answered has waited at least as long as this.
    waits += [wait for begun in asked.values() if (wait := now - begun) > 1]
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    selector.close()
    return waits


class _Answer:
    """Bytes that come in, until they are an answer."""

    def __init__(self) -> None:
        self._received = b""
        self._size: int | None = None

    def feed(self, piece: bytes) -> bool:
        """Take bytes in; return True when an answer is complete, and begin anew."""
        if not piece:
            raise ConnectionError("the server closed a connection")
        self._received += piece
        if self._size is None and b"\r\n\r\n" in self._received:
            head, _, _ = self._received.partition(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next(line for line in lines if line.startswith(b"content-length:"))
            self._size = len(head) + 4 + int(length.partition(b":")[2])
        if self._size is None or len(self._received) < self._size:
            return False
        self._received, self._size = b"", None
        return True

    def whole(self, connection: socket.socket) -> bytes:
        """Return the body of the one answer that comes."""
        everything = b""
        while True:
            piece = connection.recv(65536)
            everything += piece
            if self.feed(piece):
                return everything.partition(b"\r\n\r\n")[2]
