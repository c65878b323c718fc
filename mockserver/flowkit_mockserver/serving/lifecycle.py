"""uvicorn's server, from the announcement that it answers to its end.

A server that is told to end first says so at ``/readyz`` for as long as it drains, and answers as before. Then it
listens no more: connections that ask nothing are closed, requests whose body is not all here are given up, and those
under way are finished, for some time. A client that takes nothing of its answer is not waited for. A second signal ends
all that.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from uvicorn import Config, Server

from flowkit_mockserver.http.monitor import Monitor
from flowkit_mockserver.serving.accepting import Acceptor, Turns
from flowkit_mockserver.serving.protocol import Protocol, Refused

__all__ = ["GracefulServer"]

#: Seconds between two looks at the connections that are still open.
LOOK = 1.0


class GracefulServer(Server):
    """A server that finishes what is under way.

    Args:
        config: the choices for uvicorn.
        announce: called once the server answers.
        monitor: is told when the server is about to end.
        drain: seconds for which it goes on after it was told to end.
        stop_timeout: seconds for which it then waits for requests under way.
        turns: this server's place among those that listen at the same socket; None when it is alone there.
        refused: told of what clients send that is no request; see `Protocol`.
    """

    def __init__(
        self,
        config: Config,
        announce: Callable[[], None],
        monitor: Monitor,
        drain: float,
        stop_timeout: float,
        turns: Turns | None = None,
        refused: Refused | None = None,
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._monitor = monitor
        self._drain = drain
        self._stop_timeout = stop_timeout
        self._drained: float | None = None
        self._turns = turns
        self._refused = refused
        self._acceptors: list[Acceptor] = []

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, and say so."""
        turns = self._turns
        await super().startup(sockets if turns is None else [])
        if turns is not None:
            for listener in sockets or []:
                self._acceptors.append(self._acceptor(listener, turns))
        self._announce()

    def _acceptor(self, listener: socket.socket, turns: Turns) -> Acceptor:
        def make_protocol() -> asyncio.Protocol:
            protocol: Protocol = self.config.http_protocol_class(  # type: ignore[call-arg, assignment]
                config=self.config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
            )
            protocol.on_lost = acceptor.count
            return protocol

        connections = self.server_state.connections
        acceptor = Acceptor(
            listener, turns, make_protocol, connections, self.config.ssl, self._refused
        )
        return acceptor

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain; on a second signal, end at once."""
        if self._monitor.stopping:
            self._stop_timeout = 0.0
            self.should_exit = self.force_exit = True
            return
        self._monitor.stopping = True
        self._drained = time.monotonic() + self._drain

    async def on_tick(self, counter: int) -> bool:
        """Return whether the server ends; uvicorn asks ten times a second."""
        if counter % 10 == 0:
            self._monitor.save()
        if self._drained is not None and time.monotonic() >= self._drained:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """Close what asks nothing, wait for the rest, and break off what does not move."""
        for acceptor in self._acceptors:
            acceptor.close()
        watch = asyncio.create_task(self._watch())
        try:
            await super().shutdown(sockets)
        finally:
            watch.cancel()
            self._monitor.save()

    async def _watch(self) -> None:
        """Break off connections whose client takes nothing, and in the end all."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._stop_timeout
        waiting: dict[Any, int] = {}
        while loop.time() < ends and not self.force_exit:
            await asyncio.sleep(min(LOOK, max(ends - loop.time(), 0.0)))
            before, waiting = waiting, {}
            for connection in list(self.server_state.connections):
                size = connection.transport.get_write_buffer_size()
                if size and before.get(connection) == size:
                    connection.transport.abort()
                elif size:
                    waiting[connection] = size
        for connection in list(self.server_state.connections):
            connection.transport.abort()
