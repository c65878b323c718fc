"""What a mock server of this process and that of one party have in common: an application, and a port if it has one."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, cast

from flowkit import FlowClient, FlowError
from flowkit_mockserver.app import create_app
from flowkit_mockserver.control.controls.controls import Controls
from flowkit_mockserver.control.worlds.clients import make_client
from flowkit_mockserver.control.worlds.namespace import Namespace
from flowkit_mockserver.control.worlds.namespaces import NAMESPACES, Namespaces
from flowkit_mockserver.parties.view import PartyState
from flowkit_mockserver.state import ServerState

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable
    from types import TracebackType

    from flask import Flask

    from flowkit_mockserver.serving.listening import Listener

__all__ = ["PartyServer", "Served"]


class Served(Controls):
    """An application that clients of this process call, or that listens at a port.

    Attributes:
        app: the WSGI application.
    """

    app: Flask
    _state: ServerState

    def __init__(self) -> None:
        self._server: Listener | None = None
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    def _listen(self, listener: socket.socket) -> None:
        from flowkit_mockserver.control.journal.denials import Denials
        from flowkit_mockserver.serving.listening import Listener

        denials = Denials(self.state, self.worlds)
        self._server = Listener(self.app, listener, denials.note_unreadable)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"flowkit-mock-{self.port}",
            daemon=True,
        )
        self._thread.start()

    def _stop_listening(self) -> None:
        """Answer nobody any more, in this process or over a connection that is still open; harmless when repeated."""
        self.app.wsgi_app = _refuse  # type: ignore[method-assign]
        server, self._server = self._server, None
        thread, self._thread = self._thread, None
        if server is not None:
            if self._process == os.getpid():  # in a child nobody serves, and nobody could stop
                server.shutdown()
            server.server_close()
        if thread is not None:
            thread.join()

    @property
    def state(self) -> ServerState:
        """The services behind it."""
        return self._state

    @property
    def worlds(self) -> Namespaces:
        """The namespaces of the server."""
        return cast(Namespaces, self.app.extensions[NAMESPACES])

    @property
    def port(self) -> int | None:
        """The port at which the server listens; None when it stays in this process."""
        return None if self._server is None else int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address of the server; nothing listens there when it stays in this process."""
        if self._server is None:
            return "http://flowkit.mock:9380"
        host = str(self._server.server_address[0])
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def client(self, *, test: str | None = None, **options: Any) -> FlowClient:
        """Return a client bound to this server; the caller closes it.

        Args:
            test: the name under which the journal lists its requests; None for that of the test which pytest runs
                when a request is made.
            options: any of `FlowClient`'s but its address; the clock is the server's by default.
        """
        app = self.app if self._server is None else None
        return make_client(app, self.state.clock, self.url, test, options)

    def namespace(self, name: str) -> Namespace:
        """Return a namespace of this server: a world of its own, made when it is first used.

        Args:
            name: 1 to 64 letters, digits, ``.``, ``_`` or ``-``, the first of them a letter or a digit.

        Raises:
            ValueError: no namespace can have that name.
        """
        app = self.app if self._server is None else None
        return Namespace(name, self.worlds, app, self.url)

    def fork(self, name: str) -> Namespace:
        """Make a namespace that starts as a copy of this server's world, at the same time, and return it.

        Args:
            name: its name; a namespace of that name must not be there.

        Raises:
            HttpRefusal: there are as many namespaces as there may be.
            ValueError: no namespace can have that name, or there is one of it.
        """
        super().fork(name)
        return self.namespace(name)


class PartyServer(Served):
    """The server of another party, beside a `MockServer` with an own party, and on the same state.

    `MockServer.for_party` makes it. It has the same verbs, which are for all parties. It is closed at the end of a
    ``with`` block, by `close`, or with the `MockServer`.

    Args:
        state: the state of all parties.
        party_id: the party.
        namespaces: those of the `MockServer`.
        port: None to stay in this process, 0 for any free port, or a port.
        host: the address to listen at.

    Attributes:
        party_id: the party.
        app: the WSGI application.

    Raises:
        OSError: the port cannot be had.
    """

    def __init__(
        self,
        state: ServerState,
        party_id: str,
        namespaces: Namespaces,
        port: int | None,
        host: str,
    ) -> None:
        super().__init__()
        self.party_id = party_id
        self._state = state
        listener = None
        own_url = None
        if port is not None:
            # Imported by those only who want a port.
            from flowkit_mockserver.serving.listening import browser_url, open_port

            listener = open_port(host, port)
            own_url = browser_url(listener)
        shown = PartyState(state, party_id, own_url, host)
        self.app = create_app(shown, namespaces=namespaces)
        if listener is not None:
            self._listen(listener)

    def close(self) -> None:
        """Stop listening; the state is that of the `MockServer`. Harmless when repeated."""
        self._stop_listening()

    def __enter__(self) -> PartyServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _refuse(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer in place of the application of a server that was closed."""
    raise FlowError("the MockServer of this client is closed; use both inside its with block")
