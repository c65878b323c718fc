"""Rows of tables, kept in blocks, written and read as streams: memory stays flat."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from flowkit_mockserver.columns.blocks import blocks_of
from flowkit_mockserver.columns.encoding import EncodedRows, PairRows, decode, encode
from flowkit_mockserver.columns.text import TextRows, storage_order
from flowkit_mockserver.store.errors import Interrupted, NotStored
from flowkit_mockserver.store.interface import Database
from flowkit_mockserver.store.pins import LocalPins, Pin, Pins, SharedPins
from flowkit_mockserver.store.sorting import SortedRuns, sorted_block, text_blocks

if TYPE_CHECKING:
    from flowkit_mockserver.columns.records import Columns

__all__ = ["Blocks", "Pin", "Row", "RowStore"]

Row = tuple[str, Any]

#: Rows in one block of the store: what is read to show the first rows of a table.
BLOCK_ROWS = 8 * 1024

_GONE = "the rows could not be stored; send them again"


class Blocks(Protocol):
    """An uploaded file, which yields its rows in blocks of bounded size."""

    def blocks(self) -> Iterator[TextRows]:
        """Yield the rows in the order of the file."""


class RowStore:
    """Sets of rows by number, counted by how many tables use them.

    A new set has one user, and belongs to its writer until a table has it (`adopt`): what belongs to a writer that is
    dead is freed.

    Args:
        database: where they are.
        lock: taken for each block, so that a long stream does not keep others waiting.
    """

    def __init__(self, database: Database, lock: AbstractContextManager[object]) -> None:
        self._db = database
        self.lock = lock
        self._pins: Pins = SharedPins(database) if database.shared else LocalPins()

    @property
    def undone(self) -> int:
        """How often what had been written was undone; whoever writes without the lock has to look."""
        return self._db.undone

    def write(self, records: Iterable[Row]) -> tuple[int, int]:
        """Store rows in the given order; of rows in a list, a later one with the same key wins.

        Args:
            records: text rows or columns, in which no id comes twice; or a list, or a stream of pairs. Encoded rows
                are stored as they are.

        Returns:
            The number of the set, which has one user, and how many rows it holds.
        """
        if isinstance(records, EncodedRows):
            return self._write_encoded(records)
        return self._write(blocks_of(records))

    def _write(self, blocks: Iterable[TextRows | Columns | PairRows]) -> tuple[int, int]:
        undone = self._db.undone
        rows_id = self._new_set()
        count = 0
        for block in blocks:
            count += len(block)
            self._append(rows_id, block, undone)
        self._complete(rows_id, count, undone)
        return rows_id, count

    def _write_encoded(self, records: EncodedRows) -> tuple[int, int]:
        undone = self._db.undone
        rows_id = self._new_set()
        for data in records.chunks:
            self._append_encoded(rows_id, data, undone)
        self._complete(rows_id, len(records), undone)
        return rows_id, len(records)

    def _new_set(self) -> int:
        sql = "INSERT INTO flowkit_rowsets (count, uses, owner) VALUES (0, 0, :owner) RETURNING rows_id"
        with self.lock:
            return int(self._db.write(sql, {"owner": self._db.owner})[0][0])

    def _append(self, rows_id: int, block: TextRows | Columns | PairRows, undone: int) -> None:
        for start in range(0, len(block), BLOCK_ROWS):
            self._append_encoded(rows_id, encode(block.slice(start, start + BLOCK_ROWS)), undone)

    def _append_encoded(self, rows_id: int, data: bytes, undone: int) -> None:
        sql = "INSERT INTO flowkit_chunks (rows_id, data) VALUES (:rows_id, :data)"
        with self.lock:
            self._check_there(undone)
            self._db.write(sql, {"rows_id": rows_id, "data": data})

    def _complete(self, rows_id: int, count: int, undone: int) -> None:
        """Count the first user of a set, unless some of its rows were undone or cleared together with another's."""
        sql = (
            "UPDATE flowkit_rowsets SET count = :count, uses = 1 WHERE rows_id = :rows_id"
            " RETURNING rows_id"
        )
        with self.lock:
            self._check_there(undone)
            if not self._db.write(sql, {"rows_id": rows_id, "count": count}):
                self._remove(rows_id)
                raise NotStored(_GONE)

    def write_bytes(self, pieces: Iterable[bytes]) -> tuple[int, int]:
        """Store a file, piece by piece; `chunks` yields them.

        Returns:
            The number of the set, which has one user, and how many bytes it holds.
        """
        undone = self._db.undone
        rows_id = self._new_set()
        size = 0
        for piece in pieces:
            self._append_encoded(rows_id, piece, undone)
            size += len(piece)
        self._complete(rows_id, size, undone)
        return rows_id, size

    def _check_there(self, undone: int) -> None:
        """Look whether a set is still there that was begun without the lock: its number may be another's by now."""
        if self._db.undone != undone:
            raise NotStored(_GONE)

    def write_by_key(self, records: Iterable[tuple[str, str]] | Blocks) -> tuple[int, int]:
        """Store a stream of text rows ordered by their keys as the real storage is: shorter ones first.

        Of several rows with one key the last one wins.

        Args:
            records: pairs, or an uploaded file.

        Returns:
            The number of the set, which has one user, and how many rows it holds.
        """
        blocks = records.blocks() if hasattr(records, "blocks") else text_blocks(records)
        undone = self._db.undone
        rows_id = self._new_set()
        count = 0
        last: tuple[int, str] | None = None
        runs: SortedRuns | None = None
        try:
            for block in blocks:
                ordered = sorted_block(block)
                if not len(ordered):
                    continue
                if runs is None and (last is None or storage_order(ordered.keys[0]) > last):
                    last = storage_order(ordered.keys[-1])
                    count += len(ordered)
                    self._append(rows_id, ordered, undone)
                    continue
                # From here on the stream is not in order: what is stored is the first of several runs.
                runs = runs or SortedRuns()
                runs.add(ordered)
            if runs is None:
                self._complete(rows_id, count, undone)
                return rows_id, count
            self._check_there(undone)
            merged = self._write(text_blocks(runs.merged(self.read(rows_id))))
            with self.lock:
                self._free(rows_id)
            return merged
        except BaseException:
            with self.lock, contextlib.suppress(Interrupted, NotStored):
                if self._db.undone == undone:
                    self._free(rows_id)
            raise
        finally:
            if runs is not None:
                runs.close()

    def read(self, rows_id: int, limit: int | None = None) -> Iterator[Row]:
        """Yield the rows of a set, at most `limit`."""
        left = limit
        for block in self.blocks(rows_id):
            if left is None:
                yield from block
                continue
            yield from block.slice(0, left)
            left -= len(block)
            if left <= 0:
                return

    def blocks(self, rows_id: int) -> Iterator[TextRows | Columns | PairRows]:
        """Yield the rows of a set in the blocks in which they are stored."""
        return map(decode, self.chunks(rows_id))

    def chunks(self, rows_id: int) -> Iterator[bytes]:
        """Yield the blocks of a set as the bytes that are stored; see `columns.encoding`."""
        position = -1
        sql = (
            "SELECT position, data FROM flowkit_chunks WHERE rows_id = :rows_id"
            " AND position > :position ORDER BY position LIMIT 1"
        )
        while True:
            with self.lock:
                found = self._db.read(sql, {"rows_id": rows_id, "position": position})
            if not found:
                return
            position = found[0][0]
            yield bytes(found[0][1])

    def count(self, rows_id: int) -> int:
        """Return how many rows a set holds; 0 when there is no such set."""
        sql = "SELECT count FROM flowkit_rowsets WHERE rows_id = :rows_id"
        with self.lock:
            found = self._db.read(sql, {"rows_id": rows_id})
        return int(found[0][0]) if found else 0

    def share(self, rows_id: int) -> None:
        """Count one more user of a set."""
        sql = "UPDATE flowkit_rowsets SET uses = uses + 1 WHERE rows_id = :rows_id"
        with self.lock:
            self._db.write(sql, {"rows_id": rows_id})

    def release(self, rows_id: int) -> None:
        """Count one user less, and free the set when that was the last."""
        sql = "UPDATE flowkit_rowsets SET uses = uses - 1 WHERE rows_id = :rows_id RETURNING uses"
        with self.lock:
            found = self._db.write(sql, {"rows_id": rows_id})
            if found and found[0][0] <= 0:
                self._free(rows_id)

    def adopt(self, rows_id: int) -> None:
        """Note that a document names a set, which from now on outlives its writer."""
        sql = "UPDATE flowkit_rowsets SET owner = '' WHERE rows_id = :rows_id AND owner <> ''"
        with self.lock:
            self._db.write(sql, {"rows_id": rows_id})

    def pin(self, rows_id: int) -> Pin:
        """Keep the rows of a set where they are until `unpin`, whoever releases it meanwhile."""
        with self.lock:
            return self._pins.add(rows_id)

    def unpin(self, pin: Pin) -> None:
        """Let go of a set, which is freed when it has no user left; harmless after `unpin_all`."""
        # What cannot be freed now, on a full disk, is freed with the next start.
        with self.lock, contextlib.suppress(Interrupted, NotStored):
            self._pins.remove(pin)
            sql = "SELECT uses FROM flowkit_rowsets WHERE rows_id = :rows_id"
            found = self._db.read(sql, {"rows_id": pin.rows_id})
            if found and found[0][0] <= 0:
                self._free(pin.rows_id)

    def unpin_all(self) -> None:
        """Let go of all sets, because they are gone."""
        self._pins.clear()

    def free_abandoned(self, living: Container[str] = ()) -> None:
        """Free the sets that no document names and whose writers are dead, such as what a crash left behind.

        Args:
            living: the writers that are not dead.
        """
        with self.lock:
            found = self._db.read("SELECT rows_id, owner FROM flowkit_rowsets WHERE owner <> ''")
            for rows_id, owner in found:
                if owner not in living:
                    self._free(rows_id)

    def release_all(self) -> None:
        """Count no user of any set any more, and free them."""
        with self.lock:
            self._db.write("UPDATE flowkit_rowsets SET uses = 0")
            for (rows_id,) in self._db.read("SELECT rows_id FROM flowkit_rowsets"):
                self._free(rows_id)

    def note_commit(self) -> None:
        """Hear that what was written lasts from now on."""

    def note_undo(self) -> None:
        """Hear that what was written since the last commit is no more."""

    def note_clear(self) -> None:
        """Hear that all sets are gone with the next commit."""

    def _free(self, rows_id: int) -> None:
        """Free a set, or leave that to whoever has it pinned."""
        if rows_id in self._pins:
            # Should those die, it goes with this server.
            sql = "UPDATE flowkit_rowsets SET owner = :owner WHERE rows_id = :rows_id"
            self._db.write(sql, {"rows_id": rows_id, "owner": self._db.owner})
        else:
            self._remove(rows_id)

    def _remove(self, rows_id: int) -> None:
        self._db.write("DELETE FROM flowkit_chunks WHERE rows_id = :rows_id", {"rows_id": rows_id})
        self._db.write("DELETE FROM flowkit_rowsets WHERE rows_id = :rows_id", {"rows_id": rows_id})
