"""New connections among workers that listen at one socket: who has the fewest takes the next.

Left to themselves, one worker may take all connections that come at a time. Had each a socket of its own at the port,
as Linux allows, the kernel would choose between them by the addresses of a connection: of eight clients one worker
often has six, and connections that wait for a worker that dies are lost.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, MutableSequence, Sized
from dataclasses import dataclass
from ssl import SSLError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["Acceptor", "Turns"]

#: Seconds for which a worker that has more connections than another leaves that one the next.
COURTESY = 0.02

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turns:
    """One worker's place among those at a socket.

    Attributes:
        counts: by worker, how many connections it has; all workers see them.
        number: which of them is this one's.
    """

    counts: MutableSequence[int]
    number: int

    def note(self, count: int) -> None:
        """Let the others know how many connections this worker has."""
        self.counts[self.number] = count

    def has_more(self) -> bool:
        """Say whether another worker has fewer connections."""
        return self.counts[self.number] > min(self.counts)


class Acceptor:
    """Takes connections at a socket, in turn with other workers.

    Args:
        listener: the socket.
        turns: says whose turn it is.
        protocol: makes what speaks on a connection.
        open: the connections that are open.
        tls: what they are encrypted with; None for plain HTTP.
        refused: told of clients that speak no TLS where they should, or other TLS: a status, why, and twice nothing.
    """

    def __init__(
        self,
        listener: socket.socket,
        turns: Turns,
        protocol: Callable[[], asyncio.Protocol],
        open: Sized,
        tls: SSLContext | None,
        refused: Callable[[int, str, str, str], None] | None = None,
    ) -> None:
        self._listener = listener
        self._turns = turns
        self._protocol = protocol
        self._open = open
        self._tls = tls
        self._refused = refused
        self._loop = asyncio.get_running_loop()
        self._courtesy: asyncio.TimerHandle | None = None
        # Connections that are not open yet, because they agree on keys.
        self._tasks: set[asyncio.Task[None]] = set()
        listener.setblocking(False)
        self.count()
        self._listen()

    def count(self) -> None:
        """Let the other workers know how many connections there are; to be called when one was closed."""
        self._turns.note(len(self._open) + len(self._tasks))

    def _listen(self) -> None:
        self._loop.add_reader(self._listener.fileno(), self._come)

    def _come(self) -> None:
        """Somebody wants to connect: take the connection, or leave it to another worker for a while."""
        if self._turns.has_more():
            self._loop.remove_reader(self._listener.fileno())
            self._courtesy = self._loop.call_later(COURTESY, self._come_back)
        else:
            self._accept()

    def _come_back(self) -> None:
        self._courtesy = None
        self._listen()
        self._accept()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):  # another worker has it, or the client has left
            return
        except OSError as error:
            log.error("no connection can be taken: %s", error)
            self._loop.remove_reader(self._listener.fileno())
            self._courtesy = self._loop.call_later(1.0, self._come_back)
            return
        task = self._loop.create_task(self._connect(connection))
        self._tasks.add(task)
        task.add_done_callback(self._connected)
        self.count()

    async def _connect(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._protocol, connection, ssl=self._tls)
        except OSError as error:  # the client has left, or speaks no TLS
            log.debug("no connection: %s", error)
            connection.close()
            if self._refused is not None and isinstance(error, SSLError):
                reason = (error.reason or str(error)).lower().replace("_", " ")
                self._refused(400, f"no TLS connection, and no answer: {reason}", "", "")

    def _connected(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.count()

    def close(self) -> None:
        """Take no connection any more. Harmless when repeated."""
        if self._courtesy is not None:
            self._courtesy.cancel()
            self._courtesy = None
        if self._listener.fileno() != -1:
            self._loop.remove_reader(self._listener.fileno())
