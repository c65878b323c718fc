"""The journal: the requests that a server answered, with what became of them, newest last.

Noting a request costs some microseconds: bodies are kept as they are, and read when somebody asks. How much is kept
has limits of number and size; the oldest requests are forgotten.
"""

from __future__ import annotations

import threading
from collections import deque

from flowkit.forks import renew_in_children
from flowkit_mockserver.control.journal.entries import BODY_BYTES, Exchange
from flowkit_mockserver.control.journal.search import Requests

__all__ = ["Journal", "shorten", "size_of"]

#: Where an answer ends, and what stands there when all is well.
_TAIL = 256
_DONE = b'"retcode":0,'


class Journal(Requests):
    """The requests of one namespace, in this process.

    Args:
        namespace: its name; empty for the server's own.
        most: how many requests are kept; None for what is usual.
    """

    def __init__(self, namespace: str = "", most: int | None = None) -> None:
        super().__init__(namespace, most)
        self._exchanges: deque[Exchange] = deque()
        self._bytes = 0
        self._forgotten = 0
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange, and forget the oldest ones where there are too many."""
        shorten(exchange)
        with self._lock:
            self._exchanges.append(exchange)
            self._bytes += size_of(exchange)
            while len(self._exchanges) > self._most or self._bytes > self._most_bytes:
                self._bytes -= size_of(self._exchanges.popleft())
                self._forgotten += 1

    def clear(self) -> None:
        """Forget all requests, and count from 1 again."""
        with self._lock:
            self._exchanges.clear()
            self._bytes = self._forgotten = 0

    def __len__(self) -> int:
        return len(self._exchanges)

    @property
    def forgotten(self) -> int:
        """How many requests were forgotten because there were too many."""
        return self._forgotten

    def numbered(self) -> list[tuple[int, Exchange]]:
        """Return all that are kept, oldest first, with their numbers."""
        with self._lock:
            return list(enumerate(self._exchanges, self._forgotten + 1))


def shorten(exchange: Exchange) -> None:
    """Keep no more of a long answer than the journal is to have."""
    answer = exchange.answer
    if answer is not None and len(answer) > _TAIL:
        # Of what was done only the end is of interest: it says so.
        done = _DONE in answer[-_TAIL:]
        exchange.answer = answer[-_TAIL if done else -BODY_BYTES :]


def size_of(exchange: Exchange) -> int:
    """Return how many bytes an exchange counts for."""
    return len(exchange.body or b"") + len(exchange.answer or b"") + len(exchange.query)
