"""The client behind real gateways and proxies: nginx, tinyproxy, a SOCKS server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from daemons import nginx, tinyproxy
from flowkit import ConnectionFailed, FlowClient, OperationError, Retry, ServerError
from flowkit_auth import Basic
from flowkit_mockserver import MockServer

ONCE = Retry(attempts=1)


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer(port=0, allow_hosts=["flow.example"]) as server:
        yield server


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def pem(authority: trustme.CA, tmp_path: Path) -> Path:
    """Return a folder with the authority's certificate, the server's and a client's."""
    folder = tmp_path / "pem"
    folder.mkdir()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    for name, host in (("server", "localhost"), ("client", "client.example")):
        issued = authority.issue_cert(host)
        issued.private_key_and_cert_chain_pem.write_to_path(folder / f"{name}.pem")
    return folder


@contextmanager
def gateway(
    folder: Path, mock: MockServer, directives: str = "", pem: Path | None = None
) -> Iterator[int]:
    """Run nginx in front of the mock, below ``/fate``, with TLS if there are certificates."""
    place = folder / "gateway"
    place.mkdir()
    text = f"location /fate/ {{ proxy_pass {mock.url}/; }} {directives}"
    if pem is not None:
        both = pem / "server.pem"
        text += f" ssl_certificate {both}; ssl_certificate_key {both};"
    with nginx(place, text, tls=pem is not None) as port:
        yield port


