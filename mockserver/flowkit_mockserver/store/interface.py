"""What the server wants of the place that keeps its state. Services use these, and nothing else of a store.

There are two stores behind them: the embedded one (`connection`, on the standard library's sqlite3), for one process,
and the shared one (`shared`, on SQLAlchemy), for any number of workers on any number of machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

__all__ = ["Collection", "Database", "Document", "Lock", "Parameters"]

Document = dict[str, Any]
Parameters = Mapping[str, Any]


class Collection(MutableMapping[str, Document]):
    """A named set of JSON documents, in the order in which their keys were first set.

    A document that is changed in place is set again, so that it is written down.
    """

    def labelled(self, label: str) -> list[str]:
        """Return the keys of the documents with a label (see `collection.LABELS`), in their order."""
        raise NotImplementedError

    def beginning(self, prefix: str) -> list[str]:
        """Return the keys that begin with a text, in their order."""
        raise NotImplementedError

    def __reversed__(self) -> Iterator[str]:
        raise NotImplementedError


class Lock(Protocol):
    """Held around whatever looks at or changes the state in this process; reentrant."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it; False when it cannot be had in time."""

    def release(self) -> None:
        """Give it back."""

    def __enter__(self) -> bool: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Database(Protocol):
    """Statements on the tables of `schema`, in SQL that SQLite and PostgreSQL both understand.

    Parameters go by name (``:key``). What is written within a section gathers until `commit`; what is written outside
    any lasts at once.

    Attributes:
        durable: whether documents are written down at all.
        shared: whether other processes may change what is there.
        undone: how often changes were undone.
        number: the number of the newest commit that is known here.
        owner: who writes: what nobody uses yet is removed when its owner is dead.
        lost: whether what was written since the last commit is gone, and nobody has undone the rest.
    """

    durable: bool
    shared: bool
    undone: int
    number: int
    owner: str

    @property
    def lost(self) -> bool:
        """Whether what was written is gone."""

    def read(self, sql: str, parameters: Parameters = ...) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""

    def write(self, sql: str, parameters: Parameters = ...) -> list[tuple[Any, ...]]:
        """Run a statement that changes something; return the rows that it gives back."""

    def write_many(self, sql: str, parameters: Sequence[Parameters]) -> None:
        """Run a statement once for each set of parameters."""

    def begin(self) -> None:
        """Say that something is going to change.

        Raises:
            Outdated: this is no section in which it may.
        """

    def commit(self) -> None:
        """Make everything written since the last commit last, at once.

        Raises:
            NotStored: it cannot be written; `undo` is to be called.
        """

    def undo(self) -> None:
        """Forget everything written since the last commit."""

    def clear(self) -> None:
        """Forget all there is, for good."""

    def close(self) -> None:
        """Give it back; what was not committed is lost. Harmless when repeated."""

    @property
    def name(self) -> str:
        """How messages call it; never with a password."""

    @property
    def place(self) -> Path | None:
        """The directory in which it is, if it is in one."""
