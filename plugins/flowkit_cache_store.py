"""Where the cache keeps its answers: the protocol of a store, and what keeps a failing one harmless.

A store holds *entries* by key, and *marks* by tag: a mark changes whenever what its tag stands for is
written to, and the marks of several tags make a *stamp*. An answer is kept with the stamp of what it
depends on, taken before its request began, and is good while that stamp is still the same. So a store
that several processes share must change marks for all of them at once.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from flowkit.forks import renew_in_children

__all__ = ["CacheStore", "Entry", "Guarded", "join_marks"]

LOG = logging.getLogger("flowkit.cache")

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer.

    Attributes:
        headers: its headers.
        body: its body.
        made: when its request began, in seconds since the epoch.
        expires: until when it is good; infinite for one that never changes.
        stamp: the stamp of what it depends on, as it was when the request began.
    """

    headers: Mapping[str, str]
    body: bytes
    made: float
    expires: float
    stamp: str

    def good(self, stamp: str, now: float) -> bool:
        """Return whether nothing it depends on has been written, and its time has not run out."""
        return self.stamp == stamp and self.made <= now < self.expires


class CacheStore(Protocol):
    """Where a `flowkit_cache.Cache` keeps answers; several threads may use it at once.

    Whatever a method raises makes the cache stop using the store; it fails no call.
    """

    def stamp(self, tags: Sequence[str]) -> str:
        """Return the marks of `tags`, in their order; a tag that was never outdated has one too."""

    def outdate(self, tags: Sequence[str]) -> None:
        """Give each of `tags` a mark that it never had, for everybody who shares the store."""

    def get(self, key: str, now: float) -> Entry | None:
        """Return what is kept under `key`, good or not, at the time `now`; None when nothing is."""

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry in place of an earlier one, within the bounds that the store has."""

    def totals(self) -> tuple[int, int]:
        """Return the number of entries, and their bytes."""

    def clear(self) -> None:
        """Drop every entry; the marks stay, or change."""


class Guarded:
    """A store that fails no call: one that raises is not used any more, and that is logged once.

    Without a store, every stamp differs from every other, so nothing is taken for good.

    Args:
        store: the store.
    """

    def __init__(self, store: CacheStore) -> None:
        self.store = store
        self.failed = False
        self._never = itertools.count()
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Note the process, which makes the stamps of two of them differ."""
        self._process = os.getpid()
        self._lock = threading.Lock()

    def stamp(self, tags: Sequence[str]) -> str:
        """Return the store's stamp; without a store, one that is equal to no other."""
        found = self._use(lambda: self.store.stamp(tags))
        return found or f"unknown {self._process} {next(self._never)}"

    def outdate(self, tags: Sequence[str]) -> None:
        """Outdate tags."""
        self._use(lambda: self.store.outdate(tags))

    def get(self, key: str, now: float) -> Entry | None:
        """Return what is kept under `key`."""
        return self._use(lambda: self.store.get(key, now))

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry."""
        self._use(lambda: self.store.put(key, entry))

    def totals(self) -> tuple[int, int]:
        """Return the number of entries, and their bytes."""
        return self._use(self.store.totals) or (0, 0)

    def clear(self) -> None:
        """Drop every entry."""
        self._use(self.store.clear)

    def _use(self, action: Callable[[], R]) -> R | None:
        if self.failed:
            return None
        try:
            return action()
        except Exception as error:  # a store of somebody else's may raise anything
            with self._lock:
                first, self.failed = not self.failed, True
            if first:
                LOG.warning("the cache %s is not used any more: %s", self.store, error)
            return None


def join_marks(marks: Mapping[str, int], tags: Sequence[str]) -> str:
    """Return the marks of `tags` as a stamp; a tag without one has that of the empty tag."""
    floor = marks[""]
    return ",".join([str(marks.get(tag, floor)) for tag in tags])
