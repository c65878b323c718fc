"""TLS, against real handshakes on this machine."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from flowkit.call.address import Address
from flowkit.call.certificates import Certificates
from flowkit.doctor.finding import Finding, State
from flowkit.doctor.tls import examine_tls

DAY = 86_400


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@contextmanager
def listening(context: ssl.SSLContext | None) -> Iterator[int]:
    """Take one connection, with a handshake unless there is no context."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                if context is None:
                    connection.recv(1)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except (ssl.SSLError, ConnectionError):
                    return  # the client refuses the certificate: that is what is tested

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def server_side(authority: trustme.CA, *names: str, **options: object) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)  # type: ignore[arg-type]
    return context


def examine(
    port: int, now: float | None = None, ca: str | None = None, *, verify: bool = True
) -> Finding:
    address = Address("https", "127.0.0.1", port)
    certificates = Certificates(ca, verify=verify)
    (finding,) = examine_tls(address, certificates, 5, time.time() if now is None else now)
    return finding


def test_without_tls_a_far_server_gets_a_hint() -> None:
    (near,) = examine_tls(Address("http", "127.0.0.1", 9380), Certificates(), 5, 0)
    (far,) = examine_tls(Address("http", "flow.example", 9380), Certificates(), 5, 0)
    assert (near.state, near.mend) == (State.OK, "")
    assert "gateway with TLS" in far.mend


def test_a_trusted_certificate_is_fine(authority: trustme.CA, trusted: str) -> None:
    with listening(server_side(authority, "127.0.0.1")) as port:
        finding = examine(port, ca=trusted)
    assert finding.state is State.OK
    assert "certificate valid until" in finding.text


def test_a_certificate_that_soon_ends_is_a_warning(authority: trustme.CA, trusted: str) -> None:
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=100)
    with listening(server_side(authority, "127.0.0.1", not_after=ends)) as port:
        finding = examine(port, time.time() + 95 * DAY, trusted)
    assert finding.state is State.WARNING
    assert finding.mend == "have it renewed"


def test_an_authority_that_is_not_known_is_a_problem(authority: trustme.CA) -> None:
    with listening(server_side(authority, "127.0.0.1")) as port:
        finding = examine(port)
    assert finding.state is State.PROBLEM
    assert "the certificate is refused" in finding.text
    assert "ca_certificates" in finding.mend


def test_a_certificate_of_another_name_is_a_problem(authority: trustme.CA, trusted: str) -> None:
    with listening(server_side(authority, "other.example")) as port:
        finding = examine(port, ca=trusted)
    assert finding.state is State.PROBLEM
    assert "IP address mismatch" in finding.text


def test_any_certificate_is_a_warning(authority: trustme.CA) -> None:
    with listening(server_side(authority, "other.example")) as port:
        finding = examine(port, verify=False)
    assert finding.state is State.WARNING
    assert "any certificate is accepted" in finding.text


def test_a_server_without_tls_is_a_problem() -> None:
    with listening(None) as port:
        finding = examine(port)
    assert finding.state is State.PROBLEM
    assert "no TLS connection with" in finding.text
    assert "http://" in finding.mend