class TestGateway:
    def test_operations_pass_through_it(self, tmp_path: Path, mock: MockServer) -> None:
        with (
            gateway(tmp_path, mock) as port,
            FlowClient(f"http://127.0.0.1:{port}/fate") as flow,
        ):
            assert flow.remote_version.fate() == "1.6.1"

    def test_a_server_behind_it_that_is_gone_is_told(
        self, tmp_path: Path, mock: MockServer
    ) -> None:
        gone = "location /gone/ { proxy_pass http://127.0.0.1:1/; }"
        with (
            gateway(tmp_path, mock, gone) as port,
            FlowClient(f"http://127.0.0.1:{port}/gone", retry=ONCE) as flow,
            pytest.raises(ServerError, match=r"HTTP 502 .* by nginx .*is FATE Flow running"),
        ):
            flow.tag.list()

    def test_an_upload_that_is_too_large_is_told(self, tmp_path: Path, mock: MockServer) -> None:
        table = tmp_path / "table.csv"
        table.write_text("id,x\n" + "1,2\n" * 10_000)
        conf = {
            "file": str(table), "head": 1, "partition": 1, "work_mode": 0,
            "namespace": "n", "table_name": "t",
        }  # fmt: skip
        with (
            gateway(tmp_path, mock, "client_max_body_size 1k;") as port,
            FlowClient(f"http://127.0.0.1:{port}/fate") as flow,
            pytest.raises(ServerError, match=r"HTTP 413 .*client_max_body_size") as caught,
        ):
            flow.data.upload(conf)
        assert caught.value.status == 413

    @pytest.mark.parametrize(
        ("directive", "status", "says"),
        [
            ("return 401;", 401, "it demands credentials"),
            ("deny all;", 403, "forbids this"),
            ("return 404;", 404, "is the path in front right"),
            ("return 503;", 503, "no server behind it is ready"),
            ("return 504;", 504, "proxy_read_timeout"),
        ],
    )
    def test_its_own_answers_are_named(
        self, directive: str, status: int, says: str, tmp_path: Path, mock: MockServer
    ) -> None:
        with (
            gateway(tmp_path, mock, f"location /own/ {{ {directive} }}") as port,
            FlowClient(f"http://127.0.0.1:{port}/own", retry=ONCE) as flow,
            pytest.raises(ServerError, match=says) as caught,
        ):
            flow.tag.list()
        assert caught.value.status == status
        assert "by nginx" in str(caught.value)

    def test_a_redirect_is_not_followed_and_gets_no_credential(
        self, tmp_path: Path, mock: MockServer
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            other.settimeout(0.2)
            to = f"http://127.0.0.1:{other.getsockname()[1]}"
            with (
                gateway(
                    tmp_path, mock, f"location /old/ {{ return 307 {to}$request_uri; }}"
                ) as port,
                FlowClient(f"http://127.0.0.1:{port}/old", plugins=[Basic("ann", "pw")]) as flow,
                pytest.raises(ServerError, match=f"redirects to {to}/old"),
            ):
                flow.tag.create("gold")
            with pytest.raises(TimeoutError):
                other.accept()


class TestCertificates:
    def test_a_client_certificate_opens_the_door(
        self, tmp_path: Path, mock: MockServer, pem: Path
    ) -> None:
        demand = f"ssl_client_certificate {pem}/authority.pem; ssl_verify_client on;"
        with gateway(tmp_path, mock, demand, pem) as port:
            url, trusted = f"https://localhost:{port}/fate", pem / "authority.pem"
            client = pem / "client.pem"
            with FlowClient(url, ca_certificates=trusted, client_certificate=client) as flow:
                assert flow.remote_version.fate() == "1.6.1"
            with (
                FlowClient(url, ca_certificates=trusted) as flow,
                pytest.raises(ServerError, match="give client_certificate and client_key"),
            ):
                flow.tag.list()

    def test_http_sent_to_an_https_port_is_told(
        self, tmp_path: Path, mock: MockServer, pem: Path
    ) -> None:
        with (
            gateway(tmp_path, mock, "", pem) as port,
            FlowClient(f"http://localhost:{port}/fate") as flow,
            pytest.raises(ServerError, match="must begin with https://"),
        ):
            flow.tag.list()

    def test_a_server_that_is_not_trusted_is_told(
        self, tmp_path: Path, mock: MockServer, pem: Path
    ) -> None:
        with (
            gateway(tmp_path, mock, "", pem) as port,
            FlowClient(f"https://localhost:{port}/fate", retry=ONCE) as flow,
            pytest.raises(ConnectionFailed, match="no secure connection"),
        ):
            flow.tag.list()


def log_of(folder: Path) -> str:
    return (folder / "proxy.log").read_text()


def guarded(folder: Path) -> AbstractContextManager[int]:
    """Run a proxy that demands credentials. Each test has its own: one that has refused somebody may end."""
    return tinyproxy(folder, "BasicAuth ann hunter22")


class TestProxy:
    def test_it_is_used_as_the_environment_says(
        self, tmp_path: Path, mock: MockServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with tinyproxy(tmp_path) as port:
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
            with FlowClient(mock.url) as flow:
                assert flow.remote_version.fate() == "1.6.1"
            assert f"POST {mock.url}/v1/version/get" in log_of(tmp_path)
            monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
            with FlowClient(mock.url) as flow:
                flow.remote_version.fate()
            assert log_of(tmp_path).count(f"POST {mock.url}/v1/version/get") == 1

    def test_https_goes_through_a_tunnel_with_a_client_certificate(
        self, tmp_path: Path, mock: MockServer, pem: Path
    ) -> None:
        demand = f"ssl_client_certificate {pem}/authority.pem; ssl_verify_client on;"
        with (
            tinyproxy(tmp_path) as proxy,
            gateway(tmp_path, mock, demand, pem) as port,
            FlowClient(
                f"https://localhost:{port}/fate",
                ca_certificates=pem / "authority.pem",
                client_certificate=pem / "client.pem",
                proxy=f"http://127.0.0.1:{proxy}",
            ) as flow,
        ):
            assert flow.remote_version.fate() == "1.6.1"
        assert f"CONNECT localhost:{port}" in log_of(tmp_path)

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_its_credentials_are_sent_and_never_shown(
        self, scheme: str, tmp_path: Path, mock: MockServer, pem: Path
    ) -> None:
        with (
            guarded(tmp_path) as proxy,
            gateway(tmp_path, mock, "", pem if scheme == "https" else None) as port,
            FlowClient(
                f"{scheme}://localhost:{port}/fate",
                ca_certificates=pem / "authority.pem",
                proxy=f"http://ann:hunter22@127.0.0.1:{proxy}",
            ) as flow,
        ):
            assert flow.remote_version.fate() == "1.6.1"
            assert "hunter22" not in repr(vars(flow)) + repr(flow.hooks.records)

    @pytest.mark.parametrize("scheme", ["http", "https"])
    @pytest.mark.parametrize("given", ["", "ann:hunter33@"])
    def test_credentials_that_it_refuses_are_told_and_never_shown(
        self, given: str, scheme: str, tmp_path: Path, mock: MockServer, pem: Path
    ) -> None:
        with (
            guarded(tmp_path) as proxy,
            gateway(tmp_path, mock, "", pem if scheme == "https" else None) as port,
            FlowClient(
                f"{scheme}://localhost:{port}/fate",
                ca_certificates=pem / "authority.pem",
                proxy=f"http://{given}127.0.0.1:{proxy}",
                retry=ONCE,
            ) as flow,
            pytest.raises((ConnectionFailed, ServerError)) as caught,
        ):
            flow.queue.clean()  # without a body, which tinyproxy would not read
        assert "demands credentials" in str(caught.value), log_of(tmp_path)
        assert "hunter" not in str(caught.value)

    def test_one_that_is_not_there_is_named_with_its_origin(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
        with (
            FlowClient("http://flow.example", retry=ONCE) as flow,
            pytest.raises(ConnectionFailed) as caught,
        ):
            flow.queue.clean()
        text = str(caught.value)
        assert "the proxy http://127.0.0.1:1 (from the environment variable all_proxy)" in text
        assert "NO_PROXY=flow.example" in text
        assert caught.value.sent is False

    def test_a_child_uses_it_too(self, tmp_path: Path, mock: MockServer) -> None:
        with (
            tinyproxy(tmp_path) as port,
            FlowClient(mock.url, proxy=f"http://127.0.0.1:{port}") as flow,
        ):
            flow.tag.list()
            transport: Any = flow.hooks.get("transport")
            before = transport._pool
            transport.renew_after_fork()
            assert transport._pool is not before
            assert flow.remote_version.fate() == "1.6.1"


@contextmanager
def socks_server() -> Iterator[tuple[int, list[bytes]]]:
    """Run a SOCKS 5 server for one connection; yield its port, and what it was asked for."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def relay(source: socket.socket, target: socket.socket) -> None:
            while piece := source.recv(65536):
                target.sendall(piece)

        def serve() -> None:
            with listener.accept()[0] as client:
                client.recv(256)
                client.sendall(b"\x05\x00")
                head = client.recv(4)
                host = client.recv(client.recv(1)[0]) if head[3] == 3 else client.recv(4)
                port = client.recv(2)
                asked.append(host)
                with socket.create_connection(("127.0.0.1", int.from_bytes(port, "big"))) as server:
                    client.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
                    back = threading.Thread(target=relay, args=(server, client))
                    back.start()
                    relay(client, server)
                    server.shutdown(socket.SHUT_RDWR)
                    back.join()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], asked
        thread.join()


def test_a_socks_proxy_is_asked_for_the_host_by_name(mock: MockServer) -> None:
    pytest.importorskip("socks", reason="PySocks is not installed")
    with socks_server() as (port, asked):
        url = f"http://flow.example:{mock.port}"
        with FlowClient(url, proxy=f"socks5h://127.0.0.1:{port}") as flow:
            assert flow.remote_version.fate() == "1.6.1"
    assert asked == [b"flow.example"]


def test_a_refusal_is_still_the_servers(tmp_path: Path, mock: MockServer) -> None:
    with (
        tinyproxy(tmp_path) as port,
        FlowClient(mock.url, proxy=f"http://127.0.0.1:{port}") as flow,
        pytest.raises(OperationError, match="can not found job"),
    ):
        flow.job.stop("20990101000000000000")
