"""Many clients in one loop: each asks again as soon as it is answered, and costs the machine as little as possible.

A thread per client would measure the threads: 64 of them in one process wait for each other longer than for the
server. Here an answer has come when its last byte is read from the socket.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Answers", "Client", "ask_together", "request"]

#: Seconds after which a client that is not answered gives up.
PATIENCE = 30.0


@dataclass
class Answers:
    """What became of all requests.

    Attributes:
        waits: by kind of request, the seconds until each answer.
        faults: what went wrong, one sentence each.
    """

    waits: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(map(len, self.waits.values()))


class Client:
    """What one client wants; made anew for each way of asking.

    Attributes:
        chance: decides.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def ask(self) -> tuple[str, bytes]:
        """Return the next request: what kind it is, and its bytes."""
        raise NotImplementedError

    def hear(self, kind: str, status: int, body: bytes) -> str | None:
        """Take an answer in; return what is wrong with it."""
        raise NotImplementedError


def request(path: str, body: bytes, content_type: str = "application/json") -> bytes:
    """Return the bytes of a POST."""
    head = f"Host: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}"
    return f"POST {path} HTTP/1.1\r\n{head}\r\n\r\n".encode() + body


def ask_together(
    port: int, clients: list[Client], seconds: float, midway: Callable[[], None]
) -> Answers:
    """Let clients ask for a while.

    Args:
        port: of the server on this machine.
        clients: the clients, each on a connection of its own.
        seconds: for how long.
        midway: called once after a third of it.

    Returns:
        what became of their requests; one that is never answered is a fault.
    """
    return asyncio.run(_ask_together(port, clients, seconds, midway))


async def _ask_together(
    port: int, clients: list[Client], seconds: float, midway: Callable[[], None]
) -> Answers:
    loop = asyncio.get_running_loop()
    answers = Answers()
    ends = loop.time() + seconds
    loop.call_later(seconds / 3, midway)
    connections = []
    for client in clients:
        _, connection = await loop.create_connection(
            lambda client=client: _Connection(client, answers, ends),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        connections.append(connection)
    over = [connection.over for connection in connections]
    _, waiting = await asyncio.wait(over, timeout=seconds + PATIENCE)
    answers.faults += [f"{len(waiting)} requests are not answered"] if waiting else []
    for connection in connections:
        connection.close()
    return answers


class _Connection(asyncio.Protocol):
    """One client on its connection."""

    def __init__(self, client: Client, answers: Answers, ends: float) -> None:
        self._client = client
        self._answers = answers
        self._ends = ends
        self._received = bytearray()
        self._size = 0
        self._body_at = 0
        self._transport: asyncio.Transport | None = None
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._asked = time.monotonic()
        if self._asked >= self._ends:
            self._end()
            return
        self._kind, data = self._client.ask()
        assert self._transport is not None
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        came = time.monotonic()
        self._received += data
        if not self._size and (end := self._received.find(b"\r\n\r\n")) > 0:
            self._body_at = end + 4
            head = bytes(self._received[:end]).lower()
            _, named, rest = head.partition(b"content-length:")
            if not named:
                self._fail(f"an answer has no length: {head!r}")
                return
            self._size = self._body_at + int(rest.split(b"\r\n", 1)[0])
        if not self._size or len(self._received) < self._size:
            return
        status, body = int(self._received[9:12]), bytes(self._received[self._body_at : self._size])
        self._received.clear()
        self._size = 0
        self._answers.waits.setdefault(self._kind, []).append(came - self._asked)
        if (wrong := self._client.hear(self._kind, status, body)) is not None:
            self._answers.faults.append(wrong)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self._fail(f"the server closed a connection: {exc!r}")

    def _fail(self, text: str) -> None:
        self._answers.faults.append(text)
        self._end()

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.close()
