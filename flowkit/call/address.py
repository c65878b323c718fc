"""Where a server is: from host and port, or from a URL with TLS and a gateway's base path."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import urlsplit

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
        if "://" not in text:
            return cls("http", _host(text), _port(port, DEFAULT_PORT), "", source)
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise ArgumentError(f"ip {ip!r}: {error}", argument="ip", value=ip) from error
        if parts.scheme not in SCHEME_PORTS or not parts.hostname:
            raise ArgumentError(
                f"ip must be http://host[:port] or https://host[:port], got {ip!r}",
                argument="ip",
                value=ip,
            )
        if parts.username or parts.password:
            raise ArgumentError(
                "ip must not carry a user name or password; use the auth plugin", argument="ip"
            )
        try:
            given = parts.port
        except ValueError as error:
            raise ArgumentError(f"ip {ip!r}: {error}", argument="ip", value=ip) from error
        number = _port(given if given is not None else port, SCHEME_PORTS[parts.scheme])
        return cls(parts.scheme, parts.hostname, number, parts.path.rstrip("/"), source)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.origin}{self.base} (from {self.origin_of})"


def _host(text: str) -> str:
    """Return a host name or IP address as it stands, an IPv6 address without brackets."""
    host = text.strip("[]")
    if ":" in host:
        try:
            IPv6Address(host)
        except ValueError as error:
            raise ArgumentError(
                f"ip must be a host name or an IP address without a port, got {text!r}; give the"
                " port as port, or a whole http(s):// URL",
                argument="ip",
                value=text,
            ) from error
    elif not host or set(host) & set("/?#@ \t"):
        raise ArgumentError(
            f"ip must be a host name, an IP address or an http(s):// URL, got {text!r}",
            argument="ip",
            value=text,
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
        raise ArgumentError(
            f"port must be a number from 1 to 65535, got {port!r}", argument="port", value=port
        )
    return number
