"""Heads of requests have limits, and connections that say nothing make room for others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from flowkit_mockserver.serving import protocol
from flowkit_mockserver.serving.protocol import Protocol

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


class Transport(asyncio.Transport):
    """What a connection writes to; it notes whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        self.written = b""

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


def connect(app: Any = answer, refused: Any = None) -> tuple[Protocol, Transport]:
    config = Config(app, lifespan="off", log_config=None)
    connection = Protocol(config, ServerState(), {}, refused=refused)
    transport = Transport()
    connection.connection_made(transport)
    return connection, transport


async def pass_turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"<%s>" % body})


OFFER = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Length: 2\r\n\r\n{}"
)


@pytest.mark.parametrize("cut", [0, 10, OFFER.index(b"Upgrade: ") + 3, len(OFFER) - 4])
def test_the_body_of_a_request_that_offers_another_protocol_is_kept(cut: int) -> None:
    async def main() -> None:
        connection, transport = connect(echo)
        for _ in range(2):
            for piece in (OFFER[:cut], OFFER[cut:]):
                connection.data_received(piece)
            await pass_turns()
        assert transport.written.count(b"<{}>") == 2
        assert not transport.closed
        connection.connection_lost(None)

    asyncio.run(main())


def test_a_request_is_answered_and_the_connection_kept() -> None:
    async def main() -> None:
        connection, transport = connect()
        for _ in range(2):
            connection.data_received(HEAD + b"\r\n")
            await pass_turns()
        assert transport.written.count(b"200 OK") == 2
        assert not transport.closed
        connection.connection_lost(None)

    asyncio.run(main())


def test_a_head_that_takes_too_long_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIME", 0.0)

    refused: list[tuple[Any, ...]] = []

    async def main() -> None:
        connection, transport = connect(refused=lambda *told: refused.append(told))
        connection.data_received(HEAD)
        await pass_turns()
        assert transport.closed
        connection.connection_lost(None)
        silent, transport = connect(refused=lambda *told: refused.append(told))
        await pass_turns()
        assert transport.closed
        silent.connection_lost(None)

    asyncio.run(main())
    reason = "the head of the request is not there after 0 seconds"
    assert refused == [(408, reason, "GET", "/")]


def test_a_head_that_is_too_large_ends_the_connection() -> None:
    async def main() -> None:
        connection, transport = connect()
        for number in range(20):
            connection.data_received((HEAD if not number else b"") + b"X: " + b"y" * 4000 + b"\r\n")
        assert transport.closed
        connection.connection_lost(None)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("data", "reason", "known"),
    [
        (b"nonsense\r\n\r\n", protocol._NO_HTTP, ("", "")),
        (b"GET /a?b=c HTTP/1.1\r\nno field\r\n\r\n", protocol._NO_HTTP, ("GET", "/a?b=c")),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", protocol._TLS, ("", "")),
    ],
)
def test_what_is_no_http_is_refused_and_told(
    data: bytes, reason: str, known: tuple[str, str]
) -> None:
    refused: list[tuple[Any, ...]] = []

    async def main() -> None:
        connection, transport = connect(refused=lambda *told: refused.append(told))
        connection.data_received(data)
        assert b" 400 " in transport.written
        assert transport.closed
        connection.connection_lost(None)

    asyncio.run(main())
    assert refused == [(400, reason, *known)]


def test_chunks_that_are_none_are_told_with_their_request() -> None:
    refused: list[tuple[Any, ...]] = []

    async def main() -> None:
        connection, transport = connect(refused=lambda *told: refused.append(told))
        connection.data_received(b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.data_received(b"many\r\n")
        await pass_turns()
        assert transport.closed
        connection.connection_lost(None)

    asyncio.run(main())
    assert refused == [(400, protocol._NO_HTTP, "POST", "/a")]


def test_of_too_many_silent_connections_the_oldest_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "SILENT", 2)

    async def main() -> None:
        connections = [connect() for _ in range(3)]
        assert [transport.closed for _, transport in connections] == [True, False, False]
        for connection, _ in connections:
            connection.connection_lost(None)
        assert not Protocol.silent

    asyncio.run(main())


def test_an_end_of_the_server_waits_for_whole_requests_only() -> None:
    async def main() -> None:
        connection, transport = connect()
        connection.data_received(HEAD + b"Content-Length: 5\r\n\r\n{")
        connection.shutdown()
        assert transport.closed
        connection.connection_lost(None)
        await pass_turns()

    asyncio.run(main())
