"""Name, proxy and port."""

from __future__ import annotations

import socket

import pytest

from flowkit.call.address import Address
from flowkit.call.proxies import choose_proxy
from flowkit.doctor.finding import Finding, State
from flowkit.doctor.network import examine_name, examine_proxy, examine_tcp

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def at(host: str, port: int = 9380, scheme: str = "http") -> Address:
    return Address(scheme, host, port, "", "the option --url")


def test_a_name_is_told_with_its_numbers() -> None:
    (finding,) = examine_name(at("127.0.0.1"))
    assert (finding.state, finding.text) == (State.OK, "127.0.0.1 is 127.0.0.1")


def test_a_name_that_nobody_knows_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    (finding,) = examine_name(at("flow.exmaple"))
    assert finding.state is State.PROBLEM
    assert "'flow.exmaple' is not known here" in finding.text
    assert "the option --url" in finding.mend


def test_a_port_that_nobody_listens_at_is_a_problem() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (finding,) = examine_tcp(at("127.0.0.1", port), 5)
    assert finding.state is State.PROBLEM
    assert "no process listens there" in finding.text


def test_a_port_that_somebody_listens_at_is_fine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        (finding,) = examine_tcp(at("127.0.0.1", server.getsockname()[1]), 5)
    assert finding.state is State.OK


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "nothing answers at 127.0.0.1:9380 within 5 s"),
        (OSError(101, "Network is unreachable"), "cannot be reached"),
    ],
)
def test_what_else_is_in_the_way_is_told(
    monkeypatch: pytest.MonkeyPatch, error: OSError, text: str
) -> None:
    def fail(*_: object) -> socket.socket:
        raise error

    monkeypatch.setattr(socket, "create_connection", fail)
    (finding,) = examine_tcp(at("127.0.0.1"), 5)
    assert finding.state is State.PROBLEM
    assert text in finding.text
    assert finding.mend


def proxy(address: Address) -> Finding:
    (finding,) = examine_proxy(address, choose_proxy(address))
    return finding


def test_no_proxy_is_fine() -> None:
    assert proxy(at("flow.example")).text == "none"


def test_a_proxy_is_told_with_its_origin_and_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "http://ann:s3cret@proxy:3128")
    finding = proxy(at("flow.example", scheme="https"))
    assert finding.text == (
        "flow.example is reached through the proxy http://proxy:3128 (from the environment variable"
        " https_proxy)"
    )
    assert "add flow.example to NO_PROXY" in finding.mend


def test_a_proxy_for_others_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "proxy:3128")
    monkeypatch.setenv("no_proxy", "localhost,.example")
    assert "but not for flow.example" in proxy(at("flow.example")).text
