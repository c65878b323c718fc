"""Clients of a mock server that say which test they are used in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flowkit import Clock, FlowClient, hookimpl
from flowkit.call.address import Address
from flowkit_inprocess import InProcess
from flowkit_mockserver.control.journal.exchanges import TEST, TEST_KEY
from flowkit_mockserver.http.access import NAMESPACE

if TYPE_CHECKING:
    from flowkit import Request

__all__ = ["make_client"]

WSGIApp = Callable[..., Iterable[bytes]]
#: pytest keeps the name of the test that runs here, followed by the phase it is in.
_CURRENT_TEST = "PYTEST_CURRENT_TEST"


def current_test() -> str | None:
    """Return the name of the test that pytest runs at the moment, or None."""
    found = os.environ.get(_CURRENT_TEST)
    return found and found.rpartition(" (")[0]


def make_client(
    app: WSGIApp | None,
    clock: Clock,
    url: str,
    test: str | None,
    options: dict[str, Any],
    namespace: str | None = None,
) -> FlowClient:
    """Return a client of a server, or of one of its namespaces.

    Args:
        app: the application, for a server in this process; None for one at `url`.
        clock: where time comes from.
        url: the address.
        test: the name of the test that asks; None for the one that pytest runs when a request is made.
        options: the arguments of `FlowClient` but its address.
        namespace: the namespace that requests in this process are for; None for the server's own.
    """
    options.setdefault("clock", clock)
    options.setdefault("proxy", "")  # it is on this machine
    plugin = _Naming(test) if app is None else InProcess(_Caller(app, namespace, test))
    options["plugins"] = [*options.get("plugins", ()), plugin]
    origin = "MockServer.client; is that server still open?"
    return FlowClient(Address.parse(url, None, origin), **options)


class _Caller:
    """The application as one client calls it.

    Args:
        app: the application.
        namespace: the namespace that requests are for.
        test: the name of the test that asks.
    """

    def __init__(self, app: WSGIApp, namespace: str | None, test: str | None) -> None:
        self._app = app
        self._namespace = namespace
        self._test = test

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        if self._namespace is not None:
            environ[NAMESPACE] = self._namespace
        test = self._test or current_test()
        if test is not None:
            environ.setdefault(TEST_KEY, test)
        return self._app(environ, start_response)


class _Naming:
    """Names the test in each request.

    Args:
        test: its name; None for the one that pytest runs at the moment.
    """

    name = "test-name"
    identity = ""

    def __init__(self, test: str | None) -> None:
        self._test = test

    @hookimpl
    def flowkit_sign(self, request: Request) -> None:
        """Add the header."""
        test = self._test or current_test()
        if test is not None:
            request.headers.setdefault(TEST, test.encode("ascii", "backslashreplace").decode())
