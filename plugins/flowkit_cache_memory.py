"""A store of the cache in this process's memory; a child that is forked off begins with an empty one."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence

from flowkit.forks import renew_in_children
from flowkit_cache_store import Entry, join_marks

__all__ = ["MemoryStore"]

MARKS = 100_000
OVERHEAD = 200  # bytes that an entry takes beside its own


class MemoryStore:
    """Keeps entries in memory; those used longest ago go first.

    Args:
        entries: entries at most.
        size: bytes at most.
    """

    def __init__(self, entries: int = 10_000, size: int = 64 * 1024 * 1024) -> None:
        self._most = entries
        self._largest = size
        self._numbers = itertools.count(1)
        self.renew_after_fork()
        renew_in_children(self)

    def __repr__(self) -> str:
        return "in memory"

    def renew_after_fork(self) -> None:
        """Begin anew: another thread of the parent may have been in the middle of a change."""
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Entry, int]] = OrderedDict()
        self._size = 0
        self._marks: dict[str, int] = {"": next(self._numbers)}

    def stamp(self, tags: Sequence[str]) -> str:
        """Return the marks of `tags`."""
        with self._lock:
            return join_marks(self._marks, tags)

    def outdate(self, tags: Sequence[str]) -> None:
        """Give `tags` a mark never used before."""
        with self._lock:
            number = next(self._numbers)
            if len(self._marks) > MARKS:
                self._drop_all()
                self._marks = {"": number}
            self._marks.update(dict.fromkeys(tags, number))

    def get(self, key: str, now: float) -> Entry | None:
        """Return what is kept under `key`, good or not."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry; drop what was used longest ago until everything fits."""
        head = sum(len(name) + len(value) for name, value in entry.headers.items())
        weight = len(entry.body) + head + len(entry.stamp) + OVERHEAD
        with self._lock:
            self._take(key)
            self._kept[key] = entry, weight
            self._size += weight
            while len(self._kept) > self._most or self._size > self._largest:
                self._take(next(iter(self._kept)))

    def totals(self) -> tuple[int, int]:
        """Return the number of entries, and their bytes."""
        with self._lock:
            return len(self._kept), self._size

    def clear(self) -> None:
        """Drop every entry; the marks stay."""
        with self._lock:
            self._drop_all()

    def _take(self, key: str) -> None:
        if key in self._kept:
            self._size -= self._kept.pop(key)[1]

    def _drop_all(self) -> None:
        self._kept.clear()
        self._size = 0
