"""Rows of tables, kept in blocks, written and read as streams: memory stays flat."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from flowkit_mockserver.columns.blocks import blocks_of
from flowkit_mockserver.columns.encoding import EncodedRows, PairRows, decode, encode
from flowkit_mockserver.columns.text import TextRows, storage_order
from flowkit_mockserver.store.connection import Connection, NotStored
from flowkit_mockserver.store.sorting import SortedRuns, sorted_block, text_blocks

if TYPE_CHECKING:
    from flowkit_mockserver.columns.records import Columns

__all__ = ["Blocks", "Pin", "Row", "RowStore"]

Row = tuple[str, Any]

#: Rows in one block of the store: what is read to show the first rows of a table.
BLOCK_ROWS = 8 * 1024


class Blocks(Protocol):
    """An uploaded file, which yields its rows in blocks of bounded size."""

    def blocks(self) -> Iterator[TextRows]:
        """Yield the rows in the order of the file."""


class Pin(NamedTuple):
    """Keeps a set of rows where it is: the set, and a number that no other pin has."""

    rows_id: int
    number: int


class RowStore:
    """Sets of rows by number, counted by how many tables use them.

    Args:
        connection: the database.
        lock: taken for each block, so that a long stream does not keep others waiting.
    """

    def __init__(self, connection: Connection, lock: RLock) -> None:
        self._db = connection
        self.lock = lock
        # By set, the pins of those who read it: it stays until they are through.
        self._pins: dict[int, set[Pin]] = {}
        self._pinned = 0

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
        with self.lock:
            cursor = self._db.write("INSERT INTO rowsets (count, uses) VALUES (0, 0)")
            return int(cursor.lastrowid or 0)

    def _append(self, rows_id: int, block: TextRows | Columns | PairRows, undone: int) -> None:
        for start in range(0, len(block), BLOCK_ROWS):
            self._append_encoded(rows_id, encode(block.slice(start, start + BLOCK_ROWS)), undone)

    def _append_encoded(self, rows_id: int, data: bytes, undone: int) -> None:
        with self.lock:
            self._check_there(undone)
            self._db.write("INSERT INTO chunks (rows_id, data) VALUES (?, ?)", (rows_id, data))

    def _complete(self, rows_id: int, count: int, undone: int) -> None:
        """Count the first user of a set, unless some of its rows were undone or cleared together with another's."""
        with self.lock:
            self._check_there(undone)
            self._db.write(
                "UPDATE rowsets SET count = ?, uses = 1 WHERE rows_id = ?", (count, rows_id)
            )

    def _check_there(self, undone: int) -> None:
        """Look whether a set is still there that was begun without the lock: its number may be another's by now."""
        if self._db.undone != undone:
            raise NotStored("the rows could not be stored; send them again")

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
                self._free("SELECT rows_id FROM rowsets WHERE rows_id = ?", (rows_id,))
            return merged
        except BaseException:
            with self.lock, contextlib.suppress(sqlite3.Error, NotStored):
                if self._db.undone == undone:
                    self._free("SELECT rows_id FROM rowsets WHERE rows_id = ?", (rows_id,))
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
        position = 0
        while True:
            with self.lock:
                found = self._db.read(
                    "SELECT position, data FROM chunks WHERE rows_id = ? AND position > ?"
                    " ORDER BY position LIMIT 1",
                    (rows_id, position),
                ).fetchone()
            if found is None:
                return
            position = found[0]
            yield found[1]

    def count(self, rows_id: int) -> int:
        """Return how many rows a set holds; 0 when there is no such set."""
        with self.lock:
            found = self._db.read(
                "SELECT count FROM rowsets WHERE rows_id = ?", (rows_id,)
            ).fetchone()
        return int(found[0]) if found else 0

    def share(self, rows_id: int) -> None:
        """Count one more user of a set."""
        with self.lock:
            self._db.write("UPDATE rowsets SET uses = uses + 1 WHERE rows_id = ?", (rows_id,))

    def release(self, rows_id: int) -> None:
        """Count one user less, and free the set when that was the last."""
        with self.lock:
            self._db.write("UPDATE rowsets SET uses = uses - 1 WHERE rows_id = ?", (rows_id,))
            self._free("SELECT rows_id FROM rowsets WHERE rows_id = ? AND uses <= 0", (rows_id,))

    def pin(self, rows_id: int) -> Pin:
        """Keep the rows of a set where they are until `unpin`, whoever releases it meanwhile."""
        with self.lock:
            self._pinned += 1
            pin = Pin(rows_id, self._pinned)
            self._pins.setdefault(rows_id, set()).add(pin)
        return pin

    def unpin(self, pin: Pin) -> None:
        """Let go of a set, which is freed when it has no user left; harmless after `unpin_all`."""
        with self.lock:
            pins = self._pins.get(pin.rows_id, set())
            if pin not in pins:
                return
            pins.remove(pin)
            if not pins:
                del self._pins[pin.rows_id]
                # What cannot be freed now, on a full disk, is freed with the next start.
                with contextlib.suppress(sqlite3.Error, NotStored):
                    unused = "SELECT rows_id FROM rowsets WHERE rows_id = ? AND uses <= 0"
                    self._free(unused, (pin.rows_id,))

    def unpin_all(self) -> None:
        """Let go of all sets, because they are gone."""
        self._pins.clear()

    def keep_only(self, uses: dict[int, int]) -> None:
        """Set how many users each set has; free the others, such as what a crash left behind."""
        with self.lock:
            known = {
                int(row[0]): int(row[1])
                for row in self._db.read("SELECT rows_id, uses FROM rowsets")
            }
            for rows_id, number in known.items():
                if number != uses.get(rows_id, 0):
                    self._db.write(
                        "UPDATE rowsets SET uses = ? WHERE rows_id = ?",
                        (uses.get(rows_id, 0), rows_id),
                    )
            self._free("SELECT rows_id FROM rowsets WHERE uses <= 0")

    def _free(self, which: str, parameters: tuple[Any, ...] = ()) -> None:
        for (rows_id,) in self._db.read(which, parameters).fetchall():
            if rows_id in self._pins:
                continue
            self._db.write("DELETE FROM chunks WHERE rows_id = ?", (rows_id,))
            self._db.write("DELETE FROM rowsets WHERE rows_id = ?", (rows_id,))
