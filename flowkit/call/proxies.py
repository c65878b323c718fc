"""Proxies: whether the way to a server leads through one, and through which."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flowkit.call.address import can_be_host
from flowkit.call.secrets import MASK
from flowkit.errors import ArgumentError

if TYPE_CHECKING:
    from flowkit.call.address import Address

__all__ = ["Proxy", "choose_proxy", "is_exempt"]

PORTS = {
    "http": 3128,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy.

    Attributes:
        scheme: ``http``, ``https``, ``socks4``, ``socks4a``, ``socks5`` or ``socks5h``.
        host: name or address, an IPv6 address without brackets.
        port: TCP port.
        credentials: user name and password; None for none.
        source: where it was given, for error messages.
    """

    scheme: str
    host: str
    port: int
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    source: str = "the argument proxy"

    @classmethod
    def parse(cls, text: object, source: str = "the argument proxy") -> Proxy:
        """Read ``[scheme://][user:password@]host[:port]``.

        Raises:
            ArgumentError: it is no such thing; the text shows no password.
        """
        if not isinstance(text, str):  # what configuration hands over need not be a text
            raise ArgumentError(f"{source}: a proxy must be a text, got {type(text).__name__}")
        shown = re.sub(r"[^/]*@", f"{MASK}@", text)
        problem = ""
        try:
            parts = urlsplit(text.strip() if "://" in text else f"http://{text.strip()}")
            port = parts.port
            if parts.scheme not in PORTS:
                problem = f"has the unknown scheme {parts.scheme!r}"
            elif not parts.hostname:
                problem = "names no host"
            elif not can_be_host(parts.hostname):
                problem = "has a host that cannot be one"
        except ValueError:  # its own text may show the password
            problem = "has a host or a port that cannot be one"
        if problem:
            raise ArgumentError(
                f"{source}: the proxy {shown!r} {problem}; it must be "
                "[http|https|socks5://][user:password@]host[:port]",
                argument="proxy",
                value=shown,
            )
        user = parts.username
        pair = (unquote(user), unquote(parts.password or "")) if user is not None else None
        host = str(parts.hostname)
        return cls(parts.scheme, host, port or PORTS[parts.scheme], pair, source)

    @property
    def url(self) -> str:
        """Scheme, host and port, without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"the proxy {self.url} (from {self.source})"


def choose_proxy(
    address: Address,
    given: str | None = None,
    source: str = "the argument proxy",
    environment: Mapping[str, str] | None = None,
) -> Proxy | None:
    """Return the proxy on the way to `address`; None when there is none.

    What is `given` counts; an empty text is no proxy. Without it the environment counts, the
    variables of the address's scheme first (``HTTP_PROXY`` or ``HTTPS_PROXY``), then
    ``ALL_PROXY``, each in small letters first, except for the hosts in ``NO_PROXY``.

    Raises:
        ArgumentError: the address of the proxy cannot be understood.
    """
    if given is not None:
        return Proxy.parse(given, source) if given else None
    variables = os.environ if environment is None else environment
    names = [f"{address.scheme}_proxy", f"{address.scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY"]
    if "REQUEST_METHOD" in variables and "HTTP_PROXY" in names:
        names.remove("HTTP_PROXY")  # within CGI a request's header Proxy would set it
    for name in names:
        if variables.get(name):
            exempt = variables.get("no_proxy") or variables.get("NO_PROXY") or ""
            if is_exempt(address.host, address.port, exempt):
                return None
            return Proxy.parse(variables[name], f"the environment variable {name}")
    return None


def is_exempt(host: str, port: int, exempt: str) -> bool:
    """Return whether a list such as ``NO_PROXY`` names a host.

    Its entries are separated by commas or blanks: ``*`` for all, a host (which stands for those
    below it too, ``.example`` and ``*.example`` for these and itself), an address or a network
    (``10.0.0.0/8``); each may have a port.
    """
    name = host.lower().rstrip(".")
    for entry in re.split(r"[,\s]+", exempt.lower()):
        if entry == "*":
            return True
        pattern, wanted = _split_port(entry)
        if not pattern or (wanted is not None and wanted != port):
            continue
        if _is_within(name, pattern):
            return True
        pattern = pattern.removeprefix("*").strip(".")
        if pattern and (name == pattern or name.endswith(f".{pattern}")):
            return True
    return False


def _split_port(entry: str) -> tuple[str, int | None]:
    """Return pattern and port of an entry; an IPv6 address with a port stands in brackets."""
    match = re.fullmatch(r"(\[.*\]|[^:]*):(\d+)", entry)
    pattern, port = (match[1], int(match[2])) if match else (entry, None)
    return pattern.strip("[]"), port


def _is_within(name: str, pattern: str) -> bool:
    """Return whether an IP address is in a network, or is the same address."""
    try:
        return ip_address(name) in ip_network(pattern, strict=False)
    except (ValueError, TypeError):
        return False
