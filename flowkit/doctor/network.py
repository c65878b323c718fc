"""The way to the server: its name, the proxies that the environment names, a TCP connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from flowkit.call.address import Address
from flowkit.doctor.finding import Finding, State

__all__ = ["examine_name", "examine_proxy", "examine_tcp"]


def examine_name(address: Address) -> Iterator[Finding]:
    """Yield a finding about the IP addresses of the server's host."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        text = f"the name {address.host!r} is not known here: {error}"
        mend = f"look at its spelling, which comes from {address.origin_of}, and at the DNS server"
        yield Finding("DNS", State.PROBLEM, text, mend)
        return
    numbers = list(dict.fromkeys(str(one[4][0]) for one in found))
    text = f"{address.host} is {', '.join(numbers)}"
    yield Finding("DNS", State.OK, text)


def examine_proxy(address: Address) -> Iterator[Finding]:
    """Yield a finding about the proxy that the environment names for this address."""
    proxies = getproxies_environment()
    named = proxies.get(address.scheme) or proxies.get("all")
    if not named:
        yield Finding("proxy", State.OK, "the environment names none")
        return
    where = _without_credentials(named)
    if proxy_bypass(address.host):
        yield Finding("proxy", State.OK, f"NO_PROXY keeps {address.host} from going by {where}")
        return
    text = f"{address.scheme.upper()}_PROXY or ALL_PROXY names {where}, which takes this host, too"
    mend = f"add {address.host} to NO_PROXY, unless the server is only reached by that proxy"
    yield Finding("proxy", State.WARNING, text, mend)


def examine_tcp(address: Address, timeout: float) -> Iterator[Finding]:
    """Yield a finding about a connection to the server's port.

    Args:
        address: the server's.
        timeout: seconds to wait for it.
    """
    where = f"{address.host}:{address.port}"
    try:
        socket.create_connection((address.host, address.port), timeout).close()
    except TimeoutError:
        text = f"nothing answers at {where} within {timeout:g} s"
        mend = "a firewall drops the packets, or the host is down: ask whoever runs the server"
        yield Finding("TCP", State.PROBLEM, text, mend)
    except ConnectionRefusedError:
        text = f"{where} refuses: no process listens there"
        mend = (
            "start FATE Flow, or flowkit mock; or correct the port, which comes from"
            f" {address.origin_of}"
        )
        yield Finding("TCP", State.PROBLEM, text, mend)
    except OSError as error:
        text = f"{where} cannot be reached: {error}"
        mend = "look at the route there: network, VPN, firewall"
        yield Finding("TCP", State.PROBLEM, text, mend)
    else:
        yield Finding("TCP", State.OK, f"{where} takes connections")


def _without_credentials(proxy: str) -> str:
    """Return a proxy's address without user and password."""
    parts = urlsplit(proxy if "://" in proxy else f"//{proxy}")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.scheme else f"{parts.hostname}{port}"
