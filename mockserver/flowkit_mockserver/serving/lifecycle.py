"""uvicorn's server, from the announcement that it answers to its end.

A server that is told to end first says so at ``/readyz`` for as long as it drains, and answers as before. Then it
listens no more: connections that ask nothing are closed, requests whose body is not all here are given up, and those
under way are finished, for some time. A client that takes nothing of its answer is not waited for. A second signal ends
all that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from uvicorn import Config, Server

from flowkit_mockserver.http.monitor import Monitor

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
    """

    def __init__(
        self,
        config: Config,
        announce: Callable[[], None],
        monitor: Monitor,
        drain: float,
        stop_timeout: float,
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._monitor = monitor
        self._drain = drain
        self._stop_timeout = stop_timeout
        self._drained: float | None = None

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._announce()

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
