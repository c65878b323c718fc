"""Where a server is: from host and port, or from a URL with TLS and a gateway's base path."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from flowkit.call.secrets import mask_address
from flowkit.errors import ArgumentError

__all__ = ["DEFAULT_PORT", "Address", "can_be_host", "read_port"]

DEFAULT_PORT = 9380
SCHEME_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address.

    Attributes:
        scheme: ``"http"`` or ``"https"``.
        host: name or IP address; an IPv6 address without brackets, its zone behind a ``%``.
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
    def parse(
        cls,
        ip: str,
        port: int | str | None,
        origin_of: str | None = None,
        *,
        argument: str = "ip",
    ) -> Address:
        """Read `ip` (a host, or a whole ``http[s]://`` URL) and `port`.

        Args:
            ip: the host or the URL.
            port: the port; None leaves it to the URL, or the default.
            origin_of: where both were given.
            argument: what `ip` is called there, for error messages.

        Raises:
            ArgumentError: the URL has no host, another scheme or another port than `port`, or the
                port is not a port.
        """
        source = origin_of or "the arguments ip and port"

        # Whatever is shown of an address may hold a password.
        shown = mask_address(ip.strip()) if isinstance(ip, str) else repr(ip)

        def refuse(text: str, value: object = shown) -> ArgumentError:
            return ArgumentError(f"{argument} {text}", argument=argument, value=value)

        if not isinstance(ip, str) or not ip.strip():
            raise refuse(f"must be a host name, an IP address or an http(s):// URL, got {ip!r}", ip)
        text = ip.strip()
        if "://" not in text:
            if (problem := _problem_of_host(text)) is not None:
                raise refuse(problem)
            host = text.strip("[]")
            return cls("http", host, DEFAULT_PORT if port is None else read_port(port), "", source)
        try:
            parts = urlsplit(text)
            given = parts.port
        except ValueError:  # its own text may show a password
            text = f"{shown!r} has a host or a port that cannot be one"
            raise refuse(text) from None
        if parts.scheme not in SCHEME_PORTS or not parts.hostname:
            raise refuse(f"must be http://host[:port] or https://host[:port], got {shown!r}")
        if parts.username or parts.password:
            raise refuse("must not carry a user name or password; use the auth plugin", None)
        if not can_be_host(parts.hostname):
            raise refuse(f"{shown!r} has a host that cannot be one")
        number = given if port is None else read_port(port)
        if number is None:
            number = SCHEME_PORTS[parts.scheme]
        if given not in (None, number):
            raise ArgumentError(
                f"port is {port!r}, but {argument} has another one: {shown!r}; give one of them",
                argument="port",
                value=port,
            )
        # The zone of an IPv6 address follows an escaped per cent sign.
        host = parts.hostname.replace("%25", "%")
        return cls(parts.scheme, host, number, parts.path.rstrip("/"), source)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host.replace('%', '%25')}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.origin}{self.base} (from {self.origin_of})"


def _problem_of_host(text: str) -> str | None:
    """Return what keeps `text` from being a host name or an IP address; None when nothing does."""
    shown = mask_address(text)
    host = text.strip("[]")
    if ":" in host:
        try:
            IPv6Address(host)
        except ValueError:
            return (
                f"must be a host name or an IP address without a port, got {shown!r}; give the"
                " port as port, or a whole http(s):// URL"
            )
    elif not host or set(host) & set("/?#@ \t") or not can_be_host(host):
        return f"must be a host name, an IP address or an http(s):// URL, got {shown!r}"
    return None


def can_be_host(host: str) -> bool:
    """Return whether connections can be made to a host of this name."""
    try:
        if ":" not in host:
            host.encode("idna")  # no part of it is empty or longer than a name can be
        parse_url(f"http://[{host}]" if ":" in host else f"http://{host}")
    except (LocationParseError, UnicodeError):
        return False
    return True


def read_port(port: int | str) -> int:
    """Return `port` as a number.

    Raises:
        ArgumentError: it is none.
    """
    try:
        number = int(port)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if not 0 < number < 65536 or isinstance(port, bool | float):
        shown = mask_address(str(port))
        raise ArgumentError(
            f"port must be a number from 1 to 65535, got {shown!r}", argument="port", value=shown
        )
    return number
