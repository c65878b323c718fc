"""Rows that all workers see: blocks that a worker wrote or read lately need not come from the database again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import nullcontext

from flowkit_mockserver.store.rows import RowStore
from flowkit_mockserver.store.shared.database import SharedDatabase

__all__ = ["SharedRows"]

#: Bytes of blocks that a worker keeps.
KEPT = 64 * 1024 * 1024

_POSITIONS = "SELECT position FROM flowkit_chunks WHERE rows_id = :rows_id ORDER BY position"
_BLOCK = "SELECT data FROM flowkit_chunks WHERE position = :position"
_APPEND = "INSERT INTO flowkit_chunks (rows_id, data) VALUES (:rows_id, :data) RETURNING position"


class SharedRows(RowStore):
    """The rows of one worker among others.

    A block never changes, and its position is never another's: whatever bytes were there once are there until the block
    is removed.

    Args:
        database: where they are; it looks after transactions itself.
    """

    def __init__(self, database: SharedDatabase) -> None:
        super().__init__(database, nullcontext())
        self._shared = database
        self._kept = _Kept()

    def _append_encoded(self, rows_id: int, data: bytes, undone: int) -> None:
        ((position,),) = self._shared.write(_APPEND, {"rows_id": rows_id, "data": data})
        self._keep(int(position), data)

    def chunks(self, rows_id: int) -> Iterator[bytes]:
        """Yield the blocks of a set as the bytes that are stored; see `columns.encoding`."""
        for (position,) in self._shared.read(_POSITIONS, {"rows_id": rows_id}):
            data = self._kept.get(int(position))
            if data is None:
                found = self._shared.read(_BLOCK, {"position": position})
                if not found:  # removed meanwhile
                    return
                data = bytes(found[0][0])
                self._keep(int(position), data)
            yield data

    def _keep(self, position: int, data: bytes) -> None:
        # What a section writes may be undone, and SQLite gives the position away again.
        if not self._shared.alone:
            self._kept.put(position, data)


class _Kept:
    """The blocks that were used last, by their position."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._size = 0

    def get(self, position: int) -> bytes | None:
        with self._lock:
            found = self._blocks.get(position)
            if found is not None:
                self._blocks.move_to_end(position)
            return found

    def put(self, position: int, data: bytes) -> None:
        with self._lock:
            self._size += len(data) - len(self._blocks.pop(position, b""))
            self._blocks[position] = data
            while self._size > KEPT:
                self._size -= len(self._blocks.popitem(last=False)[1])
