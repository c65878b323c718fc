"""The HTTP transport: what is sent, what comes back, and how failures are told."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from urllib3.exceptions import InsecureRequestWarning

from flowkit import Call, ConnectionFailed, FlowClient, Request, Retry, TimedOut, hookimpl

ONCE = Retry(attempts=1)


class Echo(BaseHTTPRequestHandler):
    """Answers with what it received."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = {
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "size": len(body),
            "body": body[:1000].decode("utf-8", "replace"),
        }
        answer = json.dumps({"retcode": 0, "retmsg": "success", "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_an_operation_arrives_as_json(port: int) -> None:
    with FlowClient("127.0.0.1", port) as flow:
        seen: Any = flow.tag.create("gold").data
    assert seen["path"] == "/v1/model/tag/create"
    assert seen["headers"]["content-type"] == "application/json"
    assert json.loads(seen["body"]) == {"tag_name": "gold"}


def test_an_operation_without_arguments_has_neither_body_nor_content_type(port: int) -> None:
    with FlowClient("127.0.0.1", port) as flow:
        seen: Any = flow.queue.clean().data
    assert seen["size"] == 0
    assert "content-type" not in seen["headers"]


class Streamed:
    """A body of three pieces."""

    length = 30

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"a" * 10, b"b" * 10, b"c" * 10)


class Watch:
    """Notes what is transferred."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int | None]] = []

    @hookimpl
    def flowkit_transferred(self, call: Call, done: int, total: int | None) -> None:
        self.seen.append((done, total))


def test_a_streamed_body_is_sent_with_its_length_and_watched(port: int) -> None:
    watch = Watch()
    with FlowClient("127.0.0.1", port, plugins=[watch]) as flow:
        request = flow.request("data.upload", body=Streamed())
        seen: Any = flow.send("data.upload", {}, request).data
    assert seen["headers"]["content-length"] == "30"
    assert "transfer-encoding" not in seen["headers"]
    assert seen["body"] == "a" * 10 + "b" * 10 + "c" * 10
    assert watch.seen == [(10, 30), (20, 30), (30, 30)]


class Sign:
    """Adds a credential."""

    @hookimpl
    def flowkit_sign(self, request: Request) -> None:
        request.headers["Authorization"] = "Bearer top-secret"


class Recorder:
    """Sees what a recorder would."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    @hookimpl(wrapper=True)
    def flowkit_send(self, request: Request) -> Any:
        answer = yield
        self.headers = dict(request.headers)
        return answer


def test_signatures_are_made_below_whatever_watches_the_attempt(port: int) -> None:
    recorder = Recorder()
    with FlowClient("127.0.0.1", port, plugins=[recorder, Sign()]) as flow:
        seen: Any = flow.tag.create("gold").data
    assert seen["headers"]["authorization"] == "Bearer top-secret"
    assert "Authorization" not in recorder.headers


def test_a_refused_connection_names_the_address_and_where_it_was_given() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        flow = FlowClient("127.0.0.1", port, retry=ONCE)
        with pytest.raises(ConnectionFailed) as caught:
            flow.tag.list()
    text = str(caught.value)
    assert f"http://127.0.0.1:{port}" in text
    assert "from the arguments ip and port" in text
    assert caught.value.sent is False
    assert caught.value.operation == "tag.list"


def test_a_server_that_never_answers_is_timed_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        flow = FlowClient("127.0.0.1", listener.getsockname()[1], timeout=(5, 0.05), retry=ONCE)
        with pytest.raises(TimedOut, match=r"did not answer within 0.05 s"):
            flow.tag.list()


def test_a_connection_that_breaks_off_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(10)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        flow = FlowClient("127.0.0.1", listener.getsockname()[1], retry=ONCE)
        with pytest.raises(ConnectionFailed, match="broke the connection off") as caught:
            flow.queue.clean()
        thread.join()
    assert caught.value.sent is True


def test_the_old_reply_to_a_refused_connection() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        flow = FlowClient("127.0.0.1", port, on_error="reply", retry=ONCE)
        assert flow.tag.list() == {
            "retcode": 100,
            "retmsg": "Connection refused, Please check if the fate flow service is started",
        }


def test_only_a_refused_connection_is_reported_as_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    flow = FlowClient("no-such-host.invalid", on_error="reply", retry=ONCE)
    assert "'no-such-host.invalid' is not known" in flow.tag.list().retmsg


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure_port(authority: trustme.CA) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_tls_and_a_gateways_base_path(
    secure_port: int, authority: trustme.CA, tmp_path: Path
) -> None:
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    url = f"https://localhost:{secure_port}/gate"
    with FlowClient(url, ca_certificates=str(trusted)) as flow:
        seen: Any = flow.tag.create("gold").data
    assert seen["path"] == "/gate/v1/model/tag/create"


def test_a_certificate_that_nobody_vouches_for_is_refused_unless_asked(secure_port: int) -> None:
    url = f"https://localhost:{secure_port}"
    with (
        FlowClient(url, retry=ONCE) as flow,
        pytest.raises(ConnectionFailed, match="no secure connection") as caught,
    ):
        flow.tag.list()
    assert caught.value.sent is False
    with FlowClient(url, verify=False) as flow, pytest.warns(InsecureRequestWarning):
        assert flow.tag.list().ok
