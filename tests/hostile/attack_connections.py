"""Clients that send half of something and fall silent: nobody else waits for them, nor does the end of the server."""

from __future__ import annotations

import contextlib
import http.client
import random
import signal
import socket
import time

from tests.hostile.finding import Finding
from tests.hostile.served import PATIENCE, ask, served

__all__ = ["attack"]

#: Seconds in which others are answered, and in which the server ends.
ANSWER, END = 1.0, 6.0
HEAD = b"POST /v1/job/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
UPLOAD = (
    b"POST /v1/data/upload?namespace=n&table_name=t&head=1&partition=4&work_mode=0 HTTP/1.1\r\n"
    b"Host: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
)


def attack(seed: int, count: int) -> Finding:
    """Open `count` connections, leave each of them in the middle of something, ask on another, and end the server."""
    found = Finding("half-sent requests", count)
    chance = random.Random(seed)
    with served() as (process, port), contextlib.ExitStack() as stack:
        slowest = 0.0
        for number in range(count):
            # What the server has closed by then is of no interest.
            with contextlib.suppress(ConnectionError):
                connection = stack.enter_context(
                    socket.create_connection(("127.0.0.1", port), timeout=5)
                )
                connection.sendall(_half(chance))
            if number % 10 == 9:
                slowest = max(slowest, _answer_time(port))
        if slowest > ANSWER:
            found.faults.append(f"another client waits {slowest:.2f} s")
        begun = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(PATIENCE)
        except Exception as error:
            found.faults.append(f"the server does not end: {error}")
            return found
        took = time.perf_counter() - begun
        if took > END or code != 0:
            found.faults.append(f"the server ends after {took:.1f} s with {code}")
        found.detail = f"others wait {slowest:.3f} s at most, the end takes {took:.1f} s"
    return found


def _answer_time(port: int) -> float:
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        assert ask(connection, "/v1/version/get", {"module": "FATE"})["retcode"] == 0
    finally:
        connection.close()
    return time.perf_counter() - begun


def _half(chance: random.Random) -> bytes:
    whole = chance.choice(
        [
            b"",
            HEAD + b"Content-Length: 100\r\n\r\n{",
            HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{",
            HEAD + b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n",
            HEAD + b"X: " + b"y" * chance.randrange(100_000),
            UPLOAD + b"Content-Length: 100000000\r\n\r\n--b\r\n" + b"x" * chance.randrange(200_000),
            HEAD + b"Content-Length: 2\r\n\r\n{}" * chance.randrange(1, 20),
            HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
            chance.randbytes(300),
        ]
    )
    return whole if chance.random() < 0.6 else whole[: chance.randrange(len(whole) + 1)]
