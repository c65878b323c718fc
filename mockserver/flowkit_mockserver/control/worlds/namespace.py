"""One namespace of a mock server, as an object."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.control.controls.controls import Controls
from flowkit_mockserver.control.worlds.clients import WSGIApp, make_client
from flowkit_mockserver.control.worlds.namespaces import PREFIX, Namespaces, check_name

if TYPE_CHECKING:
    from flowkit import FlowClient
    from flowkit_mockserver.state import ServerState

__all__ = ["Namespace"]


class Namespace(Controls):
    """One namespace of a mock server: a world of its own, with the same verbs as the server.

    It is made when it is first used. At the end of a ``with`` block it is dropped.

    Args:
        name: its name.
        worlds: all namespaces of the server.
        app: the application, for a server in this process; None for one that listens.
        origin: the address of the server.

    Attributes:
        name: its name.
        url: the address below which the API is; official clients can be pointed at it.

    Raises:
        ValueError: no namespace can have that name.
    """

    def __init__(self, name: str, worlds: Namespaces, app: WSGIApp | None, origin: str) -> None:
        self.name = check_name(name)
        self.url = f"{origin}{PREFIX}{name}"
        self._worlds = worlds
        self._app = app
        self._origin = origin

    @property
    def state(self) -> ServerState:
        """The services behind it."""
        return self._worlds.state(self.name)

    @property
    def worlds(self) -> Namespaces:
        """The namespaces of the server."""
        return self._worlds

    def client(self, *, test: str | None = None, **options: Any) -> FlowClient:
        """Return a client of this namespace; the caller closes it. See `MockServer.client`."""
        url = self.url if self._app is None else self._origin
        return make_client(self._app, self.state.clock, url, test, options, self.name)

    def fork(self, name: str) -> Namespace:
        """Make a namespace that starts as a copy of this one, and return it; see `MockServer.fork`."""
        super().fork(name)
        return Namespace(name, self._worlds, self._app, self._origin)

    def __enter__(self) -> Namespace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unmatched = self.state.faults.unmatched()
        self.drop(self.name)
        if error is None:
            self.report_unmatched(unmatched)
