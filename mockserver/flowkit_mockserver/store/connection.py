"""The embedded database: one SQLite connection that the threads of one process share, one at a time."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flowkit_mockserver.store.errors import NotStored, StateDamaged, StoreInUse
from flowkit_mockserver.store.interface import Parameters
from flowkit_mockserver.store.migrations import migrate, version_of
from flowkit_mockserver.store.schema import TABLES, VERSION, check_version, tables

__all__ = ["Connection"]

#: An error may quote all of a document.
_LONGEST_REASON = 100


class Connection:
    """A database whose writes gather in one transaction until `commit`; see `interface.Database`.

    Every use must happen under the server's lock.

    Args:
        path: the file; None for a private one on disk that vanishes when it is closed, in which each statement stands
            for itself.

    Raises:
        StoreInUse: another process has the file open.
        StateDamaged: the file is no database, a damaged one, or of a newer version.
    """

    shared = False
    number = 0
    owner = "server"

    def __init__(self, path: Path | None) -> None:
        self.durable = path is not None
        self.undone = 0
        self._path = path
        self._begun = False
        self._db = self._open()

    @property
    def name(self) -> str:
        """How messages call it."""
        return str(self._path)

    @property
    def place(self) -> Path | None:
        """The directory of the file."""
        return None if self._path is None else self._path.parent

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
        except (LookupError, TypeError, ValueError) as error:
            database.close()
            raise StateDamaged(f"{self._path} is damaged: {error!r}; move it away") from error
        except BaseException:
            database.close()
            raise
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
        version = version_of(database)
        check_version(version, str(self._path))
        migrate(database, version)
        for statement in tables("sqlite", shared=False):
            database.execute(statement)
        database.execute("DELETE FROM flowkit_state")
        database.execute("INSERT INTO flowkit_state (version, number) VALUES (?, 0)", (VERSION,))
        database.execute("COMMIT")

    @property
    def lost(self) -> bool:
        """True when SQLite itself undid the transaction under way, as it does when the disk is full."""
        return self._begun and not self._db.in_transaction

    def read(self, sql: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises:
            StateDamaged: the file cannot be read.
        """
        try:
            return self._db.execute(sql, parameters or {}).fetchall()
        except sqlite3.DatabaseError as error:
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            raise StateDamaged(f"{self._path} is damaged: {reason}; move it away") from error

    def write(self, sql: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Run a statement that changes something, within the transaction under way.

        Raises:
            NotStored: it fails, or an earlier failure undid the transaction under way.
        """
        self._begin()
        try:
            return self._db.execute(sql, parameters or {}).fetchall()
        except sqlite3.Error as error:
            raise _not_stored(error) from error

    def write_many(self, sql: str, parameters: Sequence[Parameters]) -> None:
        """Run a statement once for each set of parameters."""
        self._begin()
        try:
            self._db.executemany(sql, parameters)
        except sqlite3.Error as error:
            raise _not_stored(error) from error

    def begin(self) -> None:
        """Nobody else changes anything, so there is nothing to say."""

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
            raise _not_stored(error) from error
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
            for table in TABLES:
                if table != "flowkit_state":
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


def _not_stored(error: sqlite3.Error) -> NotStored:
    return NotStored(f"the state could not be written: {error}")
