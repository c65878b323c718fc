"""A proxy to which TLS is spoken: what it forwards, and the tunnel through it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from flowkit import ConnectionFailed, FlowClient, Retry

ANSWER = b'{"retcode": 0, "retmsg": "success", "data": {"FATE": "1.6.1"}}'
ONCE = Retry(attempts=1)


class Server(ThreadingHTTPServer):
    """Serves in threads, and keeps quiet about handshakes that fail."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet."""


class Flow(BaseHTTPRequestHandler):
    """A server that answers everything alike."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


class Proxy(Flow):
    """A proxy that answers what it should forward itself, and makes tunnels."""

    asked: list[str]

    def do_POST(self) -> None:
        self.asked.append(f"POST {self.path}")
        super().do_POST()

    def do_CONNECT(self) -> None:
        self.asked.append(f"CONNECT {self.path}")
        host, _, port = self.path.partition(":")
        with socket.create_connection((host, int(port))) as server:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=self._relay, args=(server, self.connection))
            back.start()
            self._relay(self.connection, server)
            server.shutdown(socket.SHUT_RDWR)
            back.join()
        self.close_connection = True

    @staticmethod
    def _relay(source: socket.socket, target: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
        except OSError:  # one of the sides is gone
            return


@contextmanager
def serving(handler: type[Flow], context: ssl.SSLContext) -> Iterator[int]:
    with Server(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def proxy(context: ssl.SSLContext, asked: list[str]) -> Iterator[str]:
    with serving(type("Handler", (Proxy,), {"asked": asked}), context) as port:
        yield f"https://localhost:{port}"


def test_what_is_for_an_http_server_is_forwarded(
    proxy: str, trusted: Path, asked: list[str]
) -> None:
    with FlowClient("http://flow.example", proxy=proxy, ca_certificates=trusted) as flow:
        assert flow.remote_version.fate() == "1.6.1"
    assert asked == ["POST http://flow.example:80/v1/version/get"]


def test_what_is_for_an_https_server_goes_through_a_tunnel(
    proxy: str, trusted: Path, asked: list[str], context: ssl.SSLContext
) -> None:
    with (
        serving(Flow, context) as port,
        FlowClient(f"https://localhost:{port}", proxy=proxy, ca_certificates=trusted) as flow,
    ):
        assert flow.remote_version.fate() == "1.6.1"
        assert asked == [f"CONNECT localhost:{port}"]


def test_one_that_nobody_vouches_for_is_told_as_the_proxy(proxy: str, asked: list[str]) -> None:
    with (
        FlowClient("http://flow.example", proxy=proxy, retry=ONCE) as flow,
        pytest.raises(
            ConnectionFailed, match=r"the proxy https://.* cannot be used: .*CERTIFICATE"
        ) as caught,
    ):
        flow.tag.create("gold")
    assert caught.value.sent is False
    assert asked == []


def test_plain_http_to_it_names_the_proxy(proxy: str) -> None:
    with (
        FlowClient("flow.example", proxy=proxy.replace("https", "http"), retry=ONCE) as flow,
        pytest.raises(ConnectionFailed, match="the proxy http://localhost"),
    ):
        flow.tag.create("gold")
