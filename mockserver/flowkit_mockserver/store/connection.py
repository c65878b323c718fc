"""One SQLite connection that several threads share, one at a time."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["Connection", "NotStored", "StateDamaged", "StoreInUse"]

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


class StateDamaged(Exception):
    """What is in the directory of a state cannot be read; the text names the file and the way out."""


class NotStored(Exception):
    """What a request changed cannot be written, on a full disk for one; all of it is undone.

    Args:
        text: why.
        document: collection and key of the document to blame, if it is one that no database takes.
    """

    def __init__(self, text: str, document: tuple[str, str] | None = None) -> None:
        super().__init__(text)
        self.document = document


class Connection:
    """A database whose writes gather in one transaction until `commit`.

    Every use must happen under the server's lock.

    Args:
        path: the file; None for a private one on disk that vanishes when it is closed, in which each statement stands
            for itself.

    Attributes:
        undone: how often a transaction was undone.

    Raises:
        StoreInUse: another process has the file open.
        StateDamaged: the file is no database, or a damaged one.
    """

    def __init__(self, path: Path | None) -> None:
        self.durable = path is not None
        self.undone = 0
        self._path = path
        self._begun = False
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        # "" is SQLite's temporary database: in memory while small, on disk when it grows.
        name = "" if self._path is None else str(self._path)
        database = sqlite3.connect(name, timeout=0.5, isolation_level=None, check_same_thread=False)
        try:
            self._configure(database)
        except sqlite3.DatabaseError as error:
            database.close()
            if "locked" in str(error):
                raise StoreInUse(f"{self._path} is in use by another server") from error
            if isinstance(error, sqlite3.OperationalError):
                raise OSError(f"{self._path} cannot be opened: {error}") from error
            raise StateDamaged(f"{self._path} is damaged: {error}; move it away") from error
        return database

    def _configure(self, database: sqlite3.Connection) -> None:
        if self.durable:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
        else:
            # Nobody will ever read this database again, so nothing needs to survive a crash.
            database.execute("PRAGMA journal_mode = MEMORY")
            database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA temp_store = FILE")
        database.execute("PRAGMA cache_size = -3000")
        database.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";"):
            database.execute(statement)
        database.execute("COMMIT")

    @property
    def lost(self) -> bool:
        """True when SQLite itself undid the transaction under way, as it does when the disk is full."""
        return self._begun and not self._db.in_transaction

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a query."""
        return self._db.execute(sql, parameters)

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a statement that changes something, within the transaction under way.

        Raises:
            NotStored: an earlier failure undid the transaction under way.
        """
        self._begin()
        return self._db.execute(sql, parameters)

    def write_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each of `rows`."""
        self._begin()
        self._db.executemany(sql, rows)

    def _begin(self) -> None:
        if not self.durable:
            return
        if not self._begun:
            self._db.execute("BEGIN")
            self._begun = True
        else:
            self._check_begun()

    def _check_begun(self) -> None:
        """SQLite would begin another transaction without a word."""
        if self.lost:
            raise NotStored("the state could not be written; is the disk full?")

    def commit(self) -> None:
        """Make everything written since the last commit last, at once.

        Raises:
            NotStored: it cannot be written; `undo` is to be called.
        """
        if not self._begun:
            return
        self._check_begun()
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise NotStored(f"the state could not be written: {error}") from error
        self._begun = False

    def undo(self) -> None:
        """Forget everything written since the last commit."""
        self.undone += 1
        self._begun = False
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def clear(self) -> None:
        """Forget all there is, for good; a file that cannot be emptied is replaced."""
        self.undo()
        try:
            self._db.execute("BEGIN")
            for table in ("documents", "rowsets", "chunks"):
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._path is None:
                self._db.close()
            else:
                self._remove(self._path)
            self._db = self._open()

    def _remove(self, path: Path) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the database; what was not committed is lost. Harmless when repeated."""
        self._db.close()
