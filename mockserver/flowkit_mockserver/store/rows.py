"""Rows of tables, kept in chunks, written and read as streams: memory stays flat."""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Iterable, Iterator
from threading import RLock
from typing import Any

from flowkit_mockserver.store.connection import Connection

__all__ = ["Row", "RowStore"]

Row = tuple[str, Any]
Pairs = list[tuple[str, Any]]

CHUNK_ROWS = 1024
CHUNK_CHARACTERS = 1024 * 1024
SMALL_ROWS = 8 * 1024
SMALL_CHARACTERS = 2 * 1024 * 1024


def _dump_json(pairs: Pairs) -> bytes:
    return json.dumps(pairs, separators=(",", ":")).encode()


def _load_json(data: bytes) -> Pairs:
    return [(key, value) for key, value in json.loads(data)]


class RowStore:
    """Sets of (key, JSON value) rows by number, counted by how many tables use them.

    Args:
        connection: the database.
        lock: taken for each chunk, so that a long stream does not keep others waiting.
    """

    def __init__(self, connection: Connection, lock: RLock) -> None:
        self._db = connection
        self.lock = lock
        # JSON can be read by any version of anything, but is twenty times slower for lists of
        # floats. Where no other process will ever read it, Python's own format does.
        durable = connection.durable
        self._dump: Callable[[Pairs], bytes] = _dump_json if durable else marshal.dumps
        self._load: Callable[[bytes], Pairs] = _load_json if durable else marshal.loads

    def write(self, records: Iterable[Row]) -> tuple[int, int]:
        """Store rows in the given order; of rows in a list, a later one with the same key wins.

        Args:
            records: a list, or a stream in which no key comes twice.

        Returns:
            The number of the set, which has one user, and how many rows it holds.
        """
        if isinstance(records, (list, tuple)):
            records = dict(records).items()
        with self.lock:
            cursor = self._db.write("INSERT INTO rowsets (count, uses) VALUES (0, 0)")
            rows_id = int(cursor.lastrowid or 0)
        count = 0
        for chunk in _chunks(records):
            data = self._dump(chunk)
            count += len(chunk)
            with self.lock:
                self._db.write("INSERT INTO chunks (rows_id, data) VALUES (?, ?)", (rows_id, data))
        with self.lock:
            self._db.write(
                "UPDATE rowsets SET count = ?, uses = 1 WHERE rows_id = ?", (count, rows_id)
            )
        return rows_id, count

    def write_by_key(self, records: Iterable[tuple[str, str]]) -> tuple[int, int]:
        """Store a stream of rows ordered by their keys as the real storage is: shorter ones first.

        Of several rows with one key the last one wins.

        Returns:
            The number of the set, which has one user, and how many rows it holds.
        """
        stream = iter(records)
        small: dict[str, str] = {}
        characters = 0
        for key, value in stream:
            small[key] = value
            characters += len(key) + len(value)
            if len(small) >= SMALL_ROWS or characters >= SMALL_CHARACTERS:
                return self.write(self._sorted_on_disk(small, stream))
        return self.write((key, small[key]) for key in sorted(small, key=_storage_order))

    def _sorted_on_disk(
        self, first: dict[str, str], rest: Iterator[tuple[str, str]]
    ) -> Iterator[Row]:
        """Yield rows by key, each key once, having let the database sort them."""
        spill = Connection(None)
        try:
            spill.write("CREATE TABLE spill (key TEXT, value TEXT)")
            spill.write_many("INSERT INTO spill VALUES (?, ?)", list(first.items()))
            first.clear()
            for chunk in _chunks(rest):
                spill.write_many("INSERT INTO spill VALUES (?, ?)", chunk)
            previous: tuple[str, str] | None = None
            for row in spill.read(
                "SELECT key, value FROM spill ORDER BY length(CAST(key AS BLOB)), key, rowid"
            ):
                if previous is not None and previous[0] != row[0]:
                    yield previous
                previous = row
            if previous is not None:
                yield previous
        finally:
            spill.close()

    def read(self, rows_id: int, limit: int | None = None) -> Iterator[Row]:
        """Yield the rows of a set, at most `limit`."""
        left = limit
        for chunk in self._read_chunks(rows_id):
            if left is not None:
                yield from chunk[:left]
                left -= len(chunk)
                if left <= 0:
                    return
            else:
                yield from chunk

    def _read_chunks(self, rows_id: int) -> Iterator[Pairs]:
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
            yield self._load(found[1])

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
            self._db.write("DELETE FROM chunks WHERE rows_id = ?", (rows_id,))
            self._db.write("DELETE FROM rowsets WHERE rows_id = ?", (rows_id,))


def _storage_order(key: str) -> tuple[int, str]:
    return (len(key) if key.isascii() else len(key.encode("utf-8", "surrogatepass")), key)


def _chunks(records: Iterable[Row]) -> Iterator[Pairs]:
    """Yield the records in lists that are small in number and, as far as texts tell, in size."""
    chunk: Pairs = []
    characters = 0
    for record in records:
        chunk.append(record)
        value = record[1]
        characters += len(value) if isinstance(value, str) else 0
        if len(chunk) >= CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk = []
            characters = 0
    if chunk:
        yield chunk
