"""A store of the cache in an SQLite file that processes share.

An answer and the marks that outdate it must change in one transaction for every process that shares
the file, under one bound of entries and bytes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flowkit.forks import renew_in_children
from flowkit_cache_store import Entry, join_marks

__all__ = ["SQLiteStore"]

LAYOUT = 1
MARKS = 100_000
TOUCHED = 60.0  # seconds after which a use is noted: it costs a write

TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS marks (tag TEXT PRIMARY KEY, mark INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS marks_by_mark ON marks (mark);
INSERT OR IGNORE INTO marks VALUES ('', 0);
CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, headers TEXT, body BLOB, made REAL,
    expires REAL, stamp TEXT, used REAL, weight INTEGER);
CREATE INDEX IF NOT EXISTS kept_by_use ON kept (used, weight);
COMMIT;
"""


class SQLiteStore:
    """Keeps entries in a file; those used longest ago go first.

    Args:
        path: the file, readable by its owner only; made, with its folder, when it is first used.
        entries: entries at most.
        size: bytes at most.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        entries: int = 10_000,
        size: int = 64 * 1024 * 1024,
    ) -> None:
        self.path = Path(path).expanduser()
        self._entries = entries
        self._size = size
        self._open: sqlite3.Connection | None = None
        self._closing: weakref.finalize[[], SQLiteStore] | None = None
        self._abandoned: list[sqlite3.Connection] = []  # the parents'; a child must not close them
        self._lock = threading.RLock()
        renew_in_children(self)

    def __repr__(self) -> str:
        return str(self.path)

    def renew_after_fork(self) -> None:
        """Leave the parent's connection alone: a child opens its own."""
        self._lock = threading.RLock()
        if self._open is not None:
            self._abandoned.append(self._open)
            self._open = None
        if self._closing is not None:
            self._closing.detach()

    def stamp(self, tags: Sequence[str]) -> str:
        """Return the marks of `tags`, in order."""
        places = ",?" * len(tags)
        with self._transaction() as run:
            rows = run(f"SELECT tag, mark FROM marks WHERE tag IN (''{places})", *tags)
            return join_marks(dict(rows.fetchall()), tags)

    def outdate(self, tags: Sequence[str]) -> None:
        """Raise the marks of `tags` to a number never used before."""
        with self._transaction() as run:
            run("BEGIN IMMEDIATE")
            ((top, count),) = run("SELECT max(mark), count(*) FROM marks").fetchall()
            if count > MARKS:  # start anew, above every mark there has been
                run("DELETE FROM kept")
                run("DELETE FROM marks")
                run("INSERT INTO marks VALUES ('', ?)", top + 1)
            for tag in tags:
                run("INSERT OR REPLACE INTO marks VALUES (?, ?)", tag, top + 2)

    def get(self, key: str, now: float) -> Entry | None:
        """Return what is kept under `key`, good or not."""
        query = "SELECT headers, body, made, expires, stamp, used FROM kept WHERE key = ?"
        with self._transaction() as run:
            row = run(query, key).fetchone()
            if row is None:
                return None
            headers, body, made, expires, stamp, used = row
            if now - used > TOUCHED:
                run("UPDATE kept SET used = ? WHERE key = ?", now, key)
        return Entry(json.loads(headers), body, made, expires, stamp)

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry; drop what was used longest ago until everything fits."""
        headers = json.dumps(dict(entry.headers))
        weight = len(entry.body) + len(headers) + len(entry.stamp) + 200
        row = (key, headers, entry.body, entry.made, entry.expires, entry.stamp, entry.made, weight)
        with self._transaction() as run:
            run("BEGIN IMMEDIATE")
            run("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row)
            count, size = _sums(run)
            while count > self._entries or size > self._size:
                oldest = "SELECT key FROM kept ORDER BY key = ?, used LIMIT 1"
                dropped = run(f"DELETE FROM kept WHERE key = ({oldest}) RETURNING weight", key)
                count, size = count - 1, size - dropped.fetchone()[0]

    def totals(self) -> tuple[int, int]:
        """Return the number of entries, and their bytes."""
        with self._transaction() as run:
            return _sums(run)

    def clear(self) -> None:
        """Drop every entry; the marks stay."""
        with self._transaction() as run:
            run("DELETE FROM kept")

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """Yield what runs a statement; commit at the end, or roll an exception back."""
        with self._lock:
            if self._open is None:
                self._open = self._connect()
                self._closing = weakref.finalize(self, self._open.close)
            with self._open as opened:

                def run(statement: str, *values: Any) -> sqlite3.Cursor:
                    return opened.execute(statement, values)

                yield run

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        opened = sqlite3.connect(
            self.path, timeout=5.0, isolation_level=None, check_same_thread=False
        )
        if opened.execute("PRAGMA user_version").fetchone()[0] not in (0, LAYOUT):
            opened.executescript("DROP TABLE IF EXISTS kept; DROP TABLE IF EXISTS marks;")
        opened.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {TABLES}")
        opened.execute(f"PRAGMA user_version = {LAYOUT}")
        return opened


def _sums(run: Any) -> tuple[int, int]:
    count, size = run("SELECT count(*), total(weight) FROM kept").fetchone()
    return count, int(size)
