"""The pool of connections to one server, straight or by way of a proxy."""

from __future__ import annotations

import queue
from collections import deque
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from flowkit.call.failures import Connecting
from flowkit.errors import ArgumentError

if TYPE_CHECKING:
    import ssl

    from flowkit.call.address import Address
    from flowkit.call.proxies import Proxy

__all__ = ["open_pool"]


class IdleConnections:
    """The idle connections of a pool: the last one used comes first, one too many is closed.

    It has no lock, which a child could inherit held by a thread that it does not have; adding to a
    deque and taking from it are steps that no other thread comes between.

    Args:
        most: connections kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._idle: deque[Any] = deque()

    def put(self, connection: Any, block: bool = True, timeout: float | None = None) -> None:
        """Keep a connection, or close it when there are enough."""
        if connection is None:  # a place for one, to urllib3; here there are always places
            return
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            connection.close()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Take a connection; without one urllib3 makes one."""
        try:
            return self._idle.pop()
        except IndexError:
            raise queue.Empty from None

    def qsize(self) -> int:
        """Return how many there are."""
        return len(self._idle)


class Connection(Connecting, HTTPConnection):
    """A connection for HTTP."""


class SecureConnection(Connecting, HTTPSConnection):
    """A connection for HTTPS."""


class Pool(urllib3.HTTPConnectionPool):
    """A pool for HTTP."""

    ConnectionCls: Any = Connection
    QueueCls: Any = IdleConnections


class SecurePool(urllib3.HTTPSConnectionPool):
    """A pool for HTTPS."""

    ConnectionCls: Any = SecureConnection
    QueueCls: Any = IdleConnections


def open_pool(
    address: Address,
    proxy: Proxy | None,
    context: ssl.SSLContext | None,
    connections: int,
    proxy_context: ssl.SSLContext | None = None,
) -> urllib3.HTTPConnectionPool:
    """Return a pool whose connections lead to `address`; none is made yet.

    Args:
        address: where the server is.
        proxy: the proxy on the way; None for none.
        context: what TLS connections are made with; None for HTTP.
        connections: connections kept open. Whoever finds none idle gets a further one, which is
            closed after use.
        proxy_context: what the TLS connection to an ``https`` proxy is made with.

    Raises:
        ArgumentError: a SOCKS proxy was given, and the library for it is not installed.
    """
    settings: dict[str, Any] = {"maxsize": connections, "block": False, "retries": False}
    if proxy is None:
        if address.scheme == "https":
            return SecurePool(address.host, address.port, ssl_context=context, **settings)
        return Pool(address.host, address.port, **settings)
    if address.scheme == "https":
        settings["ssl_context"] = context
    manager: urllib3.PoolManager
    if proxy.scheme.startswith("socks"):
        if find_spec("socks") is None:
            raise ArgumentError(
                f"{proxy} is a SOCKS proxy, which needs a library: pip install PySocks",
                argument="proxy",
                value=proxy.url,
            )
        from urllib3.contrib.socks import SOCKSProxyManager  # needs PySocks

        user, password = proxy.credentials or (None, None)
        manager = SOCKSProxyManager(proxy.url, user, password, **settings)
        kinds: Any = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: _adapt(kind) for scheme, kind in kinds.items()}
        return manager.connection_from_host(address.host, address.port, address.scheme)
    headers = None
    if proxy.credentials:
        headers = urllib3.make_headers(proxy_basic_auth=":".join(proxy.credentials))
    manager = urllib3.ProxyManager(
        proxy.url, proxy_headers=headers, proxy_ssl_context=proxy_context, **settings
    )
    manager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
    return manager.connection_from_host(address.host, address.port, address.scheme)


def _adapt(kind: Any) -> Any:
    """Return one of urllib3's pools for SOCKS, keeping and marking connections as ours do."""
    connection = type(kind.ConnectionCls.__name__, (Connecting, kind.ConnectionCls), {})
    ours = {"QueueCls": IdleConnections, "ConnectionCls": connection}
    return type(kind.__name__, (kind,), ours)
