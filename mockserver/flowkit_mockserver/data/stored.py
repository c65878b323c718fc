"""Rows in the store: those of a table, and those that a table is going to have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.columns.encoding import EncodedRows, whole
from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.store import RowStore

__all__ = ["StoredRecords", "StoredRows", "StoredUpload"]


class StoredRecords:
    """The rows of a stored table, fetched while they are gone through.

    Args:
        rows: where they are.
        rows_id: the number of the set.
        count: how many there are.

    Raises:
        LookupError: on the way through them, because not all are there any more.
    """

    def __init__(self, rows: RowStore, rows_id: int, count: int) -> None:
        self.rows = rows
        self.rows_id = rows_id
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for block in self.blocks():
            yield from block

    def blocks(self) -> Iterator[Any]:
        """Yield the rows in blocks of text or columns, as they are stored."""
        return whole(self.rows.blocks(self.rows_id), self._count)

    def encoded(self) -> EncodedRows:
        """Return the rows as the bytes that are stored, for the way to another process."""
        return EncodedRows(list(self.rows.chunks(self.rows_id)), self._count)


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows that are stored before a table has them.

    Attributes:
        rows_id: the set.
        count: how many there are.
        undone: how often the store had undone what was written when these were; they are gone after the next time.
        shared: another table has them, too.
    """

    rows_id: int
    count: int
    undone: int
    shared: bool = False


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """An uploaded table whose rows are stored.

    Attributes:
        namespace: first half of its identity.
        name: second half.
        table: the table with its stream of rows.
        destroy: whether it takes the place of a table of that name, or adds to it.
        base: the set of rows that it adds to, None for none.
        rows: its rows.
    """

    namespace: str
    name: str
    table: TableData
    destroy: bool
    base: int | None
    rows: StoredRows
