"""Workers that listen at one socket: connections go to whoever has the fewest."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trustme

from flowkit_mockserver.serving.accepting import Acceptor, Turns
from flowkit_mockserver.serving.listening import open_port

PATIENCE = 30.0


class Worker:
    """The connections of one worker; each is the protocol that speaks on it."""

    def __init__(self, listener: socket.socket, turns: Turns, tls: Any = None) -> None:
        self.open: set[Connection] = set()
        # As in a process of its own, it has a number of its own for the socket.
        self._listener = listener.dup()
        self.acceptor = Acceptor(self._listener, turns, lambda: Connection(self), self.open, tls)

    def close(self) -> None:
        """Take no more."""
        self.acceptor.close()
        self._listener.close()
        self.acceptor.close()


class Connection(asyncio.Protocol):
    """A connection that greets."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._worker.open.add(self)
        transport.write(b"hello")

    def connection_lost(self, exc: Exception | None) -> None:
        self._worker.open.discard(self)
        self._worker.acceptor.count()


def run(work: Callable[[socket.socket], Coroutine[Any, Any, None]]) -> None:
    """Run a test at a socket that listens."""
    with open_port("127.0.0.1", 0) as listener:
        asyncio.run(asyncio.wait_for(work(listener), PATIENCE))


async def connect(listener: socket.socket) -> socket.socket:
    """Return a connection on which somebody has said something."""
    client = await asyncio.to_thread(socket.create_connection, listener.getsockname())
    assert await asyncio.to_thread(client.recv, 5) == b"hello"
    return client


async def until(met: Callable[[], bool]) -> None:
    """Let the event loop go on until something is so."""
    while not met():
        await asyncio.sleep(0)


def test_connections_are_dealt_out_evenly_and_again_when_some_are_closed() -> None:
    async def work(listener: socket.socket) -> None:
        counts = [0, 0]
        one, other = (Worker(listener, Turns(counts, number)) for number in range(2))
        clients = [await connect(listener) for _ in range(6)]
        assert (len(one.open), len(other.open)) == (3, 3)

        ports = {client.getsockname()[1]: client for client in clients}
        for connection in list(one.open):
            transport = connection.transport
            ports.pop(transport.get_extra_info("peername")[1]).close()
        await until(lambda: counts == [0, 3])
        clients = [*ports.values(), *[await connect(listener) for _ in range(2)]]

        assert (len(one.open), len(other.open)) == (2, 3)
        for worker in (one, other):
            worker.close()
        for client in clients:
            client.close()
        await until(lambda: counts == [0, 0])

    run(work)


def test_a_worker_with_more_serves_when_the_others_do_not_come() -> None:
    async def work(listener: socket.socket) -> None:
        counts = [0, 0]
        only = Worker(listener, Turns(counts, 1))
        clients = [await connect(listener) for _ in range(3)]

        assert counts == [0, 3]
        only.close()
        for client in clients:
            client.close()
        await until(lambda: counts == [0, 0])

    run(work)


def test_who_speaks_no_tls_is_not_counted() -> None:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)

    async def work(listener: socket.socket) -> None:
        counts = [0]
        worker = Worker(listener, Turns(counts, 0), server)
        with socket.create_connection(listener.getsockname()) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            await until(lambda: counts == [1])
            await until(lambda: counts == [0])
        port = listener.getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        assert await reader.readexactly(5) == b"hello"
        assert counts == [1]
        writer.close()
        await until(lambda: counts == [0])
        worker.close()

    run(work)


@pytest.mark.parametrize(("counts", "expected"), [([1, 1], False), ([2, 1], True), ([0, 1], False)])
def test_whoever_has_more_than_another_waits(counts: list[int], expected: bool) -> None:
    assert Turns(counts, 0).has_more() is expected
