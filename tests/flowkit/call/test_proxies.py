"""Proxies: which one is on the way, and whom it does not serve."""

from __future__ import annotations

import pytest

from flowkit import ArgumentError
from flowkit.call.address import Address
from flowkit.call.proxies import Proxy, choose_proxy, is_exempt


@pytest.mark.parametrize(
    ("text", "url", "credentials"),
    [
        ("proxy.example", "http://proxy.example:3128", None),
        ("proxy.example:8080", "http://proxy.example:8080", None),
        ("http://ann:p%40ss@proxy.example", "http://proxy.example:3128", ("ann", "p@ss")),
        ("https://proxy.example", "https://proxy.example:443", None),
        ("socks5h://ann@[::1]", "socks5h://[::1]:1080", ("ann", "")),
    ],
)
def test_a_proxy_is_read(text: str, url: str, credentials: tuple[str, str] | None) -> None:
    proxy = Proxy.parse(text)
    assert (proxy.url, proxy.credentials) == (url, credentials)


@pytest.mark.parametrize(
    "text",
    [
        "ftp://ann:hunter22@h",
        "http://ann:hunter22@",
        "http://ann:hunter22@h:x",
        "http://[::1",
        "a\x00b",
        "a..b",
    ],
)
def test_what_is_none_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(ArgumentError, match="the environment variable X: the proxy") as caught:
        Proxy.parse(text, "the environment variable X")
    assert "hunter22" not in str(caught.value) + repr(caught.value.value)
    assert "socks5://" in str(caught.value)


def test_a_password_shows_nowhere() -> None:
    proxy = Proxy.parse("http://ann:hunter22@h:1")
    assert str(proxy) == "the proxy http://h:1 (from the argument proxy)"
    assert "hunter22" not in repr(proxy)


def choose(url: str, **environment: str) -> str | None:
    proxy = choose_proxy(Address.parse(url, None), environment=environment)
    return proxy.host if proxy else None


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_environment_counts_by_scheme_small_letters_first(scheme: str) -> None:
    upper, url = scheme.upper(), f"{scheme}://flow.example"
    names = [f"{scheme}_proxy", f"{upper}_PROXY", "all_proxy", "ALL_PROXY"]
    for number, name in enumerate(names):
        environment = {other: other.replace("_", "-") for other in names[number:]}
        assert choose(url, **environment) == name.replace("_", "-").lower()
    other = "HTTPS_PROXY" if scheme == "http" else "HTTP_PROXY"
    assert choose(url, **{other: "p"}) is None


def test_within_cgi_a_header_sets_no_proxy() -> None:
    assert choose("http://flow.example", HTTP_PROXY="p", REQUEST_METHOD="GET") is None


def test_what_is_given_counts_before_the_environment_and_its_exemptions() -> None:
    address = Address.parse("http://flow.example", None)
    environment = {"HTTP_PROXY": "env", "NO_PROXY": "*"}
    found = choose_proxy(address, "given", environment=environment)
    assert found is not None
    assert found.host == "given"
    assert choose_proxy(address, "", environment={"HTTP_PROXY": "env"}) is None


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_exempts(variable: str) -> None:
    assert choose("http://flow.example", HTTP_PROXY="p", **{variable: "a.b, flow.example"}) is None
    assert choose("http://other.example", HTTP_PROXY="p", **{variable: "flow.example"}) == "p"


@pytest.mark.parametrize(
    ("exempt", "host", "port", "expected"),
    [
        ("*", "any.example", 80, True),
        ("example.com", "example.com", 80, True),
        ("example.com", "flow.example.com", 80, True),
        (".example.com", "flow.example.com", 80, True),
        (".example.com", "example.com", 80, True),
        ("*.example.com", "flow.example.com", 80, True),
        ("example.com", "badexample.com", 80, False),
        ("Example.COM", "FLOW.example.com", 80, True),
        ("flow.example.com.", "flow.example.com", 80, True),
        ("example.com:9380", "example.com", 9380, True),
        ("example.com:9380", "example.com", 80, False),
        ("192.0.2.7", "192.0.2.7", 80, True),
        ("192.0.2.7:81", "192.0.2.7", 80, False),
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.0/8", "11.1.2.3", 80, False),
        ("10.1.2.3/8", "10.9.9.9", 80, True),
        ("::1", "::1", 80, True),
        ("[::1]", "::1", 80, True),
        ("[::1]:9380", "::1", 9380, True),
        ("[::1]:9380", "::1", 80, False),
        ("fd00::/8", "fd12::1", 80, True),
        ("fd00::/8", "10.0.0.1", 80, False),
        ("a b\tflow.example", "flow.example", 80, True),
        ("", "flow.example", 80, False),
        (" , ,", "flow.example", 80, False),
        (".", "flow.example", 80, False),
    ],
)
def test_exemptions_are_names_addresses_networks_and_ports(
    exempt: str, host: str, port: int, expected: bool
) -> None:
    assert is_exempt(host, port, exempt) is expected
