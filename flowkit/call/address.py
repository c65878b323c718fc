"""Where a server is: from host and port, or from a URL with TLS and a gateway's base path."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from flowkit.call.secrets import mask_address
from flowkit.errors import ArgumentError

__all__ = ["DEFAULT_PORT", "Address"]

DEFAULT_PORT = 9380
SCHEME_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address.

    Attributes:
        scheme: ``"http"`` or ``"https"``.
        host: name or IP address; an IPv6 address without brackets.
        port: TCP port.
        base: path in front of the API version, such as ``"/fate"``; empty without a gateway.
        origin_of: where the address was given, for error messages.
    """

    scheme: str
    host: str
    port: int
    base: str = ""
    origin_of: str = "the arguments ip and port"

    @classmethod
    def parse(cls, ip: str, port: int | str | None, origin_of: str | None = None) -> Address:
        """Read `ip` (a host, or a whole ``http[s]://`` URL) and `port`.

        Raises:
            ArgumentError: the URL has no host or another scheme, or the port is not a port.
        """
        source = origin_of or "the arguments ip and port"
        if not isinstance(ip, str) or not ip.strip():
            raise ArgumentError(
                f"ip must be a host name, an IP address or an http(s):// URL, got {ip!r}",
                argument="ip",
                value=ip,
            )
        text = ip.strip()
        shown = mask_address(text)
        if "://" not in text:
            return cls("http", _host(text), _port(port, DEFAULT_PORT), "", source)
        try:
            parts = urlsplit(text)
        except ValueError:
            raise _unreadable(shown) from None  # its own text may show a password
        if parts.scheme not in SCHEME_PORTS or not parts.hostname:
            raise ArgumentError(
                f"ip must be http://host[:port] or https://host[:port], got {shown!r}",
                argument="ip",
                value=shown,
            )
        if parts.username or parts.password:
            raise ArgumentError(
                "ip must not carry a user name or password; use the auth plugin", argument="ip"
            )
        try:
            given = parts.port
        except ValueError:
            raise _unreadable(shown) from None
        number = _port(given if given is not None else port, SCHEME_PORTS[parts.scheme])
        return cls(parts.scheme, parts.hostname, number, parts.path.rstrip("/"), source)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.origin}{self.base} (from {self.origin_of})"


def _unreadable(shown: str) -> ArgumentError:
    text = f"ip {shown!r} has a host or a port that cannot be one"
    return ArgumentError(text, argument="ip", value=shown)


def _host(text: str) -> str:
    """Return a host name or IP address as it stands, an IPv6 address without brackets."""
    shown = mask_address(text)
    host = text.strip("[]")
    if ":" in host:
        try:
            IPv6Address(host)
        except ValueError:
            raise ArgumentError(
                f"ip must be a host name or an IP address without a port, got {shown!r}; give the"
                " port as port, or a whole http(s):// URL",
                argument="ip",
                value=shown,
            ) from None
    elif not host or set(host) & set("/?#@ \t"):
        raise ArgumentError(
            f"ip must be a host name, an IP address or an http(s):// URL, got {shown!r}",
            argument="ip",
            value=shown,
        )
    return host


def _port(port: int | str | None, default: int) -> int:
    """Return `port` as a number."""
    if port is None:
        return default
    try:
        number = int(port)
    except (TypeError, ValueError):
        number = -1
    if not 0 < number < 65536:
        shown = mask_address(str(port))
        raise ArgumentError(
            f"port must be a number from 1 to 65535, got {shown!r}", argument="port", value=shown
        )
    return number
