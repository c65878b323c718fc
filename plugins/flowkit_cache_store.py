"""Where the cache keeps its answers: SQLite, bounded, in memory or in a file that processes share.

SQLite, not cachetools: that keeps objects of one process, while an answer and the marks that outdate
it must change in one transaction for every process that shares the file, under one bound of entries
and bytes. In memory the same statements run, so there is one set of rules to trust.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

__all__ = ["Entry", "Store"]

LAYOUT = 1
MARKS = 100_000
TOUCHED = 1.0, 60.0  # seconds after which a use is noted, in memory and on disk: it costs a write

LOG = logging.getLogger("flowkit.cache")

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

FORKS = [0]  # how often this process has come out of a fork, which no connection survives
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: FORKS.__setitem__(0, FORKS[0] + 1))

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer, with the stamp of what it depends on as it was when the request began."""

    headers: Mapping[str, str]
    body: bytes
    made: float
    expires: float
    stamp: str

    def good(self, stamp: str, now: float) -> bool:
        """Return whether nothing it depends on has been written, and its time has not run out."""
        return self.stamp == stamp and self.made <= now < self.expires


def give_up_on_failure(
    method: Callable[Concatenate[Store, P], R],
) -> Callable[Concatenate[Store, P], R | None]:
    """Let one thread at a time in; give up a database that fails, instead of failing a call."""

    @wraps(method)
    def guard(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> R | None:
        with store.lock:
            if store.failed:
                return None
            try:
                with store.connection():
                    return method(store, *args, **kwargs)
            except (sqlite3.Error, OSError) as error:
                store.failed = True
                LOG.warning(
                    "the cache %s is not used any more: %s", store.path or "in memory", error
                )
                return None

    return guard


class Store:
    """Entries by key, and marks by tag.

    A *mark* is a number that grows whenever what its tag stands for is written to; the marks of
    several tags make a *stamp*.

    Args:
        path: the file, readable by its owner only; None for memory.
        entries: entries at most.
        size: bytes at most.
    """

    def __init__(self, path: Path | None, entries: int, size: int) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.failed = False
        self._entries = entries
        self._size = size
        self._touched = TOUCHED[path is not None]
        self._open: sqlite3.Connection | None = None
        self._abandoned: sqlite3.Connection | None = None  # the parent's; a child must not close it
        self._forks = FORKS[0]
        self._never = itertools.count()
        self._top = 0
        self._marks: dict[str, int] = {"": 0}  # in place of the table, when in memory

    def __del__(self) -> None:
        if self._open is not None and self._forks == FORKS[0]:
            self._open.close()

    def stamp(self, tags: Sequence[str]) -> str:
        """Return the marks of `tags`, in order; equal to no other when the database has failed."""
        if self.path is None:
            with self.lock:
                return join_marks(self._marks, tags)
        return self._stamp(tags) or f"unknown {next(self._never)}"

    @give_up_on_failure
    def _stamp(self, tags: Sequence[str]) -> str:
        places = ",?" * len(tags)
        rows = self._run(f"SELECT tag, mark FROM marks WHERE tag IN (''{places})", *tags)
        return join_marks(dict(rows.fetchall()), tags)

    @give_up_on_failure
    def outdate(self, tags: Sequence[str]) -> None:
        """Raise the marks of `tags` to a number never used before."""
        if self.path is None:
            top = self._top = self._top + 1
            if len(self._marks) > MARKS:
                self._run("DELETE FROM kept")
                self._marks = {"": top}
            self._marks.update(dict.fromkeys(tags, top))
            return
        self._run("BEGIN IMMEDIATE")
        ((top, count),) = self._run("SELECT max(mark), count(*) FROM marks").fetchall()
        if count > MARKS:  # start anew, above every mark there has been
            self._run("DELETE FROM kept")
            self._run("DELETE FROM marks")
            self._run("INSERT INTO marks VALUES ('', ?)", top + 1)
        for tag in tags:
            self._run("INSERT OR REPLACE INTO marks VALUES (?, ?)", tag, top + 2)

    @give_up_on_failure
    def get(self, key: str, now: float) -> Entry | None:
        """Return what is kept under `key`, good or not."""
        query = "SELECT headers, body, made, expires, stamp, used FROM kept WHERE key = ?"
        row = self._run(query, key).fetchone()
        if row is None:
            return None
        headers, body, made, expires, stamp, used = row
        if now - used > self._touched:
            self._run("UPDATE kept SET used = ? WHERE key = ?", now, key)
        return Entry(json.loads(headers), body, made, expires, stamp)

    @give_up_on_failure
    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry; drop what was used longest ago until everything fits."""
        headers = json.dumps(dict(entry.headers))
        weight = len(entry.body) + len(headers) + len(entry.stamp) + 200
        row = (key, headers, entry.body, entry.made, entry.expires, entry.stamp, entry.made, weight)
        self._run("BEGIN IMMEDIATE")
        self._run("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row)
        count, size = self._sums()
        while count > self._entries or size > self._size:
            oldest = "SELECT key FROM kept ORDER BY key = ?, used LIMIT 1"
            dropped = self._run(f"DELETE FROM kept WHERE key = ({oldest}) RETURNING weight", key)
            count, size = count - 1, size - dropped.fetchone()[0]

    def totals(self) -> tuple[int, int]:
        """Return the number of entries, and their bytes."""
        return self._totals() or (0, 0)

    @give_up_on_failure
    def _totals(self) -> tuple[int, int]:
        return self._sums()

    @give_up_on_failure
    def clear(self) -> None:
        """Drop every entry; the marks stay."""
        self._run("DELETE FROM kept")

    def connection(self) -> sqlite3.Connection:
        """Return this process's connection, a context that commits, or rolls back an exception."""
        if self._open is None or self._forks != FORKS[0]:
            self._abandoned, self._open, self._forks = self._open, self._connect(), FORKS[0]
        return self._open

    def _connect(self) -> sqlite3.Connection:
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        opened = sqlite3.connect(
            self.path or ":memory:", timeout=5.0, isolation_level=None, check_same_thread=False
        )
        if opened.execute("PRAGMA user_version").fetchone()[0] not in (0, LAYOUT):
            opened.executescript("DROP TABLE IF EXISTS kept; DROP TABLE IF EXISTS marks;")
        opened.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {TABLES}")
        opened.execute(f"PRAGMA user_version = {LAYOUT}")
        return opened

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self.connection().execute(statement, values)

    def _sums(self) -> tuple[int, int]:
        count, size = self._run("SELECT count(*), total(weight) FROM kept").fetchone()
        return count, int(size)


def join_marks(marks: Mapping[str, int], tags: Sequence[str]) -> str:
    """Return the marks of `tags` as a stamp; a tag without one has that of the empty tag."""
    floor = marks[""]
    return ",".join([str(marks.get(tag, floor)) for tag in tags])
