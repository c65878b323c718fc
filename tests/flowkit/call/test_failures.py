"""What failed exchanges are told as: a write that may have arrived is not sent again."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import BadStatusLine
from pathlib import Path

import pytest
import trustme
from urllib3.exceptions import HTTPError, ProtocolError, ProxyError, SSLError

from flowkit import ConnectionFailed, FlowClient, Retry, ServerError
from flowkit.call.address import Address
from flowkit.call.failures import Connecting, suggest_scheme, was_never_made, without_frames

FAST = Retry(attempts=3, base=0.001)
RESET = struct.pack("ii", 1, 0)


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[int]]]:
    """Yield a port where each connection is handed to `serve`, and the list of their numbers."""
    made: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    if connection.recv(1, socket.MSG_PEEK) == b"":
                        return
                    made.append(len(made))
                    serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        port = listener.getsockname()[1]
        try:
            yield port, made
        finally:
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def test_a_write_is_sent_once_when_tls_breaks_after_it(
    context: ssl.SSLContext, trusted: Path
) -> None:
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        raw = connection.dup()
        with context.wrap_socket(connection, server_side=True) as secure:
            received.append(secure.recv(65536))
            raw.sendall(b"HTTP/1.1 this is no TLS\r\n" * 3)
            raw.shutdown(socket.SHUT_WR)
            raw.close()

    with (
        listening(serve) as (port, made),
        FlowClient(f"https://localhost:{port}", ca_certificates=trusted, retry=FAST) as flow,
        pytest.raises(ConnectionFailed, match="broke the connection off") as caught,
    ):
        flow.tag.create("gold")
    assert isinstance(caught.value.__cause__, SSLError)
    assert "is the address" not in str(caught.value)
    assert (caught.value.sent, caught.value.refused) == (True, False)
    assert len(made) == 1
    assert b"/v1/model/tag/create" in b"".join(received)


def test_a_write_is_sent_once_when_a_proxy_hangs_up_after_it() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    with (
        listening(serve) as (port, made),
        FlowClient("flow.example", proxy=f"127.0.0.1:{port}", retry=FAST) as flow,
        pytest.raises(ConnectionFailed, match="broke the connection off") as caught,
    ):
        flow.tag.create("gold")
    assert caught.value.sent is True
    assert len(made) == 1


def test_a_write_is_sent_again_when_the_handshake_did_not_end(trusted: Path) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    with (
        listening(serve) as (port, made),
        FlowClient(f"https://localhost:{port}", ca_certificates=trusted, retry=FAST) as flow,
        pytest.raises(ConnectionFailed) as caught,
    ):
        flow.tag.create("gold")
    assert (caught.value.sent, caught.value.refused) == (False, False)
    assert len(made) == 3


def test_https_to_where_plain_http_is_spoken_names_the_other_address() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with (
        listening(serve) as (port, _),
        FlowClient(f"https://localhost:{port}/gate", retry=Retry(attempts=1)) as flow,
        pytest.raises(ConnectionFailed) as caught,
    ):
        flow.tag.list()
    assert f"is the address http://localhost:{port}/gate?" in str(caught.value)
    assert caught.value.sent is False


def test_http_to_where_tls_is_spoken_names_the_other_address() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")

    with (
        listening(serve) as (port, _),
        FlowClient("127.0.0.1", port, retry=Retry(attempts=1)) as flow,
        pytest.raises(ServerError) as caught,
    ):
        flow.tag.list()
    assert f"is the address https://127.0.0.1:{port}?" in str(caught.value)


@pytest.mark.parametrize("options", [b"", RESET], ids=["closed", "reset"])
def test_a_server_that_hangs_up_on_the_first_request_may_speak_tls(options: bytes) -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(65536)
        if options:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, options)

    with (
        listening(hang_up) as (port, _),
        FlowClient("127.0.0.1", port, "v1", retry=Retry(attempts=1)) as flow,
        pytest.raises(ConnectionFailed, match="broke the connection off") as caught,
    ):
        flow.tag.list()
    assert f"if it speaks TLS, the address is https://127.0.0.1:{port}" in str(caught.value)


def test_a_server_that_has_answered_before_is_not_asked_for_tls() -> None:
    def answer_once(connection: socket.socket) -> None:
        connection.recv(65536)
        if not answered:
            body = b'{"retcode": 0, "retmsg": "success", "data": {"tags": []}}'
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            answered.append(True)

    answered: list[bool] = []
    with (
        listening(answer_once) as (port, _),
        FlowClient("127.0.0.1", port, "v1", retry=Retry(attempts=1), server="1.6") as flow,
    ):
        flow.tag.list()
        with pytest.raises(ConnectionFailed) as caught:
            flow.tag.list()
    assert "TLS" not in str(caught.value)


def test_a_proxy_that_is_not_there_is_told_in_whole_sentences() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        flow = FlowClient("flow.example", proxy=proxy, retry=Retry(attempts=1))
        with pytest.raises(ConnectionFailed) as caught:
            flow.tag.list()
    assert str(caught.value).endswith(
        "refused the connection; is it running there? proxy='' or NO_PROXY=flow.example goes"
        " without it"
    )


class Failing:
    def connect(self) -> None:
        raise ssl.SSLError("handshake")


class Marked(Connecting, Failing):
    """A connection that cannot be made."""


def test_what_fails_while_connecting_is_known_wherever_urllib3_wraps_it() -> None:
    with pytest.raises(ssl.SSLError) as caught:
        Marked().connect()
    for outer in (
        SSLError(caught.value),
        ProtocolError("Connection aborted.", caught.value),
        ProxyError("Unable to connect to proxy", caught.value),
    ):
        assert was_never_made(outer)
    assert not was_never_made(SSLError(ssl.SSLError("read")))


@pytest.mark.parametrize("line", ["HTTP/9 hello", "SSH-2.0-OpenSSH"])
def test_another_protocol_suggests_no_tls(line: str) -> None:
    error = ProtocolError("Connection aborted.", BadStatusLine(line))
    assert suggest_scheme(error, Address.parse("flow.example", None)) == ""


def test_frames_that_hold_what_was_sent_are_left_out_of_the_whole_chain() -> None:
    def send(headers: dict[str, str]) -> None:
        try:
            raise OSError("refused")
        except OSError as error:
            raise HTTPError("no connection") from error

    with pytest.raises(HTTPError) as raised:
        send({"Authorization": "Bearer s3cret"})
    without_frames(raised.value)

    assert raised.value.__traceback__ is None
    assert isinstance(raised.value.__cause__, OSError)
    assert raised.value.__cause__.__traceback__ is None
