"""What never reaches the application is in the journal as well, with what is known of it."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from flowkit_mockserver import MockServer
from flowkit_mockserver.control.journal.denials import Denials
from flowkit_mockserver.control.journal.entries import Entry
from flowkit_mockserver.remote import RemoteMock
from flowkit_mockserver.store import StoreUnreachable
from mock_process import mock_process

TOO_LARGE = b'{"retmsg": "the body is larger than 10 bytes", "retcode": 413}'
QUERY = b"POST /v1/job/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer() as mock:
        yield mock


def request(path: str, **more: str) -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", **more}


def send(port: int, data: bytes, context: ssl.SSLContext | None = None) -> bytes:
    """Send bytes, over TLS with a context, and return what comes back until the server closes."""
    answer = b""
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        connection: socket.socket = plain
        if context is not None:
            connection = stack.enter_context(
                context.wrap_socket(plain, server_hostname="localhost")
            )
        connection.sendall(data)
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    return answer


def test_a_denial_is_noted_although_nobody_can_say_what_its_namespace_is(
    mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> None:
        raise StoreUnreachable("the database is away")

    monkeypatch.setattr(mock.worlds, "find", find)

    Denials(mock.state, mock.worlds).note(
        request("/_flowkit/namespaces/mine/v1/job/query"), 413, TOO_LARGE, 0.5
    )

    assert [entry.status for entry in mock.requests("job.query")] == [413]


def test_a_denial_has_what_the_head_said(mock: MockServer) -> None:
    denials = Denials(mock.state, mock.worlds)
    head = request("/v1/data/upload", QUERY_STRING="password=s3cret", HTTP_X_FLOWKIT_TEST="test_a")

    denials.note(head, 413, TOO_LARGE, 0.5)

    (entry,) = mock.requests("data.upload", refused=True, test="test_a")
    assert (entry.status, entry.retcode, entry.duration) == (413, 413, 0.5)
    assert entry.retmsg == "the body is larger than 10 bytes"
    assert "s3cret" not in str(entry.arguments)


def test_a_denial_is_in_the_journal_of_its_namespace_and_makes_none(mock: MockServer) -> None:
    denials = Denials(mock.state, mock.worlds)
    mine = mock.namespace("mine")
    assert mine.requests() == []

    denials.note(request("/_flowkit/namespaces/mine/v1/job/stop"), 413, TOO_LARGE, 0.0)
    denials.note(request("/v1/job/query", HTTP_X_FLOWKIT_NAMESPACE="mine"), 408, b"", 0.0)
    denials.note(request("/v1/job/submit", HTTP_X_FLOWKIT_NAMESPACE="none"), 413, TOO_LARGE, 0.0)
    denials.note(request("/_flowkit/rules"), 413, TOO_LARGE, 0.0)

    assert [entry.operation for entry in mine.requests()] == ["job.stop", "job.query"]
    assert [entry.operation for entry in mock.requests()] == ["job.submit"]
    assert mock.namespaces() == ["mine"]
    mock.drop("mine")


def test_what_is_no_request_is_told_in_words(mock: MockServer) -> None:
    denials = Denials(mock.state, mock.worlds)

    denials.note_unreadable(400, "it is no HTTP")
    denials.note_unreadable(408, "too slow", "GET", "/v1/job/query?token=s3cret")

    nothing, slow = mock.requests(refused=True)
    assert (nothing.method, nothing.path, nothing.hint) == ("", "", "it is no HTTP")
    assert str(nothing) == "#1 no request {} -> HTTP 400"
    assert (slow.method, slow.path, slow.status) == ("GET", "job/query", 408)
    assert "s3cret" not in str(slow.arguments)


def found(url: str, **options: Any) -> list[tuple[int, str, str | None]]:
    entries: list[Entry] = RemoteMock(url, **options).requests()
    return [(entry.status, entry.path, entry.hint) for entry in entries]


def test_a_server_notes_what_its_front_refuses() -> None:
    with mock_process() as server:
        assert b" 413 " in send(server.port, QUERY + b"Content-Length: 999999999\r\n\r\n")
        assert b" 400 " in send(server.port, b"nonsense\r\n\r\n")
        assert b" 400 " in send(server.port, QUERY + b"Content-Length: many\r\n\r\n")
        context = ssl.create_default_context()
        with pytest.raises(ssl.SSLError):
            send(server.port, b"", context)
        send(server.port, b"GET /v1/a HTTP/1.1\r\n" + b"X: y\r\n" * 12_000)

        listed = found(server.url)
    large, none, doubtful, tls, head = listed

    assert large == (413, "job/query", None)
    assert none[:2] == (400, "")
    assert str(none[2]).startswith("what was sent is no HTTP/1.1")
    assert doubtful[:2] == (400, "job/query")
    assert tls[:2] == (400, "")
    assert str(tls[2]).startswith("the client spoke TLS, and this port does not")
    assert head == (431, "a", "the head of the request is larger than 65536 bytes")


def test_a_server_with_tls_notes_who_speaks_none(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "certificate.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    options = (
        "--tls-certificate",
        str(tmp_path / "certificate.pem"),
        "--tls-key",
        str(tmp_path / "key.pem"),
    )
    with mock_process(*options) as server:
        assert send(server.port, QUERY + b"\r\n") == b""

        ((status, path, hint),) = found(server.url, ca_certificates=str(tmp_path / "authority.pem"))

    assert (status, path) == (400, "")
    assert str(hint) == "no TLS connection, and no answer: http request"


def test_the_server_of_a_test_notes_what_it_refuses() -> None:
    with MockServer(port=0) as mock:
        assert b" 400 " in send(mock.port or 0, QUERY + b"Content-Length: many\r\n\r\n")
        assert b" 400 " in send(mock.port or 0, b"nonsense\r\n\r\n")
        doubtful, none = mock.requests()

    assert (doubtful.status, doubtful.path, doubtful.hint) == (
        400,
        "job/query",
        "Content-Length is not a number of bytes",
    )
    assert (none.status, none.method, none.path) == (400, "", "")
    assert json.dumps(none.to_document())
