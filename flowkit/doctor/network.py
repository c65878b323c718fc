"""The way to the server: the proxy on it, the name of whoever is next, a TCP connection there."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

from flowkit.call.address import Address
from flowkit.call.proxies import Proxy
from flowkit.doctor.finding import Finding, State

__all__ = ["examine_name", "examine_proxy", "examine_tcp"]

VARIABLES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def examine_name(address: Address) -> Iterator[Finding]:
    """Yield a finding about the IP addresses of a host: the server's, or the proxy's."""
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


def examine_proxy(address: Address, proxy: Proxy | None) -> Iterator[Finding]:
    """Yield a finding about the proxy on the way.

    Args:
        address: the server's.
        proxy: what the client goes through; None for none.
    """
    if proxy is not None:
        mend = f'add {address.host} to NO_PROXY, or say proxy = "", if the server is to be reached directly'
        yield Finding("proxy", State.OK, f"{address.host} is reached through {proxy}", mend)
    elif any(os.environ.get(name) for name in VARIABLES):
        text = (
            f"the environment names one, but not for {address.host}: NO_PROXY or a setting says so"
        )
        yield Finding("proxy", State.OK, text)
    else:
        yield Finding("proxy", State.OK, "none")


def examine_tcp(address: Address, timeout: float, listener: str = "FATE Flow") -> Iterator[Finding]:
    """Yield a finding about a connection to a port: the server's, or the proxy's.

    Args:
        address: where it is.
        timeout: seconds to wait for it.
        listener: what should listen there.
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
        mend = f"start {listener}; or correct the port, which comes from {address.origin_of}"
        yield Finding("TCP", State.PROBLEM, text, mend)
    except OSError as error:
        text = f"{where} cannot be reached: {error}"
        mend = "look at the route there: network, VPN, firewall"
        yield Finding("TCP", State.PROBLEM, text, mend)
    else:
        yield Finding("TCP", State.OK, f"{where} takes connections")
