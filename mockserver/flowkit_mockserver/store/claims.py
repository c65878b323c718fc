"""Who computes what: a claim keeps two threads, or two servers on one database, from computing a task twice."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Claims", "LocalClaims"]


class Claims(Protocol):
    """Claims on tasks, one holder a key.

    A key is ``job_id/component/version``, one version of a task. Claims are taken and given back under the lock of the
    server; what they protect is computed without it. A store that several servers share keeps claims where all of them
    see them, and gives those of a server back that died.
    """

    @property
    def shared(self) -> bool:
        """Whether somebody else than this server may have them."""

    def take(self, key: str) -> bool:
        """Take a claim; return False when somebody has it already, this server included."""

    def of_others(self) -> list[str]:
        """Return the keys of the claims that other servers have."""

    def give_back(self, key: str) -> None:
        """Give a claim back; harmless when it has been given back, or was lost."""

    def clear(self) -> None:
        """Give back all claims of this server: its state is forgotten, or this is a child that came out of a fork."""


class LocalClaims:
    """The claims of a server that shares its state with no other."""

    shared = False

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, key: str) -> bool:
        """Take a claim; return False when another thread has it."""
        if key in self._taken:
            return False
        self._taken.add(key)
        return True

    def of_others(self) -> list[str]:
        """Return none: there are no others."""
        return []

    def give_back(self, key: str) -> None:
        """Give a claim back."""
        self._taken.discard(key)

    def clear(self) -> None:
        """Give all claims back."""
        self._taken.clear()
