"""Addresses: host and port, or a URL with TLS and a base path."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import ArgumentError, FlowClient
from flowkit.call.address import Address


@pytest.mark.parametrize(
    ("ip", "port", "origin", "base"),
    [
        ("127.0.0.1", 9380, "http://127.0.0.1:9380", ""),
        ("flow.example", "9000", "http://flow.example:9000", ""),
        ("flow.example", None, "http://flow.example:9380", ""),
        ("http://flow.example", None, "http://flow.example:80", ""),
        ("http://flow.example", 9380, "http://flow.example:9380", ""),
        ("https://gate.example/fate/", None, "https://gate.example:443", "/fate"),
        ("https://gate.example:8443", 8443, "https://gate.example:8443", ""),
        ("::1", 9380, "http://[::1]:9380", ""),
        ("[::1]", 9380, "http://[::1]:9380", ""),
        ("fe80::1%eth0", 9380, "http://[fe80::1%25eth0]:9380", ""),
        ("http://[fe80::1%25eth0]:9380", None, "http://[fe80::1%25eth0]:9380", ""),
        ("bücher.example", 9380, "http://bücher.example:9380", ""),
    ],
)
def test_an_address_is_read(ip: str, port: int | str | None, origin: str, base: str) -> None:
    address = Address.parse(ip, port)
    assert (address.origin, address.base) == (origin, base)


@pytest.mark.parametrize("port", [0, 65536, "http", -1, 1.5j])
def test_a_port_that_is_none_is_refused(port: object) -> None:
    with pytest.raises(ArgumentError, match="port must be a number from 1 to 65535"):
        Address.parse("localhost", port)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "ip",
    [
        "",
        "  ",
        "[]",
        "ftp://host",
        "http://",
        "http://host:99999",
        "http://[::1",
        "host/path",
        "a b",
        "a\x1fb",
        "http://a\x1fb",
        "a%b",
        "a..b",
        "http://a..b:1",
        f"http://{'x' * 64}.example",
    ],
)
def test_a_host_that_is_none_is_refused(ip: str) -> None:
    with pytest.raises(ArgumentError):
        Address.parse(ip, None)


def test_a_port_in_the_wrong_place_is_pointed_out() -> None:
    with pytest.raises(ArgumentError, match="give the port as port"):
        Address.parse("127.0.0.1:9380", None)


@pytest.mark.parametrize("rest", ["host", "host:99999", ""])
@pytest.mark.parametrize("scheme", ["http", "ftp"])
def test_credentials_in_a_url_are_refused_and_not_repeated(scheme: str, rest: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Address.parse(f"{scheme}://ada:secret-word@{rest}", None)
    assert "secret-word" not in str(caught.value)


def test_a_port_that_contradicts_the_urls_is_refused() -> None:
    with pytest.raises(
        ArgumentError, match="port is 9999, but ip has another one: 'http://h:9380'"
    ):
        FlowClient("http://h:9380", 9999)
    with pytest.raises(ArgumentError, match="port is 9999, but ip has another one"):
        FlowClient(Address.parse("h", 9380), 9999)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://env.example:9380", "http://env.example:9999"),
        ("https://env.example/gate", "https://env.example:9999"),
        ("env.example", "http://env.example:9999"),
    ],
)
def test_a_port_that_is_given_counts_before_the_environments(
    url: str, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWKIT_URL", url)
    address = FlowClient(port=9999).address
    assert address.origin == origin
    assert str(address).endswith(
        "(from the argument port, and the environment variable FLOWKIT_URL)"
    )
    assert FlowClient("flow.example").address.origin == "http://flow.example:9380"


@pytest.mark.parametrize("variable", ["FLOWKIT_URL", "FLOWKIT_REDIRECT"])
@pytest.mark.parametrize("url", ["ftp://h", "http://", "a b", "127.0.0.1:9380"])
def test_a_variable_that_is_no_address_is_called_by_its_name(
    variable: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, url)
    with pytest.raises(ArgumentError, match=f"^{variable} must be .*, got '{url}'") as caught:
        FlowClient()
    assert caught.value.argument == variable


def test_a_setting_that_is_no_address_is_named_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "flowkit.toml"
    file.write_text('url = "ftp://h"\n')
    monkeypatch.setenv("FLOWKIT_CONFIG", str(file))
    with pytest.raises(ArgumentError) as caught:
        FlowClient()
    assert str(caught.value) == (
        f"url must be http://host[:port] or https://host[:port], got 'ftp://h' (set by {file})"
    )


def test_the_address_says_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_URL", "http://flow.example:9380")
    assert "FLOWKIT_URL" in str(FlowClient().address)
    assert "ip and port" in str(FlowClient("127.0.0.1").address)


def test_a_base_path_stands_in_front_of_the_version() -> None:
    flow = FlowClient("https://gate.example/fate", version="v1")
    assert flow.request("job.stop").url == "https://gate.example:443/fate/v1/job/stop"
