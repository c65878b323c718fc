"""The pool of connections to one server, straight or by way of a proxy."""

from __future__ import annotations

import logging
import queue
from collections import deque
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from flowkit.call.failures import Connecting
from flowkit.call.secrets import MASK
from flowkit.call.waits import SecureTimedConnection, TimedConnection, current_wait
from flowkit.errors import ArgumentError, FlowError

if TYPE_CHECKING:
    import ssl

    from flowkit.call.address import Address
    from flowkit.call.proxies import Proxy

__all__ = ["open_pool"]


class HiddenQueries(logging.Filter):
    """Takes the queries of our requests out of urllib3's log.

    FATE Flow has the whole configuration of an upload in its query, credentials of a table's
    source included; no log is the place for it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: every record stays, those of our requests without their queries."""
        if current_wait() is not None and isinstance(record.args, tuple):
            record.args = tuple(
                f"{arg.partition('?')[0]}?{MASK}" if isinstance(arg, str) and "?" in arg else arg
                for arg in record.args
            )
        return True


logging.getLogger("urllib3.connectionpool").addFilter(HiddenQueries())

#: What `retries=False` means to urllib3, which makes this of it for every request otherwise.
NO_RETRIES = urllib3.Retry(False, redirect=False)


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


class Pool(urllib3.HTTPConnectionPool):
    """A pool for HTTP.

    Its connections keep to the time of a call, unless somebody has put others in place of urllib3's:
    vcrpy does so while a cassette is in use.
    """

    QueueCls: Any = IdleConnections

    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]
        """The class of new connections."""
        theirs = urllib3.HTTPConnectionPool.ConnectionCls
        return TimedConnection if theirs is HTTPConnection else theirs


class SecurePool(urllib3.HTTPSConnectionPool):
    """A pool for HTTPS, otherwise as `Pool`."""

    QueueCls: Any = IdleConnections

    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]
        """The class of new connections."""
        theirs = urllib3.HTTPSConnectionPool.ConnectionCls
        return SecureTimedConnection if theirs is HTTPSConnection else theirs


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
        FlowError: what ``import urllib3`` loads is not urllib3.
    """
    _refuse_stand_in()
    settings: dict[str, Any] = {"maxsize": connections, "block": False, "retries": NO_RETRIES}
    # urllib3 knows the zone of an IPv6 address by the brackets only.
    host = f"[{address.host}]" if "%" in address.host else address.host
    if proxy is None:
        if address.scheme == "https":
            return SecurePool(host, address.port, ssl_context=context, **settings)
        return Pool(host, address.port, **settings)
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
        return manager.connection_from_host(host, address.port, address.scheme)
    headers = None
    if proxy.credentials:
        headers = urllib3.make_headers(proxy_basic_auth=":".join(proxy.credentials))
    manager = urllib3.ProxyManager(
        proxy.url, proxy_headers=headers, proxy_ssl_context=proxy_context, **settings
    )
    manager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
    return manager.connection_from_host(host, address.port, address.scheme)


def _refuse_stand_in() -> None:
    """Raise when urllib3-future, which niquests requires, was put in urllib3's place.

    Its pools keep no queue of idle connections and read answers otherwise, so that calls would
    outlast their time.
    """
    if not issubclass(urllib3.HTTPConnectionPool.QueueCls, queue.Queue):
        version = urllib3.__version__  # type: ignore[attr-defined]
        raise FlowError(
            f"urllib3 {version} in {urllib3.__path__[0]} is not urllib3: urllib3-future, which niquests"
            " requires, puts itself in its place, and flowkit's limits of time do not hold with it. Install flowkit in"
            " an environment without it, or both side by side: pip uninstall -y urllib3 urllib3-future, then"
            " URLLIB3_NO_OVERRIDE=1 pip install --no-binary urllib3-future urllib3-future urllib3"
        )


def _adapt(kind: Any) -> Any:
    """Return one of urllib3's pools for SOCKS, keeping and marking connections as ours do."""
    connection = type(kind.ConnectionCls.__name__, (Connecting, kind.ConnectionCls), {})
    ours = {"QueueCls": IdleConnections, "ConnectionCls": connection}
    return type(kind.__name__, (kind,), ours)
