"""The journal of a server that shares its state: it has the requests that any worker answered.

A worker writes what it notes every few milliseconds at most, so that a request costs hardly more than a place in a
list; whoever asks waits until all that was noted before is written (see `Batches`). While many come, a thread opens the
next batch before it writes the last one, so that nobody who answers waits for the database. Requests are in the order
in which they were answered, by the clocks of the workers' machines.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import zlib
from collections import deque
from collections.abc import Sequence
from operator import itemgetter

from flowkit.forks import renew_in_children
from flowkit_mockserver.control.journal.entries import Exchange
from flowkit_mockserver.control.journal.journal import shorten, size_of
from flowkit_mockserver.control.journal.search import Requests
from flowkit_mockserver.store import Interrupted, NotStored
from flowkit_mockserver.store.shared.batches import Batches, Filling, Limits

__all__ = ["SharedJournal"]

#: Seconds between two writes; the same where a write had so many requests, and where one failed.
INTERVAL, MANY, BUSY_INTERVAL, PAUSE = 0.025, 10, 0.06, 1.0
#: Seconds after which a thread that has nothing to write ends.
IDLE = 1.0
#: A worker forgets what is too old whenever it has written such a part of what is kept.
_PART = 10

log = logging.getLogger(__name__)

#: Nanoseconds since the epoch at which a request was noted, and the request.
Stamped = tuple[int, Exchange]


class SharedJournal(Requests):
    """The requests of one namespace, whichever worker answered them.

    Args:
        batches: those of this worker, and of the others.
        namespace: its name; empty for the server's own.
        most: how many requests are kept; None for what is usual.
        topic: what its batches are about, where others may have had a namespace of that name; None for the name.

    Raises:
        StoreUnreachable: the database cannot be used.
    """

    def __init__(
        self,
        batches: Batches,
        namespace: str = "",
        most: int | None = None,
        topic: str | None = None,
    ) -> None:
        super().__init__(namespace, most)
        self._batches = batches
        self._topic = namespace if topic is None else topic
        self._limits = Limits(self._most, self._most_bytes)
        # What was read before, by the number of its batch.
        self._known: dict[int, list[Stamped]] = {}
        self.renew_after_fork()
        renew_in_children(self)
        batches.prune(self._topic, self._limits)

    def renew_after_fork(self) -> None:
        """Leave what is not written to the parent, which writes it, and make the locks anew."""
        self._lock = threading.Condition()
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._pending: deque[Stamped] = deque()
        self._size = self._lost = 0
        # The batches that were opened for what is pending or comes next, one but for troubles with the database.
        self._opened: list[int] = []
        # When the writer writes next; None when no batch is open.
        self._due: float | None = None
        self._writer: threading.Thread | None = None
        self._next_write = float("-inf")
        self._newest = 0
        self._since_pruned = [0, 0]

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange: whoever asks once this has returned is told of it."""
        shorten(exchange)
        with self._lock:
            # The order is that of the list, whatever the clock does.
            self._newest = max(self._newest + 1, time.time_ns())
            self._keep([(self._newest, exchange)])
            if self._due is not None:
                return
            wait = self._next_write - time.monotonic()
            try:
                if wait <= 0:
                    self._write(*self._take())
                else:
                    self._opened.append(self._batches.open(self._topic))
                    self._write_after(wait)
            except (Interrupted, NotStored) as error:
                self._put_off(error)

    def _keep(self, stamped: Sequence[Stamped]) -> None:
        self._pending.extend(stamped)
        self._size += sum(size_of(exchange) for _, exchange in stamped)
        while len(self._pending) > self._most or self._size > self._most_bytes:
            self._size -= size_of(self._pending.popleft()[1])
            self._lost += 1

    def _put_off(self, error: Exception) -> None:
        """Try again later to write what is pending."""
        log.warning("requests are written into the journal later: %s", error)
        with self._lock:
            self._write_after(PAUSE)

    def _write_after(self, wait: float) -> None:
        self._due = time.monotonic() + wait
        if self._writer is None:
            name = "flowkit-mock-journal"
            self._writer = threading.Thread(target=self._write_in_time, name=name, daemon=True)
            self._writer.start()
        else:
            self._lock.notify()

    def _write_in_time(self) -> None:
        """Write what is pending whenever it is time; what cannot be written is tried again later."""
        while self._await_time():
            try:
                self._write_pending()
            except (Interrupted, NotStored) as error:
                self._put_off(error)

    def _await_time(self) -> bool:
        """Wait until it is time to write; return False when there has been nothing to write for a while."""
        with self._lock:
            while (due := self._due) is None or due > time.monotonic():
                wait = IDLE if due is None else due - time.monotonic()
                if not self._lock.wait(wait) and due is None and self._due is None:
                    self._writer = None
                    return False
            return True

    def flush(self) -> None:
        """Write what this worker has noted.

        Raises:
            StoreUnreachable, NotStored: it cannot be written now.
        """
        with self._writing:
            with self._lock:
                opened, stamped = self._take()
            self._write(opened, stamped)

    def _write_pending(self) -> None:
        """Write what is pending; while many requests come, those that come next have a batch at once."""
        with self._writing:
            busy = len(self._pending) >= MANY
            upcoming = [self._batches.open(self._topic)] if busy else []
            with self._lock:
                opened, stamped = self._take()
                if upcoming:
                    self._opened = upcoming
                    self._write_after(BUSY_INTERVAL)
            self._write(opened, stamped)

    def _take(self) -> tuple[list[int], list[Stamped]]:
        """Return what is pending and the batches that were opened for it: what is noted from now on needs another."""
        self._due = None
        opened, stamped = self._opened, list(self._pending)
        self._opened = []
        self._pending.clear()
        self._size = 0
        interval = BUSY_INTERVAL if len(stamped) >= MANY else INTERVAL
        self._next_write = time.monotonic() + interval
        return opened, stamped

    def _write(self, opened: list[int], stamped: list[Stamped]) -> None:
        """Write exchanges, into the first of the batches that were opened for them; put them back if that fails."""
        lost, self._lost = self._lost, 0
        size = sum(size_of(exchange) for _, exchange in stamped)
        try:
            if lost:
                self._batches.forget(self._topic, lost)
                lost = 0
            if stamped:
                filling = Filling(len(stamped), size, _encode(stamped))
                self._batches.fill(self._topic, opened, filling)
            else:
                self._batches.drop(opened)
            if self._is_much(len(stamped), size):
                self._batches.prune(self._topic, self._limits)
        except (Interrupted, NotStored):
            with self._lock:
                later = list(self._pending)
                self._pending.clear()
                self._size, self._lost = 0, self._lost + lost
                self._opened = [*opened, *self._opened]
                self._keep([*stamped, *later])
            raise

    def _is_much(self, count: int, size: int) -> bool:
        """Say whether so much has been written that the oldest requests are to be forgotten."""
        self._since_pruned = [self._since_pruned[0] + count, self._since_pruned[1] + size]
        much = self._since_pruned[0] * _PART >= self._most
        if much or self._since_pruned[1] * _PART >= self._most_bytes:
            self._since_pruned = [0, 0]
            return True
        return False

    def numbered(self) -> list[tuple[int, Exchange]]:
        """Return all that are kept, of all workers; see `Requests`.

        Raises:
            StoreUnreachable: the database cannot be used.
        """
        with self._reading:
            self.flush()
            self._batches.await_all(self._topic)
            forgotten, numbers, found = self._batches.read(self._topic, self._known)
            new = {batch.number: _decode(batch.notes) for batch in found}
            known = {**self._known, **new}
            self._known = {number: known[number] for number in numbers if number in known}
            stamped = sorted(
                (one for batch in self._known.values() for one in batch), key=itemgetter(0)
            )
        surplus = self._surplus([exchange for _, exchange in stamped])
        kept = [exchange for _, exchange in stamped[surplus:]]
        return list(enumerate(kept, forgotten + surplus + 1))

    def _surplus(self, exchanges: list[Exchange]) -> int:
        """Return how many of the oldest exchanges are more than are kept."""
        surplus = max(0, len(exchanges) - self._most)
        size = sum(size_of(exchange) for exchange in exchanges[surplus:])
        while size > self._most_bytes:
            size -= size_of(exchanges[surplus])
            surplus += 1
        return surplus

    def clear(self) -> None:
        """Forget the requests that any worker has answered until now, and count from 1 again.

        Raises:
            StoreUnreachable: the database cannot be used.
        """
        with self._reading:
            self.flush()
            self._batches.clear(self._topic)
            self._known = {}

    def close(self) -> None:
        """Write what is pending. Harmless when repeated."""
        try:
            self.flush()
        except (Interrupted, NotStored) as error:
            log.warning("requests are not in the journal: %s", error)


def _encode(stamped: Sequence[Stamped]) -> bytes:
    """Return exchanges as JSON, in which bytes go by their numbers as letters; requests are alike, and pack well."""
    text = json.dumps(
        [
            [
                stamp,
                one.moment,
                one.seconds,
                one.method,
                one.path,
                one.query,
                _to_text(one.body),
                one.form,
                one.test,
                one.status,
                _to_text(one.answer),
                one.hint,
            ]
            for stamp, one in stamped
        ],
        separators=(",", ":"),
    )
    return zlib.compress(text.encode(), 1)


def _decode(notes: bytes) -> list[Stamped]:
    """Return the exchanges that `_encode` was given."""
    found = []
    for stamp, moment, seconds, *names, body, form, test, status, answer, hint in json.loads(
        zlib.decompress(notes)
    ):
        method, path, query = names
        exchange = Exchange(
            moment, seconds, method, path, query, _to_bytes(body), form, test, status,
            _to_bytes(answer), hint,
        )  # fmt: skip
        found.append((int(stamp), exchange))
    return found


def _to_text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("latin-1")


def _to_bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("latin-1")
