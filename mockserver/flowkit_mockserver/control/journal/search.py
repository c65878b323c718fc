"""Searching the requests that were answered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from flowkit import OPERATIONS
from flowkit_mockserver.control.journal.entries import (
    API,
    Entry,
    Exchange,
    operation_name,
    read_entry,
)

__all__ = ["ALL_BYTES", "MOST", "NAMESPACE_BYTES", "NAMESPACE_MOST", "Requests"]

#: The most of all bodies together.
ALL_BYTES = 16 * 1024 * 1024
#: How many requests are kept.
MOST = 10_000
#: The same for a namespace, of which there may be hundreds.
NAMESPACE_BYTES, NAMESPACE_MOST = 1024 * 1024, 2_000


class Requests(ABC):
    """The requests of one namespace, wherever they are kept. Any number of threads may use it.

    Args:
        namespace: its name; empty for the server's own.
        most: how many requests are kept; None for what is usual.
    """

    def __init__(self, namespace: str = "", most: int | None = None) -> None:
        self._namespace = namespace
        self._most = most or (NAMESPACE_MOST if namespace else MOST)
        self._most_bytes = NAMESPACE_BYTES if namespace else ALL_BYTES

    @abstractmethod
    def note(self, exchange: Exchange) -> None:
        """Keep an exchange, and forget the oldest ones where there are too many."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all requests, and count from 1 again."""

    @abstractmethod
    def numbered(self) -> list[tuple[int, Exchange]]:
        """Return all that are kept, oldest first, each with its number, which counts from 1."""

    def __len__(self) -> int:
        """How many are kept."""
        return len(self.numbered())

    @property
    def forgotten(self) -> int:
        """How many requests were forgotten because there were too many."""
        kept = self.numbered()
        return kept[0][0] - 1 if kept else 0

    def find(
        self,
        operation: str = "*",
        *,
        status: int | None = None,
        retcode: int | None = None,
        refused: bool | None = None,
        test: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        last: int | None = None,
    ) -> list[Entry]:
        """Return the requests that match, oldest first.

        Args:
            operation: pattern of operation names (``job.*``), or of paths where it holds a slash (``job/*``).
            status: the HTTP status.
            retcode: the return code.
            refused: True for those that were refused, False for the others.
            test: the name of the test that asked.
            arguments: arguments that it has; further ones do not matter.
            last: the last so many of them.

        Raises:
            ValueError: no operation has such a name, or `last` is no number from 1 on.
        """
        if last is not None and last < 1:
            raise ValueError(f"last must be a number from 1 on, or none for all, got {last!r}")
        by_path = "/" in operation
        if not by_path:
            _require_operation(operation)
        wanted: list[Callable[[Entry], bool]] = []
        if retcode is not None:
            wanted.append(lambda entry: entry.retcode == retcode)
        if refused is not None:
            wanted.append(lambda entry: entry.refused is refused)
        if arguments is not None:
            some = arguments
            wanted.append(lambda entry: _holds(entry.arguments, some))
        found: list[Entry] = []
        for number, exchange in reversed(self.numbered()):
            if status not in (None, exchange.status) or test not in (None, exchange.test):
                continue
            path = exchange.path.removeprefix(API)
            name = path if by_path else operation_name(exchange.method, path)
            if operation != "*" and not fnmatchcase(name, operation):
                continue
            entry = read_entry(number, exchange, self._namespace)
            if all(fits(entry) for fits in wanted):
                found.append(entry)
                if len(found) == last:
                    break
        return found[::-1]


def _require_operation(pattern: str) -> None:
    """Check that some operation has a name of a pattern.

    Raises:
        ValueError: none has; the text names the one that is likely meant.
    """
    names = [operation.name for operation in OPERATIONS]
    if pattern == "" or any(fnmatchcase(name, pattern) for name in names):
        return
    close = get_close_matches(pattern, names, 1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"no operation is called {pattern!r}{meant}")


def _holds(whole: Any, part: Any) -> bool:
    """Return whether a JSON value has all that another has."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(
            name in whole and _holds(whole[name], value) for name, value in part.items()
        )
    return bool(whole == part)
