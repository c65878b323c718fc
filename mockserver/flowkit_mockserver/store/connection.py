"""One SQLite connection that several threads share, one at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["Connection", "StoreInUse"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    position INTEGER PRIMARY KEY,
    collection TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL,
    UNIQUE (collection, key));
CREATE TABLE IF NOT EXISTS rowsets (
    rows_id INTEGER PRIMARY KEY AUTOINCREMENT, count INTEGER NOT NULL, uses INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (
    position INTEGER PRIMARY KEY, rows_id INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_by_rows ON chunks (rows_id, position);
"""


class StoreInUse(Exception):
    """Another server keeps its state in the same directory."""


class Connection:
    """A database whose writes gather in one transaction until `commit`.

    Every use must happen under the server's lock.

    Args:
        path: the file; None for a private one on disk that vanishes when it is closed.

    Raises:
        StoreInUse: another process has the file open.
    """

    def __init__(self, path: Path | None) -> None:
        self.durable = path is not None
        # "" is SQLite's temporary database: in memory while small, on disk when it grows.
        self._db = sqlite3.connect(
            str(path) if path else "", timeout=0.5, isolation_level=None, check_same_thread=False
        )
        try:
            self._configure()
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" not in str(error):
                raise
            raise StoreInUse(f"{path} is in use by another server") from error

    def _configure(self) -> None:
        if self.durable:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
        else:
            # Nobody will ever read this database again, so nothing needs to survive a crash.
            self._db.execute("PRAGMA journal_mode = OFF")
            self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA temp_store = FILE")
        self._db.execute("PRAGMA cache_size = -3000")
        self._db.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";"):
            self._db.execute(statement)
        self._db.execute("COMMIT")

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a query."""
        return self._db.execute(sql, parameters)

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a statement that changes something, within the transaction under way."""
        self._begin()
        return self._db.execute(sql, parameters)

    def write_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each of `rows`."""
        self._begin()
        self._db.executemany(sql, rows)

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN")

    def commit(self) -> None:
        """Make everything written since the last commit last, at once."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the database; what was not committed is lost. Harmless when repeated."""
        self._db.close()
