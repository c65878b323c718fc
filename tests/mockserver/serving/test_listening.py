"""The server behind `MockServer(port=…)`: which requests it refuses, and how it ends."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from flowkit_mockserver import MockServer
from flowkit_mockserver.serving import listening
from flowkit_mockserver.serving.listening import Listener, browser_url, listening_url, open_port

QUERY = b'{"module":"FATE"}'
HEAD = b"POST /v1/version/get HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKS = b"11\r\n" + QUERY + b"\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with MockServer(port=0) as mock:
        yield mock.port or 0


def exchange(port: int, request: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (b"Content-Length: 17\r\nConnection: close\r\n", QUERY),
        (b"Transfer-Encoding: chunked\r\nConnection: close\r\n", CHUNKS),
    ],
)
def test_a_body_comes_with_a_length_or_in_chunks(port: int, fields: bytes, body: bytes) -> None:
    answer = exchange(port, HEAD + fields + b"\r\n" + body)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"FATE":"1.6.1"' in answer


@pytest.mark.parametrize(
    "rest", [b"Content-Length: 90\r\n\r\n" + QUERY, b"Transfer-Encoding: chunked\r\n\r\nmany\r\n"]
)
def test_a_client_that_breaks_a_body_off_is_no_error_of_the_server(
    caplog: pytest.LogCaptureFixture, rest: bytes
) -> None:
    with (
        MockServer(port=0) as mock,
        socket.create_connection(("127.0.0.1", mock.port or 0), timeout=5) as connection,
    ):
        connection.sendall(HEAD.replace(b"/v1/version/get", b"/v1/nowhere") + rest)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 404")
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (b"Content-Length: 17\r\nTransfer-Encoding: chunked\r\n", b"400"),
        (b"Content-Length: 17\r\nContent-Length: 17\r\n", b"400"),
        (b"Content-Length: 17\r\nContent-Length: 0\r\n", b"400"),
        (b"Content-Length: -1\r\n", b"400"),
        (b"Content-Length: +17\r\n", b"400"),
        (b"Content-Length: 17, 17\r\n", b"400"),
        (b"Content-Length: many\r\n", b"400"),
        (b"Transfer-Encoding: gzip, chunked\r\n", b"501"),
        (b"Transfer-Encoding: xchunked\r\n", b"501"),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"501"),
    ],
)
def test_a_request_of_doubtful_length_is_refused_and_the_connection_closed(
    port: int, fields: bytes, status: bytes
) -> None:
    answer = exchange(port, HEAD + fields + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.count(b"HTTP/1.1 ") == 1


def test_chunks_are_not_for_http_1_0(port: int) -> None:
    head = HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Transfer-Encoding: chunked\r\n\r\n"

    assert b" 400 " in exchange(port, head)


def test_a_head_without_end_is_refused(port: int) -> None:
    assert b" 431 " in exchange(port, HEAD + b"A: b\r\n" * 101 + b"\r\n").split(b"\r\n")[0]


def test_a_head_that_is_too_large_is_refused(port: int) -> None:
    fields = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 4000) for number in range(20))

    assert b" 431 " in exchange(port, HEAD + fields + b"\r\n").split(b"\r\n")[0]


def test_a_head_that_takes_too_long_ends_the_connection(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "HEAD_TIME", -1.0)

    assert exchange(port, HEAD + b"Content-Length: 17\r\n\r\n" + QUERY) == b""


def test_a_connection_too_many_is_closed(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "CONNECTIONS", 0)

    assert exchange(port, b"") == b""


@pytest.mark.parametrize("closed", [False, True])
def test_a_broken_read_is_an_error_unless_the_server_has_closed(
    closed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener(lambda *_: [], open_port("127.0.0.1", 0))
    try:
        if closed:
            listener.server_close()
        try:
            raise OSError(errno.EBADF, "File descriptor was closed in another greenlet")
        except OSError:
            listener.handle_error(None, ("127.0.0.1", 50_000))
    finally:
        listener.server_close()
    assert [record.getMessage() for record in caplog.records] == (
        [] if closed else ["connection from ('127.0.0.1', 50000)"]
    )


def test_a_silent_client_keeps_nobody_waiting(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(20)]
    try:
        for connection in silent:
            connection.sendall(HEAD + b"Content-Length: 17\r\n\r\n{")
        field = b"Content-Length: 17\r\nConnection: close\r\n\r\n"

        assert exchange(port, HEAD + field + QUERY).startswith(b"HTTP/1.1 200")
    finally:
        for connection in silent:
            connection.close()


@pytest.mark.parametrize(
    ("host", "reached"), [("127.0.0.1", "http://127.0.0.1"), ("0.0.0.0", "http://127.0.0.1")]
)
def test_a_browser_on_this_machine_reaches_whatever_listens(host: str, reached: str) -> None:
    with open_port(host, 0) as listener:
        port = listener.getsockname()[1]

        assert browser_url(listener) == f"{reached}:{port}"
        assert listening_url(listener) == f"http://{host}:{port}"
