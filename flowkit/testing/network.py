"""The network is closed to a test: nothing leaves this machine."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

__all__ = ["block_network"]

HERE = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", "0.0.0.0", "::"})


def block_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse everything that would leave the machine, until `monkeypatch` is undone."""

    def refuse(where: object) -> None:
        raise pytest.fail.Exception(
            f"a test tried to reach {where!r}; the network is blocked: mark it "
            "@pytest.mark.flow(network=True), or run with --flow-network"
        )

    def guard(owner: Any, name: str, place: int) -> None:
        real = getattr(owner, name)

        def checking(*args: Any, **kwargs: Any) -> Any:
            # The address is the last argument of sendto and sendmsg, which may do without one.
            where = args[place] if -len(args) <= place < len(args) else kwargs.get("host")
            if isinstance(where, tuple):
                where = where[0] if _is_remote(where[0]) else None
            elif owner is not socket or not _is_remote(where):
                where = None  # a path, a file descriptor, or this machine
            if where is not None:
                refuse(where)
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, checking)

    for name in ("connect", "connect_ex"):
        guard(socket.socket, name, 1)
    for name in ("sendto", "sendmsg"):
        guard(socket.socket, name, -1)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        guard(socket, name, 0)


def _is_remote(host: object) -> bool:
    """True for the name or address of another machine."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(text, str) or text.lower() in HERE:
        return False
    try:
        return not ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return True
